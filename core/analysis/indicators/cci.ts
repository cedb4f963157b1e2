import { type Bar, defineIndicator, type Indicator, period, typicalPrice } from './indicator.ts';
import { RollingSum } from './rolling-sum.ts';

/** Lambert's constant, with which 70 to 80 % of the values fall between −100 and 100. */
const SCALE = 0.015;

/** The mean deviation about a mean that moves has to be summed anew: one candle costs O(n), however many came before. */
class Cci implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #sum: RollingSum;
  readonly #ring: Float64Array;
  #at = 0;

  constructor(length: number) {
    this.#sum = new RollingSum(length);
    this.#ring = new Float64Array(length);
  }

  step(bar: Bar, closed: boolean): void {
    const ring = this.#ring;
    const price = typicalPrice(bar);
    const mean = this.#sum.step(price, closed) / ring.length;
    let away = Math.abs(price - mean);
    for (let i = 0; i < ring.length; i++) if (i !== this.#at) away += Math.abs((ring[i] as number) - mean);
    this.values[0] = away === 0 ? 0 : (price - mean) / (SCALE * (away / ring.length));
    if (!closed) return;
    ring[this.#at] = price;
    this.#at = this.#at + 1 === ring.length ? 0 : this.#at + 1;
  }
}

/** Commodity channel index (Lambert 1980): the typical price's distance from its SMA(n) over 0.015 mean absolute deviations; 0 where nothing moves. */
export const cci = defineIndicator({
  id: 'cci',
  name: 'Commodity channel index',
  short: 'CCI',
  keywords: ['lambert', 'momentum', 'oscillator'],
  placement: 'pane',
  params: [period(20)],
  outputs: [{ id: 'cci', name: 'CCI', kind: 'line' }],
  levels: [-100, 100],
  warmUp: (params) => params.period,
  create: (params) => new Cci(params.period),
});
