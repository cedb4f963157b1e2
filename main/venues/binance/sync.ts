import type { DepthDelta } from '../session/depth-delta.ts';
import type { Relation, SequenceRule } from '../session/book-sync.ts';

/**
 * Binance spot's diff stream (VENUES.md): buffer diffs; take a REST snapshot; drop diffs with u ≤ lastUpdateId; the first
 * kept one spans lastUpdateId + 1; from then on U = previous u + 1.
 */
export const SPOT_RULE: SequenceRule = {
  snapshotFrom: 'rest',
  relate({ firstId, finalId }: DepthDelta, lastId: number, bridging: boolean): Relation {
    if (finalId < lastId || (!bridging && finalId === lastId)) return 'old';
    if (bridging ? firstId > lastId + 1 : firstId !== lastId + 1) return 'gap';
    // A diff that ends at the snapshot's own id is in it already, and proves that the stream goes on right after it.
    return finalId === lastId ? 'contained' : 'next';
  },
  isTooOld: (snapshotId, firstBuffered) => snapshotId + 1 < firstBuffered.firstId,
};

/**
 * USD-M's and COIN-M's diff streams (VENUES.md), whose ids leave holes: drop diffs with u < lastUpdateId; the first kept one spans
 * lastUpdateId (U ≤ lastUpdateId ≤ u) or names it as the one before (pu); from then on pu = previous u.
 */
export const FUTURES_RULE: SequenceRule = {
  snapshotFrom: 'rest',
  relate({ firstId, finalId, previousId }: DepthDelta, lastId: number, bridging: boolean): Relation {
    if (finalId < lastId || (!bridging && finalId === lastId)) return 'old';
    if (previousId !== lastId && !(bridging && firstId <= lastId)) return 'gap';
    return finalId === lastId ? 'contained' : 'next';
  },
  isTooOld: (snapshotId, { firstId, previousId }) => snapshotId < firstId && snapshotId !== previousId,
};
