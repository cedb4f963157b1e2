import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BookState, cobViewSchema } from '../contracts/market-views.ts';
import { ConsolidatedBook, type CobSource, imbalanceRadius } from './consolidated-book.ts';
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

        expect(view.venues).toEqual(['binance']);
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

/** Spot, a linear perpetual of 0.001 base per contract and an inverse one of 10 quote per contract. */
const MARKETS = [
  { tickSize: 0.01, perUnit: 100, lotSize: 0.0001, inverse: false },
  { tickSize: 0.1, perUnit: 10, lotSize: 0.001, inverse: false },
  { tickSize: 0.5, perUnit: 2, lotSize: 10, inverse: true },
] as const;

describe('ConsolidatedBook by venue', () => {
  it('splits every bucket into what each venue has in it, and the totals are the sums', () => {
    const venues = ['binance', 'bybit', 'mexc'] as const;
    fc.assert(
      fc.property(venueLevels(100), venueLevels(100), venueLevels(100), venueLevels(100), (a, b, c, d) => {
        // The last is a second book of the first venue.
        const of = [...venues, 'binance' as const];
        const books = [a, b, c, d].map((levels) => bookOf(0.01, 0.0001, levels));
        const cob = new ConsolidatedBook({
          symbol: 'ETH/USDT',
          bucketWidth: 1,
          sources: books.map((book, i) => ({ ...source(book, 'live'), venue: of[i] as (typeof of)[number] })),
        });
        const { view, split } = cob.snapshot(0);
        expect(split.venues).toEqual(view.venues);
        for (const [v, venue] of split.venues.entries()) {
          const levels = [a, b, c, d].filter((_, i) => of[i] === venue);
          expect(split.bestBid[v]).toBe(Math.max(...levels.flatMap(({ bids }) => bids.map(([ticks]) => ticks / 100))));
          expect(split.bestAsk[v]).toBe(Math.min(...levels.flatMap(({ asks }) => asks.map(([ticks]) => ticks / 100))));
          for (let i = 0; i < 41; i++) {
            const from = view.anchor + i - 20;
            const sum = (side: 'bids' | 'asks') =>
              levels
                .flatMap((each) => each[side])
                .filter(([ticks]) => ticks >= 100 * from && ticks < 100 * (from + 1))
                .reduce((total, [ticks, lots]) => total + (ticks / 100) * (lots / 10_000), 0);
            expectClose(split.bidNotional[v * 41 + i], sum('bids'));
            expectClose(split.askNotional[v * 41 + i], sum('asks'));
          }
        }
        for (let i = 0; i < 41; i++) {
          for (const name of ['bidQuantity', 'askQuantity', 'bidNotional', 'askNotional'] as const) {
            const total = split.venues.reduce((sum, _, v) => sum + (split[name][v * 41 + i] as number), 0);
            expect(view[name][i]).toBe(total);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('puts a price on a bucket’s edge into the bucket above it', () => {
    const book = bookOf(0.01, 0.0001, {
      bids: [
        [199_900, 10_000],
        [199_899, 20_000],
      ],
      asks: [
        [200_100, 30_000],
        [200_099, 40_000],
      ],
    });
    const { view } = new ConsolidatedBook({ symbol: 'ETH/USDT', bucketWidth: 1, sources: [source(book, 'live')] }).snapshot(0);
    expect(view.anchor).toBe(1_999);
    expect([view.bidQuantity[19], view.bidQuantity[20]]).toEqual([2, 1]);
    expect([view.askQuantity[21], view.askQuantity[22]]).toEqual([4, 3]);
  });

  it('counts the imbalance over the configured range', () => {
    const book = bookOf(0.01, 0.0001, {
      bids: [
        [200_000, 10_000],
        [199_700, 10_000],
      ],
      asks: [[200_050, 10_000]],
    });
    const at = (imbalanceRange: number | undefined) =>
      new ConsolidatedBook({ symbol: 'ETH/USDT', bucketWidth: 1, imbalanceRange, sources: [source(book, 'live')] }).sample(0)
        .imbalance;
    expect(at(2)).toBeCloseTo((2_000 - 2_000.5) / 4_000.5, 12);
    expect(at(3)).toBeCloseTo((3_997 - 2_000.5) / 5_997.5, 12);
    expect(at(undefined)).toBe(at(5));
    expect([imbalanceRadius(undefined, 10), imbalanceRadius(50, 10), imbalanceRadius(0.1, 1), imbalanceRadius(900, 1)]).toEqual([
      5, 5, 1, 20,
    ]);
  });
});

describe('ConsolidatedBook of spot, linear and inverse books', () => {
  it('adds base units to base units and USD to USD', () => {
    fc.assert(
      fc.property(venueLevels(100), venueLevels(10), venueLevels(2), (spot, linear, inverse) => {
        const sides = [spot, linear, inverse];
        const cob = new ConsolidatedBook({
          symbol: 'ETH/USD',
          bucketWidth: 1,
          sources: MARKETS.map(({ tickSize, lotSize, inverse: quoted }, i) => {
            const book = new L2Book({ tickSize, lotSize, bucketWidth: 1, quantityUnit: quoted ? 'quote' : 'base' });
            const levels = sides[i] as (typeof sides)[number];
            // Read once while empty: the sums are then kept level by level.
            book.addBuckets('bid', 1980, new Float64Array(41), new Float64Array(41));
            book.addBuckets('ask', 1980, new Float64Array(41), new Float64Array(41));
            book.applySnapshot(levels.bids, levels.asks);
            return source(book, 'live');
          }),
        });
        const view = cob.sample(1_000);
        const all = (side: 'bids' | 'asks') =>
          MARKETS.flatMap(({ perUnit, lotSize, inverse: quoted }, i) =>
            (sides[i] as (typeof sides)[number])[side].map(([ticks, lots]) => {
              const price = ticks / perUnit;
              const wire = lots * lotSize;
              return quoted ? { price, base: wire / price, usd: wire } : { price, base: wire, usd: wire * price };
            }),
          );
        const [bids, asks] = [all('bids'), all('asks')];
        const bestBid = Math.max(...bids.map(({ price }) => price));
        const bestAsk = Math.min(...asks.map(({ price }) => price));
        const baseAt = (levels: typeof bids, at: number) =>
          levels.reduce((sum, { price, base }) => (price === at ? sum + base : sum), 0);
        expect([view.bestBid, view.bestAsk]).toEqual([bestBid, bestAsk]);
        expectClose(view.bestBidQuantity, baseAt(bids, bestBid));
        expectClose(view.bestAskQuantity, baseAt(asks, bestAsk));
        for (let k = -20; k <= 20; k++) {
          const inside = ({ price }: { price: number }) => price >= view.anchor + k && price < view.anchor + k + 1;
          const sum = (levels: typeof bids, unit: 'base' | 'usd') =>
            levels.filter(inside).reduce((total, level) => total + level[unit], 0);
          expectClose(view.bidQuantity[k + 20], sum(bids, 'base'));
          expectClose(view.askQuantity[k + 20], sum(asks, 'base'));
          expectClose(view.bidNotional[k + 20], sum(bids, 'usd'));
          expectClose(view.askNotional[k + 20], sum(asks, 'usd'));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives the figures of a sum done by hand', () => {
    // Spot: 2 ETH bid at 2,000 and 1 asked at 2,001. Inverse: 6,000 USD bid at 2,000 (3 ETH) and 4,004 USD asked at 2,002 (2 ETH).
    const spot = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
    spot.applySnapshot([[200_000, 20_000]], [[200_100, 10_000]]);
    const inverse = new L2Book({ tickSize: 0.05, lotSize: 1, bucketWidth: 1, quantityUnit: 'quote' });
    inverse.applySnapshot([[40_000, 6_000]], [[40_040, 4_004]]);
    const cob = new ConsolidatedBook({
      symbol: 'ETH/USD',
      bucketWidth: 1,
      sources: [source(spot, 'live'), source(inverse, 'live')],
    });
    const view = cob.sample(0);
    expect(view).toMatchObject({ bestBid: 2_000, bestAsk: 2_001, bestBidQuantity: 5, bestAskQuantity: 1, anchor: 2_000 });
    expect(view.bidQuantity[20]).toBeCloseTo(5, 12);
    expect(view.bidNotional[20]).toBeCloseTo(10_000, 9);
    expect([view.askQuantity[21], view.askNotional[21]]).toEqual([1, 2_001]);
    expect(view.askQuantity[22]).toBeCloseTo(2, 12);
    expect(view.askNotional[22]).toBe(4_004);
    expect(view.imbalance).toBeCloseTo((10_000 - 6_005) / 16_005, 12);
  });
});

function expectClose(value: number | undefined, expected: number): void {
  expect(Math.abs((value ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(expected)));
}

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
