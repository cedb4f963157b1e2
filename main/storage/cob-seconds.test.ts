import { afterEach, describe, expect, it } from 'vitest';
import { COB_BUCKETS, type CobView } from '../../core/contracts/market-views.ts';
import { columnsOfSeconds } from '../../core/market/cob-second-columns.ts';
import { columnOf } from '../../core/market/cob-column.ts';
import { type CobSnapshot, ConsolidatedBook } from '../../core/market/consolidated-book.ts';
import { L2Book } from '../../core/market/l2-book.ts';
import type { SecondFlow } from '../../core/market/order-flow.ts';
import { expectOk, type TestStore, testStore } from './test-store.ts';

const SYMBOL = 'ETH/USDT';
let opened: TestStore | undefined;

afterEach(async () => {
  await opened?.remove();
  opened = undefined;
});

function snapshots(): CobSnapshot[] {
  const [a, b] = [0, 1].map(() => new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 })) as [L2Book, L2Book];
  a.applySnapshot([[200_000, 12_345]], [[200_100, 33_333]]);
  b.applySnapshot([[199_900, 7_777]], [[200_300, 4_321]]);
  const live = () => ({ state: 'live', reason: '' }) as const;
  const cob = new ConsolidatedBook({
    symbol: SYMBOL,
    bucketWidth: 1,
    sources: [
      { venue: 'binance', book: a, status: live },
      { venue: 'bybit', book: b, status: live },
    ],
  });
  return [5_000, 5_900, 6_100, 7_200].map((t, i) => {
    a.setLevel('bid', 200_000 - i, 20_000 + i);
    return cob.snapshot(t);
  });
}

const FLOW: SecondFlow = {
  second: 5_000,
  buyVolume: 3,
  sellVolume: 1,
  buyNotional: 300,
  sellNotional: 104,
  ofi: -2.5,
  tradeCount: 2,
  vpin: 0.25,
  largeShare: Number.NaN,
};

const TRADED = { buyVolume: 3, sellVolume: 1, buyNotional: 300, sellNotional: 104 };

describe('stored consolidated-book seconds', () => {
  it('are read as columns: last snapshot by venue, means, and the flow of the seconds whose flow is known', async () => {
    opened = await testStore();
    const { market } = opened.store;
    const told = snapshots();
    told.forEach(({ view, split }, i) => market.appendCob(view, split, i === 2 ? FLOW : undefined));
    const read = expectOk(await market.cobSeconds(SYMBOL, 5_000, 7_000));
    expect([...read.second]).toEqual([5_000, 6_000]);
    expect([...read.samples]).toEqual([2, 1]);
    expect([...read.tradeCount]).toEqual([2, Number.NaN]);
    expect([read.buyVolume[0], read.sellVolume[0], read.ofi[0], read.vwap[0]]).toEqual([3, 1, -2.5, 101]);
    expect([read.buyVolume[1], read.ofi[1], read.vwap[1]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect([...read.vpin]).toEqual([0.25, Number.NaN]);
    expect([...read.largeShare]).toEqual([Number.NaN, Number.NaN]);
    expect(read.venues).toEqual([
      ['binance', 'bybit'],
      ['binance', 'bybit'],
    ]);
    const views = told.map(({ view }) => view) as [CobView, CobView, CobView, CobView];
    for (let i = 0; i < COB_BUCKETS; i++) {
      expect(read.bidNotional[COB_BUCKETS + i]).toBe(Math.fround(views[2].bidNotional[i] as number));
      const mean = ((views[0].bidNotional[i] as number) + (views[1].bidNotional[i] as number)) / 2;
      expect(read.meanBidNotional[i]).toBeCloseTo(mean, 1);
    }
    // What the heatmap is made of is the same from the store and live.
    expect(columnsOfSeconds(read, 1)).toEqual([columnOf(told[1] as CobSnapshot, TRADED), columnOf(told[2] as CobSnapshot)]);
    expect(columnsOfSeconds(read, 10)).toEqual([]);
  });

  it('are read in steps: of each its last second as it was, with the flow of all of them', async () => {
    opened = await testStore();
    const { market } = opened.store;
    const told = snapshots();
    const flows = [undefined, undefined, FLOW, { ...FLOW, second: 6_000, buyVolume: 1, buyNotional: 101, tradeCount: 1, ofi: 4 }];
    told.forEach(({ view, split }, i) => market.appendCob(view, split, flows[i]));
    opened = await opened.reopen();
    const read = expectOk(await opened.store.market.cobSeconds(SYMBOL, 5_000, 7_000, 10_000));
    expect([...read.second]).toEqual([6_000]);
    expect([read.buyVolume[0], read.sellNotional[0], read.ofi[0], read.tradeCount[0]]).toEqual([4, 208, 1.5, 3]);
    expect(read.vwap[0]).toBeCloseTo((300 + 101 + 208) / 6, 9);
    const [column] = columnsOfSeconds(read, 1);
    expect(column).toEqual(
      columnOf(told[2] as CobSnapshot, { buyVolume: 4, sellVolume: 2, buyNotional: 401, sellNotional: 208 }),
    );
    const parts = expectOk(await opened.store.market.cobSeconds(SYMBOL, 0, 1e12, 2_000));
    expect([...parts.second]).toEqual([5_000, 7_000]);
    expect([...parts.buyVolume]).toEqual([3, 1]);
  });

  it('of before keep NULL, which reads as not known', async () => {
    opened = await testStore();
    const { market } = opened.store;
    for (const { view } of snapshots()) market.appendCob(view);
    opened = await opened.reopen();
    const read = expectOk(await opened.store.market.cobSeconds(SYMBOL, 0, 1e12));
    expect([...read.second]).toEqual([5_000, 6_000, 7_000]);
    expect(read.splits).toEqual([undefined, undefined, undefined]);
    expect([...read.ofi, ...read.buyVolume, ...read.tradeCount, ...read.vpin, ...read.largeShare].every(Number.isNaN)).toBe(true);
    expect(columnsOfSeconds(read, 1)).toHaveLength(3);
  });
});
