import { describe, expect, it } from 'vitest';
import { ok } from '../../../core/base/result.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { type BookState, type CobView, cobViewSchema } from '../../../core/contracts/market-views.ts';
import { noCobSeconds } from '../../../core/market/cob-second-columns.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { createCobService } from './cob-service.ts';
import { MarketFlow } from './market-flow.ts';

function setUp() {
  const clock = new ManualClock(1_700_000_000_000);
  const book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
  book.applySnapshot([[230_237, 12_345]], [[230_238, 10_000]]);
  const status: { state: BookState; reason: string } = { state: 'live', reason: 'in step' };
  const stored: CobView[] = [];
  const asked: unknown[][] = [];
  const service = createCobService({
    market: {
      appendCob: (view) => stored.push(view),
      async cobSeconds(...of) {
        asked.push(of);
        return ok(noCobSeconds());
      },
    },
    flow: new MarketFlow(),
    clock,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  service.follow({ symbol: 'ETH/USDT', bucketWidth: 1 }, [{ venue: 'binance', book, status: () => status }]);
  const told: CobView[] = [];
  service.events.on((view) => told.push(view));
  return { asked, clock, status, stored, service, told };
}

describe('createCobService', () => {
  it('samples, stores and tells ten times a second of market time', () => {
    const { clock, stored, service, told } = setUp();
    expect(service.latest('ETH/USDT')).toBeUndefined();
    clock.advanceBy(1_000);
    expect(told.map((view) => view.t - 1_700_000_000_000)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000]);
    expect(stored).toEqual(told);
    expect(service.latest('ETH/USDT')).toBe(told.at(-1));
    expect(cobViewSchema.safeParse(told[0]).success).toBe(true);
    expect(told[0]).toMatchObject({ symbol: 'ETH/USDT', venues: ['binance'], bestBid: 2302.37, bestAsk: 2302.38 });
    expect(service.latest('BTC/USDT')).toBeUndefined();
  });

  it('tells of a book that cannot be believed, with the reason, and stores nothing of it', () => {
    const { clock, status, stored, told } = setUp();
    Object.assign(status, { state: 'stale', reason: 'no depth update for 5000 ms' });
    clock.advanceBy(100);
    expect(told[0]).toMatchObject({
      venues: [],
      excluded: [{ venue: 'binance', state: 'stale', reason: 'no depth update for 5000 ms' }],
    });
    expect(stored).toEqual([]);
  });

  it('tells what was recorded, of followed symbols only and of nothing after now', async () => {
    const { asked, clock, service } = setUp();
    const now = clock.now();
    expect(await service.recorded('ETH/USDT', now - 60_000, now + 60_000, 5)).toEqual(ok({ bucketWidth: 1, columns: [] }));
    expect(asked.at(-1)).toEqual(['ETH/USDT', now - 60_000, now, 5_000]);
    expect(await service.recorded('BTC/USDT', 0, 1_000, 1)).toMatchObject({ ok: false, error: { code: 'UNKNOWN_SYMBOL' } });
  });

  it('merges other books from the moment it is told, and nothing of a symbol that is left', () => {
    const { clock, service, told } = setUp();
    clock.advanceBy(100);
    const bybit = new L2Book({ tickSize: 0.1, lotSize: 0.001, bucketWidth: 1 });
    bybit.applySnapshot([[23_024, 1_000]], [[23_025, 1_000]]);
    const live = { state: 'live', reason: 'in step' } as const;
    service.follow({ symbol: 'ETH/USDT', bucketWidth: 1 }, [{ venue: 'bybit', book: bybit, status: () => live }]);
    clock.advanceBy(100);
    expect(told.map((view) => [view.venues, view.bestBid])).toEqual([
      [['binance'], 2302.37],
      [['bybit'], 2302.4],
    ]);
    service.unfollow('ETH/USDT');
    clock.advanceBy(100);
    expect(told).toHaveLength(2);
    expect(service.latest('ETH/USDT')).toBeUndefined();
  });

  it('tells of each second that is over once, with its last snapshot, and nothing of seconds without a live book', () => {
    const { clock, service, status } = setUp();
    const seconds: [number, number, number][] = [];
    const start = clock.now();
    service.seconds.on(({ symbol, collected: { second, views } }) => {
      expect(symbol).toBe('ETH/USDT');
      seconds.push([second - start, views.length, (views.at(-1)?.t ?? 0) - start]);
    });
    clock.advanceBy(2_000);
    expect(seconds).toEqual([
      [0, 9, 900],
      [1_000, 10, 1_900],
    ]);
    Object.assign(status, { state: 'stale', reason: 'silent' });
    clock.advanceBy(3_000);
    expect(seconds).toHaveLength(2);
    Object.assign(status, { state: 'live', reason: 'in step' });
    clock.advanceBy(100);
    // The one that was under way is over long since.
    expect(seconds.at(-1)).toEqual([2_000, 1, 2_000]);
  });

  it('goes on when a listener fails, and stops when closed', () => {
    const { clock, service, told } = setUp();
    service.events.on(() => {
      throw new Error('listener');
    });
    clock.advanceBy(200);
    service.close();
    clock.advanceBy(1_000);
    expect(told).toHaveLength(2);
  });
});
