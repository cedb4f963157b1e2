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
  readonly ticksPerBucket: number;

  constructor(tick: DecimalStep, width: DecimalStep) {
    const decimals = Math.max(tick.decimals, width.decimals);
    this.width = width;
    this.#tickUnits = tick.units * pow10(decimals - tick.decimals);
    this.#widthUnits = width.units * pow10(decimals - width.decimals);
    this.ticksPerBucket = this.#widthUnits % this.#tickUnits === 0 ? this.#widthUnits / this.#tickUnits : Number.NaN;
  }

  /** Exact while price/width-units stay below 2^53: the quotient of two such integers never rounds up to a whole number. */
  indexOf(ticks: number): number {
    return Math.floor((ticks * this.#tickUnits) / this.#widthUnits);
  }

  firstTickOf(index: number): number {
    const ticks = index * this.ticksPerBucket;
    return ticks === ticks ? ticks : Math.ceil((index * this.#widthUnits) / this.#tickUnits);
  }
}

/** Σ lots / ticks is kept in whole 2⁻²⁴ and, for what is left of each level, in whole 2⁻⁵⁶: adding and taking away leaves no residue. */
const COARSE = 2 ** 24;
const FINE = 2 ** 32;

/**
 * Quantity and notional per bucket of one book side, kept up to date by every level change in O(1).
 * Sums are integers (lots, and lots × ticks above the bucket's first), so that adding and taking away leaves no residue.
 * With `lots / ticks` asked for (an inverse book, whose lots are quote units), that is what is kept instead of lots × ticks, to
 * 2⁻⁵⁷ per level: less than 10⁻¹⁰ of one lot at a price of a million ticks.
 */
export class BucketSums {
  readonly #grid: BucketGrid;
  readonly #lots = new Float64Array(WINDOW);
  /** Σ lots × (ticks − the bucket's first tick): small enough to stay exact where lots × ticks would pass 2^53. With `#fine`: Σ lots / ticks. */
  readonly #second = new Float64Array(WINDOW);
  readonly #fine: Float64Array | undefined;
  readonly #perBucket: number;
  readonly #perTick: number;
  /** NaN until first read: nothing is summed for a book that nobody looks at in buckets. */
  #first = Number.NaN;

  constructor(grid: BucketGrid, perTick = false) {
    this.#grid = grid;
    this.#perBucket = grid.ticksPerBucket;
    this.#perTick = 1 / grid.ticksPerBucket;
    this.#fine = perTick ? new Float64Array(WINDOW) : undefined;
  }

  /** The quantity at a price was `previousLots` and is `lots`. */
  change(ticks: number, previousLots: number, lots: number): void {
    if (this.#first !== this.#first) return;
    if (this.#perBucket === this.#perBucket && this.#fine === undefined) {
      // A multiplication may miss the bucket by one, which what is left of the ticks tells; a division takes longer.
      let index = Math.floor(ticks * this.#perTick);
      let offset = ticks - index * this.#perBucket;
      if (offset < 0) {
        index--;
        offset += this.#perBucket;
      } else if (offset >= this.#perBucket) {
        index++;
        offset -= this.#perBucket;
      }
      const slot = index - this.#first;
      if (slot < 0 || slot >= WINDOW) return;
      (this.#lots[slot] as number) += lots - previousLots;
      (this.#second[slot] as number) += (lots - previousLots) * offset;
      return;
    }
    const index = this.#grid.indexOf(ticks);
    const slot = index - this.#first;
    if (slot >= 0 && slot < WINDOW) {
      (this.#lots[slot] as number) += lots - previousLots;
      if (this.#fine === undefined) {
        (this.#second[slot] as number) += (lots - previousLots) * (ticks - this.#grid.firstTickOf(index));
      } else {
        this.#changePerTick(this.#fine, slot, ticks, previousLots, lots);
      }
    }
  }

  clear(): void {
    this.#lots.fill(0);
    this.#second.fill(0);
    this.#fine?.fill(0);
  }

  /** Makes [first, first + count) readable. Sums anew from `levels` (keys × `sign` are ticks) when it lies outside the window. */
  cover(first: number, count: number, levels: BookLevels, sign: 1 | -1): void {
    if (count > WINDOW / 2) throw new RangeError(`at most ${WINDOW / 2} buckets can be read at once, asked for ${count}`);
    if (first >= this.#first && first + count <= this.#first + WINDOW) return;
    this.#first = first + (count >> 1) - WINDOW / 2;
    this.clear();
    for (let i = 0; i < levels.length; i++) this.change(sign * levels.keyAt(i), 0, levels.lotsAt(i));
  }

  /** Lots in the bucket; it must be covered. */
  lotsAt(index: number): number {
    return this.#lots[index - this.#first] as number;
  }

  /** Σ ticks × lots in the bucket; it must be covered, and kept. */
  tickLotsAt(index: number): number {
    const slot = index - this.#first;
    return (this.#lots[slot] as number) * this.#grid.firstTickOf(index) + (this.#second[slot] as number);
  }

  /** Σ lots / ticks in the bucket; it must be covered, and kept. */
  lotsPerTickAt(index: number): number {
    const slot = index - this.#first;
    return ((this.#second[slot] as number) + (this.#fine?.[slot] as number) / FINE) / COARSE;
  }

  /** The same level gives the same two integers when it comes and when it goes. */
  #changePerTick(fine: Float64Array, slot: number, ticks: number, previousLots: number, lots: number): void {
    const before = (previousLots / ticks) * COARSE;
    const after = (lots / ticks) * COARSE;
    const wholeBefore = Math.floor(before);
    const wholeAfter = Math.floor(after);
    (this.#second[slot] as number) += wholeAfter - wholeBefore;
    (fine[slot] as number) += Math.round((after - wholeAfter) * FINE) - Math.round((before - wholeBefore) * FINE);
  }
}
