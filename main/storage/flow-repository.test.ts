import { afterEach, describe, expect, it } from 'vitest';
import { RowSums, rowOfTicks, ticksOf } from '../../core/analysis/flow/price-rows.ts';
import { SplitMix32, nextInt } from '../../core/base/rng.ts';
import type { CobView } from '../../core/contracts/market-views.ts';
import { ConsolidatedBook } from '../../core/market/consolidated-book.ts';
import { L2Book } from '../../core/market/l2-book.ts';
import type { Trade } from '../../core/market/trade.ts';
import { expectOk, type TestStore, testStore } from './test-store.ts';

const SYMBOL = 'ETH/USDT';
const T0 = 1_700_000_040_000;
let opened: TestStore | undefined;

afterEach(async () => {
  await opened?.remove();
  opened = undefined;
});

function randomTrades(count: number): Trade[] {
  const rng = new SplitMix32(11);
  let at = T0;
  return Array.from({ length: count }, (_, id) => {
    at += nextInt(rng, 400);
    const price = Number((195 + nextInt(rng, 120) / 100).toFixed(2));
    return {
      id,
      price,
      quantity: 1 + nextInt(rng, 50),
      side: nextInt(rng, 2) === 0 ? 'buy' : 'sell',
      tsEvent: at,
      tsReceived: at,
    };
  });
}

const QUERY = { venue: 'binance', symbol: SYMBOL, lengthMs: 60_000, tickSize: 0.01, rowTicks: 5, cellsMax: 10_000 } as const;

describe('DuckDbFlowRepository', () => {
  it('sums stored and waiting trades by bar and row as adding them one by one does', async () => {
    opened = await testStore();
    const { market, flow } = opened.store;
    const trades = randomTrades(1_500);
    const half = trades.slice(0, 700);
    for (const trade of half) market.appendTrade('binance', SYMBOL, trade);
    expectOk(await market.flush());
    for (const trade of trades.slice(700)) market.appendTrade('binance', SYMBOL, trade);
    market.appendTrade('bybit', SYMBOL, { ...(trades[0] as Trade), price: 1 });

    const to = T0 + 200_000;
    const bars = expectOk(await flow.footprint({ ...QUERY, from: T0, to })) ?? [];
    const sums = new Map<number, RowSums>();
    for (const { price, quantity, side, tsEvent } of trades) {
      if (tsEvent >= to) continue;
      const bar = Math.floor(tsEvent / 60_000) * 60_000;
      if (!sums.has(bar)) sums.set(bar, new RowSums());
      const isBuy = side === 'buy';
      sums.get(bar)?.add(rowOfTicks(ticksOf(price, 0.01), 5), isBuy ? quantity : 0, isBuy ? 0 : quantity);
    }
    expect(bars).toEqual([...sums].map(([openTime, rows]) => ({ openTime, ...rows.toRows() })));
    expect(bars.length).toBeGreaterThan(3);
    expect(expectOk(await flow.firstTrade('binance', SYMBOL))).toBe(trades[0]?.tsEvent);
  });

  it('says when there are too many rows, and that nothing is stored of an instrument', async () => {
    opened = await testStore();
    const { market, flow } = opened.store;
    for (const trade of randomTrades(50)) market.appendTrade('binance', SYMBOL, trade);
    const query = { ...QUERY, from: T0, to: T0 + 60_000 };
    expect(expectOk(await flow.footprint({ ...query, cellsMax: 3 }))).toBeUndefined();
    expect(expectOk(await flow.footprint({ ...query, symbol: 'BTC/USDT' }))).toEqual([]);
    expect(expectOk(await flow.firstTrade('binance', 'BTC/USDT'))).toBeUndefined();
  });

  it('sums the order flow imbalance of the seconds in which it is known', async () => {
    opened = await testStore();
    const { market, flow } = opened.store;
    const book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
    book.applySnapshot([[200_000, 12_345]], [[200_100, 33_333]]);
    const status = () => ({ state: 'live', reason: '' }) as const;
    const cob = new ConsolidatedBook({ symbol: SYMBOL, bucketWidth: 1, sources: [{ venue: 'binance', book, status }] });
    const none = { buyVolume: 0, sellVolume: 0, buyNotional: 0, sellNotional: 0, tradeCount: 0, vpin: Number.NaN, largeShare: 0 };
    // The flow of a second comes with the first snapshot after it; that of the third is never known.
    const ofi = [undefined, 1.5, -4, undefined, 2];
    ofi.forEach((value, i) => {
      const view: CobView = cob.snapshot(T0 + i * 1_000).view;
      market.appendCob(view, undefined, value === undefined ? undefined : { second: T0 + (i - 1) * 1_000, ofi: value, ...none });
    });
    expectOk(await market.flush());
    expect(expectOk(await flow.flowBars(SYMBOL, 2_000, T0, T0 + 10_000))).toEqual([
      { openTime: T0, ofi: -2.5, seconds: 2 },
      { openTime: T0 + 2_000, ofi: 2, seconds: 1 },
    ]);
    expect(expectOk(await flow.flowBars('BTC/USDT', 2_000, T0, T0 + 10_000))).toEqual([]);
  });
});
