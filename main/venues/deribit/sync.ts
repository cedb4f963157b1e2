import type { Relation, SequenceRule } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';

/**
 * Deribit (VENUES.md): the first message of a subscription is the whole book; each later one names the `change_id` before
 * its own. Ids grow, but not by 1: they are the venue's, not the channel's.
 */
export const DERIBIT_RULE: SequenceRule = {
  snapshotFrom: 'stream',
  relate({ previousId, finalId }: DepthDelta, lastId: number): Relation {
    if (previousId === lastId) return 'next';
    return finalId <= lastId ? 'old' : 'gap';
  },
};
