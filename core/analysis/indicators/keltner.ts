import { AverageTrueRange } from './atr.ts';
import { type ExponentialMean, exponentialMean } from './exponential-mean.ts';
import { type Bar, defineIndicator, type Indicator, multiplier, period } from './indicator.ts';

class Keltner implements Indicator {
  readonly values = new Float64Array(3).fill(Number.NaN);
  readonly #mean: ExponentialMean;
  readonly #range: AverageTrueRange;
  readonly #width: number;

  constructor(length: number, rangeLength: number, width: number) {
    this.#mean = exponentialMean(length);
    this.#range = new AverageTrueRange(rangeLength);
    this.#width = width;
  }

  step(bar: Bar, closed: boolean): void {
    const mean = this.#mean.step(bar.close, closed);
    const away = this.#width * this.#range.step(bar, closed);
    this.values[0] = mean + away;
    this.values[1] = mean;
    this.values[2] = mean - away;
  }
}

/** Keltner channels in Raschke's form: EMA(n) of the close ± k average true ranges (Keltner's own of 1960 took SMA(10) of high − low). */
export const keltner = defineIndicator({
  id: 'keltner',
  name: 'Keltner channels',
  short: 'KC',
  keywords: ['raschke', 'volatility', 'band'],
  placement: 'overlay',
  params: [
    period(20, 'Length', 1),
    { id: 'rangePeriod', name: 'ATR length', default: 10, min: 1, max: 1_000, step: 1 },
    multiplier(2, 'ATR multiple'),
  ],
  outputs: [
    { id: 'upper', name: 'Upper', kind: 'band' },
    { id: 'middle', name: 'Middle', kind: 'line' },
    { id: 'lower', name: 'Lower', kind: 'band' },
  ],
  warmUp: (params) => Math.max(params.period, params.rangePeriod),
  create: (params) => new Keltner(params.period, params.rangePeriod, params.multiplier),
});
