import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candleColumns } from '../../market/candle.ts';
import { MarketStructure } from './market-structure.ts';
import type { Pivot } from './pivot-level.ts';
import { type OracleCandle, oracleStructure } from './structure-oracle.fixture.ts';

const LENGTH_MS = 60_000;

/** Whole prices from a small range, so that equal highs and lows and candles that are both abound; a gap now and then. */
const step = fc.record({
  move: fc.integer({ min: -4, max: 4 }),
  above: fc.integer({ min: 0, max: 3 }),
  below: fc.integer({ min: 0, max: 3 }),
  skipped: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 }) }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function walk(steps: readonly Step[]): OracleCandle[] {
  let close = 1_000;
  let openTime = 1_600_000_020_000;
  return steps.map(({ move, above, below, skipped }) => {
    const open = close;
    close += move;
    openTime += LENGTH_MS * (1 + skipped);
    return { openTime, high: Math.max(open, close) + above, low: Math.min(open, close) - below, close };
  });
}

/** Candles that know nothing of each other: their pivots reach level 5 soonest. */
const noise = fc
  .array(fc.record({ low: fc.integer({ min: 1, max: 40 }), range: fc.integer({ min: 0, max: 10 }) }), {
    minLength: 800,
    maxLength: 1_000,
    size: 'max',
  })
  .map((candles) =>
    candles.map(
      ({ low, range }, i): OracleCandle => ({ openTime: i * LENGTH_MS, high: low + range, low, close: low + range / 2 }),
    ),
  );

const walks = (minLength: number, maxLength: number) => fc.array(step, { minLength, maxLength, size: 'max' }).map(walk);

function analysed(candles: readonly OracleCandle[], fractalWidth: number): MarketStructure {
  const structure = new MarketStructure({ lengthMs: LENGTH_MS, fractalWidth });
  for (const { openTime, high, low, close } of candles) structure.push(openTime, high, low, close);
  return structure;
}

function pivotsOf(structure: MarketStructure): Pivot[][] {
  return structure.levels.map((level) =>
    Array.from({ length: level.count - level.first }, (_, i) => level.pivot(level.first + i)),
  );
}

function trendsOf(structure: MarketStructure) {
  return structure.levels.map(({ trend, trendStrength }) => ({ trend, trendStrength }));
}

function expectSame(actual: MarketStructure, candles: readonly OracleCandle[], fractalWidth: number): void {
  const expected = oracleStructure(candles, LENGTH_MS, fractalWidth);
  const rounded = (pivots: readonly Pivot[]) =>
    pivots.map((pivot) => ({ ...pivot, strength: Number(pivot.strength.toFixed(9)) }));
  expect(pivotsOf(actual).map(rounded)).toEqual(expected.map(({ pivots }) => rounded(pivots)));
  expect(trendsOf(actual)).toEqual(expected.map(({ trend, trendStrength }) => ({ trend, trendStrength })));
}

describe('MarketStructure', () => {
  it('equals its definition after every candle, so that nothing after a candle counts', () => {
    fc.assert(
      fc.property(walks(1, 90), fc.integer({ min: 1, max: 3 }), (candles, width) => {
        const structure = new MarketStructure({ lengthMs: LENGTH_MS, fractalWidth: width });
        candles.forEach(({ openTime, high, low, close }, i) => {
          structure.push(openTime, high, low, close);
          expectSame(structure, candles.slice(0, i + 1), width);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('equals its definition on all five levels', () => {
    let deepest = 0;
    fc.assert(
      fc.property(noise, (candles) => {
        const structure = analysed(candles, 1);
        expectSame(structure, candles, 1);
        deepest = Math.max(deepest, structure.levels[4]?.count ?? 0);
      }),
      { numRuns: 4, seed: 5 },
    );
    expect(deepest).toBeGreaterThan(0);
  });

  it('is the same pushed one by one, in slices and at once', () => {
    fc.assert(
      fc.property(walks(1, 400), fc.integer({ min: 0, max: 400 }), (candles, cut) => {
        const columns = candleColumns(candles.length);
        candles.forEach(({ openTime, high, low, close }, i) => {
          columns.openTime[i] = openTime;
          columns.high[i] = high;
          columns.low[i] = low;
          columns.close[i] = close;
        });
        const [whole, sliced] = [0, 1].map(() => new MarketStructure({ lengthMs: LENGTH_MS })) as [
          MarketStructure,
          MarketStructure,
        ];
        whole.pushColumns(columns);
        const middle = Math.min(cut, candles.length);
        sliced.pushColumns(columns, 0, middle);
        sliced.pushColumns(columns, middle);
        const one = analysed(candles, 2);
        for (const other of [whole, sliced]) {
          expect(pivotsOf(other)).toEqual(pivotsOf(one));
          expect(trendsOf(other)).toEqual(trendsOf(one));
          expect([other.atr, other.asOf, other.candles]).toEqual([one.atr, one.asOf, one.candles]);
        }
      }),
    );
  });

  it('tells events from which the pivots can be put together, each at its confirmation and none earlier', () => {
    fc.assert(
      fc.property(walks(1, 150), (candles) => {
        const told: Pivot[][] = [[], [], [], [], []];
        let now = 0;
        const structure = new MarketStructure({
          lengthMs: LENGTH_MS,
          fractalWidth: 1,
          onChange(level, index, change, at) {
            const pivots = told[level.level - 1] as Pivot[];
            expect(at).toBe(now + LENGTH_MS);
            if (change === 'retracted') {
              // Still the old one, so that a listener can say what it was.
              expect(index).toBe(pivots.length - 1);
              expect(level.price(index)).toBe(pivots.pop()?.price);
              return;
            }
            expect(index).toBe(pivots.length);
            const pivot = level.pivot(index);
            expect(pivot.confirmedAt).toBe(at);
            expect(pivot.time).toBeLessThan(at);
            pivots.push(pivot);
          },
        });
        for (const { openTime, high, low, close } of candles) {
          now = openTime;
          structure.push(openTime, high, low, close);
          // A strength goes on changing with the next pivot; everything else is final.
          const bare = (pivots: readonly Pivot[]) => pivots.map(({ strength: _, ...rest }) => rest);
          expect(told.map(bare)).toEqual(pivotsOf(structure).map(bare));
        }
      }),
    );
  });

  it('never takes a pivot of a higher level back for anything that happens below', () => {
    fc.assert(
      fc.property(walks(1, 150), (candles) => {
        const settled = new Map<number, Pivot>();
        const structure = new MarketStructure({ lengthMs: LENGTH_MS, fractalWidth: 1 });
        for (const { openTime, high, low, close } of candles) {
          structure.push(openTime, high, low, close);
          for (const level of structure.levels) {
            for (let i = level.first; i < level.count - 1; i++) {
              const key = 10_000 * level.level + i;
              const { strength: _, ...pivot } = level.pivot(i);
              const known = settled.get(key);
              if (known === undefined) settled.set(key, level.pivot(i));
              else expect(pivot).toEqual({ ...pivot, price: known.price, time: known.time, confirmedAt: known.confirmedAt });
            }
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('turned upside down, finds highs for lows', () => {
    fc.assert(
      fc.property(walks(1, 400), (candles) => {
        const mirrored = candles.map(({ openTime, high, low, close }) => ({ openTime, high: -low, low: -high, close: -close }));
        // Which of the two a first pivot is whose candle is both is a convention.
        const first: number[] = [];
        const told = new MarketStructure({ lengthMs: LENGTH_MS, onChange: (level, index) => first.push(level.time(index)) });
        for (const { openTime, high, low, close } of candles) told.push(openTime, high, low, close);
        fc.pre(first.length === 0 || first[0] !== first[1]);
        const opposite = { HH: 'LL', LL: 'HH', HL: 'LH', LH: 'HL' } as const;
        const turned = pivotsOf(analysed(mirrored, 2)).map((pivots) =>
          pivots.map((pivot) => ({
            ...pivot,
            kind: pivot.kind === 'high' ? 'low' : 'high',
            price: -pivot.price,
            label: pivot.label && opposite[pivot.label],
          })),
        );
        expect(turned).toEqual(pivotsOf(analysed(candles, 2)));
      }),
    );
  });
});
