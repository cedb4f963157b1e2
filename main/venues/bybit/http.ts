import { fail, type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument, InstrumentKind } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { HttpClient, type HttpOptions, type Query, type RequestOptions } from '../session/http-client.ts';
import { oldestCandle } from '../session/oldest-candle.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import { isObject, type JsonObject, toMs } from '../session/wire-values.ts';
import { ERRORS, RATE_LIMIT_MS, refusedByCode, TOO_MANY_VISITS } from './errors.ts';
import { candleFromRow, tradeFromRow } from './parse.ts';

/** 600 requests in five seconds and IP. Source: Bybit v5 docs, "Rate limit". */
const REQUESTS_PER_MINUTE = 7_200;
const MAX_KLINES = 1000;
/** Entries of a page of contracts, of which there are fewer than a thousand of a kind. */
const LIST_PAGE = 1000;
const MAX_LIST_PAGES = 10;
/** Spot gives fewer recent trades than contracts. */
const MAX_TRADES: Readonly<Record<InstrumentKind, number>> = { spot: 60, linear: 1000, inverse: 1000 };

/** Bybit opened in November 2018: no candle is older. */
const BEGINS_AT = Date.UTC(2018, 10, 1);

/** Bybit v5's public endpoints. */
export class BybitHttp {
  readonly #http: HttpClient;

  constructor(options: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>) {
    this.#http = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: REQUESTS_PER_MINUTE });
  }

  get blockedForMs(): number {
    return this.#http.blockedForMs;
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const path = '/v5/market/time';
    const answer = await this.#http.get(path);
    if (!answer.ok) return answer;
    const time = toMs(isObject(answer.value) ? answer.value.time : undefined);
    return Number.isNaN(time) ? ERRORS.badAnswer(path, 'no time') : ok(time);
  }

  /** The entry of one symbol; undefined when Bybit does not list it. */
  async instrument(kind: InstrumentKind, venueSymbol: string): Promise<Result<unknown, VenueFailure>> {
    const answer = await this.#list('/v5/market/instruments-info', { category: kind, symbol: venueSymbol });
    if (answer.ok) return ok(answer.value[0]);
    return answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ok(undefined) : answer;
  }

  /** All of a kind that trade. */
  async instruments(kind: InstrumentKind): Promise<Result<readonly unknown[], VenueFailure>> {
    const path = '/v5/market/instruments-info';
    const entries: unknown[] = [];
    let cursor = '';
    for (let page = 0; page < MAX_LIST_PAGES; page++) {
      // Spot comes in one piece, and takes no limit.
      const query: Query = kind === 'spot' ? { category: kind } : { category: kind, limit: LIST_PAGE, ...(cursor && { cursor }) };
      const answer = await this.#result(path, query);
      if (!answer.ok) return answer;
      const { list, nextPageCursor } = answer.value;
      if (!Array.isArray(list)) return ERRORS.badAnswer(path, 'no list');
      entries.push(...(list as readonly unknown[]));
      if (kind === 'spot' || typeof nextPageCursor !== 'string' || nextPageCursor === '') return ok(entries);
      cursor = nextPageCursor;
    }
    return ERRORS.badAnswer(path, `more than ${MAX_LIST_PAGES} pages`);
  }

  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const interval = intervalOf(timeframe);
    if (interval === undefined) return fail('VENUE_REFUSED', `Bybit has no ${timeframe} candles; its shortest are of 1m.`);
    if (from === 0 && limit === 1 && to > BEGINS_AT) {
      return oldestCandle((...range) => this.candles(instrument, ...range), timeframe, BEGINS_AT, to, MAX_KLINES);
    }
    const length = TIMEFRAME_MS[timeframe];
    const first = Math.ceil(from / length) * length;
    const count = Math.min(limit, MAX_KLINES);
    // Of too long a range Bybit gives the newest; the oldest are asked for.
    const end = Math.min(to, first + count * length);
    if (end <= first) return ok([]);
    const path = '/v5/market/kline';
    const query = {
      category: instrument.kind,
      symbol: instrument.venueSymbol,
      interval,
      start: first,
      end: end - 1,
      limit: count,
    };
    const answer = await this.#list(path, query);
    if (!answer.ok) return answer;
    return candlesFromRows(path, newestLast(answer.value), (row) => candleFromRow(row, instrument.kind), first, end, ERRORS);
  }

  async trades(instrument: Instrument, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const path = '/v5/market/recent-trade';
    const query = { category: instrument.kind, symbol: instrument.venueSymbol, limit: MAX_TRADES[instrument.kind] };
    const answer = await this.#list(path, query, { closed });
    if (!answer.ok) return answer;
    return tradesFromRows(path, newestLast(answer.value), (row) => tradeFromRow(row, instrument.kind), ERRORS);
  }

  /** `result.list` of an answer; Bybit puts the newest first. */
  async #list(path: string, query: Query, request?: RequestOptions): Promise<Result<readonly unknown[], VenueFailure>> {
    const answer = await this.#result(path, query, request);
    if (!answer.ok) return answer;
    const { list } = answer.value;
    return Array.isArray(list) ? ok(list as readonly unknown[]) : ERRORS.badAnswer(path, 'no list');
  }

  async #result(path: string, query: Query, request?: RequestOptions): Promise<Result<JsonObject, VenueFailure>> {
    const answer = await this.#http.get(path, query, request);
    if (!answer.ok) return answer;
    const body: JsonObject = isObject(answer.value) ? answer.value : {};
    if (typeof body.retCode !== 'number') return ERRORS.badAnswer(path, 'no retCode');
    if (body.retCode !== 0) {
      if (body.retCode === TOO_MANY_VISITS) this.#http.block(RATE_LIMIT_MS);
      return refusedByCode(path, body.retCode, String(body.retMsg));
    }
    return isObject(body.result) ? ok(body.result) : ERRORS.badAnswer(path, 'no result');
  }
}

/** Minutes, or `D`. Undefined below a minute. */
function intervalOf(timeframe: Timeframe): string | undefined {
  const minutes = TIMEFRAME_MS[timeframe] / 60_000;
  if (minutes < 1) return undefined;
  return minutes === 1440 ? 'D' : String(minutes);
}

function newestLast(rows: readonly unknown[]): unknown[] {
  return [...rows].reverse();
}
