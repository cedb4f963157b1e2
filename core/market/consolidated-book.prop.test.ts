import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BookState, cobViewSchema } from '../contracts/market-views.ts';
import { ConsolidatedBook, type CobSource } from './consolidated-book.ts';
import { L2Book } from './l2-book.ts';

type Level = [ticks: number, lots: number];

/** Two venues with different ticks and lots; levels on a coarse ladder so that prices collide and sit on bucket edges. */
const side = (min: number, max: number) =>
  fc.uniqueArray(fc.tuple(fc.integer({ min, max }), fc.integer({ min: 1, max: 1e6 })), {
    selector: ([ticks]) => ticks,
    minLength: 1,
    maxLength: 60,
    size: 'max',
  });
const venueLevels = (tickPerUnit: number) =>
  fc
    .integer({ min: 2000 * tickPerUnit, max: 2003 * tickPerUnit })
    .chain((cut) => fc.record({ bids: side(cut - 30 * tickPerUnit, cut - 1), asks: side(cut, cut + 30 * tickPerUnit) }));

function bookOf(tickSize: number, lotSize: number, levels: { bids: Level[]; asks: Level[] }): L2Book {
  const book = new L2Book({ tickSize, lotSize, bucketWidth: 1 });
  book.applySnapshot(levels.bids, levels.asks);
  return book;
}

function source(book: L2Book, state: BookState): CobSource {
  return { venue: 'binance', book, status: () => ({ state, reason: `is ${state}` }) };
}

describe('ConsolidatedBook against all levels of all venues', () => {
  it('has the same buckets, anchor, mid, spread, microprice and imbalance', () => {
    fc.assert(
      fc.property(venueLevels(100), venueLevels(4), fc.boolean(), (fine, coarse, secondLive) => {
        const cob = new ConsolidatedBook({
          symbol: 'ETH/USDT',
          bucketWidth: 1,
          sources: [
            source(bookOf(0.01, 0.0001, fine), 'live'),
            source(bookOf(0.25, 0.001, coarse), secondLive ? 'live' : 'stale'),
          ],
        });
        const view = cob.sample(1_000);
        const bids = fine.bids.map(([ticks, lots]) => ({ price: ticks / 100, quantity: lots / 1e4 }));
        const asks = fine.asks.map(([ticks, lots]) => ({ price: ticks / 100, quantity: lots / 1e4 }));
        if (secondLive) {
          bids.push(...coarse.bids.map(([ticks, lots]) => ({ price: ticks / 4, quantity: lots / 1e3 })));
          asks.push(...coarse.asks.map(([ticks, lots]) => ({ price: ticks / 4, quantity: lots / 1e3 })));
        }
        const bestBid = Math.max(...bids.map(({ price }) => price));
        const bestAsk = Math.min(...asks.map(({ price }) => price));
        const quantityAt = (levels: typeof bids, at: number) =>
          levels.reduce((sum, { price, quantity }) => (price === at ? sum + quantity : sum), 0);
        const [bidQuantity, askQuantity] = [quantityAt(bids, bestBid), quantityAt(asks, bestAsk)];
        const mid = (bestBid + bestAsk) / 2;
        const anchor = Math.floor(mid);

        expect(view.venues).toHaveLength(secondLive ? 2 : 1);
        expect(view.excluded).toEqual(secondLive ? [] : [{ venue: 'binance', state: 'stale', reason: 'is stale' }]);
        expect([view.bestBid, view.bestAsk, view.anchor]).toEqual([bestBid, bestAsk, anchor]);
        expect(view.mid).toBeCloseTo(mid, 9);
        expect(view.bestBidQuantity).toBeCloseTo(bidQuantity, 9);
        expect(view.bestAskQuantity).toBeCloseTo(askQuantity, 9);
        expect(view.spreadBps).toBeCloseTo(((bestAsk - bestBid) / mid) * 1e4, 9);
        expect(view.microprice).toBeCloseTo((bestBid * askQuantity + bestAsk * bidQuantity) / (bidQuantity + askQuantity), 6);

        let bidNear = 0;
        let askNear = 0;
        for (let k = -20; k <= 20; k++) {
          const inside = ({ price }: { price: number }) => price >= anchor + k && price < anchor + k + 1;
          const sum = (levels: typeof bids) => levels.filter(inside).reduce((total, { quantity }) => total + quantity, 0);
          const money = (levels: typeof bids) =>
            levels.filter(inside).reduce((total, { price, quantity }) => total + price * quantity, 0);
          expect(view.bidQuantity[k + 20]).toBeCloseTo(sum(bids), 8);
          expect(view.askQuantity[k + 20]).toBeCloseTo(sum(asks), 8);
          expect(view.bidNotional[k + 20]).toBeCloseTo(money(bids), 5);
          expect(view.askNotional[k + 20]).toBeCloseTo(money(asks), 5);
          if (Math.abs(k) <= 5) {
            bidNear += money(bids);
            askNear += money(asks);
          }
        }
        const imbalance = bidNear + askNear === 0 ? 0 : (bidNear - askNear) / (bidNear + askNear);
        expect(view.imbalance).toBeCloseTo(imbalance, 9);
        expect(view.imbalanceMa.s60).toBeCloseTo(imbalance, 9);
        expect(cobViewSchema.parse(view)).toEqual(view);
      }),
      { numRuns: 150 },
    );
  });
});

describe('ConsolidatedBook', () => {
  const levels = { bids: [[199_999, 10_000]] as Level[], asks: [[200_001, 30_000]] as Level[] };

  it('shows nothing but the reason while no book is live, and its averages skip that time', () => {
    const book = bookOf(0.01, 0.0001, levels);
    let state: BookState = 'live';
    const cob = new ConsolidatedBook({
      symbol: 'ETH/USDT',
      bucketWidth: 1,
      sources: [{ venue: 'binance', book, status: () => ({ state, reason: 'gap' }) }],
    });
    const first = cob.sample(0);
    // Mid is exactly 2000: bids lie in bucket −1, asks in bucket 0.
    expect(first).toMatchObject({ anchor: 2000, mid: 2000 });
    expect(first.microprice).toBeCloseTo(1999.995, 9);
    expect([first.bidQuantity[19], first.askQuantity[20]]).toEqual([1, 3]);
    cob.sample(100);
    state = 'stale';
    const dark = cob.sample(200);
    expect(dark).toMatchObject({
      venues: [],
      excluded: [{ venue: 'binance', state: 'stale', reason: 'gap' }],
      bestBid: 0,
      mid: 0,
      imbalance: 0,
    });
    expect(dark.bidQuantity.every((value) => value === 0)).toBe(true);
    expect(cobViewSchema.parse(dark)).toEqual(dark);
    state = 'live';
    book.applySnapshot([[199_999, 10_000]], []);
    expect(cob.sample(900).excluded).toEqual([{ venue: 'binance', state: 'live', reason: 'one side of the book is empty' }]);
    book.applySnapshot(levels.bids, levels.asks);
    const back = cob.sample(1_000);
    expect(back.imbalanceMa.s1).toBeCloseTo(first.imbalance, 12);
  });

  it('refuses a book whose buckets are of another width', () => {
    const book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 10 });
    expect(() => new ConsolidatedBook({ symbol: 'ETH/USDT', bucketWidth: 1, sources: [source(book, 'live')] })).toThrow(
      /bucket width/,
    );
  });
});
