import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';
import { RollingExtreme } from './rolling-extreme.ts';
import { RollingMean } from './rolling-sum.ts';

/** Where a close lies in the range of the last n candles: 0 at the low, 1 at the high, ½ where there is no range. */
export class RangePosition {
  readonly #highest: RollingExtreme;
  readonly #lowest: RollingExtreme;

  constructor(length: number) {
    this.#highest = new RollingExtreme(length, 'highest');
    this.#lowest = new RollingExtreme(length, 'lowest');
  }

  step(bar: Bar, closed: boolean): number {
    const low = this.#lowest.step(bar.low, closed);
    const range = this.#highest.step(bar.high, closed) - low;
    return range === 0 ? 0.5 : (bar.close - low) / range;
  }
}

class Stochastic implements Indicator {
  readonly values = new Float64Array(2).fill(Number.NaN);
  readonly #position: RangePosition;
  readonly #k: RollingMean;
  readonly #d: RollingMean;

  constructor(length: number, smoothing: number, signal: number) {
    this.#position = new RangePosition(length);
    this.#k = new RollingMean(smoothing);
    this.#d = new RollingMean(signal);
  }

  step(bar: Bar, closed: boolean): void {
    const position = this.#position.step(bar, closed);
    if (Number.isNaN(position)) return;
    const k = this.#k.step(100 * position, closed);
    this.values[0] = k;
    if (!Number.isNaN(k)) this.values[1] = this.#d.step(k, closed);
  }
}

/**
 * Stochastic oscillator (Lane): %K is the close's place in the range of n candles, smoothed by a simple mean (3: "slow", 1: "fast");
 * %D is %K's simple mean. A range of nothing counts as 50.
 */
export const stochastic = defineIndicator({
  id: 'stochastic',
  name: 'Stochastic oscillator',
  short: 'Stoch',
  keywords: ['lane', '%k', '%d', 'momentum'],
  placement: 'pane',
  params: [
    period(14),
    { id: 'smoothing', name: '%K smoothing', default: 3, min: 1, max: 200, step: 1 },
    { id: 'signal', name: '%D length', default: 3, min: 1, max: 200, step: 1 },
  ],
  outputs: [
    { id: 'k', name: '%K', kind: 'line' },
    { id: 'd', name: '%D', kind: 'line' },
  ],
  levels: [20, 80],
  warmUp: (params) => params.period + params.smoothing + params.signal - 2,
  create: (params) => new Stochastic(params.period, params.smoothing, params.signal),
});

class WilliamsR implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #position: RangePosition;

  constructor(length: number) {
    this.#position = new RangePosition(length);
  }

  step(bar: Bar, closed: boolean): void {
    this.values[0] = 100 * (this.#position.step(bar, closed) - 1);
  }
}

/** Williams %R (L. Williams 1973): how far the close is below the highest high of n candles, in % of their range, from 0 down to −100. */
export const williamsR = defineIndicator({
  id: 'williamsR',
  name: 'Williams %R',
  short: '%R',
  keywords: ['momentum', 'oscillator'],
  placement: 'pane',
  params: [period(14)],
  outputs: [{ id: 'r', name: '%R', kind: 'line' }],
  levels: [-80, -20],
  warmUp: (params) => params.period,
  create: (params) => new WilliamsR(params.period),
});
