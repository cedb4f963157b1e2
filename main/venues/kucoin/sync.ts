import type { Relation, SequenceRule } from '../session/book-sync.ts';
import type { DepthDelta } from '../session/depth-delta.ts';

/**
 * Both of KuCoin's books: buffer updates; take a REST snapshot with its sequence; drop updates that end at or before it; the
 * next one has sequenceStart ≤ the last sequence + 1 and ends behind it, so it may overlap what is known (quantities are
 * absolute). Futures: sequence + 1 each, which is the same with start = end.
 * Source: KuCoin docs, "Orderbook - Increment" of spot and of futures.
 */
export const KUCOIN_RULE: SequenceRule = {
  snapshotFrom: 'rest',
  relate({ firstId, finalId }: DepthDelta, lastId: number, bridging: boolean): Relation {
    if (finalId < lastId || (!bridging && finalId === lastId)) return 'old';
    if (firstId > lastId + 1) return 'gap';
    // An update that ends at the snapshot's own sequence is in it already, and proves that the stream goes on right after it.
    return finalId === lastId ? 'contained' : 'next';
  },
  isTooOld: (snapshotId, firstBuffered) => snapshotId + 1 < firstBuffered.firstId,
};
