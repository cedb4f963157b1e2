import type { L2Book } from '../../../core/market/l2-book.ts';
import type { BookChange } from '../../ports/venue.ts';

/** A book made of nothing but what `onDepth` tells: it must be the session's book, level for level, while that is live. */
export class BookMirror {
  readonly #levels = { bid: new Map<number, number>(), ask: new Map<number, number>() };
  /** Snapshots that were told. */
  snapshots = 0;
  changes = 0;

  apply(change: BookChange): void {
    if (change.snapshot) {
      this.snapshots++;
      this.#levels.bid.clear();
      this.#levels.ask.clear();
    } else this.changes++;
    for (let i = 0; i < change.bidCount; i++) set(this.#levels.bid, change.bidTicks[i] as number, change.bidLots[i] as number);
    for (let i = 0; i < change.askCount; i++) set(this.#levels.ask, change.askTicks[i] as number, change.askLots[i] as number);
  }

  /** Prices and quantities, best first, as `[bids, asks]`. */
  get levels(): [number, number][][] {
    return [[...this.#levels.bid].sort(([a], [b]) => b - a), [...this.#levels.ask].sort(([a], [b]) => a - b)];
  }
}

/** The same of a book. */
export function levelsOfBook(book: L2Book): [number, number][][] {
  return (['bid', 'ask'] as const).map((side) =>
    Array.from({ length: book.depth(side) }, (_, rank): [number, number] => [book.ticksAt(side, rank), book.lotsAt(side, rank)]),
  );
}

function set(levels: Map<number, number>, ticks: number, lots: number): void {
  if (lots === 0) levels.delete(ticks);
  else levels.set(ticks, lots);
}
