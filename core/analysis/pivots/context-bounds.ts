import type { EpochMs } from '../../base/clock.ts';
import type { CandleColumns } from '../../market/candle.ts';

const BLOCKS = 720;

/** The highest high and lowest low of a window, and when. */
export interface PriceBounds {
  readonly high: number;
  readonly highTime: EpochMs;
  readonly low: number;
  readonly lowTime: EpochMs;
}

/**
 * Highest high and lowest low of the last `windowMs` of candles, kept in 720 blocks (an hour each of a month): a candle
 * costs a comparison, and only when the block with an extreme leaves the window are the blocks looked through again.
 * The window begins at a block's start, so it is up to one block shorter than asked for.
 */
export class ContextBounds {
  readonly #blockMs: number;
  readonly #block = new Float64Array(BLOCKS).fill(-1);
  readonly #high = new Float64Array(BLOCKS);
  readonly #low = new Float64Array(BLOCKS);
  readonly #highTime = new Float64Array(BLOCKS);
  readonly #lowTime = new Float64Array(BLOCKS);
  #newest = -1;
  #highAt = -1;
  #lowAt = -1;

  /** @throws when the window is no whole number of milliseconds per block */
  constructor(windowMs: number) {
    if (windowMs <= 0 || windowMs % BLOCKS !== 0) throw new Error(`a window of ${windowMs} ms has no ${BLOCKS} whole blocks`);
    this.#blockMs = windowMs / BLOCKS;
  }

  /** Candles come in time order. */
  push(openTime: EpochMs, high: number, low: number): void {
    const block = Math.floor(openTime / this.#blockMs);
    const slot = block % BLOCKS;
    if (block !== this.#newest) {
      this.#newest = block;
      this.#block[slot] = block;
      this.#high[slot] = high;
      this.#low[slot] = low;
      this.#highTime[slot] = openTime;
      this.#lowTime[slot] = openTime;
      if (!this.#holds(this.#highAt) || this.#highAt === slot || !this.#holds(this.#lowAt) || this.#lowAt === slot) {
        this.#look();
        return;
      }
    }
    if (high > (this.#high[slot] as number)) {
      this.#high[slot] = high;
      this.#highTime[slot] = openTime;
    }
    if (low < (this.#low[slot] as number)) {
      this.#low[slot] = low;
      this.#lowTime[slot] = openTime;
    }
    if (high > (this.#high[this.#highAt] as number)) this.#highAt = slot;
    if (low < (this.#low[this.#lowAt] as number)) this.#lowAt = slot;
  }

  pushColumns({ openTime, high, low }: CandleColumns): void {
    for (let i = 0; i < openTime.length; i++) this.push(openTime[i] as number, high[i] as number, low[i] as number);
  }

  /** Undefined before the first candle. */
  get bounds(): PriceBounds | undefined {
    if (this.#newest < 0) return undefined;
    return {
      high: this.#high[this.#highAt] as number,
      highTime: this.#highTime[this.#highAt] as number,
      low: this.#low[this.#lowAt] as number,
      lowTime: this.#lowTime[this.#lowAt] as number,
    };
  }

  #holds(slot: number): boolean {
    return slot >= 0 && (this.#block[slot] as number) > this.#newest - BLOCKS;
  }

  #look(): void {
    this.#highAt = -1;
    this.#lowAt = -1;
    for (let block = this.#newest - BLOCKS + 1; block <= this.#newest; block++) {
      const slot = ((block % BLOCKS) + BLOCKS) % BLOCKS;
      if (this.#block[slot] !== block) continue;
      if (this.#highAt < 0 || (this.#high[slot] as number) > (this.#high[this.#highAt] as number)) this.#highAt = slot;
      if (this.#lowAt < 0 || (this.#low[slot] as number) < (this.#low[this.#lowAt] as number)) this.#lowAt = slot;
    }
  }
}
