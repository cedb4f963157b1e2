import type { FlowBars } from './flow-bars.ts';

/** Bars in [from, to). */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Stretches of the bars first … last, as far as there are candles, that have no candle or one whose value is not known. */
export function unknownRuns(bars: FlowBars, first: number, last: number, isKnown: (index: number) => boolean): Run[] {
  const runs: Run[] = [];
  const add = (from: number, to: number): void => {
    const before = runs.at(-1);
    if (before?.to === from) runs[runs.length - 1] = { from: before.from, to };
    else runs.push({ from, to });
  };
  let expected = Math.max(first, bars.oldestBar);
  const end = Math.min(last, bars.newestBar);
  for (let i = bars.indexFrom(expected); i < bars.candles.length; i++) {
    const bar = bars.barOf(bars.candles[i]?.openTime ?? 0);
    if (bar > end) break;
    if (bar > expected) add(expected, bar);
    if (!isKnown(i)) add(bar, bar + 1);
    expected = bar + 1;
  }
  if (bars.candles.length > 0 && expected <= end) add(expected, end + 1);
  return runs;
}
