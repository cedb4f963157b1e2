import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Candle } from '../../core/market/candle.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import { expectFailure, expectOk, type TestStore, testStore, until } from './test-store.ts';

let opened: TestStore;

beforeEach(async () => {
  opened = await testStore({ flushMs: 500, batchRows: 100 });
});

afterEach(() => opened.remove());

const MINUTE = 60_000;

function candleAt(index: number, close = 100): Candle {
  const body = { open: 100, high: 101, low: 99, close, volume: 5, buyVolume: 2, tradeCount: 3, filled: false };
  return { openTime: index * MINUTE, ...body };
}

function append(from: number, to: number): void {
  for (let i = from; i < to; i++) opened.store.market.appendCandle('binance', 'ETH/USDT', '1m', candleAt(i));
}

async function times(limit: number): Promise<number[]> {
  const candles = expectOk(await opened.store.market.candlesBefore('ETH/USDT', '1m', Number.POSITIVE_INFINITY, limit));
  return candles.map((candle) => candle.openTime / MINUTE);
}

describe('writing', () => {
  it('waits for the flush time, then writes without being asked', async () => {
    append(0, 10);
    opened.wall.advanceBy(499);
    await new Promise((resolve) => setImmediate(resolve));
    expect(opened.store.health().pendingRows).toBe(10);
    opened.wall.advanceBy(1);
    await until(() => opened.store.health().pendingRows === 0, 'the timed write');
    expect(await times(3)).toEqual([7, 8, 9]);
  });

  it('starts at once when a batch is full', async () => {
    append(0, 100);
    await until(() => opened.store.health().pendingRows === 0, 'the full batch');
  });

  it('shows waiting candles to readers, and never a candle twice while they are being written', async () => {
    append(0, 300);
    const expected = Array.from({ length: 300 }, (_, i) => i);
    // The write of the full batches runs between these reads.
    while (opened.store.health().pendingRows > 0) expect(await times(300)).toEqual(expected);
    expect(await times(300)).toEqual(expected);
  });

  it('answers a flush only when everything appended before it is written', async () => {
    append(0, 1000);
    expectOk(await opened.store.market.flush());
    expect(opened.store.health().pendingRows).toBe(0);
    expectOk(await opened.store.market.flush());
  });
});

describe('reading', () => {
  it('finds the newest candles across a gap longer than the limit', async () => {
    append(0, 5);
    append(5_000, 5_003);
    expect(await times(6)).toEqual([2, 3, 4, 5_000, 5_001, 5_002]);
    expectOk(await opened.store.market.flush());
    expect(await times(6)).toEqual([2, 3, 4, 5_000, 5_001, 5_002]);
  });

  it('answers nothing where there is nothing', async () => {
    expect(await times(10)).toEqual([]);
    expect(await times(0)).toEqual([]);
    expect(expectOk(await opened.store.market.candleBounds('ETH/USDT', '1m'))).toBeUndefined();
    expect(expectOk(await opened.store.market.candleColumns('ETH/USDT', '1m', 0, MINUTE)).openTime).toHaveLength(0);
  });

  it('keeps timeframes apart', async () => {
    append(0, 3);
    expectOk(await opened.store.market.flush());
    expect(expectOk(await opened.store.market.candlesBefore('ETH/USDT', '1h', Number.POSITIVE_INFINITY, 10))).toEqual([]);
  });
});

describe('the newest trades', () => {
  it('are those of each instrument, written or not, and none that are older than asked for', async () => {
    const { market } = opened.store;
    const append = (venue: VenueId, symbol: string, id: number, tsEvent: number): void =>
      market.appendTrade(venue, symbol, { id, price: 200, quantity: 1, side: 'buy', tsEvent, tsReceived: tsEvent });
    append('binance', 'ETH/USDT', 1, 1_000);
    expectOk(await market.flush());
    append('binance', 'ETH/USDT', 3, 2_000);
    append('binance', 'ETH/USDT', 2, 2_000);
    append('bybit', 'ETH/USDT', 9, 1_500);
    append('binance', 'BTC/USDT', 5, 900);
    expect(expectOk(await market.newestTrades(1_000))).toEqual([
      { venue: 'binance', symbol: 'ETH/USDT', id: 3, time: 2_000 },
      { venue: 'bybit', symbol: 'ETH/USDT', id: 9, time: 1_500 },
    ]);
    expect(expectOk(await market.newestTrades(3_000))).toEqual([]);
  });
});

describe('back-fill', () => {
  it('replaces what is in its span, written or not, and nothing outside it', async () => {
    append(0, 10);
    expectOk(await opened.store.market.flush());
    append(10, 20);
    // 5 … 15 without 7: the venue was down then, so our own candle of that minute goes.
    const filled = [5, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((i) => candleAt(i, 100.5));
    expectOk(await opened.store.market.replaceCandles('binance', 'ETH/USDT', '1m', filled));
    const candles = expectOk(await opened.store.market.candlesBefore('ETH/USDT', '1m', Number.POSITIVE_INFINITY, 100));
    expect(candles.map((candle) => candle.openTime / MINUTE)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ]);
    expect(candles.filter((candle) => candle.close === 100.5).map((candle) => candle.openTime / MINUTE)).toEqual([
      5, 6, 8, 9, 10, 11, 12, 13, 14, 15,
    ]);
  });

  it('accepts an empty one', async () => {
    expectOk(await opened.store.market.replaceCandles('binance', 'ETH/USDT', '1m', []));
  });
});

describe('a closed store', () => {
  it('has written what was appended, can be closed twice, and refuses everything after', async () => {
    append(0, 42);
    await opened.store.close();
    await opened.store.close();
    expect(expectFailure(await opened.store.market.candlesBefore('ETH/USDT', '1m', MINUTE, 1)).code).toBe('STORE_CLOSED');
    expect(expectFailure(await opened.store.settings.set('a', 1)).code).toBe('STORE_CLOSED');
    append(42, 43);
    expect(opened.store.health().pendingRows).toBe(0);
    opened = await opened.reopen();
    expect(await times(100)).toHaveLength(42);
  });
});

describe('health', () => {
  it('measures the files without being waited for', async () => {
    await until(() => opened.store.health().bytes > 0, 'the first measurement');
    expect(opened.store.health()).toMatchObject({
      path: expect.stringMatching(/store\.duckdb$/),
      pendingRows: 0,
      lastError: undefined,
    });
  });
});
