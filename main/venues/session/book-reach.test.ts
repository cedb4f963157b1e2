import { describe, expect, it } from 'vitest';
import type { BookState } from '../../../core/contracts/market-views.ts';
import { type BookLevel, L2Book } from '../../../core/market/l2-book.ts';
import { BookSync, type SequenceRule } from './book-sync.ts';
import { addAsk, addBid, type DepthDelta, emptyDelta } from './depth-delta.ts';

const RULE: SequenceRule = {
  snapshotFrom: 'rest',
  relate: ({ finalId }, lastId) => (finalId <= lastId ? 'old' : finalId === lastId + 1 ? 'next' : 'gap'),
};

function delta(id: number, bids: readonly BookLevel[], asks: readonly BookLevel[] = []): DepthDelta {
  const out = emptyDelta(2);
  out.firstId = id;
  out.finalId = id;
  for (const [ticks, lots] of bids) addBid(out, ticks, lots);
  for (const [ticks, lots] of asks) addAsk(out, ticks, lots);
  return out;
}

/** 100 bids from 1,000 down to 901, which is not all there is; 30 asks from 1,001 up, which is. */
const SNAPSHOT = {
  lastUpdateId: 10,
  bids: Array.from({ length: 100 }, (_, i): BookLevel => [1_000 - i, 5]),
  asks: Array.from({ length: 30 }, (_, i): BookLevel => [1_001 + i, 5]),
  reach: { bid: 901, ask: Number.POSITIVE_INFINITY },
};

describe('a book of which the snapshot reached only part', () => {
  function live(): { sync: BookSync; states: BookState[]; told: number[] } {
    const states: BookState[] = [];
    const told: number[] = [];
    const book = new L2Book({ tickSize: 0.01, lotSize: 1, bucketWidth: 1 });
    const sync = new BookSync(
      book,
      RULE,
      (state) => states.push(state),
      (change) => told.push(...change.bidTicks.slice(0, change.bidCount)),
    );
    sync.connected();
    sync.onDelta(delta(11, []));
    expect(sync.onSnapshot(SNAPSHOT)).toBe('live');
    told.length = 0;
    return { sync, states, told };
  }

  it('takes no level from beyond, and tells of none', () => {
    const { sync, told } = live();
    sync.onDelta(
      delta(
        12,
        [
          [900, 7],
          [901, 8],
          [850, 0],
          [902, 9],
        ],
        [[5_000, 3]],
      ),
    );
    expect([sync.book.depth('bid'), sync.book.ticksAt('bid', 99), sync.book.lotsAt('bid', 99)]).toEqual([100, 901, 8]);
    // The other side is known to its end.
    expect([sync.book.depth('ask'), sync.book.ticksAt('ask', 30)]).toEqual([31, 5_000]);
    expect(told).toEqual([901, 902]);
  });

  it('begins anew when the market has used up what is known, and not before', () => {
    const { sync, states } = live();
    for (let i = 0; i < 80; i++) sync.onDelta(delta(12 + i, [[1_000 - i, 0]]));
    expect([sync.state, sync.book.depth('bid')]).toEqual(['live', 20]);
    expect(sync.onDelta(delta(92, [[920, 0]]))).toBe('broken');
    expect([sync.state, sync.reason]).toEqual(['resyncing', 'fewer than 20 levels are left of what the snapshot reached']);
    sync.onDelta(delta(93, []));
    expect(sync.onSnapshot({ ...SNAPSHOT, lastUpdateId: 92, reach: { bid: 0, ask: Number.POSITIVE_INFINITY } })).toBe('live');
    expect(states).toEqual(['syncing', 'live', 'stale', 'resyncing', 'live']);
    // Of a whole book nothing is dropped.
    sync.onDelta(delta(94, [[500, 1]]));
    expect(sync.book.depth('bid')).toBe(101);
  });
});
