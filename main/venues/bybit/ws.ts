import type { Instrument } from '../../../core/market/instrument.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { bookLotOf } from '../session/steps.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isObject, type JsonObject, parseJson } from '../session/wire-values.ts';
import { DepthParser, topicOf } from './depth-parser.ts';
import type { BybitHttp } from './http.ts';
import { depthFromJson, klineFromJson, tradeFromJson } from './parse.ts';
import { BYBIT_RULE } from './sync.ts';

type TopicKind = 'depth' | 'trade' | 'kline';
interface Route {
  readonly track: Track;
  readonly kind: TopicKind;
}

/** Levels a side: the deepest that spot, linear and inverse all offer at 100 ms (spot 200 ms). */
const DEPTH = 200;
/** Bybit limits the length of a connection's subscriptions: 21,000 characters of topics. */
const INSTRUMENTS_PER_CONNECTION = 100;
/** Spot takes ten topics a request. */
const TOPICS_PER_REQUEST = 10;
const SUBSCRIBE_INTERVAL_MS = 50;
const PING_MS = 20_000;
const PING = '{"op":"ping"}';
/**
 * Bybit repeats a book that rests only at depth 1 (v5 docs, "Orderbook": a snapshot after 3 s); deeper ones send changes only, and
 * the answered ping proves the connection. A book of 200 levels that rests for ten minutes is asked for again all the same.
 */
const BOOK_SILENCE_MS = 600_000;

const depthTopic = ({ venueSymbol }: Instrument): string => `orderbook.${DEPTH}.${venueSymbol}`;
const topicsOf = (instrument: Instrument): readonly (readonly [topic: string, kind: TopicKind])[] => [
  [depthTopic(instrument), 'depth'],
  [`publicTrade.${instrument.venueSymbol}`, 'trade'],
  // Bybit streams no candle shorter than a minute.
  [`kline.1.${instrument.venueSymbol}`, 'kline'],
];

const TOPIC_START = '{"topic":"'.length;

/** Reads one connection of a category. Depth goes from bytes to ticks without an object in between. */
class BybitWire implements Wire {
  readonly #link: Link;
  readonly #routes = new Map<string, Route>();
  readonly #parser = new DepthParser();
  readonly #delta = emptyDelta();

  constructor(link: Link) {
    this.#link = link;
    for (const track of link.tracks) {
      for (const [topic, kind] of topicsOf(track.instrument)) this.#routes.set(topic, { track, kind });
    }
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (isBinary) return;
    const topic = topicOf(message);
    if (topic === undefined) {
      this.#onOther(message);
      return;
    }
    const route = this.#routes.get(topic);
    if (route === undefined) return;
    const { track, kind } = route;
    this.#link.onHeard(track);
    if (kind === 'depth') {
      const start = TOPIC_START + topic.length + 1;
      if (this.#parser.parse(message, start, track.tick, track.lot, this.#delta)) {
        this.#link.onDelta(track, this.#delta);
        return;
      }
    }
    const parsed = parseJson(message.toString());
    if (isObject(parsed)) this.#onTopic(route, parsed);
    else this.#link.onUnreadable(track, kind, 'not JSON');
  }

  /** Answers to pings and subscriptions, and messages whose topic is not their first key. */
  #onOther(message: Buffer): void {
    const parsed = parseJson(message.toString());
    if (isObject(parsed)) {
      const route = typeof parsed.topic === 'string' ? this.#routes.get(parsed.topic) : undefined;
      if (route !== undefined) {
        this.#link.onHeard(route.track);
        this.#onTopic(route, parsed);
        return;
      }
      const isAnswer = parsed.op === 'ping' || parsed.op === 'pong' || parsed.op === 'subscribe' || parsed.op === 'unsubscribe';
      if (isAnswer && parsed.success !== false) return;
      if (isAnswer) {
        this.#link.onOdd(`Bybit refused to ${String(parsed.op)}: ${String(parsed.ret_msg)}`);
        return;
      }
    }
    this.#link.onOdd(`unknown message: ${message.toString('utf8', 0, Math.min(200, message.length))}`);
  }

  #onTopic({ track, kind }: Route, message: JsonObject): void {
    const link = this.#link;
    if (kind === 'depth') {
      const parsed = depthFromJson(message, track.tick, track.lot, this.#delta);
      if (parsed.ok) link.onDelta(track, this.#delta);
      else link.onUnreadable(track, kind, parsed.error.message);
      return;
    }
    if (!Array.isArray(message.data)) {
      link.onUnreadable(track, kind, 'no list of data');
      return;
    }
    for (const entry of message.data as readonly unknown[]) {
      if (kind === 'trade') {
        const parsed = tradeFromJson(entry, track.instrument.kind, link.tsReceived);
        if (parsed.ok) link.onTrade(track, parsed.value);
        else link.onUnreadable(track, kind, parsed.error.message);
      } else {
        const parsed = klineFromJson(entry, track.instrument.kind);
        if (parsed.ok) link.onKline(track, parsed.value.candle, parsed.value.closed, '1m');
        else link.onUnreadable(track, kind, parsed.error.message);
      }
    }
  }
}

function request(op: 'subscribe' | 'unsubscribe', topics: readonly string[]): string {
  return JSON.stringify({ op, args: topics });
}

/** Bybit v5's public streams; a lane is a category, and the last part of its address. */
export function bybitProtocol(streamUrl: string, http: BybitHttp, lifetimeMs?: number): StreamProtocol {
  return {
    venue: 'bybit',
    name: 'Bybit',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    // Bybit names no limit to a connection's life.
    lifetimeMs,
    keepAlive: { everyMs: PING_MS, message: () => PING },
    bookSilenceMs: BOOK_SILENCE_MS,
    probe: () => PING,
    subscribeIntervalMs: SUBSCRIBE_INTERVAL_MS,
    lanes: ({ kind }) => [kind],
    address: (lane) => `${streamUrl.replace(/\/+$/, '')}/${lane}`,
    subscribe(_lane, instruments) {
      const topics = instruments.flatMap((instrument) => topicsOf(instrument).map(([topic]) => topic));
      const requests: string[] = [];
      for (let from = 0; from < topics.length; from += TOPICS_PER_REQUEST) {
        requests.push(request('subscribe', topics.slice(from, from + TOPICS_PER_REQUEST)));
      }
      return requests;
    },
    resubscribe: (instrument) => [
      request('unsubscribe', [depthTopic(instrument)]),
      request('subscribe', [depthTopic(instrument)]),
    ],
    wire: (link) => new BybitWire(link),
    rule: () => BYBIT_RULE,
    bookLot: (_instrument, lot) => bookLotOf(lot),
    // UUIDs on contracts, numbers beyond 2^53 on spot.
    tradeIds: () => 'unordered',
    fetchTrades: (instrument, _after, closed) => http.trades(instrument, closed),
  };
}
