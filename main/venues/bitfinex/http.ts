import { fail, type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { HttpClient, type HttpOptions, type Query } from '../session/http-client.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import type { TradeCursor } from '../session/trade-sequence.ts';
import { ERRORS } from './errors.ts';
import { candleFromRow, tradeFromRow } from './parse.ts';

/**
 * Requests a minute and IP, by endpoint: 90 for lists, 30 for candles, 15 for trades; an address that asks too much is blocked
 * for a minute. Source: Bitfinex v2 docs, "Configs", "Candles" and "Trades".
 */
const WEIGHT_PER_MINUTE = 90;
const CANDLES_WEIGHT = 3;
const TRADES_WEIGHT = 6;
/** Bitfinex gives 10,000 at once. */
const MAX_CANDLES = 1_000;
const TRADES_PAGE = 10_000;
const RECENT_TRADES = 1_000;
/** 20,000 trades: a longer absence is counted as a hole. */
const MAX_TRADE_PAGES = 2;

const FRAMES: Readonly<Partial<Record<Timeframe, string>>> = { '1m': '1m', '1h': '1h', '1d': '1D' };

/** Bitfinex v2's public endpoints. */
export class BitfinexHttp {
  readonly #http: HttpClient;
  readonly #wall: HttpOptions['wall'];

  constructor(options: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>) {
    this.#wall = options.wall;
    this.#http = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: WEIGHT_PER_MINUTE });
  }

  get blockedForMs(): number {
    return this.#http.blockedForMs;
  }

  /** What our pings on the stream carry. */
  get wallMs(): number {
    return this.#wall.now();
  }

  /** No endpoint tells the time; only the stream does. */
  serverTime(): Promise<Result<number, VenueFailure>> {
    return Promise.resolve(fail('VENUE_REFUSED', 'Bitfinex does not tell its time by REST.'));
  }

  /** Names of the pairs that trade: `BTCUSD`, `DOGE:USD`. */
  async pairs(): Promise<Result<ReadonlySet<unknown>, VenueFailure>> {
    const path = '/v2/conf/pub:list:pair:exchange';
    const answer = await this.#http.get(path);
    if (!answer.ok) return answer;
    const list: unknown = Array.isArray(answer.value) ? answer.value[0] : undefined;
    return Array.isArray(list) ? ok(new Set(list as readonly unknown[])) : ERRORS.badAnswer(path, 'no list');
  }

  /** Periods without a trade are missing: Bitfinex has none. */
  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const frame = FRAMES[timeframe];
    if (frame === undefined) return fail('VENUE_REFUSED', `Bitfinex has no ${timeframe} candles; its shortest are of 1m.`);
    const length = TIMEFRAME_MS[timeframe];
    const first = Math.ceil(from / length) * length;
    const count = Math.min(limit, MAX_CANDLES);
    if (to <= first || count < 1) return ok([]);
    const path = `/v2/candles/trade:${frame}:${instrument.venueSymbol}/hist`;
    // Both ends are part of the range.
    const query = { start: first, end: to - 1, limit: count, sort: 1 };
    const answer = await this.#http.get(path, query, { weight: CANDLES_WEIGHT });
    return answer.ok ? candlesFromRows(path, answer.value, candleFromRow, first, to, ERRORS) : answer;
  }

  /** Trades from the last known one on, page by page; the newest thousand where none is known. */
  async trades(instrument: Instrument, after: TradeCursor, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const path = `/v2/trades/${instrument.venueSymbol}/hist`;
    const byId = new Map<number, Trade>();
    let start = after.time;
    for (let page = 0; page < MAX_TRADE_PAGES; page++) {
      const query: Query = after.id < 0 ? { limit: RECENT_TRADES, sort: -1 } : { start, limit: TRADES_PAGE, sort: 1 };
      const answer = await this.#http.get(path, query, { closed, weight: TRADES_WEIGHT });
      if (!answer.ok) return answer;
      const rows = tradesFromRows(path, answer.value, (row) => tradeFromRow(row, 0), ERRORS);
      if (!rows.ok) return rows;
      for (const trade of rows.value) byId.set(trade.id, trade);
      const newest = rows.value.at(-1)?.tsEvent ?? start;
      if (after.id < 0 || rows.value.length < TRADES_PAGE || newest <= start) break;
      // Again from the last one's millisecond, which the page may have cut in two.
      start = newest;
    }
    return ok([...byId.values()].sort((a, b) => a.tsEvent - b.tsEvent || a.id - b.id));
  }
}
