import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';
import { RollingSum } from './rolling-sum.ts';

class Vwma implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #turnover: RollingSum;
  readonly #volume: RollingSum;

  constructor(length: number) {
    this.#turnover = new RollingSum(length);
    this.#volume = new RollingSum(length);
  }

  step(bar: Bar, closed: boolean): void {
    const turnover = this.#turnover.step(bar.close * bar.volume, closed);
    const volume = this.#volume.step(bar.volume, closed);
    this.values[0] = volume === 0 ? bar.close : turnover / volume;
  }
}

/** Volume-weighted moving average: Σ close·volume / Σ volume over n candles; the close where none of them traded. */
export const vwma = defineIndicator({
  id: 'vwma',
  name: 'Volume-weighted moving average',
  short: 'VWMA',
  keywords: ['mean', 'ma'],
  placement: 'overlay',
  params: [period(20, 'Length', 1)],
  outputs: [{ id: 'vwma', name: 'VWMA', kind: 'line' }],
  warmUp: (params) => params.period,
  create: (params) => new Vwma(params.period),
});
