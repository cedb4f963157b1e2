import { type Bar, defineIndicator, type Indicator, period, typicalPrice } from './indicator.ts';
import { RollingSum } from './rolling-sum.ts';

class Mfi implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #inflow: RollingSum;
  readonly #outflow: RollingSum;
  #previous = Number.NaN;

  constructor(length: number) {
    this.#inflow = new RollingSum(length);
    this.#outflow = new RollingSum(length);
  }

  step(bar: Bar, closed: boolean): void {
    const price = typicalPrice(bar);
    const previous = this.#previous;
    if (closed) this.#previous = price;
    if (Number.isNaN(previous)) return;
    const flow = price * bar.volume;
    const inflow = this.#inflow.step(price > previous ? flow : 0, closed);
    const outflow = this.#outflow.step(price < previous ? flow : 0, closed);
    const total = inflow + outflow;
    this.values[0] = total === 0 ? 50 : (100 * inflow) / total;
  }
}

/** Money flow index (Quong and Soudack 1989): the share of turnover at a rising typical price over n candles, in %; 50 where there was none. */
export const mfi = defineIndicator({
  id: 'mfi',
  name: 'Money flow index',
  short: 'MFI',
  keywords: ['volume', 'oscillator'],
  placement: 'pane',
  params: [period(14)],
  outputs: [{ id: 'mfi', name: 'MFI', kind: 'line' }],
  levels: [20, 80],
  warmUp: (params) => params.period + 1,
  create: (params) => new Mfi(params.period),
});
