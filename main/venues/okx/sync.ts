import type { Relation, SequenceRule } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';

/**
 * OKX's `books` channel (VENUES.md): each update names the one before it in `prevSeqId`. Both ids alike and nothing in it:
 * nothing happened, and nothing was lost. An id below the one before it is a maintenance reset, after which the chain
 * goes on from the lower id. Ids therefore say nothing about older or newer: whatever is off the chain is a gap.
 * The checksum is dead (always 0) and is not read.
 */
export const OKX_RULE: SequenceRule = {
  snapshotFrom: 'stream',
  relate({ previousId, finalId, bidCount, askCount }: DepthDelta, lastId: number): Relation {
    if (previousId !== lastId) return 'gap';
    return finalId === lastId && bidCount === 0 && askCount === 0 ? 'contained' : 'next';
  },
};
