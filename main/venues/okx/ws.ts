import type { Instrument } from '../../../core/market/instrument.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { bookLotOf } from '../session/steps.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isObject, type JsonObject, parseJson } from '../session/wire-values.ts';
import type { OkxHttp } from './http.ts';
import { type Contract, contractOf, depthFromJson, klineFromRow, tradeFromJson } from './parse.ts';
import { OKX_RULE } from './sync.ts';

type ChannelKind = 'depth' | 'trade' | 'kline';
interface Route {
  readonly track: Track;
  readonly kind: ChannelKind;
  readonly contract: Contract;
}

/** 400 levels a side every 100 ms; the finer ones need a login. */
const BOOKS = 'books';
/** `trades` on the public address joins trades of one taker order, so that ids are left out; this one gives each. */
const TRADES = 'trades-all';
const CANDLES = 'candle1s';
const KINDS: Readonly<Record<string, ChannelKind>> = { [BOOKS]: 'depth', [TRADES]: 'trade', [CANDLES]: 'kline' };
/** By address: OKX serves candles and single trades on its business address only. */
const CHANNELS: Readonly<Record<string, readonly string[]>> = { public: [BOOKS], business: [TRADES, CANDLES] };

/** OKX limits the length of a subscription request to 64 KB. */
const INSTRUMENTS_PER_CONNECTION = 100;
/** OKX closes a connection on which nothing was said for 30 s. */
const PING_MS = 20_000;
/**
 * A book without changes is sent again, empty and with equal ids, about every minute (OKX v5 docs, "Order book channel"); a
 * quarter more is allowed for. In between, the connection proves that it lives by answering `ping`, which OKX takes at any time.
 */
const BOOK_SILENCE_MS = 75_000;
const PING = 'ping';
/** Announces that the connection will soon be closed. */
const SERVICE_UPGRADE = '64008';
const ARGUMENT = /"channel":"([\w-]+)","instId":"([\w-]+)"/;

class OkxWire implements Wire {
  readonly #link: Link;
  readonly #routes = new Map<string, Route>();
  readonly #delta = emptyDelta();

  constructor(link: Link) {
    this.#link = link;
    for (const track of link.tracks) {
      const { instrument } = track;
      const contract = contractOf(instrument);
      for (const [channel, kind] of Object.entries(KINDS)) {
        this.#routes.set(routeKey(channel, instrument.venueSymbol), { track, kind, contract });
      }
    }
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (isBinary) return;
    const text = message.toString();
    if (text === 'pong') return;
    const parsed = parseJson(text);
    if (!isObject(parsed)) {
      this.#onGarbage(text);
      return;
    }
    if (parsed.event !== undefined) {
      this.#onEvent(parsed, text);
      return;
    }
    const { arg } = parsed;
    if (!isObject(arg) || typeof arg.channel !== 'string' || typeof arg.instId !== 'string') {
      this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
      return;
    }
    const route = this.#routes.get(routeKey(arg.channel, arg.instId));
    if (route === undefined) return;
    this.#link.onHeard(route.track);
    if (Array.isArray(parsed.data)) this.#onData(route, parsed.action, parsed.data as readonly unknown[]);
    else this.#link.onUnreadable(route.track, route.kind, 'no list of data');
  }

  #onData({ track, kind, contract }: Route, action: unknown, data: readonly unknown[]): void {
    const link = this.#link;
    for (const entry of data) {
      if (kind === 'depth') {
        const parsed = depthFromJson(action, entry, track.tick, track.lot, this.#delta);
        if (parsed.ok) link.onDelta(track, this.#delta);
        else link.onUnreadable(track, kind, parsed.error.message);
      } else if (kind === 'trade') {
        const parsed = tradeFromJson(entry, contract, link.tsReceived);
        if (parsed.ok) link.onTrade(track, parsed.value);
        else link.onUnreadable(track, kind, parsed.error.message);
      } else {
        const parsed = klineFromRow(entry, contract.kind);
        if (parsed.ok) link.onKline(track, parsed.value.candle, parsed.value.closed, '1s');
        else link.onUnreadable(track, kind, parsed.error.message);
      }
    }
  }

  /** No JSON: if it still shows where it belongs, that instrument has lost something. */
  #onGarbage(text: string): void {
    const [, channel = '', instId = ''] = ARGUMENT.exec(text) ?? [];
    const route = this.#routes.get(routeKey(channel, instId));
    if (route === undefined) this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
    else {
      this.#link.onHeard(route.track);
      this.#link.onUnreadable(route.track, route.kind, 'not JSON');
    }
  }

  #onEvent({ event, code, msg }: JsonObject, text: string): void {
    if (event === 'subscribe' || event === 'unsubscribe' || event === 'channel-conn-count') return;
    if (event === 'notice' && code === SERVICE_UPGRADE) this.#link.rotate('OKX announced a service upgrade');
    else if (event === 'error') this.#link.onOdd(`OKX refused a request (${String(code)}): ${String(msg)}`);
    else this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
  }
}

function routeKey(channel: string, instId: string): string {
  return `${channel} ${instId}`;
}

function request(op: 'subscribe' | 'unsubscribe', channels: readonly string[], instruments: readonly Instrument[]): string {
  const args = instruments.flatMap(({ venueSymbol }) => channels.map((channel) => ({ channel, instId: venueSymbol })));
  return JSON.stringify({ op, args });
}

/** OKX v5's public streams; a lane is the last part of its address. */
export function okxProtocol(streamUrl: string, http: OkxHttp, lifetimeMs?: number): StreamProtocol {
  return {
    venue: 'okx',
    name: 'OKX',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    // OKX names no limit to a connection's life; upgrades are announced.
    lifetimeMs,
    keepAlive: { everyMs: PING_MS, message: () => PING },
    bookSilenceMs: BOOK_SILENCE_MS,
    probe: () => PING,
    subscribeIntervalMs: 0,
    lanes: () => ['public', 'business'],
    address: (lane) => `${streamUrl.replace(/\/+$/, '')}/${lane}`,
    subscribe: (lane, instruments) => [request('subscribe', CHANNELS[lane] ?? [], instruments)],
    resubscribe: (instrument) => [request('unsubscribe', [BOOKS], [instrument]), request('subscribe', [BOOKS], [instrument])],
    wire: (link) => new OkxWire(link),
    rule: () => OKX_RULE,
    bookLot: (_instrument, lot) => bookLotOf(lot),
    tradeIds: () => 'contiguous',
    fetchTrades: (instrument, after, closed) => http.trades(instrument, after, closed),
  };
}
