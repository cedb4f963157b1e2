import {
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBBigIntVector,
  type DuckDBBlobVector,
  type DuckDBBooleanVector,
  type DuckDBDoubleVector,
  type DuckDBVarCharVector,
  VARCHAR,
} from '@duckdb/node-api';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { number, type Sql, type SqlValue } from './sql.ts';

/** Rows of one chunk: the most work done on the JS thread in one go, about a millisecond. DuckDB takes up to 2,048. */
const CHUNK_ROWS = 1024;

export interface SeriesKey {
  readonly venue: string;
  readonly symbol: string;
}

/** `undefined` is stored as NULL. */
export type Column<R> =
  | { readonly name: string; readonly kind: 'text'; readonly of: (row: R, key: SeriesKey) => string }
  | { readonly name: string; readonly kind: 'integer'; readonly of: (row: R) => number | undefined }
  | { readonly name: string; readonly kind: 'double'; readonly of: (row: R) => number | undefined }
  | { readonly name: string; readonly kind: 'flag'; readonly of: (row: R) => boolean }
  | { readonly name: string; readonly kind: 'bytes'; readonly of: (row: R) => Uint8Array | undefined };

/** A table that is appended to in bulk. A row is known by its series, its time and its id; columns are in the table's order. */
export interface BulkTable<R> {
  readonly name: string;
  readonly columns: readonly Column<R>[];
  /** Columns that tell one series from another. */
  readonly keyColumns: readonly (keyof SeriesKey)[];
  readonly timeColumn: string;
  /** Absent where a series has one row per time. */
  readonly idColumn?: string;
  readonly timeOf: (row: R) => number;
  readonly idOf: (row: R) => number;
}

const TYPES = { text: VARCHAR, integer: BIGINT, double: DOUBLE, flag: BOOLEAN, bytes: BLOB } as const;

/** Time and id of a row; compared in that order. */
export interface Mark {
  readonly time: number;
  readonly id: number;
}

export function isAfter(row: Mark, mark: Mark): boolean {
  return row.time > mark.time || (row.time === mark.time && row.id > mark.id);
}

/** Appends rows of one series in the caller's transaction, chunk by chunk, giving the JS thread away between chunks. */
export async function appendRows<R>(sql: Sql, table: BulkTable<R>, key: SeriesKey, rows: readonly R[]): Promise<void> {
  // A transaction begins in earnest with its first table, and that waits while another connection's commit is being flushed to the
  // disk (seen: 3.5 s). A statement waits on a pool thread, createAppender on the JS thread; so a statement goes first.
  await sql.run(`SELECT 1 FROM ${table.name} LIMIT 0`);
  const appender = await sql.connection.createAppender(table.name);
  try {
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      if (from > 0) await nextTurn();
      appender.appendDataChunk(chunkOf(table, key, rows, from, Math.min(CHUNK_ROWS, rows.length - from)));
      appender.flushSync();
    }
  } catch (thrown) {
    // Or closing would try to write again what just failed.
    appender.clear();
    throw thrown;
  } finally {
    appender.closeSync();
  }
}

function chunkOf<R>(table: BulkTable<R>, key: SeriesKey, rows: readonly R[], from: number, count: number): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(
    table.columns.map((column) => TYPES[column.kind]),
    count,
  );
  table.columns.forEach((column, index) => {
    const vector = chunk.getColumnVector(index);
    switch (column.kind) {
      case 'text':
        for (let i = 0; i < count; i++) (vector as DuckDBVarCharVector).setItem(i, column.of(rows[from + i] as R, key));
        break;
      case 'integer':
        for (let i = 0; i < count; i++) {
          const value = column.of(rows[from + i] as R);
          (vector as DuckDBBigIntVector).setItem(i, value === undefined ? null : BigInt(value));
        }
        break;
      case 'double':
        for (let i = 0; i < count; i++) (vector as DuckDBDoubleVector).setItem(i, column.of(rows[from + i] as R) ?? null);
        break;
      case 'flag':
        for (let i = 0; i < count; i++) (vector as DuckDBBooleanVector).setItem(i, column.of(rows[from + i] as R));
        break;
      case 'bytes':
        for (let i = 0; i < count; i++) {
          const value = column.of(rows[from + i] as R);
          (vector as DuckDBBlobVector).setItem(i, value === undefined ? null : blobValue(value));
        }
        break;
    }
    vector.flush();
  });
  return chunk;
}

/** The newest stored row of a series. */
export async function newestMark<R>(sql: Sql, table: BulkTable<R>, key: SeriesKey): Promise<Mark | undefined> {
  const id = table.idColumn ?? '0';
  const [row] = await sql.rows(
    `SELECT ${table.timeColumn} AS time, ${id} AS id FROM ${table.name} WHERE ${whereSeries(table)} ORDER BY time DESC, id DESC LIMIT 1`,
    seriesValues(table, key),
  );
  return row === undefined ? undefined : { time: number(row, 'time'), id: number(row, 'id') };
}

/** Deletes the rows of a series that have one of these marks. */
export async function deleteMarks<R>(sql: Sql, table: BulkTable<R>, key: SeriesKey, marks: readonly Mark[]): Promise<void> {
  if (marks.length === 0) return;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const mark of marks) {
    first = Math.min(first, mark.time);
    last = Math.max(last, mark.time);
  }
  const next = table.keyColumns.length + 1;
  const values: SqlValue[] = [...seriesValues(table, key), BigInt(first), BigInt(last), marks.map((mark) => BigInt(mark.time))];
  const ofId = table.idColumn === undefined ? '' : `, ${table.idColumn}`;
  const unnestId = table.idColumn === undefined ? '' : `, unnest($${next + 3})`;
  if (table.idColumn !== undefined) values.push(marks.map((mark) => BigInt(mark.id)));
  // The span first: it lets DuckDB skip row groups, which the list does not.
  await sql.run(
    `DELETE FROM ${table.name} WHERE ${whereSeries(table)} AND ${table.timeColumn} BETWEEN $${next} AND $${next + 1}
       AND (${table.timeColumn}${ofId}) IN (SELECT unnest($${next + 2})${unnestId})`,
    values,
  );
}

function whereSeries<R>(table: BulkTable<R>): string {
  return table.keyColumns.map((name, index) => `${name} = $${index + 1}`).join(' AND ');
}

function seriesValues<R>(table: BulkTable<R>, key: SeriesKey): SqlValue[] {
  return table.keyColumns.map((name) => key[name]);
}
