import type { BookSide, L2Book } from './l2-book.ts';

/** A change of a book read out of the book itself, into columns (ticks and lots) that are used again and again. */
export class BookColumns {
  snapshot = false;
  bidCount = 0;
  bidTicks: Float64Array = new Float64Array(0);
  bidLots: Float64Array = new Float64Array(0);
  askCount = 0;
  askTicks: Float64Array = new Float64Array(0);
  askLots: Float64Array = new Float64Array(0);

  /** The whole book, best levels first. */
  copyOf(book: L2Book): void {
    this.snapshot = true;
    this.bidCount = 0;
    this.askCount = 0;
    for (let rank = 0; rank < book.depth('bid'); rank++) this.#add('bid', book.ticksAt('bid', rank), book.lotsAt('bid', rank));
    for (let rank = 0; rank < book.depth('ask'); rank++) this.#add('ask', book.ticksAt('ask', rank), book.lotsAt('ask', rank));
  }

  /** Deletes the levels beyond the first `depth` of each side; they are what these columns hold then, with 0 lots. */
  cutBelow(book: L2Book, depth: number): void {
    this.snapshot = false;
    this.bidCount = 0;
    this.askCount = 0;
    this.#cutSide(book, 'bid', depth);
    this.#cutSide(book, 'ask', depth);
  }

  #cutSide(book: L2Book, side: BookSide, depth: number): void {
    while (book.depth(side) > depth) {
      const ticks = book.ticksAt(side, book.depth(side) - 1);
      book.setLevel(side, ticks, 0);
      this.#add(side, ticks, 0);
    }
  }

  #add(side: BookSide, ticks: number, lots: number): void {
    if (side === 'bid') {
      if (this.bidCount === this.bidTicks.length) {
        this.bidTicks = grown(this.bidTicks);
        this.bidLots = grown(this.bidLots);
      }
      this.bidTicks[this.bidCount] = ticks;
      this.bidLots[this.bidCount++] = lots;
    } else {
      if (this.askCount === this.askTicks.length) {
        this.askTicks = grown(this.askTicks);
        this.askLots = grown(this.askLots);
      }
      this.askTicks[this.askCount] = ticks;
      this.askLots[this.askCount++] = lots;
    }
  }
}

function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(Math.max(64, column.length * 2));
  larger.set(column);
  return larger;
}
