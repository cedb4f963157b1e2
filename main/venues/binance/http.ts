import { type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import type { DepthSnapshot } from '../session/book-sync.ts';
import { HttpClient, type HttpOptions } from '../session/http-client.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import type { Track } from '../session/stream-protocol.ts';
import { isObject, toMs } from '../session/wire-values.ts';
import { ERRORS } from './errors.ts';
import { candleFromRow, snapshotFromJson, tradeFromRow } from './parse.ts';

/** Source of weights and limits: Binance spot docs, "General endpoints" and "Market data endpoints". */
const WEIGHT_PER_MINUTE = 6_000;
const SNAPSHOT_LEVELS = 1000;
const MAX_KLINES = 1000;
const MAX_TRADES = 1000;

/** Binance spot's public endpoints. */
export class BinanceHttp {
  readonly #http: HttpClient;

  constructor(options: Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'>) {
    this.#http = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: WEIGHT_PER_MINUTE });
  }

  get blockedForMs(): number {
    return this.#http.blockedForMs;
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const answer = await this.#http.get('/api/v3/time');
    if (!answer.ok) return answer;
    const time = toMs(isObject(answer.value) ? answer.value.serverTime : undefined);
    return Number.isNaN(time) ? ERRORS.badAnswer('/api/v3/time', 'no serverTime') : ok(time);
  }

  exchangeInfo(venueSymbols: readonly (string | undefined)[]): Promise<Result<unknown, VenueFailure>> {
    return this.#http.get('/api/v3/exchangeInfo', { symbols: JSON.stringify(venueSymbols) }, { weight: 20 });
  }

  async depth(track: Track, closed: AbortSignal): Promise<Result<DepthSnapshot, VenueFailure>> {
    const query = { symbol: track.instrument.venueSymbol, limit: SNAPSHOT_LEVELS };
    const answer = await this.#http.get('/api/v3/depth', query, { closed, weight: 50 });
    if (!answer.ok) return answer;
    const snapshot = snapshotFromJson(answer.value, track.tick, track.lot);
    return snapshot.ok ? snapshot : ERRORS.badAnswer('/api/v3/depth', snapshot.error.message);
  }

  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    if (to <= from || limit < 1) return ok([]);
    const query = {
      symbol: instrument.venueSymbol,
      interval: timeframe,
      startTime: from,
      // Binance includes endTime.
      endTime: to - 1,
      limit: Math.min(limit, MAX_KLINES),
    };
    const answer = await this.#http.get('/api/v3/klines', query, { weight: 2 });
    if (!answer.ok) return answer;
    return candlesFromRows('/api/v3/klines', answer.value, candleFromRow, from, to, ERRORS);
  }

  /** The newest thousand trades: without a key, Binance gives no older ones one by one. */
  async trades(instrument: Instrument, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const query = { symbol: instrument.venueSymbol, limit: MAX_TRADES };
    const answer = await this.#http.get('/api/v3/trades', query, { closed, weight: 25 });
    if (!answer.ok) return answer;
    return tradesFromRows('/api/v3/trades', answer.value, tradeFromRow, ERRORS);
  }
}
