import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok } from '../../../core/base/result.ts';
import type { LivePrice } from '../../../core/contracts/watchlist.ts';
import { filledCandle } from '../../../core/market/candle-builder.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { openTimeOf } from '../../../core/market/timeframe.ts';
import type { Followed } from './followed-symbol.ts';
import { LivePrices } from './live-price.ts';

const NOW = 1_000_000 * 60_000 + 30_000;
const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const clock = new ManualClock(NOW);
  const state = {
    book: 'live' as 'live' | 'stale',
    mid: 100,
    rest: undefined as number | undefined,
    candle: undefined as Candle | undefined,
    isFollowed: true,
    asked: 0,
  };
  const link = {
    clockOffset: 0,
    venue: {
      candles: async () => {
        state.asked++;
        const openTime = openTimeOf(clock.now(), '1m');
        return state.rest === undefined ? fail('VENUE_UNREACHABLE', 'away') : ok([filledCandle(openTime, state.rest)]);
      },
    },
  };
  const source = {
    ...{ name: { venue: 'okx', symbol: 'A/USDT' }, link, instrument: {} },
    get state() {
      return state.book;
    },
    get book() {
      return { mid: state.mid };
    },
  };
  const followed = { request: { symbol: 'A/USDT' }, sources: [source], primary: source } as unknown as Followed;
  const prices = new LivePrices({
    asksVenues: true,
    followed: () => (state.isFollowed ? followed : undefined),
    symbols: () => (state.isFollowed ? ['A/USDT'] : []),
    lastCandle: () => state.candle,
    clock,
    wall: clock,
    speed: () => 1,
    ttlMs: 500,
    log: LOG,
  });
  const told: LivePrice[] = [];
  prices.events.on((price) => told.push(price));
  const pass = async (ms: number): Promise<void> => {
    for (let t = 0; t < ms; t += 100) {
      clock.advanceBy(100);
      await settle();
    }
  };
  const trade = (price: number, tsEvent: number): void =>
    prices.onTrade('A/USDT', { id: 1, price, quantity: 1, side: 'buy', tsEvent, tsReceived: clock.now() });
  return { clock, state, prices, told, pass, trade };
}

describe('the live price', () => {
  it('comes from the book, then the trade, then REST, each for its time to live', async () => {
    const { state, prices, pass, trade, clock } = setUp();
    await pass(100);
    expect(prices.latest('A/USDT')).toMatchObject({ source: 'book', price: 100, expired: false });
    trade(101, clock.now());
    state.book = 'stale';
    await pass(400);
    expect(prices.latest('A/USDT')).toMatchObject({ source: 'trade', price: 101, expired: false });
    state.rest = 102;
    await pass(300);
    expect(prices.latest('A/USDT')).toMatchObject({ source: 'rest', price: 102, expired: false });
  });

  it('is told as expired when a book is doubted and nothing else is known', async () => {
    const { state, prices, pass, told } = setUp();
    await pass(100);
    state.book = 'stale';
    await pass(600);
    expect(prices.latest('A/USDT')).toMatchObject({ source: 'book', price: 100, expired: true, t: NOW + 100 });
    expect(told.map(({ expired }) => expired)).toEqual([false, true]);
  });

  it('does not take a trade that was fetched later for one of now', async () => {
    const { state, prices, pass, trade, clock } = setUp();
    state.book = 'stale';
    trade(90, clock.now() - 30_000);
    await pass(100);
    expect(prices.latest('A/USDT')).toMatchObject({ source: 'trade', price: 90, expired: true, t: NOW - 30_000 });
  });

  it('asks REST with growing pauses while it does not answer', async () => {
    const { state, pass } = setUp();
    state.book = 'stale';
    await pass(20_000);
    expect(state.asked).toBeLessThanOrEqual(5);
    expect(state.asked).toBeGreaterThanOrEqual(3);
  });

  it('forgets a symbol that is followed no more', async () => {
    const { state, prices, pass } = setUp();
    await pass(100);
    state.isFollowed = false;
    await pass(100);
    expect(prices.latest('A/USDT')).toBeUndefined();
  });
});
