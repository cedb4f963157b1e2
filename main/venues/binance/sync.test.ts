import { describe, expect, it } from 'vitest';
import type { BookState } from '../../../core/contracts/market-views.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { type DepthDelta, emptyDelta } from '../session/depth-delta.ts';
import { BookSync, type DepthSnapshot } from '../session/book-sync.ts';
import { FUTURES_RULE, SPOT_RULE } from './sync.ts';

function delta(firstId: number, finalId: number, bidTicks = 90, lots = finalId): DepthDelta {
  const one = { ...emptyDelta(1), firstId, finalId, tsEvent: finalId, bidCount: 1 };
  one.bidTicks[0] = bidTicks;
  one.bidLots[0] = lots;
  return one;
}

const snapshot = (lastUpdateId: number, bidTicks = 90): DepthSnapshot => ({
  lastUpdateId,
  bids: [[bidTicks, lastUpdateId]],
  asks: [[110, 1]],
});

function connected(): { sync: BookSync; states: BookState[]; reasons: string[] } {
  const states: BookState[] = [];
  const reasons: string[] = [];
  const sync = new BookSync(new L2Book({ tickSize: 1, lotSize: 1, bucketWidth: 1 }), SPOT_RULE, (state, reason) => {
    states.push(state);
    reasons.push(reason);
  });
  expect(sync.wantsSnapshot).toBe(false);
  sync.connected();
  return { sync, states, reasons };
}

describe('Binance book synchronisation', () => {
  it('drops what the snapshot holds, starts with the diff that spans lastUpdateId + 1, then wants U = previous u + 1', () => {
    const { sync, states } = connected();
    expect(sync.wantsSnapshot).toBe(false);
    for (const [first, final] of [
      [10, 12],
      [13, 15],
      [16, 20],
    ] as const)
      expect(sync.onDelta(delta(first, final))).toBe('buffered');
    expect(sync.wantsSnapshot).toBe(true);
    expect(sync.onSnapshot(snapshot(17))).toBe('live');
    expect([sync.lastId, sync.book.lotsAt('bid', 0)]).toEqual([20, 20]);
    expect(sync.onDelta(delta(21, 21))).toBe('applied');
    expect(sync.onDelta(delta(21, 21))).toBe('ignored');
    expect(states).toEqual(['syncing', 'live']);
  });

  it('takes a diff that begins right after the snapshot, which the official text’s off-by-one would refuse', () => {
    const { sync } = connected();
    sync.onDelta(delta(18, 20));
    expect(sync.onSnapshot(snapshot(17))).toBe('live');
  });

  it('waits for the stream when the snapshot is ahead of it, and is live once they meet', () => {
    const { sync } = connected();
    sync.onDelta(delta(10, 12));
    expect(sync.onSnapshot(snapshot(20))).toBe('waiting');
    expect(sync.wantsSnapshot).toBe(false);
    expect(sync.onDelta(delta(13, 18))).toBe('ignored');
    expect(sync.state).toBe('syncing');
    // Ends at the very id of the snapshot: nothing to apply, but the chain is proven.
    expect(sync.onDelta(delta(19, 20))).toBe('ignored');
    expect(sync.state).toBe('live');
    expect(sync.onDelta(delta(21, 22))).toBe('applied');
  });

  it('asks again when the snapshot ends before the diffs begin, without calling that a gap', () => {
    const { sync, states } = connected();
    sync.onDelta(delta(30, 31));
    expect(sync.onSnapshot(snapshot(28))).toBe('too-old');
    expect([sync.gaps, sync.wantsSnapshot]).toEqual([0, true]);
    expect(sync.onSnapshot(snapshot(29))).toBe('live');
    expect(states).toEqual(['syncing', 'live']);
  });

  it('keeps what came after a hole in the buffer for the next snapshot', () => {
    const { sync, states, reasons } = connected();
    for (const [first, final] of [
      [10, 12],
      [14, 15],
      [16, 20],
    ] as const)
      sync.onDelta(delta(first, final));
    expect(sync.onSnapshot(snapshot(11))).toBe('broken');
    expect([sync.gaps, sync.wantsSnapshot]).toEqual([1, true]);
    expect(sync.onSnapshot(snapshot(13))).toBe('live');
    expect(sync.lastId).toBe(20);
    expect(states).toEqual(['syncing', 'live', 'stale', 'resyncing', 'live']);
    expect(reasons[2]).toBe('gap: update 13 expected, 14–15 came');
  });

  it('does not believe a crossed book, from a diff or from a snapshot', () => {
    const { sync, reasons } = connected();
    sync.onDelta(delta(10, 12));
    sync.onSnapshot(snapshot(11));
    expect(sync.onDelta(delta(13, 13, 110))).toBe('broken');
    expect(reasons.at(-1)).toBe('crossed: bid 110 at or above ask 110 after update 13');
    expect(sync.state).toBe('resyncing');
    sync.onDelta(delta(14, 14));
    expect(sync.onSnapshot(snapshot(14, 111))).toBe('broken');
    expect(sync.state).toBe('resyncing');
    sync.onDelta(delta(15, 15));
    expect(sync.onSnapshot(snapshot(15))).toBe('live');
    expect(sync.resyncs).toBe(1);
  });

  it('notices that the venue’s ids began anew, which looks like old diffs for ever', () => {
    const { sync } = connected();
    sync.onDelta(delta(1000, 1000));
    sync.onSnapshot(snapshot(999));
    let id = 1;
    while (sync.state === 'live' && id < 100) sync.onDelta(delta(id, id++));
    expect(id).toBe(21);
    expect(sync.state).toBe('resyncing');
    expect(sync.onSnapshot(snapshot(19))).toBe('live');
  });

  it('does not keep diffs for ever when no snapshot comes', () => {
    const { sync } = connected();
    for (let id = 1; id <= 20_000; id++) sync.onDelta(delta(id, id));
    expect(sync.onSnapshot(snapshot(5_000))).toBe('too-old');
    expect(sync.onSnapshot(snapshot(15_000))).toBe('live');
    expect(sync.lastId).toBe(20_000);
  });

  it('ignores everything while not connected', () => {
    const { sync } = connected();
    sync.onDelta(delta(10, 12));
    sync.onSnapshot(snapshot(11));
    sync.disconnected('lost');
    expect([sync.state, sync.reason]).toEqual(['stale', 'lost']);
    expect(sync.onDelta(delta(13, 13))).toBe('ignored');
    sync.invalidate('silent');
    expect(sync.state).toBe('stale');
    expect(sync.onSnapshot(snapshot(12))).toBe('ignored');
  });
});

describe('sequence of contracts', () => {
  const relate = (firstId: number, finalId: number, previousId: number, lastId: number, bridging: boolean) =>
    FUTURES_RULE.relate({ ...emptyDelta(1), firstId, finalId, previousId }, lastId, bridging);

  it('begins with the diff that spans lastUpdateId, or names it as the one before', () => {
    expect(relate(90, 99, 80, 100, true)).toBe('old');
    expect(relate(90, 100, 80, 100, true)).toBe('contained');
    expect(relate(90, 110, 80, 100, true)).toBe('next');
    expect(relate(100, 110, 99, 100, true)).toBe('next');
    // The ids in between belong to other books.
    expect(relate(105, 110, 100, 100, true)).toBe('next');
    expect(relate(101, 110, 99, 100, true)).toBe('gap');
    expect(relate(105, 110, 101, 100, true)).toBe('gap');
  });

  it('goes on with pu = previous u, whatever U is', () => {
    expect(relate(105, 110, 100, 100, false)).toBe('next');
    expect(relate(101, 110, 99, 100, false)).toBe('gap');
    expect(relate(105, 110, 101, 100, false)).toBe('gap');
    expect(relate(90, 100, 80, 100, false)).toBe('old');
    // A diff that spans the last one was cut from another stream.
    expect(relate(95, 110, 94, 100, false)).toBe('gap');
    expect(relate(101, 110, -1, 100, false)).toBe('gap');
  });

  it('wants another snapshot when the first diff neither spans nor follows it', () => {
    const first = { ...emptyDelta(1), firstId: 105, finalId: 110, previousId: 100 };
    expect([99, 100, 101, 104, 105, 111].map((id) => FUTURES_RULE.isTooOld?.(id, first))).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
  });
});
