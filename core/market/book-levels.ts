/** Moves of fewer slots than this are faster as a loop than as a copyWithin call. */
const SHORT_MOVE = 16;
/** So many more empty slots than levels are kept. */
const SPARE_HOLES = 64;

/**
 * One side of a book: keys ascending with the best last, so that work near the best moves few elements.
 * A bid's key is its price in ticks, an ask's is the negated price.
 * A level that vanishes far from the best leaves its slot behind, empty: prices come back, and then nothing has to move. Whoever
 * reads by rank meets no empty slots: those above the rank are taken out first.
 */
export class BookLevels {
  /** Key and lots of slot i at 2i and 2i + 1: together, an insertion moves memory once. Lots are 0 in an empty slot, never in the last. */
  #cells: Float64Array;
  #slots = 0;
  #length = 0;
  /** No slot above this one is empty. */
  #highestHole = -1;
  /** Where the last change was. Venues list the levels of a diff best first, so the next one is likely to be a little further down. */
  #last = 0;

  constructor(capacity = 1024) {
    this.#cells = new Float64Array(2 * capacity);
  }

  /** Number of levels. */
  get length(): number {
    return this.#length;
  }

  /** Slots in use, empty ones among them. */
  get slots(): number {
    return this.#slots;
  }

  /** Rank 0 is the best, `length` − 1 the furthest from it. */
  keyAt(rank: number): number {
    return this.#cells[2 * this.#slotOf(rank)] as number;
  }

  lotsAt(rank: number): number {
    return this.#cells[2 * this.#slotOf(rank) + 1] as number;
  }

  /** Sets the quantity at `key`, 0 removes it. Returns the quantity that was there, 0 when none. */
  set(key: number, quantity: number): number {
    const cells = this.#cells;
    const at = this.#lastNotAbove(key);
    this.#last = at;
    if (at >= 0 && cells[2 * at] === key) {
      const previous = cells[2 * at + 1] as number;
      if (quantity > 0) {
        cells[2 * at + 1] = quantity;
        if (previous === 0) this.#length++;
      } else if (previous > 0) this.#remove(at);
      return previous;
    }
    if (quantity > 0) this.#insert(at + 1, key, quantity);
    return 0;
  }

  quantityAt(key: number): number {
    const at = this.#lastNotAbove(key);
    return at >= 0 && this.#cells[2 * at] === key ? (this.#cells[2 * at + 1] as number) : 0;
  }

  clear(): void {
    this.#slots = 0;
    this.#length = 0;
    this.#highestHole = -1;
  }

  /** Forgets the `count` levels that are furthest from the best. */
  dropWorst(count: number): void {
    this.#closeHoles();
    this.#cells.copyWithin(0, 2 * count, 2 * this.#slots);
    this.#slots -= count;
    this.#length = this.#slots;
  }

  #slotOf(rank: number): number {
    const slot = this.#slots - 1 - rank;
    if (slot > this.#highestHole) return slot;
    if (rank === this.#length - 1) {
      let worst = 0;
      while (this.#cells[2 * worst + 1] === 0) worst++;
      return worst;
    }
    this.#closeHoles();
    return this.#slots - 1 - rank;
  }

  /**
   * Slot of the last key ≤ `key`, −1 when there is none. Starts from the last change, or from the best where that lies below. Keys
   * are whole and different, so a key that is n smaller lies at most n slots below: the slot there is the one itself where no price
   * is missing in between, and else the search gallops up from it. Below the first slot it gallops down instead.
   */
  #lastNotAbove(key: number): number {
    const cells = this.#cells;
    const slots = this.#slots;
    const last = this.#last;
    let above = last >= 0 && last < slots && (cells[2 * last] as number) > key ? last : slots - 1;
    if (above < 0) return -1;
    const away = (cells[2 * above] as number) - key;
    if (away <= 0) return above;
    let candidate = -1;
    if (away <= above) {
      candidate = above - away;
      if (cells[2 * candidate] === key) return candidate;
      let step = 1;
      while (candidate + step < above && (cells[2 * (candidate + step)] as number) <= key) {
        candidate += step;
        step *= 2;
      }
      if (candidate + step < above) above = candidate + step;
    } else {
      candidate = above - 1;
      let step = 1;
      while (candidate >= 0 && (cells[2 * candidate] as number) > key) {
        above = candidate;
        candidate -= step;
        step *= 2;
      }
      if (candidate < -1) candidate = -1;
    }
    while (above - candidate > 1) {
      const middle = (above + candidate) >> 1;
      if ((cells[2 * middle] as number) > key) above = middle;
      else candidate = middle;
    }
    return candidate;
  }

  #insert(at: number, key: number, quantity: number): void {
    this.#length++;
    const slots = this.#slots;
    if (at < slots && this.#refill(at, key, quantity)) return;
    if (2 * slots === this.#cells.length) this.#grow();
    const cells = this.#cells;
    if (slots - at < SHORT_MOVE) {
      for (let i = 2 * slots + 1; i > 2 * at + 1; i--) cells[i] = cells[i - 2] as number;
    } else {
      cells.copyWithin(2 * at + 2, 2 * at, 2 * slots);
    }
    cells[2 * at] = key;
    cells[2 * at + 1] = quantity;
    this.#slots = slots + 1;
    if (at <= this.#highestHole) this.#highestHole++;
  }

  /** Puts a new level before slot `at` into an empty slot nearby, if there is one. */
  #refill(at: number, key: number, quantity: number): boolean {
    const cells = this.#cells;
    if (at > this.#highestHole + 1) return false;
    // A key between those of two slots may take the place of either.
    let hole = at > 0 && cells[2 * at - 1] === 0 ? at - 1 : at;
    const end = Math.min(this.#slots, at + SHORT_MOVE);
    while (hole < end && cells[2 * hole + 1] !== 0) hole++;
    if (hole === end) return false;
    for (let i = 2 * hole + 1; i > 2 * at + 1; i--) cells[i] = cells[i - 2] as number;
    const to = Math.min(hole, at);
    cells[2 * to] = key;
    cells[2 * to + 1] = quantity;
    return true;
  }

  #remove(at: number): void {
    const cells = this.#cells;
    this.#length--;
    if (this.#slots - at > SHORT_MOVE) {
      cells[2 * at + 1] = 0;
      if (at > this.#highestHole) this.#highestHole = at;
      if (this.#slots - this.#length > this.#length + SPARE_HOLES) this.#closeHoles();
      return;
    }
    for (let i = 2 * at + 2; i < 2 * this.#slots; i++) cells[i - 2] = cells[i] as number;
    let slots = this.#slots - 1;
    while (slots > 0 && cells[2 * slots - 1] === 0) slots--;
    this.#slots = slots;
    if (this.#highestHole > slots - 2) this.#highestHole = slots - 2;
  }

  #closeHoles(): void {
    const cells = this.#cells;
    let kept = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      if (cells[2 * slot + 1] === 0) continue;
      cells[2 * kept] = cells[2 * slot] as number;
      cells[2 * kept + 1] = cells[2 * slot + 1] as number;
      kept++;
    }
    this.#slots = kept;
    this.#highestHole = -1;
  }

  #grow(): void {
    const cells = new Float64Array(2 * this.#cells.length);
    cells.set(this.#cells);
    this.#cells = cells;
  }
}
