import { fail, type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { HttpClient, type HttpOptions, type Query, type RequestOptions } from '../session/http-client.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import type { TradeCursor } from '../session/trade-sequence.ts';
import { isObject, type JsonObject, secondsToMs } from '../session/wire-values.ts';
import { ERRORS, isRateLimit, RATE_LIMIT_MS, refusedByErrors } from './errors.ts';
import { candleFromRow, tradeFromRow } from './parse.ts';
import { krakenNameOf } from './symbols.ts';

/** One request a second and address. Source: Kraken docs, "Spot REST rate limits". */
const REQUESTS_PER_MINUTE = 60;
const TRADES_PAGE = 1_000;
const MAX_TRADE_PAGES = 5;

/** Kraken spot's public endpoints. */
export class KrakenHttp {
  readonly #http: HttpClient;

  constructor(options: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>) {
    this.#http = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: REQUESTS_PER_MINUTE });
  }

  get blockedForMs(): number {
    return this.#http.blockedForMs;
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const path = '/0/public/Time';
    const answer = await this.#result(path);
    if (!answer.ok) return answer;
    const time = secondsToMs(answer.value.unixtime);
    return Number.isNaN(time) ? ERRORS.badAnswer(path, 'no unixtime') : ok(time);
  }

  /** The entry of one pair; undefined when Kraken does not list it. */
  async pair(pair: string): Promise<Result<unknown, VenueFailure>> {
    const answer = await this.#result('/0/public/AssetPairs', { pair });
    if (answer.ok) return ok(Object.values(answer.value)[0]);
    return answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ok(undefined) : answer;
  }

  /** The entries of all pairs. */
  async pairs(): Promise<Result<readonly unknown[], VenueFailure>> {
    const answer = await this.#result('/0/public/AssetPairs');
    return answer.ok ? ok(Object.values(answer.value)) : answer;
  }

  /** Kraken gives the newest 720 candles and no older ones: of a range that reaches back further, what there is. */
  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const length = TIMEFRAME_MS[timeframe];
    if (length < 60_000) return fail('VENUE_REFUSED', `Kraken has no ${timeframe} candles; its shortest are of 1m.`);
    const first = Math.ceil(from / length) * length;
    if (to <= first || limit < 1) return ok([]);
    const path = '/0/public/OHLC';
    // `since` itself is left out.
    const query = { pair: pairOf(instrument), interval: length / 60_000, since: Math.floor(first / 1000) - 1 };
    const answer = await this.#rows(path, query);
    if (!answer.ok) return answer;
    const candles = candlesFromRows(path, answer.value, candleFromRow, 0, Number.POSITIVE_INFINITY, ERRORS);
    if (!candles.ok) return candles;
    return ok(candles.value.filter(({ openTime }) => openTime >= first && openTime < to).slice(0, limit));
  }

  /** Trades from the last known one on, page by page; the newest thousand where none is known. */
  async trades(instrument: Instrument, after: TradeCursor, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const path = '/0/public/Trades';
    const pair = pairOf(instrument);
    // A millisecond earlier, so that the known trade itself is among them.
    let since = after.id < 0 ? undefined : `${after.time - 1}000000`;
    const trades: Trade[] = [];
    for (let page = 0; page < MAX_TRADE_PAGES; page++) {
      const query: Query = since === undefined ? { pair, count: TRADES_PAGE } : { pair, since, count: TRADES_PAGE };
      const answer = await this.#result(path, query, { closed });
      if (!answer.ok) return answer;
      const rows = tradesFromRows(path, listOf(answer.value), tradeFromRow, ERRORS);
      if (!rows.ok) return rows;
      const newestId = trades.at(-1)?.id ?? -1;
      const fresh = rows.value.sort((a, b) => a.id - b.id).filter(({ id }) => id > newestId);
      trades.push(...fresh);
      const { last } = answer.value;
      if (since === undefined || fresh.length === 0 || rows.value.length < TRADES_PAGE || typeof last !== 'string') break;
      since = last;
    }
    return ok(trades);
  }

  async #rows(path: string, query: Query): Promise<Result<readonly unknown[], VenueFailure>> {
    const answer = await this.#result(path, query);
    if (!answer.ok) return answer;
    const list = listOf(answer.value);
    return list === undefined ? ERRORS.badAnswer(path, 'no list') : ok(list);
  }

  /** `result` of an answer. */
  async #result(path: string, query?: Query, request?: RequestOptions): Promise<Result<JsonObject, VenueFailure>> {
    const answer = await this.#http.get(path, query, request);
    if (!answer.ok) return answer;
    if (!isObject(answer.value) || !Array.isArray(answer.value.error)) return ERRORS.badAnswer(path, 'no list of errors');
    const errors = (answer.value.error as readonly unknown[]).map(String);
    if (errors.some((text) => text.startsWith('E'))) {
      if (isRateLimit(errors)) this.#http.block(RATE_LIMIT_MS);
      return refusedByErrors(path, errors);
    }
    return isObject(answer.value.result) ? ok(answer.value.result) : ERRORS.badAnswer(path, 'no result');
  }
}

/** The list stands under Kraken's own name of the pair, whichever that is. */
function listOf(result: JsonObject): readonly unknown[] | undefined {
  const list = Object.entries(result).find(([key, value]) => key !== 'last' && Array.isArray(value))?.[1];
  return Array.isArray(list) ? (list as readonly unknown[]) : undefined;
}

function pairOf({ symbol }: Instrument): string {
  return krakenNameOf(symbol)?.pair ?? symbol;
}
