import type { Instrument } from '../../../core/market/instrument.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { KlineCloser } from '../session/kline-closer.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isObject, type JsonObject } from '../session/wire-values.ts';
import type { WireDecimals } from './book-checksum.ts';
import type { KrakenHttp } from './http.ts';
import { depthFromJson, klineFromJson, parseExact, tradeFromJson } from './parse.ts';
import { DEPTH, krakenRule } from './sync.ts';

type ChannelKind = 'depth' | 'trade' | 'kline';
const KINDS: Readonly<Record<string, ChannelKind>> = { book: 'depth', trade: 'trade', ohlc: 'kline' };

/** A whole snapshot has 2,000 levels; more books on one connection would make the others wait for it. */
const INSTRUMENTS_PER_CONNECTION = 20;
/** Kraken closes a connection on which nothing was said for a minute. */
const PING_MS = 30_000;
const PING = '{"method":"ping"}';
/**
 * Books send changes only. While nothing else is sent Kraken sends a heartbeat about every second (WebSocket v2 docs, "Heartbeat"),
 * and it answers pings. A book of 1,000 levels that rests for ten minutes is asked for again all the same.
 */
const BOOK_SILENCE_MS = 600_000;
const SUBSCRIBE_INTERVAL_MS = 50;
const SILENT_CHANNELS: ReadonlySet<unknown> = new Set(['heartbeat', 'status']);
const SILENT_METHODS: ReadonlySet<unknown> = new Set(['pong', 'subscribe', 'unsubscribe']);

type DecimalsOf = (venueSymbol: string) => WireDecimals;

class KrakenWire implements Wire {
  readonly #link: Link;
  readonly #decimalsOf: DecimalsOf;
  readonly #tracks = new Map<string, Track>();
  readonly #candles: KlineCloser;
  readonly #delta = emptyDelta(DEPTH);

  constructor(link: Link, decimalsOf: DecimalsOf) {
    this.#link = link;
    this.#decimalsOf = decimalsOf;
    this.#candles = new KlineCloser(link, '1m');
    for (const track of link.tracks) this.#tracks.set(track.instrument.venueSymbol, track);
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (isBinary) return;
    const text = message.toString();
    const parsed = parseExact(text);
    if (!isObject(parsed)) {
      this.#onOdd(text);
      // It may have been an update of any book here, and without ids nothing else would show it.
      this.#link.invalidateAll('an unreadable message');
      return;
    }
    const { channel, data } = parsed;
    if (SILENT_CHANNELS.has(channel)) return;
    const kind = typeof channel === 'string' ? KINDS[channel] : undefined;
    if (kind !== undefined) {
      if (Array.isArray(data)) this.#onData(kind, parsed.type, data as readonly unknown[]);
      else this.#lost(kind, text);
    } else if (parsed.method === undefined) this.#onOdd(text);
    else this.#onAnswer(parsed, text);
  }

  #onData(kind: ChannelKind, type: unknown, data: readonly unknown[]): void {
    const link = this.#link;
    // Several trades, and candles, of an instrument may share a message, which counts once.
    let heard: Track | undefined;
    for (const entry of data) {
      const track = isObject(entry) && typeof entry.symbol === 'string' ? this.#tracks.get(entry.symbol) : undefined;
      if (track === undefined) {
        this.#lost(kind, JSON.stringify(entry));
        continue;
      }
      if (heard !== track) link.onHeard(track);
      heard = track;
      this.#onEntry(kind, type, track, entry);
    }
  }

  #onEntry(kind: ChannelKind, type: unknown, track: Track, entry: unknown): void {
    const link = this.#link;
    if (kind === 'depth') {
      const decimals = this.#decimalsOf(track.instrument.venueSymbol);
      const parsed = depthFromJson(type, entry, track.tick, track.lot, decimals, link.tsReceived, this.#delta);
      if (parsed.ok) link.onDelta(track, this.#delta);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else if (kind === 'trade') {
      const parsed = tradeFromJson(entry, link.tsReceived);
      if (parsed.ok) link.onTrade(track, parsed.value);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else {
      const parsed = klineFromJson(entry);
      if (parsed.ok) this.#candles.onCandle(track, parsed.value);
      else link.onUnreadable(track, kind, parsed.error.message);
    }
  }

  #lost(kind: ChannelKind, text: string): void {
    this.#onOdd(text);
    if (kind === 'depth') this.#link.invalidateAll('a book message of no known instrument');
  }

  #onAnswer({ method, success, error }: JsonObject, text: string): void {
    if (success === false) this.#link.onOdd(`Kraken refused to ${String(method)}: ${String(error)}`);
    else if (!SILENT_METHODS.has(method)) this.#onOdd(text);
  }

  #onOdd(text: string): void {
    this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
  }
}

function request(method: 'subscribe' | 'unsubscribe', params: object, instruments: readonly Instrument[]): string {
  return JSON.stringify({ method, params: { ...params, symbol: instruments.map(({ venueSymbol }) => venueSymbol) } });
}

const BOOK = { channel: 'book', depth: DEPTH };

/** Kraken's WebSocket v2. */
export function krakenProtocol(streamUrl: string, http: KrakenHttp, lifetimeMs?: number): StreamProtocol {
  // Learnt by the wire from each snapshot, used by the rule for the checksum.
  const decimals = new Map<string, WireDecimals>();
  const decimalsOf: DecimalsOf = (venueSymbol) => {
    let known = decimals.get(venueSymbol);
    if (known === undefined) decimals.set(venueSymbol, (known = { price: 0, quantity: 0 }));
    return known;
  };
  return {
    venue: 'kraken',
    name: 'Kraken',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    // Kraken names no limit to a connection's life.
    lifetimeMs,
    keepAlive: { everyMs: PING_MS, message: () => PING },
    bookSilenceMs: BOOK_SILENCE_MS,
    probe: () => PING,
    subscribeIntervalMs: SUBSCRIBE_INTERVAL_MS,
    lanes: () => ['spot'],
    address: () => streamUrl,
    subscribe: (_lane, instruments) => [
      request('subscribe', { ...BOOK, snapshot: true }, instruments),
      // The snapshot of trades repeats what came before the connection; what was missed is fetched exactly.
      request('subscribe', { channel: 'trade', snapshot: false }, instruments),
      request('subscribe', { channel: 'ohlc', interval: 1, snapshot: false }, instruments),
    ],
    resubscribe: (instrument) => [
      request('unsubscribe', BOOK, [instrument]),
      request('subscribe', { ...BOOK, snapshot: true }, [instrument]),
    ],
    wire: (link) => new KrakenWire(link, decimalsOf),
    rule: (instrument) => krakenRule(decimalsOf(instrument.venueSymbol)),
    // The checksum is made of quantities in the lot's decimals, so none is finer.
    bookLot: (_instrument, lot) => lot,
    tradeIds: () => 'contiguous',
    fetchTrades: (instrument, after, closed) => http.trades(instrument, after, closed),
  };
}
