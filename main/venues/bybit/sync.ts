import type { DepthDelta } from '../session/depth-delta.ts';
import type { Relation, SequenceRule } from '../session/book-sync.ts';

/**
 * Bybit v5 (VENUES.md): a snapshot, then deltas whose `u` advances by 1. Any further snapshot, and any message with u = 1
 * (the service was restarted), replaces the book: the parser marks both as snapshots.
 */
export const BYBIT_RULE: SequenceRule = {
  snapshotFrom: 'stream',
  relate({ finalId }: DepthDelta, lastId: number): Relation {
    if (finalId === lastId + 1) return 'next';
    return finalId <= lastId ? 'old' : 'gap';
  },
};
