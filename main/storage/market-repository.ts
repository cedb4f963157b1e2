import { ok } from '../../core/base/result.ts';
import type { CobView } from '../../core/contracts/market-views.ts';
import { type Candle, type CandleColumns, toColumns } from '../../core/market/candle.ts';
import type { CobSecondColumns } from '../../core/market/cob-second-columns.ts';
import { type CollectedSecond, CobSeconds } from '../../core/market/cob-seconds.ts';
import type { CobSplit } from '../../core/market/consolidated-book.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import type { SecondFlow } from '../../core/market/order-flow.ts';
import { deriveClosedCandles } from '../../core/market/candle-aggregation.ts';
import {
  DERIVED_FROM,
  type DerivedTimeframe,
  isDerived,
  type StoredTimeframe,
  TIMEFRAME_MS,
  type Timeframe,
} from '../../core/market/timeframe.ts';
import type { Span } from '../../core/market/spans.ts';
import type { Trade } from '../../core/market/trade.ts';
import type { MarketRepository, NewestTrade, Stored, SeriesSpan } from '../ports/store.ts';
import { appendRows, type BulkTable, deleteMarks, type Mark, type SeriesKey } from './bulk-table.ts';
import { mergeCandles, mergeColumns, readCandles, readColumns } from './candle-reads.ts';
import { readCobSeconds } from './cob-reads.ts';
import { type CobSecond, encodeSecond } from './cob-seconds.ts';
import type { Database } from './database.ts';
import { CANDLE_TABLES, COB_TABLE, TRADE_TABLE } from './market-tables.ts';
import type { MarketWriter } from './market-writer.ts';
import { type SeriesBuffer, sortedOnce } from './series-buffer.ts';
import { number, type Sql } from './sql.ts';

/** The last millisecond that a date can have; bounds are clamped to it, so that `Infinity` may stand for "newest". */
const LAST_MS = 8.64e15;

/**
 * Candles, trades and consolidated-book seconds. A symbol has one series of candles: each names the venue that told it.
 * A read sees every row appended before it: what is not written yet is merged in from memory.
 */
export class DuckDbMarketRepository implements MarketRepository {
  readonly #database: Database;
  readonly #writer: MarketWriter;
  readonly #trades = new Map<string, SeriesBuffer<Trade>>();
  readonly #candles = new Map<string, SeriesBuffer<Candle>>();
  readonly #cob = new Map<string, SeriesBuffer<CobSecond>>();
  readonly #seconds = new CobSeconds();

  constructor(database: Database, writer: MarketWriter) {
    this.#database = database;
    this.#writer = writer;
  }

  appendTrade(venue: VenueId, symbol: string, trade: Trade): void {
    this.#writer.append(this.#series(this.#trades, TRADE_TABLE, venue, symbol), trade);
  }

  appendCandle(venue: VenueId, symbol: string, timeframe: StoredTimeframe, candle: Candle): void {
    this.#writer.append(this.#series(this.#candles, CANDLE_TABLES[timeframe], venue, symbol), candle);
  }

  /** A view without a live venue says nothing about the market, and leaves its second out. */
  appendCob(view: CobView, split?: CobSplit, flow?: SecondFlow): void {
    if (view.venues.length === 0) return;
    const ended = this.#seconds.add(view, split, flow);
    if (ended !== undefined) this.#appendSecond(ended);
  }

  async cobSeconds(symbol: string, from: number, to: number, stepMs = 1_000): Stored<CobSecondColumns> {
    const flushed = await this.#writer.flush();
    if (!flushed.ok) return flushed;
    return this.#database.reader.read((sql) => readCobSeconds(sql, symbol, clampTime(from), clampTime(to), stepMs));
  }

  async replaceCandles(venue: VenueId, symbol: string, timeframe: StoredTimeframe, candles: readonly Candle[]): Stored<void> {
    const table = CANDLE_TABLES[timeframe];
    const wanted = sortedOnce(candles, table);
    const first = wanted[0];
    const last = wanted[wanted.length - 1];
    if (first === undefined || last === undefined) return ok(undefined);
    // What was appended before this call is replaced too, so it has to be in the table first.
    const flushed = await this.#writer.flush();
    if (!flushed.ok) return flushed;
    const replaced = await this.#database.market.run((sql) =>
      sql.transaction(() => replaceSpan(sql, table, venue, symbol, wanted, first.openTime, last.openTime)),
    );
    if (replaced.ok) this.noteStored(table.name, { venue, symbol }, { time: last.openTime, id: 0 });
    return replaced;
  }

  /** Rows of a table up to `newest` became durable by another way: what is appended from here on may be one of them again. */
  noteStored(table: string, key: SeriesKey, newest: Mark): void {
    for (const series of this.#candles.values()) {
      if (series.table.name === table && series.key.symbol === key.symbol) series.noteStored(newest);
    }
    for (const series of this.#trades.values()) {
      if (series.table.name === table && series.key.symbol === key.symbol && series.key.venue === key.venue)
        series.noteStored(newest);
    }
  }

  async candlesBefore(symbol: string, timeframe: Timeframe, before: number, limit: number): Stored<Candle[]> {
    if (!(limit >= 1)) return ok([]);
    if (isDerived(timeframe)) return this.#derivedBefore(symbol, timeframe, before, limit);
    const table = CANDLE_TABLES[timeframe].name;
    const end = clampTime(before);
    const count = Math.min(Math.floor(limit), Number.MAX_SAFE_INTEGER);
    const waiting = this.#waiting(symbol, timeframe, Number.NEGATIVE_INFINITY, end);
    const stored = await this.#database.reader.read(async (sql) => {
      // Without gaps the span of `limit` candles holds them, and reading it touches one or two row groups.
      const start = Math.max(0, end - count * TIMEFRAME_MS[timeframe]);
      const near = await readCandles(sql, table, 'WHERE symbol = $1 AND open_time >= $2 AND open_time < $3 ORDER BY open_time', [
        symbol,
        BigInt(start),
        BigInt(end),
      ]);
      if (near.length >= count || start === 0) return near;
      const all = await readCandles(sql, table, 'WHERE symbol = $1 AND open_time < $2 ORDER BY open_time DESC LIMIT $3', [
        symbol,
        BigInt(end),
        BigInt(count),
      ]);
      return all.reverse();
    });
    return stored.ok ? ok(mergeCandles(stored.value, waiting).slice(-count)) : stored;
  }

  async candlesIn(symbol: string, timeframe: Timeframe, from: number, to: number): Stored<Candle[]> {
    const [start, end] = [clampTime(from), clampTime(to)];
    if (isDerived(timeframe)) return this.#derivedIn(symbol, timeframe, start, end);
    const waiting = this.#waiting(symbol, timeframe, start, end);
    const stored = await this.#database.reader.read((sql) =>
      readCandles(
        sql,
        CANDLE_TABLES[timeframe].name,
        'WHERE symbol = $1 AND open_time >= $2 AND open_time < $3 ORDER BY open_time',
        [symbol, BigInt(start), BigInt(end)],
      ),
    );
    return stored.ok ? ok(mergeCandles(stored.value, waiting)) : stored;
  }

  async candleHoles(symbol: string, timeframe: StoredTimeframe, from: number, to: number): Stored<Span[]> {
    const flushed = await this.#writer.flush();
    if (!flushed.ok) return flushed;
    return this.#database.reader.read(async (sql) => {
      const rows = await sql.rows(
        `SELECT (previous + $4)::DOUBLE AS gap_from, open_time::DOUBLE AS gap_to
         FROM (SELECT open_time, lag(open_time) OVER (ORDER BY open_time) AS previous FROM ${CANDLE_TABLES[timeframe].name}
               WHERE symbol = $1 AND open_time >= $2 AND open_time < $3)
         WHERE open_time > previous + $4 ORDER BY open_time`,
        [symbol, BigInt(clampTime(from)), BigInt(clampTime(to)), BigInt(TIMEFRAME_MS[timeframe])],
      );
      return rows.map((row) => ({ from: number(row, 'gap_from'), to: number(row, 'gap_to') }));
    });
  }

  async candleCount(symbol: string, timeframe: StoredTimeframe, from: number, to: number): Stored<number> {
    const flushed = await this.#writer.flush();
    if (!flushed.ok) return flushed;
    return this.#database.reader.read(async (sql) => {
      const [row] = await sql.rows(
        `SELECT count(*) AS candles FROM ${CANDLE_TABLES[timeframe].name} WHERE symbol = $1 AND open_time >= $2 AND open_time < $3`,
        [symbol, BigInt(clampTime(from)), BigInt(clampTime(to))],
      );
      return row === undefined ? 0 : number(row, 'candles');
    });
  }

  async candlesOfOthers(venue: VenueId, symbol: string, timeframe: StoredTimeframe, from: number, to: number): Stored<number[]> {
    return this.#database.reader.read(async (sql) => {
      const rows = await sql.rows(
        `SELECT open_time::DOUBLE AS at FROM ${CANDLE_TABLES[timeframe].name}
         WHERE symbol = $1 AND open_time >= $2 AND open_time < $3 AND venue <> $4 ORDER BY open_time`,
        [symbol, BigInt(clampTime(from)), BigInt(clampTime(to)), venue],
      );
      return rows.map((row) => number(row, 'at'));
    });
  }

  async candleColumns(symbol: string, timeframe: Timeframe, from: number, to: number): Stored<CandleColumns> {
    if (isDerived(timeframe)) {
      const derived = await this.candlesIn(symbol, timeframe, from, to);
      return derived.ok ? ok(toColumns(derived.value)) : derived;
    }
    const read = await this.candleColumnsOf([{ symbol, timeframe, from, to }]);
    return read.ok ? ok(read.value[0] as CandleColumns) : read;
  }

  async candleColumnsOf(wanted: readonly SeriesSpan[]): Stored<CandleColumns[]> {
    const spans = wanted.map((one) => ({ ...one, from: clampTime(one.from), to: clampTime(one.to) }));
    const waiting = spans.map(({ symbol, timeframe, from, to }) => this.#waiting(symbol, timeframe, from, to));
    const stored = await this.#database.reader.read(async (sql) => {
      const read: CandleColumns[] = [];
      for (const { symbol, timeframe, from, to } of spans) {
        const clause = 'WHERE symbol = $1 AND open_time >= $2 AND open_time < $3 ORDER BY open_time';
        read.push(await readColumns(sql, CANDLE_TABLES[timeframe].name, clause, [symbol, BigInt(from), BigInt(to)]));
      }
      return read;
    });
    return stored.ok ? ok(stored.value.map((columns, i) => mergeColumns(columns, waiting[i] ?? []))) : stored;
  }

  async candleBounds(symbol: string, timeframe: StoredTimeframe): Stored<{ first: number; last: number } | undefined> {
    const waiting = this.#waiting(symbol, timeframe, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    const stored = await this.#database.reader.read((sql) =>
      sql.rows(`SELECT min(open_time) AS first, max(open_time) AS last FROM ${CANDLE_TABLES[timeframe].name} WHERE symbol = $1`, [
        symbol,
      ]),
    );
    if (!stored.ok) return stored;
    const row = stored.value[0];
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    if (row !== undefined && row['first'] !== null) {
      first = number(row, 'first');
      last = number(row, 'last');
    }
    for (const candle of waiting) {
      first = Math.min(first, candle.openTime);
      last = Math.max(last, candle.openTime);
    }
    return ok(first <= last ? { first, last } : undefined);
  }

  async newestTrades(from: number): Stored<NewestTrade[]> {
    const flushed = await this.#writer.flush();
    if (!flushed.ok) return flushed;
    return this.#database.reader.read(async (sql) => {
      const rows = await sql.rows(
        `SELECT venue, symbol, arg_max(trade_id, (ts_event, trade_id))::DOUBLE AS id, max(ts_event)::DOUBLE AS at
         FROM ${TRADE_TABLE.name} WHERE ts_event >= $1 GROUP BY venue, symbol ORDER BY venue, symbol`,
        [BigInt(clampTime(from))],
      );
      return rows.map((row) => ({
        venue: String(row['venue']) as VenueId,
        symbol: String(row['symbol']),
        id: number(row, 'id'),
        time: number(row, 'at'),
      }));
    });
  }

  /** Writes the second in progress as it stands, too; the whole one replaces it when it has ended. */
  flush(): Stored<void> {
    for (const second of this.#seconds.peek()) this.#appendSecond(second);
    return this.#writer.flush();
  }

  async #derivedBefore(symbol: string, timeframe: DerivedTimeframe, before: number, limit: number): Stored<Candle[]> {
    const bounds = await this.candleBounds(symbol, DERIVED_FROM[timeframe]);
    if (!bounds.ok) return bounds;
    if (bounds.value === undefined) return ok([]);
    const length = TIMEFRAME_MS[timeframe];
    const end = Math.min(Math.ceil(clampTime(before) / length), Math.floor(bounds.value.last / length) + 1) * length;
    const oldest = Math.floor(bounds.value.first / length) * length;
    // Over holes in the series: twice as far back each time until there are enough.
    for (let span = (Math.floor(limit) + 1) * length; ; span *= 2) {
      const start = Math.max(oldest, end - span);
      const derived = await this.#derivedIn(symbol, timeframe, start, end);
      if (!derived.ok || derived.value.length >= limit || start === oldest) {
        return derived.ok ? ok(derived.value.slice(-Math.floor(limit))) : derived;
      }
    }
  }

  /** Derived candles that opened in [from, to). */
  async #derivedIn(symbol: string, timeframe: DerivedTimeframe, from: number, to: number): Stored<Candle[]> {
    const source = DERIVED_FROM[timeframe];
    const length = TIMEFRAME_MS[timeframe];
    const sources = await this.candlesIn(symbol, source, Math.ceil(from / length) * length, Math.ceil(to / length) * length);
    if (!sources.ok) return sources;
    const bounds = await this.candleBounds(symbol, source);
    if (!bounds.ok) return bounds;
    if (bounds.value === undefined) return ok([]);
    return ok(deriveClosedCandles(sources.value, timeframe, bounds.value.last + TIMEFRAME_MS[source]));
  }

  #appendSecond(collected: CollectedSecond): void {
    const second = encodeSecond(collected);
    this.#writer.append(this.#series(this.#cob, COB_TABLE, '', second.last.symbol), second);
  }

  #series<R>(map: Map<string, SeriesBuffer<R>>, table: BulkTable<R>, venue: string, symbol: string): SeriesBuffer<R> {
    const key = `${table.name} ${venue} ${symbol}`;
    let series = map.get(key);
    if (series === undefined) {
      series = this.#writer.series(table, { venue, symbol });
      map.set(key, series);
    }
    return series;
  }

  /** Unwritten candles that opened in [from, to). Taken before the table is read, so that none falls in between. */
  #waiting(symbol: string, timeframe: StoredTimeframe, from: number, to: number): Candle[] {
    const table = CANDLE_TABLES[timeframe];
    const waiting: Candle[] = [];
    for (const series of this.#candles.values()) {
      if (series.table !== table || series.key.symbol !== symbol) continue;
      for (const candle of series.rows) if (candle.openTime >= from && candle.openTime < to) waiting.push(candle);
    }
    return waiting;
  }
}

/**
 * Makes the rows of [from, to] equal `wanted` (sorted, each open time once), touching only those that differ:
 * a back-fill that brings nothing new writes nothing, and the table stays in time order.
 */
async function replaceSpan(
  sql: Sql,
  table: BulkTable<Candle>,
  venue: string,
  symbol: string,
  wanted: readonly Candle[],
  from: number,
  to: number,
): Promise<void> {
  const clause = 'WHERE symbol = $1 AND open_time BETWEEN $2 AND $3';
  const span = [symbol, BigInt(from), BigInt(to)];
  const present = new Map<number, Candle>();
  for (const candle of await readCandles(sql, table.name, clause, span)) present.set(candle.openTime, candle);
  const others = await sql.rows(`SELECT open_time::DOUBLE AS at FROM ${table.name} ${clause} AND venue <> $4`, [...span, venue]);
  const ofOthers = new Set(others.map((row) => number(row, 'at')));
  const gone: Mark[] = [];
  const changed: Candle[] = [];
  for (const candle of wanted) {
    const old = present.get(candle.openTime);
    present.delete(candle.openTime);
    if (old !== undefined && sameCandle(old, candle) && !ofOthers.has(candle.openTime)) continue;
    if (old !== undefined) gone.push({ time: candle.openTime, id: 0 });
    changed.push(candle);
  }
  for (const time of present.keys()) gone.push({ time, id: 0 });
  await deleteMarks(sql, table, { venue, symbol }, gone);
  if (changed.length > 0) await appendRows(sql, table, { venue, symbol }, changed);
}

function sameCandle(a: Candle, b: Candle): boolean {
  return (
    a.open === b.open &&
    a.high === b.high &&
    a.low === b.low &&
    a.close === b.close &&
    a.volume === b.volume &&
    a.buyVolume === b.buyVolume &&
    a.tradeCount === b.tradeCount &&
    a.filled === b.filled
  );
}

function clampTime(time: number): number {
  return Math.min(LAST_MS, Math.max(0, Math.ceil(time)));
}
