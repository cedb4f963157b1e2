import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';
import { RollingMean } from './rolling-sum.ts';

class Sma implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #mean: RollingMean;

  constructor(length: number) {
    this.#mean = new RollingMean(length);
  }

  step(bar: Bar, closed: boolean): void {
    this.values[0] = this.#mean.step(bar.close, closed);
  }
}

/** Simple moving average: the mean of the last n closes. */
export const sma = defineIndicator({
  id: 'sma',
  name: 'Simple moving average',
  short: 'SMA',
  keywords: ['mean', 'ma'],
  placement: 'overlay',
  params: [period(20, 'Length', 1)],
  outputs: [{ id: 'sma', name: 'SMA', kind: 'line' }],
  warmUp: (params) => params.period,
  create: (params) => new Sma(params.period),
});
