import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COB_BUCKETS } from '../contracts/market-views.ts';
import { type CobColumn, unknownColumn } from './cob-column.ts';
import { HEATMAP_METRICS, HeatmapHistory, type HeatmapMetric, type HeatmapOptions } from './heatmap.ts';
import type { VenueId } from './instrument.ts';

const ALL: readonly VenueId[] = ['binance', 'bybit', 'mexc'];
const WIDTH = 5;

const side = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: COB_BUCKETS, maxLength: COB_BUCKETS });
const venueBook = fc.record({
  venue: fc.constantFrom(...ALL),
  bid: side,
  ask: side,
  bestBid: fc.integer({ min: 900, max: 999 }),
});

/** A second: how many seconds after the one before (0: the same one goes on), its anchor's move, its venues (none: nobody was live). */
const step = fc.record({
  after: fc.constantFrom(0, 0, 1, 1, 1, 1, 2, 9),
  move: fc.constantFrom(0, 0, 0, 1, -1, 7, -30),
  books: fc.uniqueArray(venueBook, { selector: ({ venue }) => venue, maxLength: 3 }),
  splitKept: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function columnsOf(steps: readonly Step[]): CobColumn[] {
  let time = 50_000;
  let anchorIndex = 200;
  return steps.map(({ after, move, books, splitKept }) => {
    time += 1_000 * after;
    anchorIndex += move;
    if (books.length === 0) return unknownColumn(time);
    const sum = (name: 'bid' | 'ask') =>
      Array.from({ length: COB_BUCKETS }, (_, i) => books.reduce((s, b) => s + (b[name][i] as number), 0));
    return {
      time,
      venues: books.map(({ venue }) => venue),
      anchorIndex,
      mid: anchorIndex * WIDTH + 1,
      spreadBps: books.length,
      bid: Float32Array.from(sum('bid')),
      ask: Float32Array.from(sum('ask')),
      split: splitKept
        ? {
            venues: books.map(({ venue }) => venue),
            bid: Float32Array.from(books.flatMap(({ bid }) => bid)),
            ask: Float32Array.from(books.flatMap(({ ask }) => ask)),
            bestBid: Float64Array.from(books.map(({ bestBid }) => bestBid)),
            bestAsk: Float64Array.from(books.map(({ bestBid }) => bestBid + 2)),
          }
        : undefined,
    };
  });
}

/** The value at an absolute price, straight from the definition. */
function naive(
  column: CobColumn | undefined,
  price: number,
  metric: HeatmapMetric,
  only: readonly VenueId[] | undefined,
): number {
  if (column === undefined || column.venues.length === 0) return Number.NaN;
  const bucket = Math.round(price / WIDTH) - column.anchorIndex + 20;
  if (bucket < 0 || bucket > 40) return Number.NaN;
  let [bid, ask, spread] = [column.bid[bucket] as number, column.ask[bucket] as number, column.spreadBps];
  if (only !== undefined) {
    const { split } = column;
    const chosen = (split?.venues ?? []).flatMap((venue, v) => (only.includes(venue) ? [v] : []));
    if (split === undefined || chosen.length === 0) return Number.NaN;
    bid = chosen.reduce((total, v) => total + (split.bid[v * 41 + bucket] as number), 0);
    ask = chosen.reduce((total, v) => total + (split.ask[v * 41 + bucket] as number), 0);
    const bestBid = Math.max(...chosen.map((v) => split.bestBid[v] as number));
    const bestAsk = Math.min(...chosen.map((v) => split.bestAsk[v] as number));
    spread = ((bestAsk - bestBid) / ((bestAsk + bestBid) / 2)) * 10_000;
  }
  const value = {
    bidVolume: bid,
    askVolume: ask,
    totalVolume: bid + ask,
    imbalance: bid + ask === 0 ? 0 : (bid - ask) / (bid + ask),
    spread,
  }[metric];
  return Math.fround(value);
}

function check(
  history: HeatmapHistory,
  told: readonly CobColumn[],
  options: HeatmapOptions & { windowSec: number; radius: number },
): void {
  const matrix = history.matrix(options);
  const newest = told.at(-1);
  const inWindow = told.filter(({ time }) => newest !== undefined && time > newest.time - options.windowSec * 1_000);
  const anchor = inWindow.findLast(
    ({ venues }, i) => venues.length > 0 && inWindow.findLastIndex(({ time }) => time === inWindow[i]?.time) === i,
  );
  if (matrix === undefined || anchor === undefined) {
    expect([matrix, anchor]).toEqual([undefined, undefined]);
    return;
  }
  const byTime = new Map(told.map((column) => [column.time, column]));
  expect([...matrix.times]).toEqual(
    Array.from({ length: options.windowSec }, (_, c) => (newest?.time ?? 0) - (options.windowSec - 1 - c) * 1_000),
  );
  expect([...matrix.prices]).toEqual(
    Array.from({ length: 2 * options.radius + 1 }, (_, r) => (anchor.anchorIndex - options.radius + r) * WIDTH),
  );
  expect([...matrix.mids]).toEqual([...matrix.times].map((time) => byTime.get(time)?.mid ?? Number.NaN));
  const expected = [...matrix.times].flatMap((time) =>
    [...matrix.prices].map((price) => naive(byTime.get(time), price, options.metric, options.venues)),
  );
  expect([...matrix.values]).toEqual(expected);
}

const options = fc.record(
  {
    metric: fc.constantFrom(...HEATMAP_METRICS),
    windowSec: fc.constantFrom(1, 4, 10),
    radius: fc.constantFrom(0, 3, 10, 20),
    venues: fc.subarray([...ALL], { minLength: 1 }),
  },
  { requiredKeys: ['metric', 'windowSec', 'radius'] },
);

describe('HeatmapHistory', () => {
  it('asked after every column, now and then, or once at the end, is what the definition says', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 40 }),
        options,
        fc.infiniteStream(fc.boolean()),
        (steps, wanted, asks) => {
          const told = columnsOf(steps);
          const [often, once] = [new HeatmapHistory(WIDTH, 12), new HeatmapHistory(WIDTH, 12)];
          told.forEach((column, i) => {
            often.push(column);
            once.push(column);
            if (asks.next().value === true) check(often, told.slice(0, i + 1), wanted);
          });
          check(often, told, wanted);
          check(once, told, wanted);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('filled with the past afterwards is as if it had been there', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 30 }), options, fc.nat(), (steps, wanted, cut) => {
        const told = columnsOf(steps);
        const at = cut % told.length;
        const history = new HeatmapHistory(WIDTH, 12);
        const live = told.slice(at);
        for (const column of live) history.push(column);
        history.matrix(wanted);
        history.fill(told.slice(0, at).filter(({ time }, i, all) => time < (live[0]?.time ?? 0) && all[i + 1]?.time !== time));
        check(history, told, wanted);
      }),
      { numRuns: 100 },
    );
  });

  it('tells unknown from zero, and keeps a level on its price while the mid moves', () => {
    const history = new HeatmapHistory(1);
    const at = (time: number, anchorIndex: number): CobColumn => {
      const ask = new Float32Array(COB_BUCKETS);
      ask[110 - anchorIndex + 20] = 7;
      const bid = new Float32Array(COB_BUCKETS);
      return { time, venues: ['binance'], anchorIndex, mid: anchorIndex, spreadBps: 1, bid, ask, split: undefined };
    };
    expect(history.matrix({ metric: 'askVolume' })).toBeUndefined();
    history.push(at(0, 100));
    history.push(unknownColumn(1_000));
    history.push(at(2_000, 104));
    const matrix = history.matrix({ metric: 'askVolume', windowSec: 4 });
    const column = (c: number) => [...(matrix?.values.subarray(c * 21, (c + 1) * 21) ?? [])];
    expect(matrix?.prices[16]).toBe(110);
    const level = Array.from({ length: 21 }, (_, r) => (r === 16 ? 7 : 0));
    expect([column(0), column(1), column(2), column(3)]).toEqual([
      Array(21).fill(Number.NaN),
      level,
      Array(21).fill(Number.NaN),
      level,
    ]);
    expect([...(matrix?.mids ?? [])]).toEqual([Number.NaN, 100, Number.NaN, 104]);
    expect(() => history.matrix({ metric: 'spread', windowSec: 601 })).toThrow(RangeError);
  });
});
