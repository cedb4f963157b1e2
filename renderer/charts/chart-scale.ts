import type { EpochMs } from '../../core/base/clock.ts';
import type { ChartCandle } from './candle-series.ts';

/**
 * Where times and prices lie on the chart, in CSS pixels from the plot's top left.
 * Times between candles, in gaps and beyond the newest candle are extrapolated by the timeframe.
 */
export interface ChartScale {
  /** Centre of the candle that covers `time`. */
  barX(time: EpochMs): number;
  /** Exact place of `time`: a candle's left edge is its open time. */
  timeX(time: EpochMs): number;
  priceY(price: number): number | undefined;
  /** Open time of the candle under `x`; beyond the newest candle it is extrapolated. */
  timeAt(x: number): EpochMs | undefined;
  priceAt(y: number): number | undefined;
  candleAt(x: number): ChartCandle | undefined;
  readonly width: number;
  readonly height: number;
}
