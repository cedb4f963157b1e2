import { nextNormal, SplitMix32 } from '../base/rng.ts';
import { candleColumns, type CandleColumns } from '../market/candle.ts';

/**
 * Test data: `length` valid 1m candles from `start`, a seeded random walk around 200. Minutes whose offset is in `missing` are
 * left out.
 */
export function randomWalk(seed: number, length: number, start = 0, missing: ReadonlySet<number> = new Set()): CandleColumns {
  const rng = new SplitMix32(seed);
  const columns = candleColumns(length - [...missing].filter((offset) => offset >= 0 && offset < length).length);
  let price = 200;
  let at = 0;
  for (let offset = 0; offset < length; offset++) {
    const open = price;
    price *= Math.exp(0.001 * nextNormal(rng));
    const high = Math.max(open, price) * (1 + 0.0005 * rng.next());
    const low = Math.min(open, price) * (1 - 0.0005 * rng.next());
    const volume = 100 * rng.next();
    if (missing.has(offset)) continue;
    columns.openTime[at] = start + offset * 60_000;
    columns.open[at] = open;
    columns.high[at] = high;
    columns.low[at] = low;
    columns.close[at] = price;
    columns.volume[at] = volume;
    at++;
  }
  return columns;
}

/** The first `length` candles, in arrays of their own. */
export function truncated(columns: CandleColumns, length: number): CandleColumns {
  return {
    openTime: columns.openTime.slice(0, length),
    open: columns.open.slice(0, length),
    high: columns.high.slice(0, length),
    low: columns.low.slice(0, length),
    close: columns.close.slice(0, length),
    volume: columns.volume.slice(0, length),
  };
}
