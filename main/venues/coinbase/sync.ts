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
