/**
 * The newest `capacity` numbers of a series, as one stretch of a typed array: `values[from] … values[to − 1]`, oldest first. Kept in twice
 * the room, so that appending is O(1) amortised and nothing is copied to read.
 */
export class CloseWindow {
  readonly values: Float64Array;
  readonly #capacity: number;
  #to = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.values = new Float64Array(2 * capacity);
  }

  get from(): number {
    return Math.max(0, this.#to - this.#capacity);
  }

  get to(): number {
    return this.#to;
  }

  get length(): number {
    return this.#to - this.from;
  }

  /** The newest; NaN before the first. */
  get newest(): number {
    return this.#to === 0 ? Number.NaN : (this.values[this.#to - 1] as number);
  }

  push(value: number): void {
    if (this.#to === this.values.length) {
      this.values.copyWithin(0, this.from, this.#to);
      this.#to = this.#capacity;
    }
    this.values[this.#to++] = value;
  }
}
