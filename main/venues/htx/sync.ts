import type { Relation, SequenceRule } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';

/** Levels a side, of which HTX sends what changed every 100 ms. */
export const DEPTH = 400;

/**
 * HTX's `market.$symbol.mbp.400`: each update names the one before it in `prevSeqNum`; the whole book is asked for on the same
 * connection and carries the `seqNum` of one of them. What came before the answer and is newer than it, the wire gives again.
 * Source: HTX spot docs, "Market By Price (incremental update)".
 */
export const HTX_RULE: SequenceRule = {
  snapshotFrom: 'stream',
  depth: DEPTH,
  relate({ previousId, finalId, bidCount, askCount }: DepthDelta, lastId: number): Relation {
    if (previousId === lastId) return finalId === lastId && bidCount === 0 && askCount === 0 ? 'contained' : 'next';
    return finalId <= lastId ? 'old' : 'gap';
  },
};
