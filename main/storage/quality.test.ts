import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CandleDifference } from '../../core/contracts/data-quality.ts';
import type { Order } from '../../core/contracts/orders.ts';
import type { Candle } from '../../core/market/candle.ts';
import type { RecordedSpan } from '../ports/store.ts';
import { expectOk, type TestStore, testStore } from './test-store.ts';

const MINUTE = 60_000;
const SYMBOL = 'ETH/USDT';
let opened: TestStore;
beforeEach(async () => {
  opened = await testStore();
});
afterEach(() => opened.remove());

const candle = (minute: number, close = 100): Candle => ({
  openTime: minute * MINUTE,
  open: 100,
  high: 120,
  low: 90,
  close,
  volume: 1,
  buyVolume: 0.5,
  tradeCount: 2,
  filled: false,
});

const anOrder: Order = {
  id: 'order1',
  intent: { clientOrderId: 'client1', symbol: SYMBOL, side: 'buy', type: 'market', quantity: '1', timeInForce: 'IOC' },
  state: 'intent',
  history: [{ state: 'intent', at: 1 }],
  filledQuantity: '0',
  fees: '0',
  createdAt: 1,
  updatedAt: 1,
};

describe('what is remembered of the quality', () => {
  it('survives a restart, once per candle and field, and is counted by series', async () => {
    const difference: CandleDifference = {
      symbol: SYMBOL,
      timeframe: '1m',
      openTime: MINUTE,
      venue: 'binance',
      field: 'volume',
      stored: 1,
      told: 2,
      foundAt: 5,
    };
    const span: RecordedSpan = {
      symbol: SYMBOL,
      timeframe: '1m',
      state: 'repaired',
      from: MINUTE,
      to: 4 * MINUTE,
      venue: 'binance',
      candles: 3,
      reason: 'why',
    };
    const { quality } = opened.store;
    expectOk(await quality.saveDifferences([difference, { ...difference, field: 'close' }]));
    expectOk(await quality.saveDifferences([{ ...difference, told: 3, foundAt: 6 }]));
    expectOk(await quality.saveSpan({ ...span, candles: 1, to: 2 * MINUTE }));
    expectOk(await quality.saveSpan(span));
    expectOk(await quality.saveSpan({ ...span, state: 'staleBook', timeframe: undefined, candles: 0 }));
    opened = await opened.reopen();
    const again = opened.store.quality;
    expect(expectOk(await again.differences(SYMBOL, 10))).toEqual([
      { ...difference, field: 'close' },
      { ...difference, told: 3, foundAt: 6 },
    ]);
    expect(expectOk(await again.spans(SYMBOL, 3 * MINUTE, 9 * MINUTE))).toEqual([
      span,
      { ...span, state: 'staleBook', timeframe: undefined, candles: 0 },
    ]);
    expect(expectOk(await again.spans(SYMBOL, 4 * MINUTE, 9 * MINUTE))).toEqual([]);
    expect(expectOk(await again.counts())).toEqual([{ symbol: SYMBOL, timeframe: '1m', repaired: 3, differences: 1 }]);
  });
});

describe('candles of one symbol from several venues', () => {
  it('are one per open time, each with the venue that told it last', async () => {
    const { market } = opened.store;
    expectOk(await market.replaceCandles('bybit', SYMBOL, '1m', [candle(1, 101), candle(2, 101), candle(3, 101)]));
    expectOk(await market.replaceCandles('binance', SYMBOL, '1m', [candle(2, 102)]));
    market.appendCandle('binance', SYMBOL, '1m', candle(3, 103));
    market.appendCandle('binance', SYMBOL, '1m', candle(6, 103));
    const closes = async () => expectOk(await market.candlesIn(SYMBOL, '1m', 0, 10 * MINUTE)).map(({ close }) => close);
    expect(await closes()).toEqual([101, 102, 103, 103]);
    expectOk(await market.flush());
    expect(await closes()).toEqual([101, 102, 103, 103]);
    expect(expectOk(await market.candlesOfOthers('binance', SYMBOL, '1m', 0, 10 * MINUTE))).toEqual([MINUTE]);
    expect(expectOk(await market.candlesOfOthers('bybit', SYMBOL, '1m', 0, 10 * MINUTE))).toEqual(
      [2, 3, 6].map((i) => i * MINUTE),
    );
    // The same figures from another venue are that venue's all the same.
    expectOk(await market.replaceCandles('binance', SYMBOL, '1m', [candle(1, 101)]));
    expect(expectOk(await market.candlesOfOthers('binance', SYMBOL, '1m', 0, 10 * MINUTE))).toEqual([]);
    expect(expectOk(await market.candleHoles(SYMBOL, '1m', 0, 10 * MINUTE))).toEqual([{ from: 4 * MINUTE, to: 6 * MINUTE }]);
    expect(expectOk(await market.candleCount(SYMBOL, '1m', 2 * MINUTE, 10 * MINUTE))).toBe(3);
  });

  it('are put together to derived ones that are over, however far back they are asked for', async () => {
    const { market } = opened.store;
    const minutes = [...Array.from({ length: 7 }, (_, i) => i), ...Array.from({ length: 13 }, (_, i) => 40 + i)];
    expectOk(
      await market.replaceCandles(
        'binance',
        SYMBOL,
        '1m',
        minutes.map((minute) => candle(minute, 100 + minute / 10)),
      ),
    );
    const five = expectOk(await market.candlesBefore(SYMBOL, '5m', Number.POSITIVE_INFINITY, 3));
    expect(five.map(({ openTime, close, volume }) => [openTime / MINUTE, close, volume])).toEqual([
      [5, 100.6, 2],
      [40, 104.4, 5],
      [45, 104.9, 5],
    ]);
    expect(expectOk(await market.candlesBefore(SYMBOL, '5m', 45 * MINUTE, 2)).map(({ openTime }) => openTime / MINUTE)).toEqual([
      5, 40,
    ]);
    market.appendCandle('binance', SYMBOL, '1m', candle(54));
    expect([...expectOk(await market.candleColumns(SYMBOL, '5m', 45 * MINUTE, 60 * MINUTE)).openTime]).toEqual([
      45 * MINUTE,
      50 * MINUTE,
    ]);
  });
});

describe('thousands of differences at once', () => {
  const found = (count: number): CandleDifference[] =>
    Array.from({ length: count }, (_, i) => ({
      symbol: SYMBOL,
      timeframe: '1m',
      openTime: i * MINUTE,
      venue: 'binance',
      field: 'volume',
      stored: i,
      told: i + 1,
      foundAt: 5,
    }));

  it('are saved within little memory', async () => {
    await opened.remove();
    opened = await testStore({ memoryLimitMb: 64 });
    expectOk(await opened.store.quality.saveDifferences(found(1_500)));
    expect(expectOk(await opened.store.quality.differences(SYMBOL, 2_000))).toEqual(found(1_500).reverse());
  });

  it('let an order be journalled before they are all saved', async () => {
    const ended: string[] = [];
    const differences = opened.store.quality.saveDifferences(found(1_000)).then((saved) => {
      expectOk(saved);
      ended.push('differences');
    });
    const order = opened.store.orders.saveOrder(anOrder).then((saved) => {
      expectOk(saved);
      ended.push('order');
    });
    await Promise.all([differences, order]);
    expect(ended).toEqual(['order', 'differences']);
  });

  it('of which one came twice are kept as the later one says', async () => {
    const [first] = found(1) as [CandleDifference];
    expectOk(await opened.store.quality.saveDifferences([first, { ...first, told: 9 }]));
    expect(expectOk(await opened.store.quality.differences(SYMBOL, 10))).toEqual([{ ...first, told: 9 }]);
  });
});
