import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';

class Roc implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #ring: Float64Array;
  #at = 0;

  constructor(length: number) {
    this.#ring = new Float64Array(length).fill(Number.NaN);
  }

  step(bar: Bar, closed: boolean): void {
    const before = this.#ring[this.#at] as number;
    this.values[0] = (100 * (bar.close - before)) / before;
    if (!closed) return;
    this.#ring[this.#at] = bar.close;
    this.#at = this.#at + 1 === this.#ring.length ? 0 : this.#at + 1;
  }
}

/** Rate of change: how many % the close lies above the one n candles ago. */
export const roc = defineIndicator({
  id: 'roc',
  name: 'Rate of change',
  short: 'ROC',
  keywords: ['momentum', 'return'],
  placement: 'pane',
  params: [period(12, 'Length', 1)],
  outputs: [{ id: 'roc', name: 'ROC', kind: 'line' }],
  levels: [0],
  warmUp: (params) => params.period + 1,
  create: (params) => new Roc(params.period),
});
