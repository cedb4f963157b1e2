/**
 * The sum of the last `period` values.
 *
 * Nothing is ever subtracted, so nothing cancels and no rounding builds up: the older part of the window is read from suffix sums, which
 * are made once each `period` values, and the newer part is a running sum. One value costs O(1) amortised.
 */
export class RollingSum {
  readonly period: number;
  readonly #ring: Float64Array;
  /** `#suffix[i]`: the sum of slots i … of the last full turn; one longer than the ring, ending with 0. */
  readonly #suffix: Float64Array;
  #running = 0;
  #at = 0;
  #isFull = false;

  constructor(period: number) {
    this.period = period;
    this.#ring = new Float64Array(period);
    this.#suffix = new Float64Array(period + 1);
  }

  /** Sum up to and with `x`; NaN before there are `period` values. Only a `closed` value enters the window. */
  step(x: number, closed: boolean): number {
    const at = this.#at;
    const running = this.#running + x;
    const last = this.period - 1;
    const sum = this.#isFull || at === last ? (this.#suffix[at + 1] as number) + running : Number.NaN;
    if (closed) {
      this.#ring[at] = x;
      if (at < last) {
        this.#at = at + 1;
        this.#running = running;
      } else this.#turn();
    }
    return sum;
  }

  #turn(): void {
    let sum = 0;
    for (let i = this.period - 1; i >= 0; i--) {
      sum += this.#ring[i] as number;
      this.#suffix[i] = sum;
    }
    this.#at = 0;
    this.#running = 0;
    this.#isFull = true;
  }
}

/** The arithmetic mean of the last `period` values. */
export class RollingMean {
  readonly #sum: RollingSum;
  readonly #period: number;

  constructor(period: number) {
    this.#sum = new RollingSum(period);
    this.#period = period;
  }

  step(x: number, closed: boolean): number {
    return this.#sum.step(x, closed) / this.#period;
  }
}
