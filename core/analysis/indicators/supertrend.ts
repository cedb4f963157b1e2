import { AverageTrueRange } from './atr.ts';
import { type Bar, defineIndicator, type Indicator, multiplier, period } from './indicator.ts';

class Supertrend implements Indicator {
  readonly values = new Float64Array(2).fill(Number.NaN);
  readonly #range: AverageTrueRange;
  readonly #width: number;
  #upper = Number.POSITIVE_INFINITY;
  #lower = Number.NEGATIVE_INFINITY;
  #close = Number.NaN;
  #isRising = true;

  constructor(length: number, width: number) {
    this.#range = new AverageTrueRange(length);
    this.#width = width;
  }

  step(bar: Bar, closed: boolean): void {
    const away = this.#width * this.#range.step(bar, closed);
    if (Number.isNaN(away)) {
      if (closed) this.#close = bar.close;
      return;
    }
    const middle = (bar.high + bar.low) / 2;
    // A band only comes nearer, until the close before went through it.
    const upper = middle + away < this.#upper || this.#close > this.#upper ? middle + away : this.#upper;
    const lower = middle - away > this.#lower || this.#close < this.#lower ? middle - away : this.#lower;
    const isRising = this.#isRising ? bar.close >= lower : bar.close > upper;
    this.values[0] = isRising ? lower : Number.NaN;
    this.values[1] = isRising ? Number.NaN : upper;
    if (!closed) return;
    this.#upper = upper;
    this.#lower = lower;
    this.#close = bar.close;
    this.#isRising = isRising;
  }
}

/**
 * Supertrend (Seban): a stop k average true ranges below the middle of rising candles, or above that of falling ones; it never moves
 * away, and the close beyond it turns the trend. Begins as rising. One of the two outputs has a value at a time.
 */
export const supertrend = defineIndicator({
  id: 'supertrend',
  name: 'Supertrend',
  short: 'ST',
  keywords: ['seban', 'atr', 'trailing stop', 'trend'],
  placement: 'overlay',
  params: [period(10, 'ATR length', 1), multiplier(3, 'ATR multiple')],
  outputs: [
    { id: 'up', name: 'Rising', kind: 'line', intermittent: true },
    { id: 'down', name: 'Falling', kind: 'line', intermittent: true },
  ],
  warmUp: (params) => params.period,
  create: (params) => new Supertrend(params.period, params.multiplier),
});
