import { type ExponentialMean, exponentialMean } from './exponential-mean.ts';
import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';

class Ema implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #mean: ExponentialMean;

  constructor(length: number) {
    this.#mean = exponentialMean(length);
  }

  step(bar: Bar, closed: boolean): void {
    this.values[0] = this.#mean.step(bar.close, closed);
  }
}

/** Exponential moving average of the close with α = 2 / (n + 1), begun with the simple mean of the first n closes. */
export const ema = defineIndicator({
  id: 'ema',
  name: 'Exponential moving average',
  short: 'EMA',
  keywords: ['mean', 'ma'],
  placement: 'overlay',
  params: [period(20, 'Length', 1)],
  outputs: [{ id: 'ema', name: 'EMA', kind: 'line' }],
  warmUp: (params) => params.period,
  create: (params) => new Ema(params.period),
});
