import { describe, expect, it } from 'vitest';
import { testStore, expectOk } from './test-store.ts';

const DAY = 86_400_000;

describe('retention of bulky tables', () => {
  it('deletes what is older, a day at a time, and leaves candles and everything newer', async () => {
    const desk = await testStore();
    const { market, retention } = desk.store;
    const first = 20_000 * DAY;
    for (let i = 0; i < 500; i++) {
      const at = first + i * (DAY / 100);
      market.appendTrade('binance', 'ETH/USDT', { id: i, price: 1, quantity: 1, side: 'buy', tsEvent: at, tsReceived: at });
      const body = { open: 1, high: 1, low: 1, close: 1, volume: 1, buyVolume: 1, tradeCount: 1, filled: false };
      market.appendCandle('binance', 'ETH/USDT', '1s', { openTime: at, ...body });
    }
    expectOk(await market.flush());
    expect(expectOk(await retention.deleteBefore(first))).toBe(0);
    expect(expectOk(await retention.deleteBefore(first + 3.5 * DAY))).toBe(350);
    expect(expectOk(await retention.deleteBefore(first + 3.5 * DAY))).toBe(0);
    // A trade may be as old as it is, and still be appended; it goes with the next call.
    market.appendTrade('binance', 'ETH/USDT', { id: 1, price: 1, quantity: 1, side: 'buy', tsEvent: first, tsReceived: first });
    expectOk(await market.flush());
    const reopened = await desk.reopen();
    const left = expectOk(await reopened.store.retention.deleteBefore(Number.MAX_SAFE_INTEGER));
    expect([150, 151]).toContain(left);
    expect(expectOk(await reopened.store.market.candleColumns('ETH/USDT', '1s', 0, 1e13)).openTime).toHaveLength(500);
    const files = await reopened.store.retention.files();
    expect(files.bytes).toBeGreaterThan(0);
    await reopened.remove();
  });
});
