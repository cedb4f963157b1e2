import type { CandlePage } from '../../core/contracts/market-views.ts';
import { type EpochMs } from '../../core/base/clock.ts';

export type ChartCandle = CandlePage['candles'][number];

/** Position of `time` among the ascending open times: the index of the last candle that opened at or before it, −1 before the first. */
export function indexAtOrBefore(candles: readonly { readonly openTime: EpochMs }[], time: EpochMs): number {
  let low = 0;
  let high = candles.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((candles[middle] as { openTime: EpochMs }).openTime <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Both ascending; where both hold a candle, the one in `newer` counts. */
export function mergeCandles(older: readonly ChartCandle[], newer: readonly ChartCandle[]): ChartCandle[] {
  const merged: ChartCandle[] = [];
  let i = 0;
  let j = 0;
  while (i < older.length || j < newer.length) {
    const a = older[i];
    const b = newer[j];
    if (b === undefined || (a !== undefined && a.openTime < b.openTime)) {
      merged.push(a as ChartCandle);
      i++;
    } else {
      merged.push(b);
      j++;
      if (a !== undefined && a.openTime === b.openTime) i++;
    }
  }
  return merged;
}
