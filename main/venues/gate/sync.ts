import type { Relation, SequenceRule } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';

/** Levels a side that the stream of 100 ms tells of; the snapshot is asked for with as many. */
export const DEPTH = 100;

/**
 * Gate's `spot.order_book_update`: buffer updates; take a REST snapshot with its id; drop updates with u ≤ id; the first
 * kept one spans id + 1; from then on U = previous u + 1. An update marked `full` is the whole book and replaces it.
 * Source: Gate spot WebSocket v4 docs, "How to maintain local order book".
 */
export const GATE_RULE: SequenceRule = {
  snapshotFrom: 'rest',
  depth: DEPTH,
  relate({ firstId, finalId }: DepthDelta, lastId: number, bridging: boolean): Relation {
    if (finalId < lastId || (!bridging && finalId === lastId)) return 'old';
    if (bridging ? firstId > lastId + 1 : firstId !== lastId + 1) return 'gap';
    // An update that ends at the snapshot's own id is in it already, and proves that the stream goes on right after it.
    return finalId === lastId ? 'contained' : 'next';
  },
  isTooOld: (snapshotId, firstBuffered) => snapshotId + 1 < firstBuffered.firstId,
};
