import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';
import { RollingExtreme } from './rolling-extreme.ts';

/** The middle of the range of the last n candles, and that range, as a part of indicators. */
export class RangeMiddle {
  /** Of the newest `step`. */
  high = Number.NaN;
  low = Number.NaN;
  readonly #highest: RollingExtreme;
  readonly #lowest: RollingExtreme;

  constructor(length: number) {
    this.#highest = new RollingExtreme(length, 'highest');
    this.#lowest = new RollingExtreme(length, 'lowest');
  }

  step(bar: Bar, closed: boolean): number {
    this.high = this.#highest.step(bar.high, closed);
    this.low = this.#lowest.step(bar.low, closed);
    return (this.high + this.low) / 2;
  }
}

class Donchian implements Indicator {
  readonly values = new Float64Array(3).fill(Number.NaN);
  readonly #range: RangeMiddle;

  constructor(length: number) {
    this.#range = new RangeMiddle(length);
  }

  step(bar: Bar, closed: boolean): void {
    const middle = this.#range.step(bar, closed);
    this.values[0] = this.#range.high;
    this.values[1] = middle;
    this.values[2] = this.#range.low;
  }
}

/** Donchian channels: highest high and lowest low of the last n candles, the newest included, and their middle. */
export const donchian = defineIndicator({
  id: 'donchian',
  name: 'Donchian channels',
  short: 'DC',
  keywords: ['breakout', 'turtle', 'range', 'band'],
  placement: 'overlay',
  params: [period(20, 'Length', 1)],
  outputs: [
    { id: 'upper', name: 'Upper', kind: 'band' },
    { id: 'middle', name: 'Middle', kind: 'line' },
    { id: 'lower', name: 'Lower', kind: 'band' },
  ],
  warmUp: (params) => params.period,
  create: (params) => new Donchian(params.period),
});
