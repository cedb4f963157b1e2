import { existsSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { fail, ok, reasonOf, type Result } from '../../core/base/result.ts';
import type { LabInstrument } from '../instruments.ts';
import { Recording } from './recording.ts';

/**
 * Reads each instrument's `<SYMBOL>-1m.parquet` from the first of `folders` that has one; folders that do not exist are passed over.
 * Columns as scripts/data/write-parquet.mjs writes them. Fails with LAB_DATA_MISSING or LAB_DATA_DAMAGED.
 */
export async function readRecordings(
  instruments: readonly LabInstrument[],
  folders: readonly string[],
): Promise<Result<Recording[]>> {
  const files: string[] = [];
  for (const { symbol } of instruments) {
    const file = folders.map((folder) => path.join(folder, `${symbol}-1m.parquet`)).find((candidate) => existsSync(candidate));
    if (file === undefined) {
      return fail(
        'LAB_DATA_MISSING',
        `No recorded prices of ${symbol}: none of ${folders.join(', ') || 'the data folders (none given)'} has ${symbol}-1m.parquet. Reinstall the app, or run npm run data:sample.`,
      );
    }
    files.push(file);
  }
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const recordings: Recording[] = [];
    for (let i = 0; i < files.length; i++) {
      const instrument = instruments[i] as LabInstrument;
      const file = files[i] as string;
      try {
        const ticks = (column: string): string => `(${column} * ${10 ** instrument.tickDecimals})::INTEGER`;
        const reader = await connection.runAndReadAll(
          `SELECT open_time_ms::DOUBLE, ${ticks('open')}, ${ticks('high')}, ${ticks('low')}, ${ticks('close')}, (volume * ${10 ** instrument.lotDecimals})::BIGINT::DOUBLE
           FROM read_parquet('${file.replaceAll("'", "''")}') ORDER BY open_time_ms`,
        );
        const [openTime = [], open = [], high = [], low = [], close = [], lots = []] = reader.getColumns() as number[][];
        recordings.push(
          new Recording(instrument, {
            openTime: Float64Array.from(openTime),
            open: Int32Array.from(open),
            high: Int32Array.from(high),
            low: Int32Array.from(low),
            close: Int32Array.from(close),
            lots: Float64Array.from(lots),
          }),
        );
      } catch (thrown) {
        return fail(
          'LAB_DATA_DAMAGED',
          `${file} cannot be played: ${reasonOf(thrown)}. Run npm run data:sample to make it anew.`,
        );
      }
    }
    return ok(recordings);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
