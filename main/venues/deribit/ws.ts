import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { bookLotOf } from '../session/steps.ts';
import type { Link, StreamProtocol, Track, Wire } from '../session/stream-protocol.ts';
import { isObject, type JsonObject, parseJson } from '../session/wire-values.ts';
import type { DeribitHttp } from './http.ts';
import { candleFromJson, depthFromJson, tradeFromJson } from './parse.ts';
import { DERIBIT_RULE } from './sync.ts';

type ChannelKind = 'depth' | 'trade' | 'kline';
interface Route {
  readonly track: Track;
  readonly kind: ChannelKind;
  /** The newest candle of a kline channel, which Deribit does not say is closed: the next one's begin does. */
  running: Candle | undefined;
}

/** Three channels each; Deribit takes 500 a request. */
const INSTRUMENTS_PER_CONNECTION = 100;
/** The least that Deribit takes: it asks after so long without a message from us, and closes when there is no answer. */
const HEARTBEAT_S = 10;
/**
 * Books send changes only (Deribit docs, "book.{instrument_name}.{interval}"). The heartbeat comes every ten seconds at most; in
 * between, the answer to `public/test` proves the connection. A book that rests for ten minutes is asked for again all the same.
 */
const BOOK_SILENCE_MS = 600_000;

const depthChannel = ({ venueSymbol }: Instrument): string => `book.${venueSymbol}.100ms`;
const channelsOf = (instrument: Instrument): readonly (readonly [channel: string, kind: ChannelKind])[] => [
  [depthChannel(instrument), 'depth'],
  [`trades.${instrument.venueSymbol}.100ms`, 'trade'],
  // Deribit streams no candle shorter than a minute.
  [`chart.trades.${instrument.venueSymbol}.1`, 'kline'],
];

/** One id for each method: answers are told apart by it only to name what was refused. */
const METHODS = ['public/set_heartbeat', 'public/subscribe', 'public/unsubscribe', 'public/test'] as const;

function request(method: (typeof METHODS)[number], params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: METHODS.indexOf(method) + 1, method, params });
}

const HEARTBEAT_ANSWER = request('public/test', {});

/** Reads JSON-RPC notifications, and answers the venue's heartbeats. */
class DeribitWire implements Wire {
  readonly #link: Link;
  readonly #routes = new Map<string, Route>();
  readonly #delta = emptyDelta();

  constructor(link: Link) {
    this.#link = link;
    for (const track of link.tracks) {
      for (const [channel, kind] of channelsOf(track.instrument)) this.#routes.set(channel, { track, kind, running: undefined });
    }
  }

  onMessage(message: Buffer, isBinary: boolean): void {
    if (isBinary) return;
    const text = message.toString();
    const parsed = parseJson(text);
    if (isObject(parsed)) {
      const { method, params } = parsed;
      if (method === 'subscription' && isObject(params) && typeof params.channel === 'string') {
        const route = this.#routes.get(params.channel);
        if (route !== undefined) this.#onChannel(route, params.data);
        return;
      }
      if (method === 'heartbeat') {
        if (isObject(params) && params.type === 'test_request') this.#link.send(HEARTBEAT_ANSWER);
        return;
      }
      if (this.#isAnswer(parsed)) return;
    } else {
      // What is no JSON may have been an update of any book; the name of its channel stands at its beginning.
      const route = this.#routes.get(/"channel":\s*"([^"]+)"/.exec(text.slice(0, 200))?.[1] ?? '');
      if (route !== undefined) {
        this.#link.onHeard(route.track);
        this.#link.onUnreadable(route.track, route.kind, 'not JSON');
        return;
      }
    }
    this.#link.onOdd(`unknown message: ${text.slice(0, 200)}`);
  }

  #isAnswer({ id, result, error }: JsonObject): boolean {
    if (typeof id !== 'number') return false;
    if (error !== undefined) {
      const reason = isObject(error) ? `${String(error.code)} ${String(error.message)}` : String(error);
      this.#link.onOdd(`Deribit refused ${METHODS[id - 1] ?? `request ${id}`}: ${reason}`);
      return true;
    }
    return result !== undefined;
  }

  #onChannel(route: Route, data: unknown): void {
    const link = this.#link;
    const { track, kind } = route;
    link.onHeard(track);
    if (kind === 'depth') {
      const parsed = depthFromJson(data, track.tick, track.lot, this.#delta);
      if (parsed.ok) link.onDelta(track, this.#delta);
      else link.onUnreadable(track, kind, parsed.error.message);
    } else if (kind === 'trade') {
      if (!Array.isArray(data)) {
        link.onUnreadable(track, kind, 'no list of trades');
        return;
      }
      for (const entry of data as readonly unknown[]) {
        const parsed = tradeFromJson(entry, track.instrument.kind, link.tsReceived);
        if (parsed.ok) link.onTrade(track, parsed.value);
        else link.onUnreadable(track, kind, parsed.error.message);
      }
    } else {
      const parsed = candleFromJson(data);
      if (parsed.ok) this.#onCandle(route, parsed.value);
      else link.onUnreadable(track, kind, parsed.error.message);
    }
  }

  #onCandle(route: Route, candle: Candle): void {
    const { track, running } = route;
    if (running !== undefined && candle.openTime < running.openTime) return;
    if (running !== undefined && candle.openTime > running.openTime) this.#link.onKline(track, running, true, '1m');
    route.running = candle;
    this.#link.onKline(track, candle, false, '1m');
  }
}

/** Deribit's JSON-RPC over one WebSocket address (`wss://www.deribit.com/ws/api/v2`), public channels only. */
export function deribitProtocol(streamUrl: string, http: DeribitHttp, lifetimeMs?: number): StreamProtocol {
  return {
    venue: 'deribit',
    name: 'Deribit',
    instrumentsPerConnection: INSTRUMENTS_PER_CONNECTION,
    // Deribit names no limit to a connection's life.
    lifetimeMs,
    // Deribit asks and we answer.
    keepAlive: undefined,
    bookSilenceMs: BOOK_SILENCE_MS,
    probe: () => HEARTBEAT_ANSWER,
    subscribeIntervalMs: 0,
    lanes: () => ['perpetual'],
    address: () => streamUrl,
    subscribe: (_lane, instruments) => [
      request('public/set_heartbeat', { interval: HEARTBEAT_S }),
      request('public/subscribe', {
        channels: instruments.flatMap((instrument) => channelsOf(instrument).map(([channel]) => channel)),
      }),
    ],
    resubscribe: (instrument) => [
      request('public/unsubscribe', { channels: [depthChannel(instrument)] }),
      request('public/subscribe', { channels: [depthChannel(instrument)] }),
    ],
    wire: (link) => new DeribitWire(link),
    rule: () => DERIBIT_RULE,
    bookLot: (_instrument, lot) => bookLotOf(lot),
    tradeIds: () => 'contiguous',
    fetchTrades: (instrument, after, closed) => http.trades(instrument, after, closed),
  };
}
