import type { L2Book } from '../../../core/market/l2-book.ts';
import type { Relation, SequenceRule } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';
import { bookChecksum, type WireDecimals } from './book-checksum.ts';

/** Levels a side that we subscribe to: beyond them Kraken tells nothing, not even that a level is gone. */
export const DEPTH = 1000;

/**
 * Kraken's `book` channel (VENUES.md) has no ids: the book must have the checksum that each message carries, after it was
 * cut to the subscribed depth. The checksum covers ten levels a side; below them the venue's time, which takes the place
 * of an id and never goes back within a book (recorded: never in 2,549 messages), shows what is late.
 */
export function krakenRule(decimals: WireDecimals): SequenceRule {
  return {
    snapshotFrom: 'stream',
    depth: DEPTH,
    relate: ({ finalId }: DepthDelta, lastId: number): Relation => (finalId < lastId ? 'gap' : 'next'),
    settle(book: L2Book, { checksum }: DepthDelta): string | undefined {
      const actual = bookChecksum(book, decimals);
      return actual === checksum ? undefined : `checksum ${actual}, Kraken says ${checksum}`;
    },
  };
}
