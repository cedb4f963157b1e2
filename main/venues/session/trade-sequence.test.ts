import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Trade } from '../../../core/market/trade.ts';
import { type TradeIds, TradeSequence } from './trade-sequence.ts';

const trade = (id: number, tsEvent = 1_000 + id): Trade => ({ id, price: 1, quantity: 1, side: 'buy', tsEvent, tsReceived: 0 });

function sequence(ids: TradeIds): { trades: TradeSequence; delivered: number[] } {
  const delivered: number[] = [];
  return { trades: new TradeSequence(ids, ({ id }) => delivered.push(id)), delivered };
}

describe('contiguous trade ids', () => {
  it('hold what is newer until the hole is filled, once each', () => {
    const { trades, delivered } = sequence('contiguous');
    for (const id of [5, 6, 6, 9, 10]) trades.onTrade(trade(id));
    expect([delivered, trades.wantsBackfill, trades.cursor.id]).toEqual([[5, 6], true, 6]);
    expect(
      trades.onBackfill(
        [4, 5, 6, 7, 8, 9].map((id) => trade(id)),
        false,
      ),
    ).toBe(true);
    expect(delivered).toEqual([5, 6, 7, 8, 9, 10]);
    expect([trades.backfilled, trades.missed, trades.holes]).toEqual([2, 0, 0]);
  });

  it('wait for a REST answer that is still behind the stream, unless it is the last try', () => {
    const { trades, delivered } = sequence('contiguous');
    for (const id of [5, 9]) trades.onTrade(trade(id));
    expect(trades.onBackfill([trade(6)], false)).toBe(false);
    expect(delivered).toEqual([5]);
    expect(trades.onBackfill([trade(6), trade(7)], true)).toBe(true);
    expect([delivered, trades.missed, trades.problem]).toEqual([[5, 6, 7, 9], 1, '1 trades missed (ids 8–8)']);
  });

  it('count and name what cannot be fetched', () => {
    const { trades, delivered } = sequence('contiguous');
    for (const id of [5, 9]) trades.onTrade(trade(id));
    trades.giveUp('no network');
    trades.onTrade(trade(10));
    expect([delivered, trades.missed, trades.holes, trades.wantsBackfill]).toEqual([[5, 9, 10], 3, 1, false]);
  });

  it('go on after a venue’s reset, whose ids begin anew with newer times', () => {
    const { trades, delivered } = sequence('contiguous');
    trades.onTrade(trade(1_000));
    trades.onTrade(trade(1, 5_000));
    trades.onTrade(trade(2, 5_001));
    expect([delivered, trades.holes]).toEqual([[1_000, 1, 2], 1]);
  });
});

describe('a sequence that goes on after an earlier one', () => {
  it.each([
    ['contiguous', [3, 4, 5, 6]],
    ['increasing', [3, 4, 5, 6]],
    ['unordered', [3, 4, 5, 6]],
  ] as const)('fetches what was missed since, of %s ids', (ids, expected) => {
    const { trades, delivered } = sequence(ids);
    trades.resume({ id: 2, time: 1_002 });
    trades.onTrade(trade(5));
    expect([trades.wantsBackfill, delivered]).toEqual([true, []]);
    trades.onTrade(trade(6));
    expect(
      trades.onBackfill(
        [1, 2, 3, 4, 5].map((id) => trade(id)),
        false,
      ),
    ).toBe(true);
    expect([delivered, trades.backfilled, trades.missed, trades.holes]).toEqual([expected, 2, 0, 0]);
  });

  it('asks for nothing where ids show that nothing was missed', () => {
    const { trades, delivered } = sequence('contiguous');
    trades.resume({ id: 2, time: 1_002 });
    for (const id of [2, 3]) trades.onTrade(trade(id));
    expect([delivered, trades.wantsBackfill]).toEqual([[3], false]);
  });

  it.each(['contiguous', 'increasing', 'unordered'] as const)('begins anew in a market that went back, of %s ids', (ids) => {
    const { trades, delivered } = sequence(ids);
    trades.resume({ id: 9, time: 1_009 });
    for (const id of [7, 8, 9, 10]) trades.onTrade(trade(id));
    expect([delivered, trades.wantsBackfill, trades.holes]).toEqual([[7, 8, 9, 10], false, 0]);
  });
});

describe('unordered trade ids', () => {
  it('are filled in from where the stream became doubtful, though a later trade was delivered', () => {
    const { trades, delivered } = sequence('unordered');
    for (const [id, time] of [
      [70, 100],
      [20, 150],
      [50, 900],
    ] as const)
      trades.onTrade(trade(id, time));
    trades.interrupted(140);
    const fetched = [trade(5, 90), trade(70, 100), trade(20, 150), trade(33, 400), trade(50, 900)];
    expect(trades.onBackfill(fetched, false)).toBe(true);
    expect([delivered, trades.backfilled, trades.holes]).toEqual([[70, 20, 50, 33], 1, 0]);
    // The next interruption has nothing to do with that one.
    trades.interrupted();
    expect(trades.onBackfill([trade(44, 500), trade(50, 900), trade(60, 950)], false)).toBe(true);
    expect(delivered).toEqual([70, 20, 50, 33, 60]);
  });

  it('are filled in after an interruption from what REST has, behind the last one that was known', () => {
    const { trades, delivered } = sequence('unordered');
    for (const id of [70, 20]) trades.onTrade(trade(id, 100));
    trades.interrupted();
    expect(trades.wantsBackfill).toBe(true);
    trades.onTrade(trade(50, 130));
    trades.onBackfill([trade(70, 100), trade(20, 100), trade(90, 110), trade(10, 120), trade(50, 130)], false);
    trades.onTrade(trade(50, 130));
    expect(delivered).toEqual([70, 20, 90, 10, 50]);
    expect([trades.backfilled, trades.holes]).toEqual([2, 0]);
  });

  it('say so when REST reaches back to a trade that came after the doubt, but not to the doubt', () => {
    const { trades, delivered } = sequence('unordered');
    trades.onTrade(trade(70, 100));
    trades.onTrade(trade(50, 900));
    trades.interrupted(140);
    trades.onBackfill([trade(33, 800), trade(50, 900)], false);
    expect([delivered, trades.holes]).toEqual([[70, 50, 33], 1]);
    expect(trades.problem).toMatch(/^trades from 1970-01-01T00:00:00.140Z to 1970-01-01T00:00:00.800Z may be missing/);
  });

  it('say so when REST does not reach back far enough', () => {
    const { trades } = sequence('unordered');
    trades.onTrade(trade(70, 100));
    trades.interrupted();
    trades.onBackfill([trade(90, 110)], false);
    expect([trades.holes, trades.missed]).toEqual([1, 0]);
    expect(trades.problem).toMatch(/^trades from 1970-01-01T00:00:00.100Z to 1970-01-01T00:00:00.110Z may be missing/);
  });

  it('say up to where some are missing when the stream broke off again while they were held', () => {
    const { trades, delivered } = sequence('unordered');
    trades.onTrade(trade(70, 100));
    trades.interrupted();
    trades.onTrade(trade(90, 300));
    trades.interrupted();
    trades.onTrade(trade(20, 700));
    trades.onBackfill([trade(55, 900)], false);
    expect([delivered, trades.holes]).toEqual([[70, 90, 20, 55], 1]);
    expect(trades.problem).toMatch(/^trades from 1970-01-01T00:00:00.100Z to 1970-01-01T00:00:00.700Z may be missing/);
  });

  it('are fetched once more with the first that the stream tells, when it was silent at the back-fill', () => {
    const { trades, delivered } = sequence('unordered');
    trades.onTrade(trade(70, 100));
    trades.interrupted();
    trades.onBackfill([trade(70, 100), trade(20, 200)], false);
    expect(trades.wantsBackfill).toBe(false);
    trades.onTrade(trade(90, 400));
    expect(trades.wantsBackfill).toBe(true);
    trades.onBackfill([trade(20, 200), trade(30, 300), trade(90, 400)], false);
    trades.onTrade(trade(10, 500));
    expect([delivered, trades.wantsBackfill, trades.holes]).toEqual([[70, 20, 30, 90, 10], false, 0]);
  });

  it('say from the doubt on what may be missing when they are given up', () => {
    const { trades } = sequence('unordered');
    trades.onTrade(trade(70, 100));
    trades.onTrade(trade(50, 900));
    trades.interrupted(140);
    trades.giveUp('it is closed');
    expect(trades.problem).toBe('trades after 1970-01-01T00:00:00.140Z may be missing: it is closed');
  });
});

describe('trade sequences', () => {
  it('deliver every trade once and in order, whatever the stream loses and repeats, when REST has them all', () => {
    const events = fc.array(fc.constantFrom('send', 'lose', 'repeat', 'interrupt', 'fill'), { maxLength: 200 });
    fc.assert(
      fc.property(fc.constantFrom<TradeIds>('contiguous', 'increasing', 'unordered'), events, (ids, list) => {
        const { trades, delivered } = sequence(ids);
        // Ids that have no order where they need none, and steps where they need not be neighbours.
        const idOf = (n: number): number => (ids === 'contiguous' ? n : ids === 'increasing' ? n * 3 : (n * 7919) % 100_003);
        const made = (n: number): Trade => trade(idOf(n), 1_000 + n);
        const all: Trade[] = [made(1)];
        trades.onTrade(made(1));
        for (const event of [...list, 'interrupt', 'send', 'fill'] as const) {
          if (event === 'send' || event === 'lose') {
            // Only a lost connection loses trades where ids do not show it.
            if (event === 'lose') trades.interrupted();
            all.push(made(all.length + 1));
            if (event === 'send') trades.onTrade(all.at(-1) as Trade);
          } else if (event === 'repeat') trades.onTrade(all.at(-1) as Trade);
          else if (event === 'interrupt') trades.interrupted();
          else if (trades.wantsBackfill) trades.onBackfill(all.slice(-500), false);
        }
        expect(delivered).toEqual(all.map(({ id }) => id));
        expect([trades.holes, trades.missed]).toEqual([0, 0]);
      }),
      { numRuns: 500 },
    );
  });
});
