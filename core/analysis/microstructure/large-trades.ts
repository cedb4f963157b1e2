import { TrailingQuantile } from './trailing-quantile.ts';

export interface LargeTradesOptions {
  readonly quantile?: number;
  /** Trades that the quantile is taken over, and how many of them have to be there. */
  readonly window?: number;
  readonly least?: number;
}

const QUANTILE = 0.95;
const WINDOW = 16_384;
const LEAST = 500;

/**
 * Which trades are large: those whose notional is at or above the 95 % quantile of the notionals of the trades before (the last 16,384,
 * 500 at least). A trade is judged before it is counted, so that it has no say in its own judgement. Where many trades are of exactly
 * the quantile's size (within a bin of `TrailingQuantile`, 1.6 %), all of them are large, more than one in twenty.
 */
export class LargeTrades {
  readonly #quantile: TrailingQuantile;
  readonly #least: number;

  constructor({ quantile = QUANTILE, window = WINDOW, least = LEAST }: LargeTradesOptions = {}) {
    this.#quantile = new TrailingQuantile(quantile, window);
    this.#least = least;
  }

  /** Whether enough trades were seen to say which are large. */
  get isKnown(): boolean {
    return this.#quantile.count >= this.#least;
  }

  /** Smallest notional that counts as large, quote units; NaN when not known. */
  get threshold(): number {
    return this.isKnown ? this.#quantile.value : Number.NaN;
  }

  /** Takes a trade; whether it is large, false when that is not known. */
  add(notional: number): boolean {
    const large = this.isKnown && this.#quantile.reaches(notional);
    this.#quantile.add(notional);
    return large;
  }
}
