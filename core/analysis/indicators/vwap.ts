import { type Bar, defineIndicator, type Indicator, period, typicalPrice } from './indicator.ts';
import { RollingSum } from './rolling-sum.ts';

const DAY_MS = 86_400_000;

class SessionVwap implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  #day = Number.NaN;
  #turnover = 0;
  #volume = 0;

  step(bar: Bar, closed: boolean): void {
    const day = Math.floor(bar.openTime / DAY_MS);
    const price = typicalPrice(bar);
    const isSame = day === this.#day;
    const turnover = (isSame ? this.#turnover : 0) + price * bar.volume;
    const volume = (isSame ? this.#volume : 0) + bar.volume;
    this.values[0] = volume === 0 ? price : turnover / volume;
    if (!closed) return;
    this.#day = day;
    this.#turnover = turnover;
    this.#volume = volume;
  }
}

/**
 * Volume-weighted average price of the session, which is the UTC day: Σ typical price·volume / Σ volume since 00:00, of the candles that
 * are known. The typical price before the day's first trade. The first day known may begin in its middle.
 */
export const vwap = defineIndicator({
  id: 'vwap',
  name: 'VWAP, UTC day',
  short: 'VWAP',
  keywords: ['session', 'volume-weighted average price', 'anchored'],
  placement: 'overlay',
  params: [],
  outputs: [{ id: 'vwap', name: 'VWAP', kind: 'line' }],
  warmUp: () => 1,
  create: () => new SessionVwap(),
});

class RollingVwap implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #turnover: RollingSum;
  readonly #volume: RollingSum;

  constructor(length: number) {
    this.#turnover = new RollingSum(length);
    this.#volume = new RollingSum(length);
  }

  step(bar: Bar, closed: boolean): void {
    const price = typicalPrice(bar);
    const turnover = this.#turnover.step(price * bar.volume, closed);
    const volume = this.#volume.step(bar.volume, closed);
    this.values[0] = volume === 0 ? price : turnover / volume;
  }
}

/** Volume-weighted average price of the last n candles; the typical price where none of them traded. */
export const rollingVwap = defineIndicator({
  id: 'rollingVwap',
  name: 'VWAP, rolling',
  short: 'RVWAP',
  keywords: ['volume-weighted average price', 'moving'],
  placement: 'overlay',
  params: [period(60, 'Length', 1)],
  outputs: [{ id: 'vwap', name: 'VWAP', kind: 'line' }],
  warmUp: (params) => params.period,
  create: (params) => new RollingVwap(params.period),
});
