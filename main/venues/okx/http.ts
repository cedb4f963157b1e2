import { type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { HttpClient, type HttpOptions, type Query, type RequestOptions } from '../session/http-client.ts';
import { oldestCandle } from '../session/oldest-candle.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import type { TradeCursor } from '../session/trade-sequence.ts';
import { isObject, textToMs } from '../session/wire-values.ts';
import { ERRORS, RATE_LIMIT_MS, refusedByCode, TOO_MANY_REQUESTS } from './errors.ts';
import { candleFromRow, contractOf, tradeFromJson } from './parse.ts';

/**
 * 20 requests in two seconds, IP and endpoint, is the least of the endpoints used here.
 * Source: OKX v5 docs, "Market Data" and "Public Data".
 */
const REQUESTS_PER_MINUTE = 600;
/** `candles` reaches 1,440 bars back and gives 300 at once; `history-candles` reaches further and gives 100. */
const RECENT_BARS = 1_400;
const RECENT_PAGE = 300;
const HISTORY_PAGE = 100;
const MAX_CANDLES = 1_000;
const RECENT_TRADES = 500;
const TRADES_PAGE = 100;
/** 2,500 trades: a longer absence is counted as a hole. */
const MAX_TRADE_PAGES = 20;

/** OKX has no candle that is older. */
const BEGINS_AT = Date.UTC(2017, 9, 1);

/** OKX v5's public endpoints. */
export class OkxHttp {
  readonly #http: HttpClient;
  readonly #wall: HttpOptions['wall'];

  constructor(options: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>) {
    this.#wall = options.wall;
    this.#http = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: REQUESTS_PER_MINUTE });
  }

  get blockedForMs(): number {
    return this.#http.blockedForMs;
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const path = '/api/v5/public/time';
    const answer = await this.#list(path);
    if (!answer.ok) return answer;
    const time = textToMs(isObject(answer.value[0]) ? answer.value[0].ts : undefined);
    return Number.isNaN(time) ? ERRORS.badAnswer(path, 'no time') : ok(time);
  }

  /** The entry of one instrument; undefined when OKX does not list it. */
  async instrument(instType: string, instId: string): Promise<Result<unknown, VenueFailure>> {
    const answer = await this.#list('/api/v5/public/instruments', { instType, instId });
    if (answer.ok) return ok(answer.value[0]);
    return answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ok(undefined) : answer;
  }

  /** All of a type. */
  instruments(instType: 'SPOT' | 'SWAP'): Promise<Result<readonly unknown[], VenueFailure>> {
    return this.#list('/api/v5/public/instruments', { instType });
  }

  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    if (from === 0 && limit === 1 && to > BEGINS_AT) {
      return oldestCandle((...range) => this.candles(instrument, ...range), timeframe, BEGINS_AT, to, HISTORY_PAGE);
    }
    const length = TIMEFRAME_MS[timeframe];
    const wanted = Math.min(limit, MAX_CANDLES);
    const candles: Candle[] = [];
    // Page after page of nothing lies before the first candle.
    let first = Math.ceil(Math.max(from, BEGINS_AT) / length) * length;
    while (first < to && candles.length < wanted) {
      const isRecent = first > this.#wall.now() - RECENT_BARS * length;
      const count = Math.min(wanted - candles.length, isRecent ? RECENT_PAGE : HISTORY_PAGE);
      const end = Math.min(to, first + count * length);
      const path = isRecent ? '/api/v5/market/candles' : '/api/v5/market/history-candles';
      // Both bounds are exclusive.
      const query = { instId: instrument.venueSymbol, bar: barOf(timeframe), before: first - 1, after: end, limit: count };
      const answer = await this.#list(path, query);
      if (!answer.ok) return answer;
      const page = candlesFromRows(
        path,
        newestLast(answer.value),
        (row) => candleFromRow(row, instrument.kind),
        first,
        end,
        ERRORS,
      );
      if (!page.ok) return page;
      candles.push(...page.value);
      first = end;
    }
    return ok(candles);
  }

  /** The newest 500 trades, and pages of older ones until `after` is reached. */
  async trades(instrument: Instrument, after: TradeCursor, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const { venueSymbol: instId } = instrument;
    const recent = await this.#trades('/api/v5/market/trades', { instId, limit: RECENT_TRADES }, instrument, closed);
    if (!recent.ok) return recent;
    let trades = recent.value;
    for (let page = 0; page < MAX_TRADE_PAGES; page++) {
      const oldest = trades[0];
      if (oldest === undefined || after.id < 0 || oldest.id <= after.id) break;
      // type 1: `after` is a trade id, and older trades are given.
      const query = { instId, type: 1, after: oldest.id, limit: TRADES_PAGE };
      const older = await this.#trades('/api/v5/market/history-trades', query, instrument, closed);
      if (!older.ok) return older;
      const earlier = older.value.filter(({ id }) => id < oldest.id);
      if (earlier.length === 0) break;
      trades = [...earlier, ...trades];
    }
    return ok(trades);
  }

  async #trades(path: string, query: Query, instrument: Instrument, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const answer = await this.#list(path, query, { closed });
    if (!answer.ok) return answer;
    const contract = contractOf(instrument);
    const trades = tradesFromRows(path, answer.value, (row) => tradeFromJson(row, contract, 0), ERRORS);
    return trades.ok ? ok(trades.value.sort((a, b) => a.id - b.id)) : trades;
  }

  /** `data` of an answer; OKX puts the newest first. */
  async #list(path: string, query?: Query, request?: RequestOptions): Promise<Result<readonly unknown[], VenueFailure>> {
    const answer = await this.#http.get(path, query, request);
    if (!answer.ok) return answer;
    if (!isObject(answer.value) || typeof answer.value.code !== 'string') return ERRORS.badAnswer(path, 'no code');
    const { code, msg, data } = answer.value;
    if (code !== '0') {
      if (code === TOO_MANY_REQUESTS) this.#http.block(RATE_LIMIT_MS);
      return refusedByCode(path, code, String(msg));
    }
    return Array.isArray(data) ? ok(data as readonly unknown[]) : ERRORS.badAnswer(path, 'no list');
  }
}

/** OKX writes hours and days large; its days begin at midnight in Hong Kong unless asked for UTC. */
function barOf(timeframe: Timeframe): string {
  const minutes = TIMEFRAME_MS[timeframe] / 60_000;
  if (minutes < 60) return timeframe;
  return minutes < 360 ? `${minutes / 60}H` : `${minutes / 1440}Dutc`;
}

function newestLast(rows: readonly unknown[]): unknown[] {
  return [...rows].reverse();
}
