import { fail, type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import type { DepthSnapshot } from '../session/book-sync.ts';
import { HttpClient, type HttpOptions, type Query, type RequestOptions } from '../session/http-client.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import type { Track } from '../session/stream-protocol.ts';
import { isObject, toMs } from '../session/wire-values.ts';
import { ERRORS, RATE_LIMIT_MS, refusedByCode, SUCCESS, TOO_MANY_REQUESTS } from './errors.ts';
import {
  candleFromRow,
  contractCandleFromRow,
  contractOf,
  contractSnapshotFromJson,
  snapshotFromJson,
  tradeFromJson,
} from './parse.ts';
import type { KucoinName } from './symbols.ts';

/** 2,000 weights in 30 seconds and IP, the public pool. Source: KuCoin docs, "Rate limit". */
const WEIGHT_PER_MINUTE = 4_000;
/** The most that spot gives without a login. */
const SPOT_LEVELS = 100;
const MAX_CANDLES = 1_000;
/** Spot gives 1,500 rows, futures 500. */
const PAGE = { spot: 1_000, futures: 500 } as const;
const SPOT_TYPES: Readonly<Partial<Record<Timeframe, string>>> = { '1m': '1min', '1h': '1hour', '1d': '1day' };

/** Where a connection of a lane goes, by a token that REST gives, and how often it wants a ping. */
export interface StreamGrant {
  readonly url: string;
  readonly pingEveryMs: number;
}

type KucoinHttpOptions = Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'> & {
  /** Origin of the futures' REST; `restUrl` serves both where it is left out. */
  readonly futuresRestUrl?: string | undefined;
};

/** KuCoin's public endpoints of spot and futures, which live on two hosts. */
export class KucoinHttp {
  readonly #spot: HttpClient;
  readonly #futures: HttpClient;

  constructor({ futuresRestUrl, ...options }: KucoinHttpOptions) {
    const common = { ...options, errors: ERRORS, weightPerMinute: WEIGHT_PER_MINUTE };
    this.#spot = new HttpClient(common);
    this.#futures = new HttpClient({ ...common, restUrl: futuresRestUrl ?? options.restUrl });
  }

  get blockedForMs(): number {
    return Math.max(this.#spot.blockedForMs, this.#futures.blockedForMs);
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const path = '/api/v1/timestamp';
    const answer = await this.#data(this.#spot, path);
    if (!answer.ok) return answer;
    const time = toMs(answer.value);
    return Number.isNaN(time) ? ERRORS.badAnswer(path, 'no time') : ok(time);
  }

  /** The entry of one symbol; undefined when KuCoin does not list it. */
  async instrument({ kind, venueSymbol }: KucoinName): Promise<Result<unknown, VenueFailure>> {
    const path = kind === 'spot' ? `/api/v2/symbols/${venueSymbol}` : `/api/v1/contracts/${venueSymbol}`;
    const answer = await this.#data(this.#of(kind === 'spot'), path, {}, { weight: 4 });
    return !answer.ok && answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ok(undefined) : answer;
  }

  /** The entries of all spot symbols, or of all contracts. */
  async instruments(isSpot: boolean): Promise<Result<readonly unknown[], VenueFailure>> {
    const path = isSpot ? '/api/v2/symbols' : '/api/v1/contracts/active';
    const answer = await this.#data(this.#of(isSpot), path, {}, { weight: isSpot ? 4 : 3 });
    if (!answer.ok) return answer;
    return Array.isArray(answer.value) ? ok(answer.value as readonly unknown[]) : ERRORS.badAnswer(path, 'no list');
  }

  /** A token and a server for one connection. */
  async streamGrant(isSpot: boolean, closed: AbortSignal): Promise<Result<StreamGrant, VenueFailure>> {
    const path = '/api/v1/bullet-public';
    const answer = await this.#data(this.#of(isSpot), path, {}, { method: 'POST', weight: 10, closed });
    if (!answer.ok) return answer;
    const { token, instanceServers } = isObject(answer.value) ? answer.value : {};
    const server: unknown = Array.isArray(instanceServers) ? instanceServers[0] : undefined;
    const url = isObject(server) ? socketUrl(server.endpoint, token) : undefined;
    const pingEveryMs = isObject(server) ? server.pingInterval : undefined;
    if (url === undefined || typeof pingEveryMs !== 'number' || !(pingEveryMs >= 1_000 && pingEveryMs <= 600_000)) {
      return ERRORS.badAnswer(path, 'no token, server or ping interval');
    }
    return ok({ url, pingEveryMs });
  }

  async depth({ instrument, tick, lot }: Track, closed: AbortSignal): Promise<Result<DepthSnapshot, VenueFailure>> {
    const isSpot = instrument.kind === 'spot';
    const path = isSpot ? `/api/v1/market/orderbook/level2_${SPOT_LEVELS}` : '/api/v1/level2/snapshot';
    const answer = await this.#data(this.#of(isSpot), path, { symbol: instrument.venueSymbol }, { closed, weight: 3 });
    if (!answer.ok) return answer;
    const snapshot = isSpot
      ? snapshotFromJson(answer.value, SPOT_LEVELS, tick, lot)
      : contractSnapshotFromJson(answer.value, tick, lot);
    return snapshot.ok ? snapshot : ERRORS.badAnswer(path, snapshot.error.message);
  }

  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const length = TIMEFRAME_MS[timeframe];
    if (length < 60_000) return fail('VENUE_REFUSED', `KuCoin has no ${timeframe} candles; its shortest are of 1m.`);
    if (instrument.kind === 'inverse') {
      return fail(
        'VENUE_REFUSED',
        'KuCoin tells volumes of inverse candles in contracts only, of which no base volume can be made.',
      );
    }
    const page = (instrument.kind === 'spot' ? PAGE.spot : PAGE.futures) * length;
    const first = Math.ceil(from / length) * length;
    const end = Math.min(to, first + Math.min(limit, MAX_CANDLES) * length);
    const candles: Candle[] = [];
    for (let start = first; start < end; start += page) {
      const answer = await this.#candles(instrument, timeframe, start, Math.min(end, start + page));
      if (!answer.ok) return answer;
      candles.push(...answer.value);
    }
    return ok(candles);
  }

  /** The newest hundred trades: KuCoin gives no older ones one by one. */
  async trades(instrument: Instrument, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const isSpot = instrument.kind === 'spot';
    const path = isSpot ? '/api/v1/market/histories' : '/api/v1/trade/history';
    const answer = await this.#data(this.#of(isSpot), path, { symbol: instrument.venueSymbol }, { closed, weight: 5 });
    if (!answer.ok) return answer;
    const contract = contractOf(instrument);
    const trades = tradesFromRows(path, answer.value, (row) => tradeFromJson(row, contract, 0), ERRORS);
    if (!trades.ok) return trades;
    // Spot puts the oldest first, futures the newest.
    const { value } = trades;
    const isNewestFirst = (value[0]?.tsEvent ?? 0) > (value.at(-1)?.tsEvent ?? 0);
    return ok((isNewestFirst ? value.reverse() : value).sort((a, b) => a.tsEvent - b.tsEvent));
  }

  async #candles(
    instrument: Instrument,
    timeframe: Timeframe,
    start: number,
    stop: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const { venueSymbol: symbol } = instrument;
    if (instrument.kind === 'spot') {
      const path = '/api/v1/market/candles';
      // Seconds; the end itself is left out. The newest come first.
      const query = { symbol, type: SPOT_TYPES[timeframe] ?? '', startAt: start / 1000, endAt: Math.ceil(stop / 1000) };
      const answer = await this.#data(this.#spot, path, query, { weight: 3 });
      if (!answer.ok) return answer;
      return candlesFromRows(path, within(oldestFirst(answer.value), start, stop, 1000), candleFromRow, start, stop, ERRORS);
    }
    const path = '/api/v1/kline/query';
    const query = { symbol, granularity: TIMEFRAME_MS[timeframe] / 60_000, from: start, to: stop - 1 };
    const answer = await this.#data(this.#futures, path, query, { weight: 3 });
    if (!answer.ok) return answer;
    const contract = contractOf(instrument);
    const rows = within(oldestFirst(answer.value), start, stop, 1);
    return candlesFromRows(path, rows, (row) => contractCandleFromRow(row, contract), start, stop, ERRORS);
  }

  #of(isSpot: boolean): HttpClient {
    return isSpot ? this.#spot : this.#futures;
  }

  /** `data` of an answer. */
  async #data(http: HttpClient, path: string, query?: Query, request?: RequestOptions): Promise<Result<unknown, VenueFailure>> {
    const answer = await http.get(path, query, request);
    if (!answer.ok) return answer;
    if (!isObject(answer.value) || typeof answer.value.code !== 'string') return ERRORS.badAnswer(path, 'no code');
    const { code, msg, data } = answer.value;
    if (code === SUCCESS) return ok(data);
    if (code === TOO_MANY_REQUESTS) http.block(RATE_LIMIT_MS);
    return refusedByCode(path, code, String(msg));
  }
}

/** The address of a server that REST named; undefined for one that is no WebSocket's. */
function socketUrl(endpoint: unknown, token: unknown): string | undefined {
  if (typeof endpoint !== 'string' || typeof token !== 'string' || token === '' || !URL.canParse(endpoint)) return undefined;
  const url = new URL(endpoint);
  if (url.protocol !== 'wss:' && url.protocol !== 'ws:') return undefined;
  url.searchParams.set('token', token);
  return url.href;
}

function timeOf(row: unknown): number {
  return Array.isArray(row) ? Number(row[0]) : Number.NaN;
}

function oldestFirst(rows: unknown): unknown {
  return Array.isArray(rows) ? [...(rows as readonly unknown[])].sort((a, b) => timeOf(a) - timeOf(b)) : rows;
}

/** Whether the bounds of a range are part of it has changed over time: rows just outside are no error. */
function within(rows: unknown, start: number, stop: number, msPerUnit: number): unknown {
  if (!Array.isArray(rows)) return rows;
  return rows.filter((row) => {
    const time = timeOf(row) * msPerUnit;
    return Number.isNaN(time) || (time >= start && time < stop);
  });
}
