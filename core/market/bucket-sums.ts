import type { BookLevels } from './book-levels.ts';
import { type DecimalStep, pow10 } from './decimal-parse.ts';

/** Buckets that are kept summed, around wherever the reader last looked. */
const WINDOW = 2048;

/**
 * How ticks fall into price buckets, in integers: both sizes are brought to one decimal scale, so that a price on a
 * bucket's edge is never put into its neighbour by rounding. Bucket i covers prices [i·width, (i+1)·width).
 */
export class BucketGrid {
  readonly width: DecimalStep;
  readonly #tickUnits: number;
  readonly #widthUnits: number;
  /** NaN unless a bucket is a whole number of ticks. */
  readonly #ticksPerBucket: number;

  constructor(tick: DecimalStep, width: DecimalStep) {
    const decimals = Math.max(tick.decimals, width.decimals);
    this.width = width;
    this.#tickUnits = tick.units * pow10(decimals - tick.decimals);
    this.#widthUnits = width.units * pow10(decimals - width.decimals);
    this.#ticksPerBucket = this.#widthUnits % this.#tickUnits === 0 ? this.#widthUnits / this.#tickUnits : Number.NaN;
  }

  /** Exact while price/width-units stay below 2^53: the quotient of two such integers never rounds up to a whole number. */
  indexOf(ticks: number): number {
    return Math.floor((ticks * this.#tickUnits) / this.#widthUnits);
  }

  firstTickOf(index: number): number {
    const ticks = index * this.#ticksPerBucket;
    return ticks === ticks ? ticks : Math.ceil((index * this.#widthUnits) / this.#tickUnits);
  }
}

/**
 * Quantity and notional per bucket of one book side, kept up to date by every level change in O(1).
 * Sums are integers (lots, and lots × ticks above the bucket's first), so that adding and taking away leaves no residue.
 */
export class BucketSums {
  readonly #grid: BucketGrid;
  readonly #lots = new Float64Array(WINDOW);
  /** Σ lots × (ticks − the bucket's first tick): small enough to stay exact where lots × ticks would pass 2^53. */
  readonly #offset = new Float64Array(WINDOW);
  /** NaN until first read: nothing is summed for a book that nobody looks at in buckets. */
  #first = Number.NaN;

  constructor(grid: BucketGrid) {
    this.#grid = grid;
  }

  change(ticks: number, deltaLots: number): void {
    const index = this.#grid.indexOf(ticks);
    const slot = index - this.#first;
    if (slot >= 0 && slot < WINDOW) {
      (this.#lots[slot] as number) += deltaLots;
      (this.#offset[slot] as number) += deltaLots * (ticks - this.#grid.firstTickOf(index));
    }
  }

  clear(): void {
    this.#lots.fill(0);
    this.#offset.fill(0);
  }

  /** Makes [first, first + count) readable. Sums anew from `levels` (keys × `sign` are ticks) when it lies outside the window. */
  cover(first: number, count: number, levels: BookLevels, sign: 1 | -1): void {
    if (count > WINDOW / 2) throw new RangeError(`at most ${WINDOW / 2} buckets can be read at once, asked for ${count}`);
    if (first >= this.#first && first + count <= this.#first + WINDOW) return;
    this.#first = first + (count >> 1) - WINDOW / 2;
    this.clear();
    for (let i = 0; i < levels.length; i++) this.change(sign * levels.keyAt(i), levels.lotsAt(i));
  }

  /** Lots in the bucket; it must be covered. */
  lotsAt(index: number): number {
    return this.#lots[index - this.#first] as number;
  }

  /** Σ ticks × lots in the bucket; it must be covered. */
  tickLotsAt(index: number): number {
    const slot = index - this.#first;
    return (this.#lots[slot] as number) * this.#grid.firstTickOf(index) + (this.#offset[slot] as number);
  }
}
