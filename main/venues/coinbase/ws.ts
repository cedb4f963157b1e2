import type { Trade } from '../../../core/market/trade.ts';
import { ConnectionSequence } from '../session/connection-sequence.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { bookLotOf } from '../session/steps.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isId, isObject, type JsonObject, parseJson } from '../session/wire-values.ts';
import type { CoinbaseHttp } from './http.ts';
import { depthFromEvent, tradeFromJson } from './parse.ts';
import { COINBASE_RULE } from './sync.ts';

/** A hole in a connection's sequence costs all its books, and a snapshot is the whole book, of megabytes. */
const INSTRUMENTS_PER_CONNECTION = 10;
/** Coinbase takes 8 messages a second and IP. */
const SUBSCRIBE_INTERVAL_MS = 150;
/**
 * Books send changes only; the heartbeats channel speaks every second (Coinbase Advanced docs, "Heartbeats channel") and numbers
 * its messages with those of the books, so that a rest is proven to be one. After ten minutes the book is asked for all the same.
 */
const BOOK_SILENCE_MS = 600_000;
/** So many messages behind the newest: the numbers began anew, and nothing would be believed any more. */
const MAX_OLD_IN_A_ROW = 20;

/** Reads one connection's messages, of whose numbers none may be missing. */
class CoinbaseWire implements Wire {
  readonly #link: Link;
  readonly #tracks = new Map<string, Track>();
  readonly #delta = emptyDelta();
  readonly #sequence = new ConnectionSequence();
  /** Instruments that the current message was counted for. */
  readonly #heard = new Set<Track>();
  #heartbeat = -1;

  constructor(link: Link) {
    this.#link = link;
    for (const track of link.tracks) this.#tracks.set(track.instrument.venueSymbol, track);
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (isBinary) return;
    const text = message.toString();
    const parsed = parseJson(text);
    if (parsed === undefined) {
      // It may have been an update of any book.
      this.#link.invalidateAll(`unreadable message: ${text.slice(0, 200)}`);
      return;
    }
    if (!isObject(parsed) || typeof parsed.channel !== 'string') {
      const isError = isObject(parsed) && parsed.type === 'error';
      this.#link.onOdd(isError ? `Coinbase refused: ${String(parsed.message)}` : `unknown message: ${text.slice(0, 200)}`);
      return;
    }
    this.#heard.clear();
    const isCurrent = this.#follow(parsed.sequence_num);
    if (parsed.channel === 'l2_data') this.#onDepth(parsed, isCurrent);
    else if (parsed.channel === 'market_trades') this.#onTrades(parsed);
    else if (parsed.channel === 'heartbeats') this.#onHeartbeat(parsed);
    else if (parsed.channel !== 'subscriptions') this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
  }

  /** Whether the message is not behind the newest; a hole before it is told first. A repeated one is current if it is whole. */
  #follow(number: unknown): 'yes' | 'if-whole' | 'no' {
    if (!isId(number)) return 'no';
    const { last } = this.#sequence;
    const place = this.#sequence.place(number);
    if (place === 'hole') this.#link.invalidateAll(`gap: message ${last + 1} of the connection expected, ${number} came`);
    if (this.#sequence.oldInARow >= MAX_OLD_IN_A_ROW) this.#link.drop(`message numbers went back: ${number} after ${last}`);
    if (place === 'repeated') return 'if-whole';
    return place === 'old' ? 'no' : 'yes';
  }

  #onDepth({ events, sequence_num: number, timestamp }: JsonObject, isCurrent: 'yes' | 'if-whole' | 'no'): void {
    const link = this.#link;
    if (!isId(number) || !Array.isArray(events)) {
      link.invalidateAll('l2_data message without a number or a list of events');
      return;
    }
    for (const event of events as readonly unknown[]) {
      const product = isObject(event) ? event.product_id : undefined;
      if (!isObject(event) || typeof product !== 'string') {
        link.invalidateAll('l2_data event without a product');
        return;
      }
      const track = this.#tracks.get(product);
      if (track === undefined) continue;
      this.#hear(track);
      if (isCurrent === 'no' || (isCurrent === 'if-whole' && event.type !== 'snapshot')) continue;
      const parsed = depthFromEvent(event, number, timestamp, track.tick, track.lot, this.#delta);
      if (parsed.ok) link.onDelta(track, this.#delta);
      else link.onUnreadable(track, 'depth', parsed.error.message);
    }
  }

  /** The snapshot after a subscription holds trades of before it, which are no news. */
  #onTrades({ events }: JsonObject): void {
    const link = this.#link;
    const ordered: { readonly track: Track; readonly trade: Trade }[] = [];
    for (const event of Array.isArray(events) ? (events as readonly unknown[]) : []) {
      if (!isObject(event) || event.type !== 'update' || !Array.isArray(event.trades)) continue;
      for (const entry of event.trades as readonly unknown[]) {
        const product = isObject(entry) ? entry.product_id : undefined;
        const track = typeof product === 'string' ? this.#tracks.get(product) : undefined;
        if (track === undefined) continue;
        this.#hear(track);
        const parsed = tradeFromJson(entry, link.tsReceived);
        if (parsed.ok) ordered.push({ track, trade: parsed.value });
        else link.onUnreadable(track, 'trade', parsed.error.message);
      }
    }
    // Coinbase lists the newest first in its answers, and does not say how it lists them here.
    if (ordered.length > 1) ordered.sort((a, b) => a.trade.id - b.trade.id);
    for (const { track, trade } of ordered) link.onTrade(track, trade);
  }

  /** `heartbeat_counter` proves, independently of the numbers, that no second of the stream is missing. */
  #onHeartbeat({ events }: JsonObject): void {
    const event: unknown = Array.isArray(events) ? events[0] : undefined;
    const told = isObject(event) ? event.heartbeat_counter : undefined;
    const counter = typeof told === 'string' && /^\d{1,15}$/.test(told) ? Number(told) : told;
    if (!isId(counter)) return;
    const last = this.#heartbeat;
    this.#heartbeat = counter;
    if (last >= 0 && counter > last + 1) this.#link.invalidateAll(`gap: heartbeat ${last + 1} expected, ${counter} came`);
  }

  #hear(track: Track): void {
    if (this.#heard.has(track)) return;
    this.#heard.add(track);
    this.#link.onHeard(track);
  }
}

function request(type: 'subscribe' | 'unsubscribe', channel: string, products?: readonly string[]): string {
  return JSON.stringify({ type, ...(products === undefined ? {} : { product_ids: products }), channel });
}

/** Coinbase Advanced's market data over one WebSocket address (`wss://advanced-trade-ws.coinbase.com`), without a login. */
export function coinbaseProtocol(streamUrl: string, http: CoinbaseHttp, lifetimeMs?: number): StreamProtocol {
  return {
    venue: 'coinbase',
    name: 'Coinbase',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    // Coinbase names no limit to a connection's life.
    lifetimeMs,
    // The heartbeats channel keeps the others open.
    keepAlive: undefined,
    bookSilenceMs: BOOK_SILENCE_MS,
    subscribeIntervalMs: SUBSCRIBE_INTERVAL_MS,
    lanes: () => ['spot'],
    address: () => streamUrl,
    // Its candles channel has candles of five minutes only, which we do not keep.
    subscribe(_lane, instruments) {
      const products = instruments.map(({ venueSymbol }) => venueSymbol);
      return [
        request('subscribe', 'heartbeats'),
        request('subscribe', 'level2', products),
        request('subscribe', 'market_trades', products),
      ];
    },
    resubscribe: ({ venueSymbol }) => [
      request('unsubscribe', 'level2', [venueSymbol]),
      request('subscribe', 'level2', [venueSymbol]),
    ],
    wire: (link) => new CoinbaseWire(link),
    rule: () => COINBASE_RULE,
    bookLot: (_instrument, lot) => bookLotOf(lot),
    tradeIds: () => 'contiguous',
    fetchTrades: (instrument, _after, closed) => http.trades(instrument, closed),
  };
}
