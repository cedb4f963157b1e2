import { number, type Sql, text } from './sql.ts';

export interface CacheBounds {
  readonly cacheMb: number;
  readonly memoryLimitMb: number;
}

const MB = 1_000_000;

/**
 * Settings with which a DuckDB returns freed memory to the system within seconds. Otherwise its allocator (on Linux) does so only in passing,
 * while more is asked for: one that had turned 42 MB of events into Parquet and then rested kept 200 to 300 MB for good.
 */
export const GIVE_MEMORY_BACK = { allocator_background_threads: 'true' } as const;

/**
 * Has DuckDB drop what it keeps of the file's blocks beyond `cacheMb`, down to half of that. Lowered, its memory limit drops blocks of
 * the file before anything else, and those need not be written. No other connection may have a statement under way.
 */
export async function trimBlockCache(sql: Sql, { cacheMb, memoryLimitMb }: CacheBounds): Promise<void> {
  const rows = await sql.rows('SELECT tag, memory_usage_bytes::DOUBLE AS bytes FROM duckdb_memory()');
  const cached = rows.reduce((sum, row) => (text(row, 'tag') === 'BASE_TABLE' ? sum + number(row, 'bytes') : sum), 0);
  if (cached <= cacheMb * MB) return;
  const all = rows.reduce((sum, row) => sum + number(row, 'bytes'), 0);
  try {
    await sql.run(`SET memory_limit = '${Math.ceil(all - cached + (cacheMb * MB) / 2)}B'`);
  } finally {
    await sql.run(`SET memory_limit = '${memoryLimitMb}MB'`);
  }
}
