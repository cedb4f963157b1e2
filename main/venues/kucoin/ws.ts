import { ok } from '../../../core/base/result.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { KlineCloser } from '../session/kline-closer.ts';
import { bookLotOf } from '../session/steps.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isObject, type JsonObject, parseJson } from '../session/wire-values.ts';
import type { KucoinHttp } from './http.ts';
import { candleFromRow, type Contract, contractDepthFromJson, contractOf, depthFromJson, tradeFromJson } from './parse.ts';
import { KUCOIN_RULE } from './sync.ts';

type TopicKind = 'depth' | 'trade' | 'kline';
interface Route {
  readonly track: Track;
  readonly kind: TopicKind;
  readonly contract: Contract;
}

/** KuCoin takes 100 topics a request and 300 a connection at least; an instrument needs three. */
const INSTRUMENTS_PER_CONNECTION = 80;
/** KuCoin closes a connection after 24 h; an hour is left for trying again. */
const LIFETIME_MS = 23 * 3_600_000;
/** Until the venue has told its own interval. */
const PING_MS = 18_000;
/** KuCoin takes 100 messages in ten seconds. */
const SUBSCRIBE_INTERVAL_MS = 120;
/**
 * Books send changes only (KuCoin docs, "Orderbook - Increment"), and pings are answered at once. A book that rests for ten
 * minutes is asked for again all the same.
 */
const BOOK_SILENCE_MS = 600_000;

const SPOT = 'spot';
const FUTURES = 'futures';
const TOPIC = /"topic":"([^"]+)"/;

function topicsOf({ kind, venueSymbol }: Instrument): readonly (readonly [topic: string, kind: TopicKind])[] {
  if (kind !== 'spot') {
    return [
      [`/contractMarket/level2:${venueSymbol}`, 'depth'],
      [`/contractMarket/execution:${venueSymbol}`, 'trade'],
      // By its own documents the volume of the futures' streamed candles is wrong, so they are not taken.
    ];
  }
  return [
    [`/market/level2:${venueSymbol}`, 'depth'],
    [`/market/match:${venueSymbol}`, 'trade'],
    // KuCoin streams no candle shorter than a minute.
    [`/market/candles:${venueSymbol}_1min`, 'kline'],
  ];
}

/** Reads one connection, of spot or of futures. */
class KucoinWire implements Wire {
  readonly #link: Link;
  readonly #routes = new Map<string, Route>();
  readonly #delta = emptyDelta();
  readonly #candles: KlineCloser;

  constructor(link: Link) {
    this.#link = link;
    this.#candles = new KlineCloser(link, '1m');
    for (const track of link.tracks) {
      const contract = contractOf(track.instrument);
      for (const [topic, kind] of topicsOf(track.instrument)) this.#routes.set(topic, { track, kind, contract });
    }
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (isBinary) return;
    const text = message.toString();
    const parsed = parseJson(text);
    if (!isObject(parsed)) {
      this.#onGarbage(text);
      return;
    }
    if (typeof parsed.topic !== 'string') {
      this.#onOther(parsed, text);
      return;
    }
    const route = this.#routes.get(parsed.topic);
    if (route === undefined) return;
    this.#link.onHeard(route.track);
    this.#onTopic(route, parsed.data);
  }

  #onTopic({ track, kind, contract }: Route, data: unknown): void {
    const link = this.#link;
    if (kind === 'depth') {
      const read = contract.kind === 'spot' ? depthFromJson : contractDepthFromJson;
      const parsed = read(data, track.tick, track.lot, this.#delta);
      if (parsed.ok) link.onDelta(track, this.#delta);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else if (kind === 'trade') {
      const parsed = tradeFromJson(data, contract, link.tsReceived);
      if (parsed.ok) link.onTrade(track, parsed.value);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else {
      const parsed = candleFromRow(isObject(data) ? data.candles : undefined);
      if (parsed.ok) this.#candles.onCandle(track, parsed.value);
      else link.onUnreadable(track, kind, parsed.error.message);
    }
  }

  #onOther({ type, code, data }: JsonObject, text: string): void {
    if (type === 'welcome' || type === 'ack' || type === 'pong') return;
    if (type === 'error') this.#link.onOdd(`KuCoin refused a request (${String(code)}): ${String(data).slice(0, 200)}`);
    else this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
  }

  /** No JSON: if it still shows where it belongs, that instrument has lost something. */
  #onGarbage(text: string): void {
    const route = this.#routes.get(TOPIC.exec(text)?.[1] ?? '');
    if (route === undefined) this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
    else {
      this.#link.onHeard(route.track);
      this.#link.onUnreadable(route.track, route.kind, 'not JSON');
    }
  }
}

/** KuCoin's public streams: a lane for spot and one for futures. Their addresses, with a token each, come from REST. */
export function kucoinProtocol(http: KucoinHttp, lifetimeMs = LIFETIME_MS): StreamProtocol {
  let pingEveryMs = PING_MS;
  let requests = 0;
  const request = (fields: JsonObject): string => JSON.stringify({ id: String(++requests), ...fields });
  const ping = (): string => request({ type: 'ping' });
  return {
    venue: 'kucoin',
    name: 'KuCoin',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    lifetimeMs,
    keepAlive: {
      get everyMs() {
        return pingEveryMs;
      },
      message: ping,
    },
    bookSilenceMs: BOOK_SILENCE_MS,
    probe: ping,
    subscribeIntervalMs: SUBSCRIBE_INTERVAL_MS,
    lanes: ({ kind }) => [kind === 'spot' ? SPOT : FUTURES],
    async address(lane, _instruments, closed) {
      const grant = await http.streamGrant(lane === SPOT, closed);
      if (!grant.ok) return grant;
      pingEveryMs = grant.value.pingEveryMs;
      return ok(grant.value.url);
    },
    // One topic a request: KuCoin refuses a list as a whole when it does not know one of it. Books first.
    subscribe(_lane, instruments) {
      const topics = instruments.map((instrument) => topicsOf(instrument).map(([topic]) => topic));
      return [0, 1, 2]
        .flatMap((rank) => topics.map((list) => list[rank]))
        .filter((topic) => topic !== undefined)
        .map((topic) => request({ type: 'subscribe', topic, privateChannel: false, response: true }));
    },
    // Books begin with REST.
    resubscribe: () => [],
    wire: (link) => new KucoinWire(link),
    rule: () => KUCOIN_RULE,
    bookLot: (_instrument, lot) => bookLotOf(lot),
    fetchSnapshot: (track, closed) => http.depth(track, closed),
    // Spot's are beyond 2^53, those of the futures are text.
    tradeIds: () => 'unordered',
    fetchTrades: (instrument, _after, closed) => http.trades(instrument, closed),
  };
}
