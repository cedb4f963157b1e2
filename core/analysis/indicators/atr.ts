import { type ExponentialMean, wilderMean } from './exponential-mean.ts';
import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';

/** Wilder's true range: the candle's range, extended to the close before it. */
export function trueRange(bar: Bar, previousClose: number): number {
  // The first candle has no close before it; comparisons with NaN leave its own range.
  const high = previousClose > bar.high ? previousClose : bar.high;
  const low = previousClose < bar.low ? previousClose : bar.low;
  return high - low;
}

/** The average true range as a part of other indicators. */
export class AverageTrueRange {
  readonly #mean: ExponentialMean;
  #previousClose = Number.NaN;

  constructor(length: number) {
    this.#mean = wilderMean(length);
  }

  step(bar: Bar, closed: boolean): number {
    const range = trueRange(bar, this.#previousClose);
    if (closed) this.#previousClose = bar.close;
    return this.#mean.step(range, closed);
  }
}

class Atr implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #average: AverageTrueRange;

  constructor(length: number) {
    this.#average = new AverageTrueRange(length);
  }

  step(bar: Bar, closed: boolean): void {
    this.values[0] = this.#average.step(bar, closed);
  }
}

/**
 * Average true range (Wilder 1978) by Wilder's smoothing, begun with the mean of the first n true ranges. The very first candle's is its
 * high − low (TA-Lib leaves that candle out). Over a gap the true range reaches to the last close before it.
 */
export const atr = defineIndicator({
  id: 'atr',
  name: 'Average true range',
  short: 'ATR',
  keywords: ['wilder', 'volatility'],
  placement: 'pane',
  params: [period(14, 'Length', 1)],
  outputs: [{ id: 'atr', name: 'ATR', kind: 'line' }],
  warmUp: (params) => params.period,
  create: (params) => new Atr(params.period),
});
