import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COB_BUCKETS } from '../contracts/market-views.ts';
import { type CobColumn, unknownColumn } from './cob-column.ts';
import { HeatmapHistory } from './heatmap.ts';
import type { VenueId } from './instrument.ts';
import { mergedColumn } from './merged-column.ts';

const VENUES: readonly VenueId[] = ['binance', 'bybit', 'mexc', 'okx'];
const WIDTH = 5;
const TIME = 90_000;

const side = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: COB_BUCKETS, maxLength: COB_BUCKETS });
const venueBook = fc.record({
  venue: fc.constantFrom(...VENUES),
  bid: side,
  ask: side,
  bestBid: fc.integer({ min: 900, max: 999 }),
});
const recording = fc.record({
  anchorIndex: fc.integer({ min: 150, max: 250 }),
  books: fc.uniqueArray(venueBook, { selector: ({ venue }) => venue, minLength: 1, maxLength: 4 }),
});
type Recording = typeof recording extends fc.Arbitrary<infer T> ? T : never;

function columnOf({ anchorIndex, books }: Recording): CobColumn {
  const venues = books.map(({ venue }) => venue);
  const sum = (name: 'bid' | 'ask') =>
    Float32Array.from({ length: COB_BUCKETS }, (_, i) => books.reduce((total, book) => total + (book[name][i] as number), 0));
  const bestBid = Float64Array.from(books.map((book) => book.bestBid));
  const bestAsk = bestBid.map((bid) => bid + 2);
  return {
    time: TIME,
    venues,
    anchorIndex,
    mid: (Math.max(...bestBid) + Math.min(...bestAsk)) / 2,
    spreadBps: 1,
    bid: sum('bid'),
    ask: sum('ask'),
    split: {
      venues,
      bid: Float32Array.from(books.flatMap(({ bid }) => bid)),
      ask: Float32Array.from(books.flatMap(({ ask }) => ask)),
      bestBid,
      bestAsk,
    },
  };
}

/** Notional at an absolute price index, of those venues of the second that the first lacks. */
function contribution(first: Recording, second: Recording, name: 'bid' | 'ask', priceIndex: number): number {
  const of = ({ anchorIndex, books }: Recording, besides: readonly VenueId[]): number =>
    books
      .filter(({ venue }) => !besides.includes(venue))
      .reduce((total, book) => total + (book[name][priceIndex - anchorIndex + 20] ?? 0), 0);
  return (
    of(first, []) +
    of(
      second,
      first.books.map(({ venue }) => venue),
    )
  );
}

describe('a second of which two recordings tell', () => {
  it('holds each venue once, every bucket at its own price', () => {
    fc.assert(
      fc.property(recording, recording, (first, second) => {
        const merged = mergedColumn(columnOf(first), columnOf(second));
        expect([...merged.venues].sort()).toEqual(
          [...new Set([...first.books, ...second.books].map(({ venue }) => venue))].sort(),
        );
        const prices = Array.from({ length: COB_BUCKETS }, (_, i) => first.anchorIndex + i - 20);
        for (const name of ['bid', 'ask'] as const) {
          expect([...merged[name]]).toEqual(prices.map((price) => contribution(first, second, name, price)));
          const split = merged.split?.[name] as Float32Array;
          expect(
            prices.map((_, i) => merged.venues.reduce((total, _venue, v) => total + (split[v * COB_BUCKETS + i] as number), 0)),
          ).toEqual([...merged[name]]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('lies between the best prices of all venues', () => {
    const book = (venue: VenueId, bestBid: number) => ({ venue, bestBid, bid: [], ask: [] });
    const merged = mergedColumn(
      columnOf({ anchorIndex: 200, books: [book('binance', 1_000)] }),
      columnOf({ anchorIndex: 200, books: [book('okx', 1_001)] }),
    );
    expect(merged.mid).toBe(1_001.5);
    expect(merged.spreadBps).toBeCloseTo((1 / 1_001.5) * 10_000, 9);
  });

  it('is the one of which anything is known, and the first where venues cannot be told apart', () => {
    const known = columnOf({ anchorIndex: 200, books: [{ venue: 'okx', bestBid: 999, bid: [], ask: [] }] });
    expect(mergedColumn(unknownColumn(TIME), known)).toBe(known);
    expect(mergedColumn(known, unknownColumn(TIME))).toBe(known);
    expect(mergedColumn(known, known)).toBe(known);
    const whole = { ...known, split: undefined };
    expect(mergedColumn(whole, known)).toBe(whole);
  });

  it('is what a heatmap shows that was filled with the other recording', () => {
    fc.assert(
      fc.property(recording, recording, (first, second) => {
        const history = new HeatmapHistory(WIDTH);
        history.push(columnOf(first));
        history.fill([columnOf(second)]);
        expect(history.at(TIME)).toEqual(mergedColumn(columnOf(first), columnOf(second)));
        const only = second.books.map(({ venue }) => venue);
        expect(history.matrix({ metric: 'totalVolume', venues: only })?.values.some((value) => value >= 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
