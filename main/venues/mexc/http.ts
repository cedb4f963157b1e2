import { fail, type Result, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import type { DepthSnapshot } from '../session/book-sync.ts';
import { HttpClient, type HttpOptions, type Query, type RequestOptions } from '../session/http-client.ts';
import { candlesFromRows, tradesFromRows } from '../session/rows.ts';
import type { Track } from '../session/stream-protocol.ts';
import { isObject, type JsonObject, type Parsed, toMs } from '../session/wire-values.ts';
import { ERRORS, RATE_LIMIT_MS, refusedByCode, TOO_FREQUENT } from './errors.ts';
import {
  candleFromRow,
  contractCandleFromRow,
  contractCandleRows,
  contractOf,
  contractSnapshotFromJson,
  contractTradeFromJson,
  DealIds,
  snapshotFromJson,
  tradeFromRow,
} from './parse.ts';
import type { MexcName } from './symbols.ts';

/** 500 weights in ten seconds, IP and endpoint. Source: MEXC spot v3 docs, "Limits". */
const SPOT_WEIGHT_PER_MINUTE = 3_000;
/** 20 requests in two seconds, IP and endpoint; 10 of depth. Source: MEXC contract v1 docs, "Market endpoints". */
const FUTURES_REQUESTS_PER_MINUTE = 600;
/** The deepest that each gives; of spot more can be asked for, but does not come. */
const SPOT_LEVELS = 2_000;
const FUTURES_LEVELS = 1_000;
/** Spot gives 500 rows by default and at most 1,000 by its documents; 500 come either way. Futures give 2,000. */
const SPOT_KLINES = 500;
const MAX_CANDLES = 1_000;
const SPOT_TRADES = 1_000;
const FUTURES_TRADES = 100;

type MexcHttpOptions = Pick<HttpOptions, 'restUrl' | 'timeoutMs' | 'wall' | 'fetch'> & {
  /** Origin of the futures' REST; `restUrl` serves both where it is left out. */
  readonly futuresRestUrl?: string | undefined;
};

/** MEXC's public endpoints: spot v3 and contract v1, which live on two hosts. */
export class MexcHttp {
  readonly #spot: HttpClient;
  readonly #futures: HttpClient;

  constructor({ futuresRestUrl, ...options }: MexcHttpOptions) {
    this.#spot = new HttpClient({ ...options, errors: ERRORS, weightPerMinute: SPOT_WEIGHT_PER_MINUTE });
    this.#futures = new HttpClient({
      ...options,
      restUrl: futuresRestUrl ?? options.restUrl,
      errors: ERRORS,
      weightPerMinute: FUTURES_REQUESTS_PER_MINUTE,
    });
  }

  get blockedForMs(): number {
    return Math.max(this.#spot.blockedForMs, this.#futures.blockedForMs);
  }

  async serverTime(): Promise<Result<number, VenueFailure>> {
    const path = '/api/v3/time';
    const answer = await this.#spot.get(path);
    if (!answer.ok) return answer;
    const time = toMs(isObject(answer.value) ? answer.value.serverTime : undefined);
    return Number.isNaN(time) ? ERRORS.badAnswer(path, 'no serverTime') : ok(time);
  }

  /** The entry of one symbol; undefined when MEXC does not list it. */
  async instrument({ kind, venueSymbol }: MexcName): Promise<Result<unknown, VenueFailure>> {
    const path = kind === 'spot' ? '/api/v3/exchangeInfo' : '/api/v1/contract/detail';
    const query = { symbol: venueSymbol };
    const answer = kind === 'spot' ? await this.#spot.get(path, query, { weight: 10 }) : await this.#data(path, query);
    if (!answer.ok) return answer.error.code === 'VENUE_UNKNOWN_SYMBOL' ? ok(undefined) : answer;
    if (kind === 'spot') {
      const symbols = isObject(answer.value) ? answer.value.symbols : undefined;
      return Array.isArray(symbols) ? ok(symbols[0] as unknown) : ERRORS.badAnswer(path, 'no list of symbols');
    }
    // One contract or a list, depending on the version of the endpoint.
    const { value } = answer;
    return ok(Array.isArray(value) ? value.find((entry) => isObject(entry) && entry.symbol === venueSymbol) : value);
  }

  async spotSymbols(): Promise<Result<readonly unknown[], VenueFailure>> {
    const path = '/api/v3/exchangeInfo';
    const answer = await this.#spot.get(path, {}, { weight: 10 });
    if (!answer.ok) return answer;
    const symbols = isObject(answer.value) ? answer.value.symbols : undefined;
    return Array.isArray(symbols) ? ok(symbols as readonly unknown[]) : ERRORS.badAnswer(path, 'no list of symbols');
  }

  async contracts(): Promise<Result<readonly unknown[], VenueFailure>> {
    const path = '/api/v1/contract/detail';
    const answer = await this.#data(path, {});
    if (!answer.ok) return answer;
    return Array.isArray(answer.value) ? ok(answer.value as readonly unknown[]) : ERRORS.badAnswer(path, 'no list');
  }

  async depth({ instrument, tick, lot }: Track, closed: AbortSignal): Promise<Result<DepthSnapshot, VenueFailure>> {
    const { kind, venueSymbol } = instrument;
    if (kind === 'spot') {
      const path = '/api/v3/depth';
      const answer = await this.#spot.get(path, { symbol: venueSymbol, limit: SPOT_LEVELS }, { closed });
      return answer.ok ? checked(path, snapshotFromJson(answer.value, SPOT_LEVELS, tick, lot)) : answer;
    }
    const path = `/api/v1/contract/depth/${venueSymbol}`;
    const answer = await this.#data(path, { limit: FUTURES_LEVELS }, { closed, weight: 2 });
    return answer.ok ? checked(path, contractSnapshotFromJson(answer.value, FUTURES_LEVELS, tick, lot)) : answer;
  }

  async candles(
    instrument: Instrument,
    timeframe: Timeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const length = TIMEFRAME_MS[timeframe];
    if (length < 60_000) return fail('VENUE_REFUSED', `MEXC has no ${timeframe} candles; its shortest are of 1m.`);
    const wanted = Math.min(limit, MAX_CANDLES);
    const first = Math.ceil(from / length) * length;
    const end = Math.min(to, first + wanted * length);
    const isSpot = instrument.kind === 'spot';
    const page = isSpot ? SPOT_KLINES : MAX_CANDLES;
    const candles: Candle[] = [];
    for (let start = first; start < end; start += page * length) {
      const stop = Math.min(end, start + page * length);
      const answer = await (isSpot
        ? this.#spotCandles(instrument, timeframe, start, stop, page)
        : this.#futuresCandles(instrument, timeframe, start, stop));
      if (!answer.ok) return answer;
      candles.push(...answer.value);
    }
    return ok(candles);
  }

  /**
   * The venue's newest trades: a thousand of spot, a hundred of a contract. Of spot's oldest millisecond some may be left
   * out, and then their count is wrong, so it is not given. Deals of a contract that come without ids are of no use: they
   * cannot be told from those that the stream gave.
   */
  async trades(instrument: Instrument, closed: AbortSignal): Promise<Result<Trade[], VenueFailure>> {
    const { kind, venueSymbol } = instrument;
    const ids = new DealIds();
    const isSpot = kind === 'spot';
    const path = isSpot ? '/api/v3/trades' : `/api/v1/contract/deals/${venueSymbol}`;
    const limit = isSpot ? SPOT_TRADES : FUTURES_TRADES;
    const answer = await (isSpot
      ? this.#spot.get(path, { symbol: venueSymbol, limit }, { closed, weight: 5 })
      : this.#data(path, { limit }, { closed }));
    if (!answer.ok) return answer;
    const contract = contractOf(instrument);
    const rows = newestLast(answer.value, isSpot ? 'time' : 't');
    const read = isSpot
      ? (row: unknown) => tradeFromRow(row, ids)
      : (row: unknown) => contractTradeFromJson(row, contract, undefined, 0);
    const trades = tradesFromRows(path, rows, read, ERRORS);
    if (!trades.ok || !isSpot || trades.value.length < limit) return trades;
    const oldest = trades.value[0]?.tsEvent;
    return ok(trades.value.filter(({ tsEvent }) => tsEvent !== oldest));
  }

  async #spotCandles(
    { venueSymbol }: Instrument,
    timeframe: Timeframe,
    start: number,
    stop: number,
    limit: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const path = '/api/v3/klines';
    // MEXC calls an hour 60m, and includes endTime.
    const interval = timeframe === '1h' ? '60m' : timeframe;
    const answer = await this.#spot.get(path, { symbol: venueSymbol, interval, startTime: start, endTime: stop - 1, limit });
    return answer.ok ? candlesFromRows(path, answer.value, candleFromRow, start, stop, ERRORS) : answer;
  }

  async #futuresCandles(
    instrument: Instrument,
    timeframe: Timeframe,
    start: number,
    stop: number,
  ): Promise<Result<Candle[], VenueFailure>> {
    const path = `/api/v1/contract/kline/${instrument.venueSymbol}`;
    const interval = timeframe === '1m' ? 'Min1' : timeframe === '1h' ? 'Min60' : 'Day1';
    // Both bounds are seconds, and included.
    const query = { interval, start: Math.ceil(start / 1000), end: Math.ceil(stop / 1000) - 1 };
    const answer = await this.#data(path, query);
    if (!answer.ok) return answer;
    const rows = checked(path, contractCandleRows(answer.value));
    if (!rows.ok) return rows;
    const contract = contractOf(instrument);
    return candlesFromRows(path, rows.value, (row) => contractCandleFromRow(row, contract), start, stop, ERRORS);
  }

  /** `data` of a futures answer. */
  async #data(path: string, query: Query, request?: RequestOptions): Promise<Result<unknown, VenueFailure>> {
    const answer = await this.#futures.get(path, query, request);
    if (!answer.ok) return answer;
    const body: JsonObject = isObject(answer.value) ? answer.value : {};
    if (body.success === true) return ok(body.data);
    if (typeof body.code !== 'number') return ERRORS.badAnswer(path, 'neither success nor a code');
    if (body.code === TOO_FREQUENT) this.#futures.block(RATE_LIMIT_MS);
    return refusedByCode(path, body.code, String(body.message ?? body.msg));
  }
}

function checked<T>(path: string, parsed: Parsed<T>): Result<T, VenueFailure> {
  return parsed.ok ? parsed : ERRORS.badAnswer(path, parsed.error.message);
}

/** MEXC puts the newest first; that this stays so is not promised. Of one moment the first given is the newest. */
function newestLast(rows: unknown, key: string): unknown {
  if (!Array.isArray(rows)) return rows;
  const timeOf = (row: unknown): number => (isObject(row) ? Number(row[key]) : 0);
  const list = rows as readonly unknown[];
  const isNewestFirst = timeOf(list[0]) >= timeOf(list[list.length - 1]);
  return (isNewestFirst ? [...list].reverse() : [...list]).sort((a, b) => timeOf(a) - timeOf(b));
}
