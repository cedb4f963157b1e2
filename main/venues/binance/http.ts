import { fail, type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import type { DepthSnapshot } from '../session/book-sync.ts';
import { HttpClient, type HttpOptions, type Query } from '../session/http-client.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import type { Track } from '../session/stream-protocol.ts';
import type { TradeCursor } from '../session/trade-sequence.ts';
import { isObject, toMs } from '../session/wire-values.ts';
import { ERRORS } from './errors.ts';
import { type BinanceMarket, marketOf } from './markets.ts';
import { candleFromRow, snapshotFromJson, tradeFromRow } from './parse.ts';

const SNAPSHOT_LEVELS = 1000;
const MAX_KLINES = 1000;
const MAX_TRADES = 1000;
/** Requests for what lies between the last trade that was heard and the newest thousand. */
const MAX_TRADE_PAGES = 20;

/** The public endpoints of one of Binance's markets. */
export class BinanceHttp {
  readonly #http: HttpClient;
  readonly #market: BinanceMarket;

  constructor(options: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>, market = marketOf('spot')) {
    this.#market = market;
    this.#http = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: market.weightPerMinute });
  }

  get blockedForMs(): number {
    return this.#http.blockedForMs;
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const path = this.#path('time');
    const answer = await this.#http.get(path);
    if (!answer.ok) return answer;
    const time = toMs(isObject(answer.value) ? answer.value.serverTime : undefined);
    return Number.isNaN(time) ? ERRORS.badAnswer(path, 'no serverTime') : ok(time);
  }

  /** All that trades. Spot leaves out what only margin accounts trade, and who may trade what, which is most of the answer. */
  async listed(): Promise<Result<readonly unknown[], VenueFailure>> {
    const path = this.#path('exchangeInfo');
    const query: Query =
      this.#market.id === 'spot' ? { permissions: 'SPOT', symbolStatus: 'TRADING', showPermissionSets: 'false' } : {};
    const answer = await this.#http.get(path, query, { weight: this.#market.weights.exchangeInfo });
    if (!answer.ok) return answer;
    const symbols = isObject(answer.value) ? answer.value.symbols : undefined;
    return Array.isArray(symbols) ? ok(symbols as readonly unknown[]) : ERRORS.badAnswer(path, 'no list of symbols');
  }

  /** Spot answers for the named symbols; the others tell all that they have. */
  exchangeInfo(venueSymbols: readonly string[]): Promise<Result<unknown, VenueFailure>> {
    const query: Query = this.#market.id === 'spot' ? { symbols: JSON.stringify(venueSymbols) } : {};
    return this.#http.get(this.#path('exchangeInfo'), query, { weight: this.#market.weights.exchangeInfo });
  }

  async depth(track: Track, closed: AbortSignal): Promise<Result<DepthSnapshot, VenueFailure>> {
    const path = this.#path('depth');
    const query = { symbol: track.instrument.venueSymbol, limit: SNAPSHOT_LEVELS };
    const answer = await this.#http.get(path, query, { closed, weight: this.#market.weights.depth });
    if (!answer.ok) return answer;
    const snapshot = snapshotFromJson(answer.value, track.tick, track.lot);
    return snapshot.ok ? snapshot : ERRORS.badAnswer(path, snapshot.error.message);
  }

  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const { id, weights, klineSpanMs, beginsAt } = this.#market;
    if (id !== 'spot' && TIMEFRAME_MS[timeframe] < 60_000) {
      return fail('VENUE_REFUSED', `Binance has no ${timeframe} candles of contracts; its shortest are of 1m.`);
    }
    const path = this.#path('klines');
    const wanted = Math.min(limit, MAX_KLINES);
    const candles: Candle[] = [];
    // One request, but for COIN-M's long ranges; what lies before its first day costs none.
    for (let first = Math.max(from, beginsAt); first < to && candles.length < wanted; first += klineSpanMs) {
      const end = Math.min(to, first + klineSpanMs);
      const count = wanted - candles.length;
      // Binance includes endTime.
      const query = { symbol: instrument.venueSymbol, interval: timeframe, startTime: first, endTime: end - 1, limit: count };
      const answer = await this.#http.get(path, query, { weight: weights.klines(count) });
      if (!answer.ok) return answer;
      const page = candlesFromRows(path, answer.value, (row) => candleFromRow(row, instrument), first, end, ERRORS);
      if (!page.ok) return page;
      candles.push(...page.value);
    }
    return ok(candles);
  }

  /**
   * The trades after `after`, oldest first: the newest thousand, and of spot what lies between `after` and them. Contracts' older
   * trades want a key, and so did spot's: where they are refused, the newest are what there is.
   */
  async trades(instrument: Instrument, after: TradeCursor, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const newest = await this.#tradePage('trades', instrument, {}, closed);
    if (!newest.ok || this.#market.id !== 'spot' || after.id < 0) return newest;
    const oldest = newest.value[0]?.id ?? 0;
    const between: Trade[] = [];
    let from = after.id + 1;
    for (let page = 0; page < MAX_TRADE_PAGES && from < oldest; page++) {
      const older = await this.#tradePage('historicalTrades', instrument, { fromId: from }, closed);
      const last = older.ok ? older.value.at(-1)?.id : undefined;
      if (!older.ok || last === undefined || last < from) break;
      for (const trade of older.value) if (trade.id < oldest) between.push(trade);
      from = last + 1;
    }
    return ok([...between, ...newest.value]);
  }

  async #tradePage(
    endpoint: string,
    instrument: Instrument,
    range: Query,
    closed: AbortSignal,
  ): Promise<Result<Trade[], VenueFailure>> {
    const path = this.#path(endpoint);
    const query = { symbol: instrument.venueSymbol, limit: MAX_TRADES, ...range };
    const answer = await this.#http.get(path, query, { closed, weight: this.#market.weights.trades });
    if (!answer.ok) return answer;
    return tradesFromRows(path, answer.value, (row) => tradeFromRow(row, instrument), ERRORS);
  }

  #path(endpoint: string): string {
    return `${this.#market.prefix}/${endpoint}`;
  }
}
