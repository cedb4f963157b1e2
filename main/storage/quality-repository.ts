import { ok } from '../../core/base/result.ts';
import { CANDLE_FIELDS, type CandleDifference, QUALITY_STATES } from '../../core/contracts/data-quality.ts';
import { VENUES } from '../../core/market/instrument.ts';
import { STORED_TIMEFRAMES, type StoredTimeframe, TIMEFRAMES } from '../../core/market/timeframe.ts';
import type { QualityRepository, RecordedSpan, Stored } from '../ports/store.ts';
import type { Database } from './database.ts';
import { number, oneOf, placeholders, type Sql, type SqlValue, text } from './sql.ts';

/** Rows of one statement: some milliseconds of the journal's connection. */
const STEP_ROWS = 100;

export class DuckDbQualityRepository implements QualityRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In steps, between which orders are journalled: a comparison after a long outage finds thousands. */
  async saveDifferences(differences: readonly CandleDifference[]): Stored<void> {
    const once = new Map(differences.map((each) => [`${each.symbol} ${each.timeframe} ${each.openTime} ${each.field}`, each]));
    const rows = [...once.values()];
    for (let from = 0; from < rows.length; from += STEP_ROWS) {
      const saved = await this.#database.journal.run((sql) => upsertDifferences(sql, rows.slice(from, from + STEP_ROWS)));
      if (!saved.ok) return saved;
    }
    return ok(undefined);
  }

  differences(symbol: string, limit: number): Stored<CandleDifference[]> {
    return this.#database.reader.read(async (sql) => {
      const rows = await sql.rows(
        'SELECT * FROM candle_differences WHERE symbol = $1 ORDER BY open_time DESC, timeframe, field LIMIT $2',
        [symbol, BigInt(limit)],
      );
      return rows.map((row) => ({
        symbol: text(row, 'symbol'),
        timeframe: oneOf(row, 'timeframe', TIMEFRAMES),
        openTime: number(row, 'open_time'),
        venue: oneOf(row, 'venue', VENUES),
        field: oneOf(row, 'field', CANDLE_FIELDS),
        stored: number(row, 'stored'),
        told: number(row, 'told'),
        foundAt: number(row, 'found_at'),
      }));
    });
  }

  saveSpan({ symbol, timeframe, state, from, to, venue, candles, reason }: RecordedSpan): Stored<void> {
    return this.#database.journal.run((sql) =>
      sql.insert(
        `INSERT INTO quality_spans VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (symbol, timeframe, state, from_time)
         DO UPDATE SET to_time = excluded.to_time, venue = excluded.venue, candles = excluded.candles, reason = excluded.reason`,
        [symbol, timeframe ?? '', state, BigInt(Math.floor(from)), BigInt(Math.ceil(to)), venue, BigInt(candles), reason],
      ),
    );
  }

  spans(symbol: string, from: number, to: number): Stored<RecordedSpan[]> {
    return this.#database.reader.read(async (sql) => {
      const rows = await sql.rows(
        'SELECT * FROM quality_spans WHERE symbol = $1 AND to_time > $2 AND from_time < $3 ORDER BY from_time, state',
        [symbol, BigInt(Math.floor(from)), BigInt(Math.ceil(to))],
      );
      return rows.map((row) => ({
        symbol: text(row, 'symbol'),
        timeframe: text(row, 'timeframe') === '' ? undefined : oneOf(row, 'timeframe', STORED_TIMEFRAMES),
        state: oneOf(row, 'state', QUALITY_STATES),
        from: number(row, 'from_time'),
        to: number(row, 'to_time'),
        venue: oneOf(row, 'venue', VENUES),
        candles: number(row, 'candles'),
        reason: text(row, 'reason'),
      }));
    });
  }

  counts(): Stored<{ symbol: string; timeframe: StoredTimeframe; repaired: number; differences: number }[]> {
    return this.#database.reader.read(async (sql) => {
      const rows = await sql.rows(
        `SELECT symbol, timeframe, sum(repaired)::DOUBLE AS repaired, sum(differences)::DOUBLE AS differences FROM (
           SELECT symbol, timeframe, sum(candles) AS repaired, 0 AS differences FROM quality_spans
           WHERE state = 'repaired' AND timeframe <> '' GROUP BY symbol, timeframe
           UNION ALL
           SELECT symbol, timeframe, 0, count(DISTINCT open_time) FROM candle_differences GROUP BY symbol, timeframe)
         GROUP BY symbol, timeframe ORDER BY symbol, timeframe`,
      );
      return rows.map((row) => ({
        symbol: text(row, 'symbol'),
        timeframe: oneOf(row, 'timeframe', STORED_TIMEFRAMES),
        repaired: number(row, 'repaired'),
        differences: number(row, 'differences'),
      }));
    });
  }
}

/**
 * One statement for all: inserted one by one, each row takes some 150 kB of DuckDB's memory until its transaction ends (seen with
 * 1.5.5: 6,000 rows filled a gigabyte, and nothing could be written any more).
 */
async function upsertDifferences(sql: Sql, differences: readonly CandleDifference[]): Promise<void> {
  const rows: string[] = [];
  const values: SqlValue[] = [];
  for (const { symbol, timeframe, openTime, field, venue, stored, told, foundAt } of differences) {
    rows.push(placeholders(values.length, 8));
    values.push(symbol, timeframe, BigInt(openTime), field, venue, stored, told, BigInt(Math.floor(foundAt)));
  }
  await sql.run(
    `INSERT INTO candle_differences VALUES ${rows.join(', ')} ON CONFLICT (symbol, timeframe, open_time, field)
     DO UPDATE SET venue = excluded.venue, stored = excluded.stored, told = excluded.told, found_at = excluded.found_at`,
    values,
  );
}
