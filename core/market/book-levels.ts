/** Moves of fewer levels than this are faster as a loop than as a copyWithin call. */
const SHORT_MOVE = 16;

/**
 * One side of a book: keys ascending with the best last, so that work near the best moves few elements.
 * A bid's key is its price in ticks, an ask's is the negated price.
 */
export class BookLevels {
  /** Key and lots of level i at 2i and 2i + 1: together, an insertion moves memory once. */
  #cells: Float64Array;
  /** Where the last change was. Venues list the levels of a diff best first, so the next one is likely to be a little further down. */
  #last = 0;
  length = 0;

  constructor(capacity = 1024) {
    this.#cells = new Float64Array(2 * capacity);
  }

  /** Index 0 is the furthest from the best, `length` − 1 the best. */
  keyAt(index: number): number {
    return this.#cells[2 * index] as number;
  }

  lotsAt(index: number): number {
    return this.#cells[2 * index + 1] as number;
  }

  /** Sets the quantity at `key`, 0 removes it. Returns the quantity that was there, 0 when none. */
  set(key: number, quantity: number): number {
    const cells = this.#cells;
    const at = this.#lastNotAbove(key);
    this.#last = at;
    if (at >= 0 && cells[2 * at] === key) {
      const previous = cells[2 * at + 1] as number;
      if (quantity > 0) cells[2 * at + 1] = quantity;
      else this.#remove(at);
      return previous;
    }
    if (quantity > 0) this.#insert(at + 1, key, quantity);
    return 0;
  }

  quantityAt(key: number): number {
    const at = this.#lastNotAbove(key);
    return at >= 0 && this.keyAt(at) === key ? this.lotsAt(at) : 0;
  }

  /** Forgets the `count` levels that are furthest from the best. */
  dropWorst(count: number): void {
    this.#cells.copyWithin(0, 2 * count, 2 * this.length);
    this.length -= count;
  }

  /**
   * Index of the last level with a key ≤ `key`, −1 when there is none. Gallops down from the last change, or from the best where
   * that lies below: whatever has changed since, a level above `key` has only such levels above it.
   */
  #lastNotAbove(key: number): number {
    const cells = this.#cells;
    const last = this.#last;
    let above = last >= 0 && last < this.length && (cells[2 * last] as number) > key ? last : this.length;
    let candidate = above - 1;
    let step = 1;
    while (candidate >= 0 && (cells[2 * candidate] as number) > key) {
      above = candidate;
      candidate -= step;
      step *= 2;
    }
    if (candidate < -1) candidate = -1;
    while (above - candidate > 1) {
      const middle = (above + candidate) >> 1;
      if ((cells[2 * middle] as number) > key) above = middle;
      else candidate = middle;
    }
    return candidate;
  }

  #insert(at: number, key: number, quantity: number): void {
    const length = this.length;
    if (2 * length === this.#cells.length) this.#grow();
    const cells = this.#cells;
    if (length - at < SHORT_MOVE) {
      for (let i = 2 * length + 1; i > 2 * at + 1; i--) cells[i] = cells[i - 2] as number;
    } else {
      cells.copyWithin(2 * at + 2, 2 * at, 2 * length);
    }
    cells[2 * at] = key;
    cells[2 * at + 1] = quantity;
    this.length = length + 1;
  }

  #remove(at: number): void {
    const cells = this.#cells;
    const length = this.length;
    if (length - at < SHORT_MOVE) {
      for (let i = 2 * at + 2; i < 2 * length; i++) cells[i - 2] = cells[i] as number;
    } else {
      cells.copyWithin(2 * at, 2 * at + 2, 2 * length);
    }
    this.length = length - 1;
  }

  #grow(): void {
    const cells = new Float64Array(2 * this.#cells.length);
    cells.set(this.#cells);
    this.#cells = cells;
  }
}
