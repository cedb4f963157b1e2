import type { Relation, SequenceRule } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';

/**
 * Both of MEXC's books (VENUES.md). Spot: drop updates with toVersion ≤ lastUpdateId; the first kept one has
 * fromVersion ≤ lastUpdateId + 1; from then on fromVersion = previous toVersion + 1. Futures: version + 1 each (`begin`
 * and `end` where several were joined). What is lost is brought back with a fresh snapshot, which costs one request, as
 * `depth_commits` would.
 */
export const MEXC_RULE: SequenceRule = {
  snapshotFrom: 'rest',
  relate({ firstId, finalId }: DepthDelta, lastId: number, bridging: boolean): Relation {
    if (finalId < lastId || (!bridging && finalId === lastId)) return 'old';
    if (bridging ? firstId > lastId + 1 : firstId !== lastId + 1) return 'gap';
    // An update that ends at the snapshot's own version is in it already, and proves that the stream goes on right after it.
    return finalId === lastId ? 'contained' : 'next';
  },
  isTooOld: (snapshotId, firstBuffered) => snapshotId + 1 < firstBuffered.firstId,
};
