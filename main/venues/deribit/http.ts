import { fail, type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { HttpClient, type HttpOptions, type Query, type RequestOptions } from '../session/http-client.ts';
import { oldestCandle } from '../session/oldest-candle.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import type { TradeCursor } from '../session/trade-sequence.ts';
import { bad, isObject, toMs } from '../session/wire-values.ts';
import { ERRORS } from './errors.ts';
import { candleFromJson, candleRows, tradeFromJson } from './parse.ts';

/** 20 requests a second without a login. Source: Deribit docs, "Rate limits". */
const REQUESTS_PER_MINUTE = 1_200;
const MAX_CANDLES = 1000;
/** Trades a request, and requests for one hole: what lies further back is counted as missed. */
const MAX_TRADES = 1000;
const MAX_TRADE_PAGES = 10;

/** There is none of four hours. Source: Deribit docs, get_tradingview_chart_data. */
const RESOLUTIONS: Readonly<Partial<Record<Timeframe, string>>> = { '1m': '1', '5m': '5', '15m': '15', '1h': '60', '1d': '1D' };

/** Deribit opened in June 2016: no candle is older. */
const BEGINS_AT = Date.UTC(2016, 5, 1);

/** Deribit's public methods over HTTP. */
export class DeribitHttp {
  readonly #http: HttpClient;

  constructor(options: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>) {
    this.#http = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: REQUESTS_PER_MINUTE });
  }

  get blockedForMs(): number {
    return this.#http.blockedForMs;
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const answer = await this.#call('get_time');
    if (!answer.ok) return answer;
    const time = toMs(answer.value);
    return Number.isNaN(time) ? ERRORS.badAnswer('get_time', 'no time') : ok(time);
  }

  /** The futures that settle in `currency`, in whichever for `any`; none when Deribit does not know it. */
  futures(currency: string): Promise<Result<readonly unknown[], VenueFailure>> {
    return this.#instruments(currency, 'future');
  }

  /** The options that settle in `currency`. */
  options(currency: string): Promise<Result<readonly unknown[], VenueFailure>> {
    return this.#instruments(currency, 'option');
  }

  /** The middle of the best bid and ask. */
  async mid(venueSymbol: string): Promise<Result<number, VenueFailure>> {
    const method = 'get_order_book';
    const answer = await this.#call(method, { instrument_name: venueSymbol, depth: 1 });
    if (!answer.ok) return answer;
    const { best_bid_price: bid, best_ask_price: ask } = isObject(answer.value) ? answer.value : {};
    const isBook = typeof bid === 'number' && typeof ask === 'number' && bid > 0 && ask >= bid;
    return isBook ? ok((bid + ask) / 2) : ERRORS.badAnswer(method, `no bid and ask of ${venueSymbol}`);
  }

  async #instruments(currency: string, kind: 'future' | 'option'): Promise<Result<readonly unknown[], VenueFailure>> {
    const method = 'get_instruments';
    const answer = await this.#call(method, { currency, kind, expired: 'false' });
    if (!answer.ok) return answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ok([]) : answer;
    return Array.isArray(answer.value) ? ok(answer.value as readonly unknown[]) : ERRORS.badAnswer(method, 'no list');
  }

  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const resolution = RESOLUTIONS[timeframe];
    if (resolution === undefined)
      return fail('VENUE_REFUSED', `Deribit has no ${timeframe} candles, only ${Object.keys(RESOLUTIONS).join(', ')}.`);
    if (from === 0 && limit === 1 && to > BEGINS_AT) {
      return oldestCandle((...range) => this.candles(instrument, ...range), timeframe, BEGINS_AT, to, MAX_CANDLES);
    }
    const length = TIMEFRAME_MS[timeframe];
    const first = Math.ceil(from / length) * length;
    const end = Math.min(to, first + Math.min(limit, MAX_CANDLES) * length);
    if (end <= first) return ok([]);
    const method = 'get_tradingview_chart_data';
    const answer = await this.#call(method, {
      instrument_name: instrument.venueSymbol,
      start_timestamp: first,
      end_timestamp: end - 1,
      resolution,
    });
    if (!answer.ok) return answer;
    const rows = candleRows(answer.value);
    if (!rows.ok) return ERRORS.badAnswer(method, rows.error.message);
    return candlesFromRows(method, rows.value, (row) => candleOnGrid(row, length), first, end, ERRORS);
  }

  /** The trades from `after` on, that one included, oldest first. */
  async trades(instrument: Instrument, after: TradeCursor, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const method = 'get_last_trades_by_instrument';
    const trades: Trade[] = [];
    let from = after.id;
    for (let page = 0; page < MAX_TRADE_PAGES; page++) {
      const answer = await this.#call(
        method,
        { instrument_name: instrument.venueSymbol, start_seq: from, count: MAX_TRADES, sorting: 'asc' },
        { closed },
      );
      if (!answer.ok) return answer;
      const { value } = answer;
      if (!isObject(value)) return ERRORS.badAnswer(method, 'no result');
      const read = tradesFromRows(method, value.trades, (row) => tradeFromJson(row, instrument.kind, 0), ERRORS);
      if (!read.ok) return read;
      for (const trade of read.value) {
        if (trade.id < from) return ERRORS.badAnswer(method, `trade ${trade.id} when those from ${from} on were asked for`);
        from = trade.id + 1;
        trades.push(trade);
      }
      if (value.has_more !== true || read.value.length === 0) break;
    }
    return ok(trades);
  }

  /** `result` of a public method's answer. */
  async #call(method: string, query?: Query, request?: RequestOptions): Promise<Result<unknown, VenueFailure>> {
    const answer = await this.#http.get(`/api/v2/public/${method}`, query, request);
    if (!answer.ok) return answer;
    if (!isObject(answer.value) || answer.value.result === undefined) return ERRORS.badAnswer(method, 'no result');
    return ok(answer.value.result);
  }
}

/** A candle that opens elsewhere would be a period of another length or time zone. */
function candleOnGrid(row: unknown, length: number): ReturnType<typeof candleFromJson> {
  const candle = candleFromJson(row);
  if (!candle.ok || candle.value.openTime % length === 0) return candle;
  return bad(`candle that opens at ${candle.value.openTime}, no multiple of ${length}`);
}
