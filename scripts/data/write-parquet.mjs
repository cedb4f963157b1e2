import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/**
 * Writes candles as Parquet: open_time_ms BIGINT (Unix epoch, UTC), open/high/low/close DECIMAL(9,2) in quote units,
 * volume DECIMAL(18,6) in base units; oldest first. Decimals hold the recorded text exactly: a value that would be rounded fails the import.
 * Returns the file's size in bytes. The file appears whole or not at all.
 */
export async function writeCandles(file, candles) {
  mkdirSync(path.dirname(file), { recursive: true });
  const csv = `${file}.csv.partial`;
  const partial = `${file}.partial`;
  const lines = ['open_time_ms,open,high,low,close,volume'];
  for (const c of candles) lines.push(`${c.openTime},${c.open},${c.high},${c.low},${c.close},${c.volume}`);
  writeFileSync(csv, `${lines.join('\n')}\n`);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const types =
      "{'open_time_ms':'BIGINT','open':'DECIMAL(18,8)','high':'DECIMAL(18,8)','low':'DECIMAL(18,8)','close':'DECIMAL(18,8)','volume':'DECIMAL(18,8)'}";
    await connection.run(`CREATE TABLE exact AS SELECT * FROM read_csv('${quoted(csv)}', header = true, columns = ${types})`);
    await connection.run(
      `CREATE TABLE candles AS SELECT open_time_ms, open::DECIMAL(9,2) AS open, high::DECIMAL(9,2) AS high,
       low::DECIMAL(9,2) AS low, close::DECIMAL(9,2) AS close, volume::DECIMAL(18,6) AS volume FROM exact`,
    );
    const check = await connection.runAndReadAll(
      `SELECT count(*) FROM exact e JOIN candles c USING (open_time_ms) WHERE e.open = c.open AND e.high = c.high
       AND e.low = c.low AND e.close = c.close AND e.volume = c.volume`,
    );
    const same = Number(check.getRows()[0][0]);
    if (same !== candles.length) throw new Error(`${candles.length - same} candles would be rounded: ${file} is not written`);
    await connection.run(
      `COPY (SELECT * FROM candles ORDER BY open_time_ms) TO '${quoted(partial)}'
       (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19, PARQUET_VERSION v2, ROW_GROUP_SIZE 1000000)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(csv, { force: true });
  }
  renameSync(partial, file);
  return statSync(file).size;
}

function quoted(text) {
  return text.replaceAll("'", "''");
}
