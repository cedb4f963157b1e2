import type { Instrument } from '../../../core/market/instrument.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { KlineCloser } from '../session/kline-closer.ts';
import { bookLotOf } from '../session/steps.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isObject, type JsonObject, parseJson } from '../session/wire-values.ts';
import type { GateHttp } from './http.ts';
import { depthFromJson, klineFromJson, tradeFromJson } from './parse.ts';
import { GATE_RULE } from './sync.ts';

type ChannelKind = 'depth' | 'trade' | 'kline';

const BOOK = 'spot.order_book_update';
const TRADES = 'spot.trades';
const CANDLES = 'spot.candlesticks';
/** Gate streams no candle of a second. */
const INTERVAL = '1m';
/** The kind of each channel, and which field of a notification's result names the pair. */
const CHANNELS: Readonly<Record<string, { readonly kind: ChannelKind; readonly nameIn: string; readonly prefix: string }>> = {
  [BOOK]: { kind: 'depth', nameIn: 's', prefix: '' },
  [TRADES]: { kind: 'trade', nameIn: 'currency_pair', prefix: '' },
  [CANDLES]: { kind: 'kline', nameIn: 'n', prefix: `${INTERVAL}_` },
};

const INSTRUMENTS_PER_CONNECTION = 50;
/** Gate closes a connection on which nothing was said for half a minute. */
const PING_MS = 15_000;
const SUBSCRIBE_INTERVAL_MS = 20;
/**
 * Books send changes only (Gate spot WebSocket v4 docs, "Changed order book levels"), and `spot.ping` is answered at once. A
 * book that rests for ten minutes is asked for again all the same.
 */
const BOOK_SILENCE_MS = 600_000;
const CHANNEL = /"channel":\s*"([\w.]+)"/;

class GateWire implements Wire {
  readonly #link: Link;
  readonly #tracks = new Map<string, Track>();
  readonly #candles: KlineCloser;
  readonly #delta = emptyDelta();

  constructor(link: Link) {
    this.#link = link;
    this.#candles = new KlineCloser(link, INTERVAL);
    for (const track of link.tracks) this.#tracks.set(track.instrument.venueSymbol, track);
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (isBinary) return;
    const text = message.toString();
    const parsed = parseJson(text);
    if (!isObject(parsed)) {
      this.#onGarbage(text);
      return;
    }
    const { channel, event } = parsed;
    if (channel === 'spot.pong') return;
    const known = typeof channel === 'string' ? CHANNELS[channel] : undefined;
    if (known === undefined) this.#onOdd(text);
    else if (event === 'update') this.#onUpdate(known.kind, known.nameIn, known.prefix, parsed.result, text);
    else if (event === 'subscribe' || event === 'unsubscribe') this.#onAnswer(parsed);
    else this.#onOdd(text);
  }

  #onUpdate(kind: ChannelKind, nameIn: string, prefix: string, result: unknown, text: string): void {
    const name = isObject(result) ? result[nameIn] : undefined;
    if (!isObject(result) || typeof name !== 'string' || !name.startsWith(prefix)) {
      this.#lost(kind, text);
      return;
    }
    const track = this.#tracks.get(name.slice(prefix.length));
    if (track === undefined) return;
    const link = this.#link;
    link.onHeard(track);
    if (kind === 'depth') {
      const parsed = depthFromJson(result, track.tick, track.lot, this.#delta);
      if (parsed.ok) link.onDelta(track, this.#delta);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else if (kind === 'trade') {
      const parsed = tradeFromJson(result, link.tsReceived);
      if (parsed.ok) link.onTrade(track, parsed.value);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else {
      const parsed = klineFromJson(result);
      if (parsed.ok) this.#candles.onCandle(track, parsed.value.candle, parsed.value.closed);
      else link.onUnreadable(track, kind, parsed.error.message);
    }
  }

  #onAnswer({ channel, event, error, payload }: JsonObject): void {
    if (error === undefined || error === null) return;
    const reason = isObject(error) ? `${String(error.code)} ${String(error.message)}` : JSON.stringify(error);
    this.#link.onOdd(`Gate refused to ${String(event)} ${String(channel)} ${JSON.stringify(payload)}: ${reason}`);
  }

  /** No JSON. The ids of the next update would show that one of a book was lost, but that may take long. */
  #onGarbage(text: string): void {
    const channel = CHANNEL.exec(text)?.[1] ?? '';
    this.#lost(CHANNELS[channel]?.kind, text);
  }

  #lost(kind: ChannelKind | undefined, text: string): void {
    this.#onOdd(text);
    if (kind === 'depth') this.#link.invalidateAll('an order book update of no known pair');
  }

  #onOdd(text: string): void {
    this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
  }
}

/** Gate spot's WebSocket v4 (`wss://api.gateio.ws/ws/v4/`). */
export function gateProtocol(streamUrl: string, http: GateHttp, lifetimeMs?: number): StreamProtocol {
  const request = (channel: string, event?: string, payload?: readonly string[]): string =>
    JSON.stringify({ time: http.wallSeconds, channel, event, payload });
  const ping = (): string => request('spot.ping');
  // One pair a request: Gate refuses a list as a whole when it does not know one of it.
  const subscriptions = ({ venueSymbol }: Instrument): readonly string[] => [
    request(BOOK, 'subscribe', [venueSymbol, '100ms']),
    request(TRADES, 'subscribe', [venueSymbol]),
    request(CANDLES, 'subscribe', [INTERVAL, venueSymbol]),
  ];
  return {
    venue: 'gate',
    name: 'Gate',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    // Gate names no limit to a connection's life.
    lifetimeMs,
    keepAlive: { everyMs: PING_MS, message: ping },
    bookSilenceMs: BOOK_SILENCE_MS,
    probe: ping,
    subscribeIntervalMs: SUBSCRIBE_INTERVAL_MS,
    lanes: () => ['spot'],
    address: () => streamUrl,
    subscribe: (_lane, instruments) => instruments.flatMap(subscriptions),
    // Books begin with REST.
    resubscribe: () => [],
    wire: (link) => new GateWire(link),
    rule: () => GATE_RULE,
    bookLot: (_instrument, lot) => bookLotOf(lot),
    // `id_market` would be contiguous, but a notification may stand for a range of them.
    tradeIds: () => 'increasing',
    fetchSnapshot: (track, closed) => http.depth(track, closed),
    fetchTrades: (instrument, after, closed) => http.trades(instrument, after, closed),
  };
}
