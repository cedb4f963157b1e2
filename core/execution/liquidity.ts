import type { BookSide } from '../market/l2-book.ts';

/**
 * What matching reads of a book: integer ticks and lots of the instrument, best level first. `BookDepth` shows a venue's book so.
 * Beyond the last level `ticksAt` is NaN and `lotsAt` 0.
 */
export interface Depth {
  ticksAt(side: BookSide, rank: number): number;
  lotsAt(side: BookSide, rank: number): number;
  lotsAtPrice(side: BookSide, priceTicks: number): number;
}

/** Called per level taken, best first. */
export type TakeLevel = (priceTicks: number, lots: number) => void;

interface Taken {
  /** What the level displayed when we took from it. */
  readonly displayed: number;
  taken: number;
}

/**
 * What simulated orders took from the displayed book. The market does not know of them, so the book keeps displaying what they took:
 * such liquidity counts as gone until the level's displayed quantity changes, and then all that is displayed counts again.
 */
export class Liquidity {
  readonly #taken: Readonly<Record<BookSide, Map<number, Taken>>> = { bid: new Map(), ask: new Map() };

  /** Nothing to refresh. */
  get isEmpty(): boolean {
    return this.#taken.bid.size === 0 && this.#taken.ask.size === 0;
  }

  /** Forgets levels that changed. Call after every book update. */
  refresh(depth: Depth): void {
    for (const side of ['bid', 'ask'] as const) {
      for (const [ticks, { displayed }] of this.#taken[side]) {
        if (depth.lotsAtPrice(side, ticks) !== displayed) this.#taken[side].delete(ticks);
      }
    }
  }

  /**
   * Lots that a taker could have on `side` down to `limitTicks` (all when undefined), counted no further than `wanted`.
   */
  available(depth: Depth, side: BookSide, limitTicks: number | undefined, wanted: number): number {
    let lots = 0;
    for (let rank = 0; lots < wanted; rank++) {
      const ticks = depth.ticksAt(side, rank);
      if (!reaches(side, ticks, limitTicks)) break;
      lots += this.#left(side, ticks, depth.lotsAt(side, rank));
    }
    return Math.min(lots, wanted);
  }

  /** Takes up to `wanted` lots, best level first, no further than `limitTicks`; returns how many it got. */
  take(depth: Depth, side: BookSide, limitTicks: number | undefined, wanted: number, onLevel: TakeLevel): number {
    let got = 0;
    for (let rank = 0; got < wanted; rank++) {
      const ticks = depth.ticksAt(side, rank);
      if (!reaches(side, ticks, limitTicks)) break;
      const displayed = depth.lotsAt(side, rank);
      const lots = Math.min(this.#left(side, ticks, displayed), wanted - got);
      if (lots === 0) continue;
      const taken = this.#taken[side].get(ticks);
      if (taken !== undefined && taken.displayed === displayed) taken.taken += lots;
      else this.#taken[side].set(ticks, { displayed, taken: lots });
      got += lots;
      onLevel(ticks, lots);
    }
    return got;
  }

  #left(side: BookSide, ticks: number, displayed: number): number {
    const taken = this.#taken[side].get(ticks);
    return taken !== undefined && taken.displayed === displayed ? displayed - taken.taken : displayed;
  }
}

/** Whether a level at `ticks` is there and at least as good for a taker as `limitTicks`. */
export function reaches(side: BookSide, ticks: number, limitTicks: number | undefined): boolean {
  if (Number.isNaN(ticks)) return false;
  if (limitTicks === undefined) return true;
  return side === 'ask' ? ticks <= limitTicks : ticks >= limitTicks;
}
