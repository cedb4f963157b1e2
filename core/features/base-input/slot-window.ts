/**
 * Rows of numbers by period, side by side in memory: period `slot` is the one that opened at slot · length. A row that is not known is NaN
 * throughout. Holds at least the newest `capacity` periods; nothing is allocated after construction.
 */
export class SlotWindow {
  readonly stride: number;
  readonly capacity: number;
  /** Row-major. */
  readonly cells: Float64Array;
  /** Period of the first row of `cells`; NaN while nothing was ever written. */
  #base = Number.NaN;
  #newest = Number.NaN;
  readonly #rows: number;

  constructor(stride: number, capacity: number) {
    this.stride = stride;
    this.capacity = capacity;
    this.#rows = 2 * capacity;
    this.cells = new Float64Array(this.#rows * stride).fill(Number.NaN);
  }

  /** The newest period that there is room for; NaN at the beginning. */
  get newest(): number {
    return this.#newest;
  }

  /** The oldest period that is held. */
  get oldest(): number {
    return this.#base;
  }

  clear(): void {
    // Rows beyond the newest are NaN already.
    if (this.#newest === this.#newest) this.cells.fill(Number.NaN, 0, (this.#newest - this.#base + 1) * this.stride);
    this.#base = Number.NaN;
    this.#newest = Number.NaN;
  }

  /** Index in `cells` of the period's row; −1 when it is not held. */
  at(slot: number): number {
    return slot >= this.#base && slot <= this.#newest ? (slot - this.#base) * this.stride : -1;
  }

  /** Makes room for the periods up to `slot`; new ones are not known. Answers as `at`: −1 for one that is too old. */
  reach(slot: number): number {
    if (this.#newest !== this.#newest) {
      this.#base = slot - this.capacity + 1;
      this.#newest = slot;
    }
    if (slot > this.#newest) {
      // Rows beyond the newest are NaN already: shifting leaves them so.
      if (slot - this.#base >= this.#rows) this.#shift(slot - this.capacity + 1);
      this.#newest = slot;
    }
    return this.at(slot);
  }

  #shift(base: number): void {
    const { cells, stride } = this;
    const gone = Math.min(base - this.#base, this.#rows);
    cells.copyWithin(0, gone * stride);
    cells.fill(Number.NaN, (this.#rows - gone) * stride);
    this.#base = base;
  }
}
