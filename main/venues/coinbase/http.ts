import { fail, type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { HttpClient, type HttpOptions } from '../session/http-client.ts';
import { oldestCandle } from '../session/oldest-candle.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import { isObject, textToMs } from '../session/wire-values.ts';
import { ERRORS } from './errors.ts';
import { candleFromJson, tradeFromJson } from './parse.ts';

/** 10 requests a second and IP. Source: Coinbase Advanced docs, "REST API rate limits", public endpoints. */
const REQUESTS_PER_MINUTE = 600;
/** Coinbase gives 350 candles an answer. */
const CANDLES_PER_REQUEST = 350;
const MAX_CANDLES = 1000;
const MAX_TRADES = 1000;

/** Of these alone every Coinbase address is known to answer. Source: Coinbase Advanced docs, "Get product candles". */
const GRANULARITIES: Readonly<Partial<Record<Timeframe, string>>> = {
  '1m': 'ONE_MINUTE',
  '5m': 'FIVE_MINUTE',
  '15m': 'FIFTEEN_MINUTE',
  '1h': 'ONE_HOUR',
  '1d': 'ONE_DAY',
};

const PREFIX = '/api/v3/brokerage';

/** Coinbase opened its exchange in January 2015: no candle is older. */
const BEGINS_AT = Date.UTC(2015, 0, 1);

/** Coinbase Advanced's public endpoints. */
export class CoinbaseHttp {
  readonly #http: HttpClient;

  constructor(options: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>) {
    this.#http = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: REQUESTS_PER_MINUTE });
  }

  get blockedForMs(): number {
    return this.#http.blockedForMs;
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const path = `${PREFIX}/time`;
    const answer = await this.#http.get(path);
    if (!answer.ok) return answer;
    const time = textToMs(isObject(answer.value) ? answer.value.epochMillis : undefined);
    return Number.isNaN(time) ? ERRORS.badAnswer(path, 'no epochMillis') : ok(time);
  }

  /** The entry of one product; undefined when Coinbase does not list it. */
  async product(venueSymbol: string): Promise<Result<unknown, VenueFailure>> {
    const answer = await this.#http.get(productPath(venueSymbol));
    return !answer.ok && answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ok(undefined) : answer;
  }

  /** All spot products. */
  async products(): Promise<Result<readonly unknown[], VenueFailure>> {
    const path = `${PREFIX}/market/products`;
    const answer = await this.#http.get(path, { product_type: 'SPOT' });
    if (!answer.ok) return answer;
    const products = isObject(answer.value) ? answer.value.products : undefined;
    return Array.isArray(products) ? ok(products as readonly unknown[]) : ERRORS.badAnswer(path, 'no products');
  }

  /** Periods without a trade are missing: Coinbase sends none. */
  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const granularity = GRANULARITIES[timeframe];
    if (granularity === undefined)
      return fail('VENUE_REFUSED', `Coinbase has no ${timeframe} candles, only ${Object.keys(GRANULARITIES).join(', ')}.`);
    if (from === 0 && limit === 1 && to > BEGINS_AT) {
      return oldestCandle((...range) => this.candles(instrument, ...range), timeframe, BEGINS_AT, to, CANDLES_PER_REQUEST);
    }
    const length = TIMEFRAME_MS[timeframe];
    const first = Math.ceil(from / length) * length;
    const end = Math.min(to, first + Math.min(limit, MAX_CANDLES) * length);
    const path = `${productPath(instrument.venueSymbol)}/candles`;
    const candles: Candle[] = [];
    for (let start = first; start < end; start += CANDLES_PER_REQUEST * length) {
      const stop = Math.min(end, start + CANDLES_PER_REQUEST * length);
      // Both ends are part of the range, in whole seconds.
      const answer = await this.#http.get(path, { start: start / 1000, end: Math.ceil(stop / 1000) - 1, granularity });
      if (!answer.ok) return answer;
      const page = candlesFromRows(path, newestLast(answer.value, 'candles'), candleFromJson, start, stop, ERRORS);
      if (!page.ok) return page;
      candles.push(...page.value);
    }
    return ok(candles);
  }

  async trades(instrument: Instrument, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const path = `${productPath(instrument.venueSymbol)}/ticker`;
    const answer = await this.#http.get(path, { limit: MAX_TRADES }, { closed });
    if (!answer.ok) return answer;
    return tradesFromRows(path, newestLast(answer.value, 'trades'), (row) => tradeFromJson(row, 0), ERRORS);
  }
}

function productPath(venueSymbol: string): string {
  return `${PREFIX}/market/products/${encodeURIComponent(venueSymbol)}`;
}

/** The list of an answer; Coinbase puts the newest first. */
function newestLast(answer: unknown, list: 'candles' | 'trades'): unknown {
  const rows = isObject(answer) ? answer[list] : undefined;
  return Array.isArray(rows) ? [...(rows as readonly unknown[])].reverse() : undefined;
}
