import type { EpochMs } from '../../core/base/clock.ts';
import { type ChartCandle, indexAtOrBefore } from './candle-series.ts';

/** Index, on the chart's bar axis, of the candle that covers `time`; extrapolated outside of the loaded candles. */
export function barIndexOf(candles: readonly ChartCandle[], timeframeMs: number, time: EpochMs): number {
  const first = candles[0];
  const last = candles.at(-1);
  if (first === undefined || last === undefined) return Number.NaN;
  if (time < first.openTime) return -Math.ceil((first.openTime - time) / timeframeMs);
  if (time >= last.openTime + timeframeMs) return candles.length - 1 + Math.floor((time - last.openTime) / timeframeMs);
  return indexAtOrBefore(candles, time);
}

/** Exact, fractional place of `time` on the bar axis, where candle i reaches from i − ½ to i + ½. */
export function exactIndexOf(candles: readonly ChartCandle[], timeframeMs: number, time: EpochMs): number {
  const first = candles[0];
  const last = candles.at(-1);
  if (first === undefined || last === undefined) return Number.NaN;
  if (time < first.openTime) return -0.5 - (first.openTime - time) / timeframeMs;
  const index = indexAtOrBefore(candles, time);
  const fraction = (time - (candles[index] as ChartCandle).openTime) / timeframeMs;
  // Inside a gap of missing candles everything lies at the edge of the candle before it.
  return index === candles.length - 1 ? index - 0.5 + fraction : index - 0.5 + Math.min(fraction, 1);
}

/** Open time at a whole index of the bar axis. */
export function timeOfIndex(candles: readonly ChartCandle[], timeframeMs: number, index: number): EpochMs | undefined {
  const first = candles[0];
  const last = candles.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (index < 0) return first.openTime + index * timeframeMs;
  if (index >= candles.length) return last.openTime + (index - candles.length + 1) * timeframeMs;
  return (candles[index] as ChartCandle).openTime;
}
