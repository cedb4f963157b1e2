import { type Bar, defineIndicator, type Indicator } from './indicator.ts';

class Obv implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  #total = 0;
  #previous = Number.NaN;

  step(bar: Bar, closed: boolean): void {
    let total = this.#total;
    if (bar.close > this.#previous) total += bar.volume;
    else if (bar.close < this.#previous) total -= bar.volume;
    this.values[0] = total;
    if (!closed) return;
    this.#total = total;
    this.#previous = bar.close;
  }
}

/** On-balance volume (Granville 1963): volume added up with the sign of the close's change, from 0 at the first candle known. Only its changes mean something. */
export const obv = defineIndicator({
  id: 'obv',
  name: 'On-balance volume',
  short: 'OBV',
  keywords: ['granville', 'flow'],
  placement: 'pane',
  params: [],
  outputs: [{ id: 'obv', name: 'OBV', kind: 'line' }],
  warmUp: () => 1,
  create: () => new Obv(),
});
