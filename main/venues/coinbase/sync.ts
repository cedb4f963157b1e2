import type { Relation, SequenceRule } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';

/**
 * Coinbase (VENUES.md) numbers the messages of a connection, not those of a book: the wire finds holes, in messages of any
 * channel, and invalidates all books of the connection. What is left for a book is not to go back.
 */
export const COINBASE_RULE: SequenceRule = {
  snapshotFrom: 'stream',
  relate: ({ finalId }: DepthDelta, lastId: number): Relation => (finalId < lastId ? 'old' : 'next'),
};

/** How a message stands to the ones before it on its connection. */
export type Place = 'next' | 'repeated' | 'old' | 'hole';

/** The `sequence_num` of one connection, contiguous across all its channels. Pure. */
export class ConnectionSequence {
  #last = -1;
  /** Messages in a row that were behind the newest: not late ones, which TCP does not know, but a sequence that began anew. */
  oldInARow = 0;

  get last(): number {
    return this.#last;
  }

  place(number: number): Place {
    const last = this.#last;
    if (last >= 0 && number <= last) {
      this.oldInARow++;
      return number === last ? 'repeated' : 'old';
    }
    this.oldInARow = 0;
    this.#last = number;
    return last < 0 || number === last + 1 ? 'next' : 'hole';
  }
}
