/** Shifts shorter than this are faster as a loop than as a copyWithin call. */
const SHORT_SHIFT = 24;

/**
 * One side of a book: keys ascending with the best last, so that work near the best moves few elements.
 * A bid's key is its price in ticks, an ask's is the negated price.
 */
export class BookLevels {
  keys: Float64Array;
  lots: Float64Array;
  length = 0;

  constructor(capacity = 1024) {
    this.keys = new Float64Array(capacity);
    this.lots = new Float64Array(capacity);
  }

  /** Sets the quantity at `key`, 0 removes it. Returns the quantity that was there, 0 when none. */
  set(key: number, quantity: number): number {
    const keys = this.keys;
    const at = this.#lastNotAbove(key);
    if (at >= 0 && keys[at] === key) {
      const previous = this.lots[at] as number;
      if (quantity > 0) this.lots[at] = quantity;
      else this.#remove(at);
      return previous;
    }
    if (quantity > 0) this.#insert(at + 1, key, quantity);
    return 0;
  }

  quantityAt(key: number): number {
    const at = this.#lastNotAbove(key);
    return at >= 0 && this.keys[at] === key ? (this.lots[at] as number) : 0;
  }

  /** Forgets the `count` levels that are furthest from the best. */
  dropWorst(count: number): void {
    this.keys.copyWithin(0, count, this.length);
    this.lots.copyWithin(0, count, this.length);
    this.length -= count;
  }

  /** Index of the last level with a key ≤ `key`, −1 when there is none. Gallops from the best, where most updates are. */
  #lastNotAbove(key: number): number {
    const keys = this.keys;
    let above = this.length;
    let candidate = above - 1;
    let step = 1;
    while (candidate >= 0 && (keys[candidate] as number) > key) {
      above = candidate;
      candidate -= step;
      step *= 2;
    }
    if (candidate < -1) candidate = -1;
    while (above - candidate > 1) {
      const middle = (above + candidate) >> 1;
      if ((keys[middle] as number) > key) above = middle;
      else candidate = middle;
    }
    return candidate;
  }

  #insert(at: number, key: number, quantity: number): void {
    const length = this.length;
    if (length === this.keys.length) this.#grow();
    const { keys, lots } = this;
    if (length - at < SHORT_SHIFT) {
      for (let i = length; i > at; i--) {
        keys[i] = keys[i - 1] as number;
        lots[i] = lots[i - 1] as number;
      }
    } else {
      keys.copyWithin(at + 1, at, length);
      lots.copyWithin(at + 1, at, length);
    }
    keys[at] = key;
    lots[at] = quantity;
    this.length = length + 1;
  }

  #remove(at: number): void {
    const { keys, lots, length } = this;
    if (length - at < SHORT_SHIFT) {
      for (let i = at + 1; i < length; i++) {
        keys[i - 1] = keys[i] as number;
        lots[i - 1] = lots[i] as number;
      }
    } else {
      keys.copyWithin(at, at + 1, length);
      lots.copyWithin(at, at + 1, length);
    }
    this.length = length - 1;
  }

  #grow(): void {
    const keys = new Float64Array(this.keys.length * 2);
    const lots = new Float64Array(this.keys.length * 2);
    keys.set(this.keys);
    lots.set(this.lots);
    this.keys = keys;
    this.lots = lots;
  }
}
