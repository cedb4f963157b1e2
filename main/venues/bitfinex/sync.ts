import type { L2Book } from '../../../core/market/l2-book.ts';
import type { Relation, SequenceRule } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';
import { bookChecksum } from './book-checksum.ts';

/** Levels a side that we subscribe to: the most that Bitfinex offers. */
export const DEPTH = 250;

/**
 * Bitfinex numbers the messages of a connection, not those of a book: the wire finds holes, in messages of any channel, and
 * invalidates all books of the connection. What is left for a book is not to go back, and to have the checksum that comes
 * every few seconds.
 */
export const BITFINEX_RULE: SequenceRule = {
  snapshotFrom: 'stream',
  depth: DEPTH,
  relate: ({ finalId }: DepthDelta, lastId: number): Relation => (finalId < lastId ? 'old' : 'next'),
  settle(book: L2Book, { checksum }: DepthDelta): string | undefined {
    if (Number.isNaN(checksum)) return undefined;
    const actual = bookChecksum(book);
    // The published examples of tiny prices do not agree on how they are written.
    if (actual === checksum || bookChecksum(book, true) === checksum) return undefined;
    return `checksum ${actual}, Bitfinex says ${checksum}`;
  },
};
