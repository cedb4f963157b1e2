/** Changed levels since the last drain: [ticks, lots], lots 0 when the level is gone. */
export interface BookDiff {
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
}

/** One side's levels, worst first and best last, so that what changes most is at the cheap end of the arrays. */
export class BookSide {
  readonly ticks: number[] = [];
  readonly lots: number[] = [];
  /** +1 for bids, −1 for asks: times ticks, it rises towards the touch. */
  readonly #sign: 1 | -1;
  readonly #dirty = new Set<number>();

  constructor(side: 'bid' | 'ask') {
    this.#sign = side === 'bid' ? 1 : -1;
  }

  get depth(): number {
    return this.ticks.length;
  }

  get best(): number | undefined {
    return this.ticks[this.ticks.length - 1];
  }

  get worst(): number | undefined {
    return this.ticks[0];
  }

  /** Whether `a` is the better price of the two. */
  better(a: number, b: number): boolean {
    return this.#sign * a > this.#sign * b;
  }

  lotsAt(tick: number): number {
    const index = this.#lowerBound(tick);
    return this.ticks[index] === tick ? (this.lots[index] as number) : 0;
  }

  /** Sets a level; 0 lots removes it. Returns whether anything changed. */
  set(tick: number, lots: number): boolean {
    const index = this.#lowerBound(tick);
    if (this.ticks[index] === tick) {
      if (this.lots[index] === lots) return false;
      if (lots === 0) {
        this.ticks.splice(index, 1);
        this.lots.splice(index, 1);
      } else this.lots[index] = lots;
    } else {
      if (lots === 0) return false;
      this.ticks.splice(index, 0, tick);
      this.lots.splice(index, 0, lots);
    }
    this.#dirty.add(tick);
    return true;
  }

  /** The changed levels, best first, and forgets that they changed. */
  drain(): (readonly [number, number])[] {
    const changed = [...this.#dirty].sort((a, b) => this.#sign * (b - a));
    this.#dirty.clear();
    return changed.map((tick) => [tick, this.lotsAt(tick)] as const);
  }

  /** The best `limit` levels, best first. */
  top(limit: number): (readonly [number, number])[] {
    const levels: (readonly [number, number])[] = [];
    for (let i = this.depth - 1; i >= 0 && levels.length < limit; i--)
      levels.push([this.ticks[i] as number, this.lots[i] as number]);
    return levels;
  }

  /** Index of the first level that is not worse than `tick`. */
  #lowerBound(tick: number): number {
    let low = 0;
    let high = this.ticks.length;
    const key = this.#sign * tick;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sign * (this.ticks[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A limit order book by price level that numbers its changes as Binance does: each changed level takes the next update id. */
export class LabBook {
  readonly bids = new BookSide('bid');
  readonly asks = new BookSide('ask');
  #lastUpdateId: number;
  #drainedUpdateId: number;

  constructor(firstUpdateId: number) {
    this.#lastUpdateId = firstUpdateId;
    this.#drainedUpdateId = firstUpdateId;
  }

  get lastUpdateId(): number {
    return this.#lastUpdateId;
  }

  /** Whether everything that changed has been drained: what is there now is what the last diff led to. */
  get isDrained(): boolean {
    return this.#lastUpdateId === this.#drainedUpdateId;
  }

  set(side: BookSide, tick: number, lots: number): void {
    if (side.set(tick, lots)) this.#lastUpdateId++;
  }

  /** What changed since the last call, or undefined when nothing did. */
  drain(): BookDiff | undefined {
    if (this.#lastUpdateId === this.#drainedUpdateId) return undefined;
    const firstUpdateId = this.#drainedUpdateId + 1;
    this.#drainedUpdateId = this.#lastUpdateId;
    return { firstUpdateId, lastUpdateId: this.#lastUpdateId, bids: this.bids.drain(), asks: this.asks.drain() };
  }
}
