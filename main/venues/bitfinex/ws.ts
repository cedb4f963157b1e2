import type { Instrument } from '../../../core/market/instrument.ts';
import { ConnectionSequence } from '../session/connection-sequence.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { KlineCloser } from '../session/kline-closer.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isId, isObject, type JsonObject, parseJson, toMs } from '../session/wire-values.ts';
import type { BitfinexHttp } from './http.ts';
import { candleFromRow, checksumFromJson, depthFromJson, type Stamp, tradeFromRow } from './parse.ts';
import { BITFINEX_RULE, DEPTH } from './sync.ts';

type ChannelKind = 'depth' | 'trade' | 'kline';
interface Route {
  readonly track: Track;
  readonly kind: ChannelKind;
}

/** Bitfinex takes 25 channels a connection, and an instrument needs three. */
const INSTRUMENTS_PER_CONNECTION = 8;
const SUBSCRIBE_INTERVAL_MS = 50;
/** Number and time of each message behind its content; checksums of books. Source: Bitfinex v2 docs, "Configuration". */
const TIMESTAMP = 32_768;
const SEQ_ALL = 65_536;
const OB_CHECKSUM = 131_072;
const CONFIGURE = JSON.stringify({ event: 'conf', flags: TIMESTAMP + SEQ_ALL + OB_CHECKSUM });
/**
 * Books send changes only; every channel has a heartbeat each 15 seconds, which is numbered with the books' messages, and pings
 * are answered (Bitfinex v2 docs, "Heartbeating", "Ping/pong"). A book that rests for ten minutes is asked for again all the same.
 */
const BOOK_SILENCE_MS = 600_000;
/** So many messages behind the newest: the numbers began anew, and nothing would be believed any more. */
const MAX_OLD_IN_A_ROW = 20;
/** `info` messages: the servers restart; maintenance begins; it ended. */
const RESTART = 20_051;
const MAINTENANCE = 20_060;
const MAINTENANCE_ENDED = 20_061;
/** `error`: the channel was gone already. */
const UNSUBSCRIBE_INVALID = 10_400;
const SILENT_EVENTS: ReadonlySet<unknown> = new Set(['pong', 'unsubscribed']);

const candleKey = ({ venueSymbol }: Instrument): string => `trade:1m:${venueSymbol}`;
const subscription = (channel: string, rest: object): string => JSON.stringify({ event: 'subscribe', channel, ...rest });
const bookSubscription = ({ venueSymbol }: Instrument): string =>
  subscription('book', { symbol: venueSymbol, prec: 'P0', freq: 'F0', len: String(DEPTH) });

/** Reads one connection's messages, of whose numbers none may be missing. Channels have numbers that the venue makes up. */
class BitfinexWire implements Wire {
  readonly #link: Link;
  /** By what a subscription names: `book tBTCUSD`, `candles trade:1m:tBTCUSD`. */
  readonly #topics = new Map<string, Route>();
  readonly #routes = new Map<number, Route>();
  readonly #bookChannels = new Map<string, number>();
  readonly #candles: KlineCloser;
  readonly #sequence = new ConnectionSequence();
  readonly #delta = emptyDelta(DEPTH);

  constructor(link: Link) {
    this.#link = link;
    this.#candles = new KlineCloser(link, '1m');
    for (const track of link.tracks) {
      const { instrument } = track;
      this.#topics.set(`book ${instrument.venueSymbol}`, { track, kind: 'depth' });
      this.#topics.set(`trades ${instrument.venueSymbol}`, { track, kind: 'trade' });
      this.#topics.set(`candles ${candleKey(instrument)}`, { track, kind: 'kline' });
    }
  }

  /** The channel of an instrument's book; undefined while it is not subscribed to. */
  bookChannel({ venueSymbol }: Instrument): number | undefined {
    return this.#bookChannels.get(venueSymbol);
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (isBinary) return;
    const text = message.toString();
    const parsed = parseJson(text);
    if (parsed === undefined) {
      // It may have been an update of any book.
      this.#link.invalidateAll(`unreadable message: ${text.slice(0, 200)}`);
    } else if (isObject(parsed)) this.#onEvent(parsed, text);
    else if (Array.isArray(parsed) && isId(parsed[0])) this.#onData(parsed[0], parsed as readonly unknown[]);
    else this.#onOdd(text);
  }

  /** `[channel, content, number, time]` or `[channel, type, content, number, time]`; a heartbeat has no content. */
  #onData(channel: number, message: readonly unknown[]): void {
    const type = typeof message[1] === 'string' ? message[1] : undefined;
    const at = type === undefined || type === 'hb' ? 2 : 3;
    const sequence = message[at];
    const place = this.#follow(sequence);
    const route = this.#routes.get(channel);
    if (route === undefined || type === 'hb') return;
    const content = message[at - 1];
    if (route.kind === 'depth') this.#onDepth(route.track, type, content, sequence, message[at + 1], place);
    else if (route.kind === 'trade') this.#onTrade(route.track, type, content);
    else this.#onCandle(route.track, content);
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

  #onDepth(
    track: Track,
    type: string | undefined,
    content: unknown,
    sequence: unknown,
    time: unknown,
    place: 'yes' | 'if-whole' | 'no',
  ): void {
    const link = this.#link;
    link.onHeard(track);
    const tsEvent = toMs(time);
    if (!isId(sequence) || Number.isNaN(tsEvent)) {
      link.onUnreadable(track, 'depth', `book message without number or time: ${String(sequence)}, ${String(time)}`);
      return;
    }
    if (place === 'no') return;
    const stamp: Stamp = { sequence, tsEvent };
    const delta = this.#delta;
    const parsed =
      type === 'cs'
        ? checksumFromJson(content, stamp, delta)
        : depthFromJson(
            Array.isArray(content) ? (content as readonly unknown[]) : [content],
            stamp,
            track.tick,
            track.lot,
            delta,
          );
    if (!parsed.ok) link.onUnreadable(track, 'depth', parsed.error.message);
    else if (place === 'yes' || delta.snapshot) link.onDelta(track, delta);
  }

  /** `te` is the trade; `tu` repeats it a moment later. The list after the subscription holds trades of before it, which are no news. */
  #onTrade(track: Track, type: string | undefined, content: unknown): void {
    if (type !== 'te') return;
    const link = this.#link;
    link.onHeard(track);
    const parsed = tradeFromRow(content, link.tsReceived);
    if (parsed.ok) link.onTrade(track, parsed.value);
    else link.onUnreadable(track, 'trade', parsed.error.message);
  }

  #onCandle(track: Track, content: unknown): void {
    // The list after the subscription holds candles of before it.
    if (Array.isArray(content) && (content.length === 0 || Array.isArray(content[0]))) return;
    const link = this.#link;
    link.onHeard(track);
    const parsed = candleFromRow(content);
    if (parsed.ok) this.#candles.onCandle(track, parsed.value);
    else link.onUnreadable(track, 'kline', parsed.error.message);
  }

  #onEvent(parsed: JsonObject, text: string): void {
    const { event } = parsed;
    if (event === 'subscribed') this.#onSubscribed(parsed, text);
    else if (event === 'info') this.#onInfo(parsed);
    else if (event === 'conf') {
      if (parsed.status !== 'OK') this.#link.drop(`Bitfinex refused to number its messages: ${text.slice(0, 200)}`);
    } else if (event === 'error') {
      if (parsed.code !== UNSUBSCRIBE_INVALID) {
        const topic = String(parsed.symbol ?? parsed.key ?? '');
        this.#link.onOdd(`Bitfinex refused ${String(parsed.channel)} ${topic} (${String(parsed.code)}): ${String(parsed.msg)}`);
      }
    } else if (!SILENT_EVENTS.has(event)) this.#onOdd(text);
  }

  #onSubscribed({ channel, chanId, symbol, key }: JsonObject, text: string): void {
    const route = this.#topics.get(`${String(channel)} ${String(symbol ?? key)}`);
    if (route === undefined || !isId(chanId)) {
      this.#onOdd(text);
      return;
    }
    if (route.kind === 'depth') {
      const { venueSymbol } = route.track.instrument;
      const before = this.#bookChannels.get(venueSymbol);
      if (before !== undefined) this.#routes.delete(before);
      this.#bookChannels.set(venueSymbol, chanId);
    }
    this.#routes.set(chanId, route);
  }

  #onInfo({ code }: JsonObject): void {
    if (code === RESTART) this.#link.rotate('Bitfinex announced a restart');
    else if (code === MAINTENANCE) this.#link.onOdd('Bitfinex is in maintenance');
    else if (code === MAINTENANCE_ENDED) this.#link.drop('Bitfinex ended its maintenance and wants new subscriptions');
  }

  #onOdd(text: string): void {
    this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
  }
}

/** Bitfinex's WebSocket v2 (`wss://api-pub.bitfinex.com/ws/2`). */
export function bitfinexProtocol(streamUrl: string, http: BitfinexHttp, lifetimeMs?: number): StreamProtocol {
  const subscriptions = (instrument: Instrument): readonly string[] => [
    bookSubscription(instrument),
    subscription('trades', { symbol: instrument.venueSymbol }),
    subscription('candles', { key: candleKey(instrument) }),
  ];
  return {
    venue: 'bitfinex',
    name: 'Bitfinex',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    // Bitfinex names no limit to a connection's life; restarts are announced.
    lifetimeMs,
    // Heartbeats keep a connection open.
    keepAlive: undefined,
    bookSilenceMs: BOOK_SILENCE_MS,
    probe: () => JSON.stringify({ event: 'ping', cid: http.wallMs }),
    subscribeIntervalMs: SUBSCRIBE_INTERVAL_MS,
    lanes: () => ['spot'],
    address: () => streamUrl,
    subscribe: (_lane, instruments) => [CONFIGURE, ...instruments.flatMap(subscriptions)],
    // Only a new subscription brings the whole book, and the old one is named by its channel.
    resubscribe(instrument, wire) {
      const chanId = wire instanceof BitfinexWire ? wire.bookChannel(instrument) : undefined;
      const end = chanId === undefined ? [] : [JSON.stringify({ event: 'unsubscribe', chanId })];
      return [...end, bookSubscription(instrument)];
    },
    wire: (link) => new BitfinexWire(link),
    rule: () => BITFINEX_RULE,
    // The lot is the wire's precision already.
    bookLot: (_instrument, lot) => lot,
    // Ids are those of all pairs, and it is not said that they come in order.
    tradeIds: () => 'unordered',
    fetchTrades: (instrument, after, closed) => http.trades(instrument, after, closed),
  };
}
