import { type Bar, defineIndicator, type Indicator } from './indicator.ts';

class ParabolicSar implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #start: number;
  readonly #most: number;
  /** Candles taken, no more than 2 counted. */
  #count = 0;
  #isLong = true;
  #sar = Number.NaN;
  #extreme = Number.NaN;
  #factor: number;
  /** Of the newest and the one before it. */
  #high = Number.NaN;
  #low = Number.NaN;
  #high2 = Number.NaN;
  #low2 = Number.NaN;

  constructor(start: number, most: number) {
    this.#start = start;
    this.#most = most;
    this.#factor = start;
  }

  step(bar: Bar, closed: boolean): void {
    if (this.#count === 0) {
      if (closed) this.#remember(bar);
      return;
    }
    let isLong = this.#isLong;
    let sar: number;
    let extreme = this.#extreme;
    let factor = this.#factor;
    if (this.#count === 1) {
      isLong = !(this.#low - bar.low > 0 && this.#low - bar.low > bar.high - this.#high);
      sar = isLong ? this.#low : this.#high;
      extreme = isLong ? this.#high : this.#low;
    } else {
      sar = this.#sar + factor * (extreme - this.#sar);
      // Never into the range of the two candles before.
      sar = isLong ? Math.min(sar, this.#low, this.#low2) : Math.max(sar, this.#high, this.#high2);
    }
    if (isLong ? bar.low <= sar : bar.high >= sar) {
      isLong = !isLong;
      // Stopped and reversed: the new stop is the extreme of the trade that ended, this candle included.
      sar = isLong ? Math.min(extreme, bar.low, this.#low) : Math.max(extreme, bar.high, this.#high);
      extreme = isLong ? bar.high : bar.low;
      factor = this.#start;
    } else if (isLong ? bar.high > extreme : bar.low < extreme) {
      extreme = isLong ? bar.high : bar.low;
      if (this.#count > 1) factor = Math.min(factor + this.#start, this.#most);
    }
    this.values[0] = sar;
    if (!closed) return;
    this.#isLong = isLong;
    this.#sar = sar;
    this.#extreme = extreme;
    this.#factor = factor;
    this.#remember(bar);
  }

  #remember(bar: Bar): void {
    this.#high2 = this.#count === 0 ? bar.high : this.#high;
    this.#low2 = this.#count === 0 ? bar.low : this.#low;
    this.#high = bar.high;
    this.#low = bar.low;
    if (this.#count < 2) this.#count++;
  }
}

/**
 * Parabolic stop and reverse (Wilder 1978): the stop moves towards the trade's extreme by an acceleration factor that grows with each new
 * extreme, and reverses when it is touched. The first direction is the larger directional movement between the first two candles.
 */
export const parabolicSar = defineIndicator({
  id: 'parabolicSar',
  name: 'Parabolic SAR',
  short: 'SAR',
  keywords: ['wilder', 'stop and reverse', 'trailing stop', 'trend'],
  placement: 'overlay',
  params: [
    { id: 'step', name: 'Acceleration', default: 0.02, min: 0.001, max: 0.5, step: 0.001 },
    { id: 'max', name: 'Most acceleration', default: 0.2, min: 0.001, max: 1, step: 0.001 },
  ],
  outputs: [{ id: 'sar', name: 'SAR', kind: 'dots' }],
  warmUp: () => 2,
  create: (params) => new ParabolicSar(params.step, Math.max(params.step, params.max)),
});
