import { type Bar, defineIndicator, type Indicator, multiplier, period } from './indicator.ts';
import { RollingMoments } from './rolling-moments.ts';

class Bollinger implements Indicator {
  readonly values = new Float64Array(3).fill(Number.NaN);
  readonly #moments: RollingMoments;
  readonly #width: number;

  constructor(length: number, width: number) {
    this.#moments = new RollingMoments(length);
    this.#width = width;
  }

  step(bar: Bar, closed: boolean): void {
    const moments = this.#moments;
    moments.step(bar.close, closed);
    const away = this.#width * moments.deviation;
    this.values[0] = moments.mean + away;
    this.values[1] = moments.mean;
    this.values[2] = moments.mean - away;
  }
}

/** Bollinger bands (Bollinger on Bollinger Bands, 2001): SMA(n) of the close ± k population standard deviations of the same n closes. */
export const bollinger = defineIndicator({
  id: 'bollinger',
  name: 'Bollinger bands',
  short: 'BB',
  keywords: ['deviation', 'volatility', 'channel'],
  placement: 'overlay',
  params: [period(20), multiplier(2, 'Deviations')],
  outputs: [
    { id: 'upper', name: 'Upper', kind: 'band' },
    { id: 'middle', name: 'Middle', kind: 'line' },
    { id: 'lower', name: 'Lower', kind: 'band' },
  ],
  warmUp: (params) => params.period,
  create: (params) => new Bollinger(params.period, params.multiplier),
});
