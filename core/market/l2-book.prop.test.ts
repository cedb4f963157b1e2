import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BookSide, L2Book } from './l2-book.ts';

interface Update {
  readonly side: BookSide;
  readonly ticks: number;
  readonly lots: number;
}

/** The book as anyone would write it first. */
class NaiveBook {
  readonly sides: Record<BookSide, Map<number, number>> = { bid: new Map(), ask: new Map() };

  set({ side, ticks, lots }: Update): void {
    if (lots === 0) this.sides[side].delete(ticks);
    else this.sides[side].set(ticks, lots);
  }

  sorted(side: BookSide): [number, number][] {
    return [...this.sides[side]].sort(([a], [b]) => (side === 'bid' ? b - a : a - b));
  }

  bucket(side: BookSide, from: number, to: number): { lots: number; tickLots: number } {
    let lots = 0;
    let tickLots = 0;
    for (const [ticks, quantity] of this.sides[side]) {
      if (ticks < from || ticks >= to) continue;
      lots += quantity;
      tickLots += ticks * quantity;
    }
    return { lots, tickLots };
  }
}

const update = (spread: number) =>
  fc.record<Update>({
    side: fc.constantFrom<BookSide>('bid', 'ask'),
    ticks: fc.integer({ min: 200_000 - spread, max: 200_000 + spread }),
    lots: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.integer({ min: 1, max: 1e8 }) }),
  });

function levelsOf(book: L2Book, side: BookSide): [number, number][] {
  return Array.from({ length: book.depth(side) }, (_, rank) => [book.ticksAt(side, rank), book.lotsAt(side, rank)]);
}

function check(book: L2Book, naive: NaiveBook, firstBucket: number): void {
  for (const side of ['bid', 'ask'] as const) {
    const expected = naive.sorted(side);
    expect(levelsOf(book, side)).toEqual(expected);
    const prices = new Float64Array(7);
    const quantities = new Float64Array(7);
    expect(book.copyTop(side, 7, prices, quantities)).toBe(Math.min(7, expected.length));
    expected.slice(0, 7).forEach(([ticks, lots], i) => {
      expect(prices[i]).toBe(Number(`${ticks}e-2`));
      expect(quantities[i]).toBe(Number(`${lots}e-4`));
    });
    const quantity = new Float64Array(41);
    const notional = new Float64Array(41);
    book.addBuckets(side, firstBucket, quantity, notional);
    for (let i = 0; i < 41; i++) {
      const sum = naive.bucket(side, (firstBucket + i) * 100, (firstBucket + i + 1) * 100);
      expect(quantity[i]).toBe(sum.lots / 1e4);
      expect(notional[i]).toBe(sum.tickLots / 1e6);
    }
  }
  const [bestBid] = naive.sorted('bid')[0] ?? [Number.NaN];
  const [bestAsk] = naive.sorted('ask')[0] ?? [Number.NaN];
  expect(book.bestBidTicks).toBe(bestBid);
  expect(book.bestAskTicks).toBe(bestAsk);
  expect(book.isCrossed).toBe(bestBid >= bestAsk);
}

describe('L2Book against a Map', () => {
  it('holds the same levels, top and bucket sums after any updates, deletes of absent levels included', () => {
    fc.assert(
      fc.property(
        fc.array(update(300), { maxLength: 400, size: 'max' }),
        fc.integer({ min: 1975, max: 1990 }),
        fc.nat(400),
        (updates, firstBucket, readAt) => {
          const book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
          const naive = new NaiveBook();
          updates.forEach((one, i) => {
            book.setLevel(one.side, one.ticks, one.lots);
            naive.set(one);
            // From here on the bucket sums are kept incrementally.
            if (i === readAt) check(book, naive, firstBucket);
          });
          check(book, naive, firstBucket);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('keeps bucket sums right when the reader moves far away and back', () => {
    fc.assert(
      fc.property(
        fc.array(update(200_000 - 1), { minLength: 50, maxLength: 200, size: 'max' }),
        fc.array(fc.integer({ min: 0, max: 3960 }), { maxLength: 8 }),
        (updates, reads) => {
          const book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
          const naive = new NaiveBook();
          const every = Math.ceil(updates.length / (reads.length + 1));
          updates.forEach((one, i) => {
            book.setLevel(one.side, one.ticks, one.lots);
            naive.set(one);
            const read = reads[Math.floor(i / every)];
            if (i % every === 0 && read !== undefined) check(book, naive, read);
          });
          check(book, naive, 1980);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('equals a snapshot of the same levels, whatever was there before and in whatever order they come', () => {
    const levels = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 1e6 })), {
      selector: ([ticks]) => ticks,
      maxLength: 60,
      size: 'max',
    });
    fc.assert(
      fc.property(fc.array(update(300), { maxLength: 30, size: 'max' }), levels, levels, (before, bids, asks) => {
        const book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
        for (const one of before) book.setLevel(one.side, one.ticks, one.lots);
        book.applySnapshot(bids, asks);
        expect(levelsOf(book, 'bid')).toEqual([...bids].sort(([a], [b]) => b - a));
        expect(levelsOf(book, 'ask')).toEqual([...asks].sort(([a], [b]) => a - b));
      }),
    );
  });

  it('with a bound on levels, keeps the best ones and never forgets one that is better than what it keeps', () => {
    fc.assert(
      fc.property(fc.array(update(500), { maxLength: 300, size: 'max' }), (updates) => {
        const book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1, maxLevels: 16 });
        const inserted = updates.filter(({ lots }) => lots > 0);
        const naive = new NaiveBook();
        for (const one of inserted) {
          book.setLevel(one.side, one.ticks, one.lots);
          naive.set(one);
        }
        for (const side of ['bid', 'ask'] as const) {
          const all = naive.sorted(side);
          expect(book.depth(side)).toBeLessThanOrEqual(16);
          const kept = Math.min(all.length, 13);
          const known = levelsOf(book, side);
          // At least the best three quarters of the bound survive every trim; what lies beyond may have holes.
          expect(known.slice(0, kept)).toEqual(all.slice(0, kept));
        }
      }),
    );
  });

  it('of an inverse instrument sums quote and base units per bucket, and leaves nothing behind however often it changed', () => {
    const whale = fc.record<Update>({
      side: fc.constantFrom<BookSide>('bid', 'ask'),
      ticks: fc.integer({ min: 119_000, max: 121_000 }),
      lots: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1e9, max: 1e10 })),
    });
    fc.assert(
      fc.property(
        fc.array(whale, { maxLength: 400, size: 'max' }),
        fc.nat(200),
        fc.integer({ min: 5990, max: 6010 }),
        (updates, readAt, firstBucket) => {
          // Tick 0.5, bucket 10: 20 ticks a bucket; a contract is 100 USD, read in thousandths.
          const book = new L2Book({ tickSize: 0.5, lotSize: 0.1, bucketWidth: 10, quantityUnit: 'quote' });
          const naive = new NaiveBook();
          const checkSums = (): void => {
            for (const side of ['bid', 'ask'] as const) {
              const quantity = new Float64Array(41);
              const notional = new Float64Array(41);
              book.addBuckets(side, firstBucket - 20, quantity, notional);
              for (let i = 0; i < 41; i++) {
                let [base, quote] = [0, 0];
                for (const [ticks, lots] of naive.sides[side]) {
                  if (Math.floor(ticks / 20) !== firstBucket - 20 + i) continue;
                  base += lots / 10 / (ticks / 2);
                  quote += lots / 10;
                }
                expect(notional[i]).toBeCloseTo(quote, 5);
                if (base === 0) expect(quantity[i]).toBe(0);
                else expect(Math.abs((quantity[i] as number) / base - 1)).toBeLessThan(1e-10);
              }
            }
          };
          updates.forEach((one, i) => {
            book.setLevel(one.side, one.ticks, one.lots);
            naive.set(one);
            if (i === readAt) checkSums();
          });
          checkSums();
          for (const side of ['bid', 'ask'] as const) {
            for (const ticks of [...naive.sides[side].keys()]) {
              book.setLevel(side, ticks, 0);
              naive.sides[side].delete(ticks);
            }
          }
          checkSums();
        },
      ),
      { numRuns: 100 },
    );
  });
});
