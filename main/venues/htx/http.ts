import { fail, type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import { HttpClient, type HttpOptions, type Query, type RequestOptions } from '../session/http-client.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import { isObject, toMs } from '../session/wire-values.ts';
import { ERRORS, isRateLimit, RATE_LIMIT_MS, refusedByCode } from './errors.ts';
import { candleFromJson, tradeFromJson } from './parse.ts';

/** Ten requests a second and IP. Source: HTX spot docs, "Rate limiting rule" of market data. */
const REQUESTS_PER_MINUTE = 600;
/** The newest so many, and no older ones. */
const MAX_CANDLES = 2_000;
const MAX_TRADES = 2_000;

const PERIODS: Readonly<Partial<Record<Timeframe, string>>> = { '1m': '1min', '1h': '60min' };

/** HTX spot's public endpoints. */
export class HtxHttp {
  readonly #http: HttpClient;
  readonly #wall: HttpOptions['wall'];

  constructor(options: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>) {
    this.#wall = options.wall;
    this.#http = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: REQUESTS_PER_MINUTE });
  }

  get blockedForMs(): number {
    return this.#http.blockedForMs;
  }

  /** What our pings on the stream carry. */
  get wallMs(): number {
    return this.#wall.now();
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const path = '/v1/common/timestamp';
    const answer = await this.#data(path);
    if (!answer.ok) return answer;
    const time = toMs(answer.value);
    return Number.isNaN(time) ? ERRORS.badAnswer(path, 'no time') : ok(time);
  }

  /** The entry of one symbol; undefined when HTX does not list it. */
  async symbol(venueSymbol: string): Promise<Result<unknown, VenueFailure>> {
    const path = '/v1/settings/common/market-symbols';
    const answer = await this.#list(path, { symbols: venueSymbol });
    if (answer.ok) return ok(answer.value[0]);
    return answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ok(undefined) : answer;
  }

  /** The entries of all symbols. */
  symbols(): Promise<Result<readonly unknown[], VenueFailure>> {
    return this.#list('/v1/settings/common/market-symbols', {});
  }

  /** HTX gives the newest 2,000 candles and no older ones: of a range that reaches back further, what there is. */
  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const period = PERIODS[timeframe];
    if (period === undefined) {
      return fail(
        'VENUE_REFUSED',
        timeframe === '1d'
          ? 'HTX has no candles of UTC days: its days begin at midnight in Singapore.'
          : `HTX has no ${timeframe} candles; its shortest are of 1m.`,
      );
    }
    const length = TIMEFRAME_MS[timeframe];
    const first = Math.ceil(from / length) * length;
    if (to <= first || limit < 1) return ok([]);
    const path = '/market/history/kline';
    // Counted from now; one more for each end.
    const count = Math.ceil((this.#wall.now() - first) / length) + 2;
    const size = Math.min(MAX_CANDLES, Math.max(1, count));
    const answer = await this.#list(path, { symbol: instrument.venueSymbol, period, size });
    if (!answer.ok) return answer;
    const rows = [...answer.value].reverse();
    const candles = candlesFromRows(path, rows, candleFromJson, 0, Number.POSITIVE_INFINITY, ERRORS);
    if (!candles.ok) return candles;
    return ok(candles.value.filter(({ openTime }) => openTime >= first && openTime < to).slice(0, limit));
  }

  /** The newest 2,000 orders' trades: HTX gives no older ones. */
  async trades(instrument: Instrument, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const path = '/market/history/trade';
    const answer = await this.#list(path, { symbol: instrument.venueSymbol, size: MAX_TRADES }, { closed });
    if (!answer.ok) return answer;
    // Trades of one taker order come together.
    const groups = answer.value.map((group) => (isObject(group) ? group.data : undefined));
    if (!groups.every((group) => Array.isArray(group))) return ERRORS.badAnswer(path, 'no list of trades');
    const trades = tradesFromRows(path, groups.flat() as readonly unknown[], (row) => tradeFromJson(row, 0), ERRORS);
    return trades.ok ? ok(trades.value.sort((a, b) => a.id - b.id)) : trades;
  }

  async #list(path: string, query: Query, request?: RequestOptions): Promise<Result<readonly unknown[], VenueFailure>> {
    const answer = await this.#data(path, query, request);
    if (!answer.ok) return answer;
    return Array.isArray(answer.value) ? ok(answer.value as readonly unknown[]) : ERRORS.badAnswer(path, 'no list');
  }

  /** `data` of an answer; HTX puts the newest first. */
  async #data(path: string, query?: Query, request?: RequestOptions): Promise<Result<unknown, VenueFailure>> {
    const answer = await this.#http.get(path, query, request);
    if (!answer.ok) return answer;
    const { value } = answer;
    if (isObject(value) && value.status === 'ok') return ok(value.data);
    if (!isObject(value) || typeof value['err-code'] !== 'string') return ERRORS.badAnswer(path, 'no status');
    const code = value['err-code'];
    if (isRateLimit(code)) this.#http.block(RATE_LIMIT_MS);
    return refusedByCode(path, code, String(value['err-msg']));
  }
}
