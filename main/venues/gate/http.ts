import { fail, type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import type { DepthSnapshot } from '../session/book-sync.ts';
import { HttpClient, type HttpOptions, type Query } from '../session/http-client.ts';
import { oldestCandle } from '../session/oldest-candle.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import type { Track } from '../session/stream-protocol.ts';
import type { TradeCursor } from '../session/trade-sequence.ts';
import { isObject, toMs } from '../session/wire-values.ts';
import { ERRORS } from './errors.ts';
import { candleFromRow, snapshotFromJson, tradeFromJson } from './parse.ts';
import { DEPTH } from './sync.ts';

/** 200 requests in ten seconds, IP and endpoint. Source: Gate API v4 docs, "Rate limit". */
const REQUESTS_PER_MINUTE = 1_200;
/** Gate gives 1,000 points a request, of which a range may hold no more. */
const MAX_CANDLES = 1_000;
/** It refuses a range that begins more than 10,000 candles ago; some are left for a clock that is behind. */
const CANDLES_KEPT = 9_900;
/** Gate opened in April 2013: no candle is older. */
const BEGINS_AT = Date.UTC(2013, 3, 1);
const TRADES_PAGE = 1_000;
/** 5,000 trades: a longer absence is counted as a hole. */
const MAX_TRADE_PAGES = 5;

const PREFIX = '/api/v4/spot';

/** Gate spot's public endpoints. */
export class GateHttp {
  readonly #http: HttpClient;
  readonly #wall: HttpOptions['wall'];

  constructor(options: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>) {
    this.#wall = options.wall;
    this.#http = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: REQUESTS_PER_MINUTE });
  }

  get blockedForMs(): number {
    return this.#http.blockedForMs;
  }

  /** The stream's requests carry the machine's time. */
  get wallSeconds(): number {
    return Math.floor(this.#wall.now() / 1000);
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const path = `${PREFIX}/time`;
    const answer = await this.#http.get(path);
    if (!answer.ok) return answer;
    const time = toMs(isObject(answer.value) ? answer.value.server_time : undefined);
    return Number.isNaN(time) ? ERRORS.badAnswer(path, 'no server_time') : ok(time);
  }

  /** The entries of all pairs. */
  async pairs(): Promise<Result<readonly unknown[], VenueFailure>> {
    const path = `${PREFIX}/currency_pairs`;
    const answer = await this.#http.get(path);
    if (!answer.ok) return answer;
    return Array.isArray(answer.value) ? ok(answer.value as readonly unknown[]) : ERRORS.badAnswer(path, 'no list');
  }

  /** The entry of one pair; undefined when Gate does not list it. */
  async pair(venueSymbol: string): Promise<Result<unknown, VenueFailure>> {
    const answer = await this.#http.get(`${PREFIX}/currency_pairs/${encodeURIComponent(venueSymbol)}`);
    return !answer.ok && answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ok(undefined) : answer;
  }

  /** May come out of a cache some seconds old: the session asks again until it reaches the buffered updates. */
  async depth(track: Track, closed: AbortSignal): Promise<Result<DepthSnapshot, VenueFailure>> {
    const path = `${PREFIX}/order_book`;
    const query = { currency_pair: track.instrument.venueSymbol, limit: DEPTH, with_id: 'true' };
    const answer = await this.#http.get(path, query, { closed });
    if (!answer.ok) return answer;
    const snapshot = snapshotFromJson(answer.value, track.tick, track.lot);
    return snapshot.ok ? snapshot : ERRORS.badAnswer(path, snapshot.error.message);
  }

  /** Gate tells the newest 10,000 candles of each length: of a range that reaches back further, what there is. */
  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    if (timeframe === '1s') return fail('VENUE_REFUSED', 'Gate has no 1s candles; the shortest that we keep are of 1m.');
    if (from === 0 && limit === 1 && to > BEGINS_AT) {
      return oldestCandle((...range) => this.candles(instrument, ...range), timeframe, BEGINS_AT, to, MAX_CANDLES);
    }
    const length = TIMEFRAME_MS[timeframe];
    const oldest = this.#wall.now() - CANDLES_KEPT * length;
    const first = Math.ceil(Math.max(from, oldest) / length) * length;
    const end = Math.min(to, first + Math.min(limit, MAX_CANDLES) * length);
    if (end <= first) return ok([]);
    const path = `${PREFIX}/candlesticks`;
    // Both ends are part of the range, in whole seconds.
    const range = { from: first / 1000, to: Math.ceil(end / 1000) - 1 };
    const answer = await this.#http.get(path, { currency_pair: instrument.venueSymbol, interval: timeframe, ...range });
    if (!answer.ok) return answer;
    return candlesFromRows(path, answer.value, candleFromRow, first, end, ERRORS);
  }

  /** Trades since the second of the last known one, page by page; the newest thousand where none is known. */
  async trades(instrument: Instrument, after: TradeCursor, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const path = `${PREFIX}/trades`;
    const since: Query = after.id < 0 ? {} : { from: Math.floor(after.time / 1000) };
    const byId = new Map<number, Trade>();
    for (let page = 1; page <= MAX_TRADE_PAGES; page++) {
      const query = { currency_pair: instrument.venueSymbol, limit: TRADES_PAGE, page, ...since };
      const answer = await this.#http.get(path, query, { closed });
      if (!answer.ok) return answer;
      const rows = tradesFromRows(path, answer.value, (row) => tradeFromJson(row, 0), ERRORS);
      if (!rows.ok) return rows;
      // Trades that happened since the page before push what it ended with into this one.
      for (const trade of rows.value) byId.set(trade.id, trade);
      if (after.id < 0 || rows.value.length < TRADES_PAGE) break;
    }
    return ok([...byId.values()].sort((a, b) => a.id - b.id));
  }
}
