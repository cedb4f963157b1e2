import type { DuckDBBooleanVector, DuckDBDataChunk, DuckDBDoubleVector } from '@duckdb/node-api';
import { type Candle, type CandleColumns, candleColumns, toColumns } from '../../core/market/candle.ts';
import type { Sql, SqlValue } from './sql.ts';

const COLUMN_NAMES = ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const satisfies readonly (keyof CandleColumns)[];
const COLUMNS = 'open_time::DOUBLE, open, high, low, close, volume';

/** Reads whole candles. `clause` follows the table's name. Fetching a chunk gives the JS thread away, so a long read does not hold it. */
export async function readCandles(sql: Sql, table: string, clause: string, values: readonly SqlValue[]): Promise<Candle[]> {
  const result = await sql.run(`SELECT ${COLUMNS}, buy_volume, trade_count::DOUBLE, filled FROM ${table} ${clause}`, values);
  const candles: Candle[] = [];
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const [openTime, open, high, low, close, volume, buyVolume, tradeCount] = doubles(chunk, 8);
    const filled = chunk.getColumnVector(8) as DuckDBBooleanVector;
    for (let i = 0; i < chunk.rowCount; i++) {
      candles.push({
        openTime: openTime.getItem(i) as number,
        open: open.getItem(i) as number,
        high: high.getItem(i) as number,
        low: low.getItem(i) as number,
        close: close.getItem(i) as number,
        volume: volume.getItem(i) as number,
        buyVolume: buyVolume.getItem(i) as number,
        tradeCount: tradeCount.getItem(i) as number,
        filled: filled.getItem(i) as boolean,
      });
    }
  }
  return candles;
}

/** Reads candles as columns, without an object per candle. */
export async function readColumns(sql: Sql, table: string, clause: string, values: readonly SqlValue[]): Promise<CandleColumns> {
  const result = await sql.run(`SELECT ${COLUMNS} FROM ${table} ${clause}`, values);
  const columns = candleColumns(result.rowCount);
  let at = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [index, name] of COLUMN_NAMES.entries())
      copyDoubles(chunk.getColumnVector(index) as DuckDBDoubleVector, chunk.rowCount, columns[name], at);
    at += chunk.rowCount;
  }
  return columns;
}

/**
 * Copies a column that has no NULL. The library keeps its doubles in an array that it does not show: taking them from there is ten times as
 * fast as asking for one after the other, which is what is done should it keep them otherwise.
 */
function copyDoubles(from: DuckDBDoubleVector, count: number, into: Float64Array, at: number): void {
  const items: unknown = from['items'];
  if (items instanceof Float64Array) into.set(items.subarray(0, count), at);
  else for (let i = 0; i < count; i++) into[at + i] = from.getItem(i) as number;
}

type EightDoubles = readonly [
  DuckDBDoubleVector,
  DuckDBDoubleVector,
  DuckDBDoubleVector,
  DuckDBDoubleVector,
  DuckDBDoubleVector,
  DuckDBDoubleVector,
  DuckDBDoubleVector,
  DuckDBDoubleVector,
];

function doubles(chunk: DuckDBDataChunk, count: 8): EightDoubles {
  return Array.from({ length: count }, (_, index) => chunk.getColumnVector(index)) as unknown as EightDoubles;
}

/** One candle per open time, oldest first; where both have one, `newer` wins. */
export function mergeCandles(older: readonly Candle[], newer: readonly Candle[]): Candle[] {
  if (newer.length === 0) return once(older);
  const byTime = new Map<number, Candle>();
  for (const candle of older) byTime.set(candle.openTime, candle);
  for (const candle of newer) byTime.set(candle.openTime, candle);
  return [...byTime.values()].sort((a, b) => a.openTime - b.openTime);
}

/** As `mergeCandles`, for columns. */
export function mergeColumns(older: CandleColumns, newer: readonly Candle[]): CandleColumns {
  const sorted = mergeCandles([], newer);
  const firstNew = sorted[0];
  if (firstNew === undefined) return older;
  const added = toColumns(sorted);
  const kept = lowerBound(older.openTime, firstNew.openTime);
  const merged = candleColumns(older.openTime.length + sorted.length);
  for (const name of COLUMN_NAMES) merged[name].set(older[name].subarray(0, kept));
  // Beyond the first unwritten candle both sides are walked; as a rule nothing older is left there.
  let length = kept;
  let i = kept;
  let j = 0;
  while (i < older.openTime.length || j < sorted.length) {
    const timeOld = older.openTime[i] ?? Number.POSITIVE_INFINITY;
    const timeNew = added.openTime[j] ?? Number.POSITIVE_INFINITY;
    const takeNew = timeNew <= timeOld;
    for (const name of COLUMN_NAMES) merged[name][length] = (takeNew ? added[name][j] : older[name][i]) as number;
    length++;
    if (timeNew === timeOld) i++;
    if (takeNew) j++;
    else i++;
  }
  const result = candleColumns(length);
  for (const name of COLUMN_NAMES) result[name].set(merged[name].subarray(0, length));
  return result;
}

function once(sorted: readonly Candle[]): Candle[] {
  return sorted.filter((candle, i) => i === 0 || sorted[i - 1]?.openTime !== candle.openTime);
}

function lowerBound(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
