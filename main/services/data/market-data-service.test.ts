import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok } from '../../../core/base/result.ts';
import { filledCandle } from '../../../core/market/candle-builder.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import type { MarketListener, SessionHealth, VenueMarketData } from '../../ports/venue.ts';
import { ETH } from './fixtures/instruments.ts';
import { MemorySettings } from './fixtures/memory-settings.ts';
import { MemoryMarket } from './fixtures/memory-market.ts';
import { MarketDataService } from './market-data-service.ts';

const NOW = 1_000_000 * 60_000;
const BTC = { ...ETH, symbol: 'BTC/USDT', venueSymbol: 'BTCUSDT' };
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function setUp(answer: Promise<void> = Promise.resolve(), isSlow: (timeframe: Timeframe) => boolean = () => true) {
  const wall = new ManualClock(NOW);
  const market = new MemoryMarket();
  let listener: MarketListener | undefined;
  let closed = 0;
  const state = { reachable: true, requests: 0, answer, speed: 10, forgotten: 0 };
  const health: SessionHealth = {
    connection: 'open',
    book: 'live',
    bookReason: 'in step',
    latencyMsP50: 50,
    lastMessageWallMs: NOW - 300,
    messagesPerSecond: 12,
    resyncs: 1,
    gaps: 0,
    lastError: undefined,
  };
  const book = { mid: 5 } as unknown as L2Book;
  const venue: VenueMarketData = {
    venue: 'binance',
    serverTime: async () => ok(NOW),
    instruments: async () => ok([ETH, BTC]),
    symbols: async () => ok([BTC, ETH].map(({ symbol }) => symbol)),
    async candles(_instrument, timeframe, from, to, limit) {
      state.requests++;
      if (isSlow(timeframe)) await state.answer;
      if (!state.reachable) return fail('VENUE_UNREACHABLE', 'no network', { retryable: true });
      const length = TIMEFRAME_MS[timeframe];
      const count = Math.min(limit, Math.ceil((to - from) / length));
      return ok(Array.from({ length: count }, (_, i) => filledCandle(from + i * length, 100)));
    },
    open(_instruments, given) {
      listener = given;
      return {
        health: () => health,
        book: () => book,
        forgetLatencies: () => void state.forgotten++,
        change: () => {},
        close: async () => void closed++,
      };
    },
  };
  const service = new MarketDataService({
    venues: new Map([['binance', venue]]),
    requests: [ETH, BTC].map(({ symbol }) => ({ symbol, bucketWidth: 1, sources: [{ venue: 'binance', symbol }] })),
    bucketWidths: new Map(),
    store: { market, settings: new MemorySettings() },
    clock: wall,
    wall,
    speed: () => state.speed,
    silenceMs: 5_000,
    backfillMinutes: 120,
    memoryCandles: 200,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  expect(await service.start()).toEqual(ok(undefined));
  return { wall, market, service, state, book, listener: listener as unknown as MarketListener, closed: () => closed };
}

describe('createMarketDataService', () => {
  it('forgets latencies of another pace of market time, once', async () => {
    const { service, state } = await setUp();
    service.health();
    const before = state.forgotten;
    state.speed = 1;
    service.health();
    service.health();
    expect(state.forgotten).toBe(before + 1);
  });

  it('has history for every symbol before it answers the newest page', async () => {
    let answer = (): void => {};
    const { service } = await setUp(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    let answered = false;
    const page = service.getCandles('ETH/USDT', '1m', undefined, 50).then((result) => {
      answered = true;
      return result;
    });
    await settle();
    expect(answered).toBe(false);
    answer();
    const result = await page;
    expect(result.ok && result.value.candles.length).toBe(50);
    expect(service.recentMinutes('BTC/USDT', 30)?.openTime).toHaveLength(30);
  });

  it('answers for the timeframes whose history came, while that of others is on its way', async () => {
    let answer = (): void => {};
    const { service } = await setUp(
      new Promise((resolve) => {
        answer = resolve;
      }),
      (timeframe) => timeframe === '1s',
    );
    const minutes = await service.getCandles('ETH/USDT', '5m', undefined, 10);
    expect(minutes.ok && minutes.value.candles.length).toBe(10);
    let answered = false;
    const seconds = service.getCandles('ETH/USDT', '1s', undefined, 10).then(() => {
      answered = true;
    });
    await settle();
    expect(answered).toBe(false);
    answer();
    await seconds;
  });

  it('is up although the venue is out of reach, and tries again until it has its history', async () => {
    const { service, state, wall, market } = await setUp();
    state.reachable = false;
    await service.started;
    expect(market.candles('ETH/USDT', '1m')).toEqual([]);
    const before = state.requests;
    wall.advanceBy(3_000);
    await settle();
    expect(state.requests).toBeGreaterThan(before);
    state.reachable = true;
    wall.advanceBy(6_000);
    for (let i = 0; i < 10; i++) await settle();
    expect(market.candles('ETH/USDT', '1m').length).toBeGreaterThanOrEqual(119);
  });

  it('refuses symbols that it does not follow', async () => {
    const { service } = await setUp();
    expect(await service.getCandles('SOL/USDT', '1m', undefined, 5)).toMatchObject({
      ok: false,
      error: { code: 'UNKNOWN_SYMBOL' },
    });
    expect(await service.ensureHistory('SOL/USDT', '1m', 0, 1)).toMatchObject({ ok: false, error: { code: 'UNKNOWN_SYMBOL' } });
    expect(service.recentMinutes('SOL/USDT', 5)).toBeUndefined();
    expect(service.liveBook('SOL/USDT')).toBeUndefined();
  });

  it('stores and passes on every trade; one listener that fails stops nobody', async () => {
    const { service, listener, market } = await setUp();
    const heard: number[] = [];
    service.trades.on(() => {
      throw new Error('listener');
    });
    service.trades.on(({ symbol, trade }) => symbol === 'ETH/USDT' && heard.push(trade.id));
    for (const id of [1, 2]) listener.onTrade(ETH, { id, price: 1, quantity: 1, side: 'buy', tsEvent: NOW, tsReceived: NOW });
    listener.onTrade(BTC, { id: 9, price: 1, quantity: 1, side: 'buy', tsEvent: NOW, tsReceived: NOW });
    expect(heard).toEqual([1, 2]);
    expect(market.trades.map((trade) => trade.id)).toEqual([1, 2, 9]);
  });

  it('gives out a book only while it can be believed', async () => {
    const { service, listener, book } = await setUp();
    expect(service.liveBook('ETH/USDT')).toBeUndefined();
    listener.onBookState(ETH, 'live', 'in step');
    expect(service.liveBook('ETH/USDT')).toBe(book);
    listener.onBookState(ETH, 'stale', 'silent');
    expect(service.liveBook('ETH/USDT')).toBeUndefined();
    expect(service.followed('ETH/USDT')?.primary.status()).toEqual({ state: 'stale', reason: 'silent' });
  });

  it('tells latency and age in wall milliseconds', async () => {
    const { service } = await setUp();
    expect(service.health()).toMatchObject([
      { venue: 'binance', symbol: 'ETH/USDT', latencyMsP50: 5, dataAgeMs: 300, messagesPerSecond: 12 },
      { symbol: 'BTC/USDT' },
    ]);
    expect(service.health()[0]).not.toHaveProperty('lastError');
  });

  it('closes its session and looks at nothing any more', async () => {
    const { service, wall, state, closed } = await setUp();
    await service.started;
    await service.close();
    expect(closed()).toBe(1);
    const requests = state.requests;
    wall.advanceBy(60_000);
    await settle();
    expect(state.requests).toBe(requests);
  });
});
