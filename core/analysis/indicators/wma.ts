import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';

/** Sums are rolled on, and taken anew each time the ring of closes has turned, so that rounding does not build up. */
class Wma implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #ring: Float64Array;
  readonly #divisor: number;
  #at = 0;
  #isFull = false;
  #sum = 0;
  #weighted = 0;

  constructor(length: number) {
    this.#ring = new Float64Array(length);
    this.#divisor = (length * (length + 1)) / 2;
  }

  step(bar: Bar, closed: boolean): void {
    const ring = this.#ring;
    const at = this.#at;
    const weighted = this.#weighted + ring.length * bar.close - this.#sum;
    const isLast = at === ring.length - 1;
    this.values[0] = this.#isFull || isLast ? weighted / this.#divisor : Number.NaN;
    if (!closed) return;
    this.#sum += bar.close - (ring[at] as number);
    this.#weighted = weighted;
    ring[at] = bar.close;
    this.#at = isLast ? 0 : at + 1;
    if (isLast) this.#turn();
  }

  #turn(): void {
    let sum = 0;
    let weighted = 0;
    for (let i = 0; i < this.#ring.length; i++) {
      sum += this.#ring[i] as number;
      weighted += (i + 1) * (this.#ring[i] as number);
    }
    this.#sum = sum;
    this.#weighted = weighted;
    this.#isFull = true;
  }
}

/** Linearly weighted moving average: of the last n closes the newest weighs n, the oldest 1. */
export const wma = defineIndicator({
  id: 'wma',
  name: 'Weighted moving average',
  short: 'WMA',
  keywords: ['linear', 'mean', 'ma'],
  placement: 'overlay',
  params: [period(20, 'Length', 1)],
  outputs: [{ id: 'wma', name: 'WMA', kind: 'line' }],
  warmUp: (params) => params.period,
  create: (params) => new Wma(params.period),
});
