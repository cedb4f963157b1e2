/** The highest or lowest of the last `period` values, by a monotonic queue: O(1) amortised (Lemire 2006). */
export class RollingExtreme {
  readonly #period: number;
  readonly #sign: 1 | -1;
  /** The queue: candidates, each better than all after it, with their positions. */
  readonly #values: Float64Array;
  readonly #positions: Float64Array;
  #head = 0;
  #size = 0;
  #count = 0;

  constructor(period: number, which: 'highest' | 'lowest') {
    this.#period = period;
    this.#sign = which === 'highest' ? 1 : -1;
    this.#values = new Float64Array(period);
    this.#positions = new Float64Array(period);
  }

  /** The extreme up to and with `x`; NaN before there are `period` values. Only a `closed` value enters the window. */
  step(x: number, closed: boolean): number {
    const period = this.#period;
    const value = this.#sign * x;
    let head = this.#head;
    let size = this.#size;
    if (size > 0 && (this.#positions[head] as number) <= this.#count - period) {
      head = head + 1 === period ? 0 : head + 1;
      size--;
    }
    const front = this.#values[head] as number;
    const best = size > 0 && front > value ? front : value;
    const isFull = this.#count + 1 >= period;
    if (closed) {
      let tail = head + size - 1;
      while (size > 0 && (this.#values[tail >= period ? tail - period : tail] as number) <= value) {
        size--;
        tail--;
      }
      const slot = head + size >= period ? head + size - period : head + size;
      this.#values[slot] = value;
      this.#positions[slot] = this.#count;
      this.#head = head;
      this.#size = size + 1;
      this.#count++;
    }
    return isFull ? this.#sign * best : Number.NaN;
  }
}
