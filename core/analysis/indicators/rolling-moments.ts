/**
 * Mean and population standard deviation of the last `period` values, by sums of deviations from a reference near them (the mean at the
 * last turn of the ring), so that a deviation of cents survives prices of tens of thousands. One value costs O(1) amortised.
 */
export class RollingMoments {
  /** Of the newest `step`; NaN before there are `period` values. */
  mean = Number.NaN;
  deviation = Number.NaN;
  readonly #period: number;
  readonly #ring: Float64Array;
  /** Sums, over slots i … of the last full turn, of the deviations and their squares. */
  readonly #suffix: Float64Array;
  readonly #suffixSquares: Float64Array;
  #reference = Number.NaN;
  #running = 0;
  #runningSquares = 0;
  #at = 0;
  #isFull = false;

  constructor(period: number) {
    this.#period = period;
    this.#ring = new Float64Array(period);
    this.#suffix = new Float64Array(period + 1);
    this.#suffixSquares = new Float64Array(period + 1);
  }

  step(x: number, closed: boolean): void {
    const at = this.#at;
    const last = this.#period - 1;
    const reference = Number.isNaN(this.#reference) ? x : this.#reference;
    const away = x - reference;
    const running = this.#running + away;
    const runningSquares = this.#runningSquares + away * away;
    if (this.#isFull || at === last) {
      const offset = ((this.#suffix[at + 1] as number) + running) / this.#period;
      const variance = ((this.#suffixSquares[at + 1] as number) + runningSquares) / this.#period - offset * offset;
      this.mean = reference + offset;
      this.deviation = variance > 0 ? Math.sqrt(variance) : 0;
    }
    if (closed) {
      this.#reference = reference;
      this.#ring[at] = x;
      if (at < last) {
        this.#at = at + 1;
        this.#running = running;
        this.#runningSquares = runningSquares;
      } else this.#turn();
    }
  }

  #turn(): void {
    const reference = this.mean;
    let sum = 0;
    let squares = 0;
    for (let i = this.#period - 1; i >= 0; i--) {
      const away = (this.#ring[i] as number) - reference;
      sum += away;
      squares += away * away;
      this.#suffix[i] = sum;
      this.#suffixSquares[i] = squares;
    }
    this.#reference = reference;
    this.#running = 0;
    this.#runningSquares = 0;
    this.#at = 0;
    this.#isFull = true;
  }
}
