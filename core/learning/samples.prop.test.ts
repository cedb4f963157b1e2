import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../base/rng.ts';
import type { Annotation } from '../contracts/annotations.ts';
import { BUY, HOLD, SELL } from './labels.ts';
import { randomWalk } from './random-walk.fixture.ts';
import { samplesOf, tradeMinutes } from './samples.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function annotation(
  part: Partial<Annotation> & { entryAt: number; exitAt: number; entryPrice?: number; exitPrice?: number },
): Annotation {
  const { entryAt, exitAt, entryPrice = 200, exitPrice = 210, ...rest } = part;
  return {
    id: 'a1',
    symbol: 'ETH/USDT',
    timeframe: '1m',
    direction: 'long',
    entry: { time: entryAt, price: entryPrice },
    exit: { time: exitAt, price: exitPrice },
    note: '',
    createdAt: 0,
    updatedAt: 0,
    ...rest,
  };
}

const options = (
  seed = 1,
  minHold = 50,
  holdPerAnnotated = 2,
): { rng: SplitMix32; minHold: number; holdPerAnnotated: number } => ({
  rng: new SplitMix32(seed),
  minHold,
  holdPerAnnotated,
});

describe('annotated samples', () => {
  it('are BUY at the entry of a long and SELL at that of a short, with the minutes after while the trade is still there', () => {
    const candles = randomWalk(1, 600);
    candles.close.fill(200);
    candles.close[303] = 206;
    const set = samplesOf(
      [
        annotation({ entryAt: 300 * MINUTE, exitAt: 350 * MINUTE }),
        annotation({ id: 'a2', direction: 'short', entryAt: 400 * MINUTE, exitAt: 402 * MINUTE, exitPrice: 190 }),
      ],
      candles,
      options(1, 0, 0.5),
    );
    expect(set.samples.filter((sample) => sample.action !== HOLD)).toEqual([
      { openTime: 300 * MINUTE, action: BUY },
      { openTime: 301 * MINUTE, action: BUY },
      { openTime: 302 * MINUTE, action: BUY },
      { openTime: 400 * MINUTE, action: SELL },
      { openTime: 401 * MINUTE, action: SELL },
    ]);
    expect(set).toMatchObject({ annotatedCount: 5, holdCount: 3, usedIds: ['a1', 'a2'], skipped: [] });
  });

  it('need a whole window at the entry, but no future', () => {
    const candles = randomWalk(2, 400, 0, new Set([200]));
    const at = (minute: number): string[] =>
      samplesOf([annotation({ entryAt: minute * MINUTE, exitAt: (minute + 10) * MINUTE })], candles, options()).usedIds;
    expect([62, 63, 190, 200, 230, 263, 264, 399, 400].map((minute) => at(minute).length)).toEqual([0, 1, 1, 0, 0, 0, 1, 1, 0]);
  });

  it('say why an annotation gives nothing', () => {
    const candles = randomWalk(2, 400);
    const set = samplesOf(
      [
        annotation({ id: 'early', entryAt: 10 * MINUTE, exitAt: 20 * MINUTE }),
        annotation({ id: 'later', entryAt: 900 * MINUTE, exitAt: 910 * MINUTE }),
        annotation({ id: 'short', timeframe: '1s', entryAt: 100 * MINUTE + 5_000, exitAt: 100 * MINUTE + 40_000 }),
      ],
      candles,
      options(),
    );
    expect(set.skipped.map(({ annotationId }) => annotationId)).toEqual(['early', 'later', 'short']);
    expect(set.skipped[2]?.reason).toContain('less than a minute');
  });

  it('belong to the annotation edited last where two claim one minute', () => {
    const candles = randomWalk(3, 400);
    const long = annotation({ id: 'long', entryAt: 100 * MINUTE, exitAt: 120 * MINUTE, updatedAt: 5 });
    const short = annotation({
      id: 'short',
      direction: 'short',
      entryAt: 100 * MINUTE,
      exitAt: 120 * MINUTE,
      exitPrice: 190,
      updatedAt: 6,
    });
    const atEntry = (set: ReturnType<typeof samplesOf>): number | undefined =>
      set.samples.find((sample) => sample.openTime === 100 * MINUTE)?.action;
    expect(atEntry(samplesOf([long, short], candles, options()))).toBe(SELL);
    expect(atEntry(samplesOf([short, { ...long, updatedAt: 7 }], candles, options()))).toBe(BUY);
  });
});

describe('timeframes', () => {
  const candles = randomWalk(4, 600);

  it('map a second to its minute', () => {
    const trade = annotation({ timeframe: '1s', entryAt: 100 * MINUTE + 59_000, exitAt: 103 * MINUTE + 1_000 });
    expect(tradeMinutes(trade, candles)).toEqual({ entry: 100 * MINUTE, exit: 103 * MINUTE });
  });

  it('map a point on an hour to the first of its minutes that comes nearest to the price', () => {
    const hour = (index: number): number[] => Array.from({ length: 60 }, (_, k) => index * 60 + k);
    const lowest = hour(3).reduce((best, i) => ((candles.low[i] as number) < (candles.low[best] as number) ? i : best));
    const highest = hour(5).reduce((best, i) => ((candles.high[i] as number) > (candles.high[best] as number) ? i : best));
    const trade = annotation({
      timeframe: '1h',
      entryAt: 3 * HOUR,
      exitAt: 5 * HOUR,
      entryPrice: candles.low[lowest] as number,
      exitPrice: 10_000,
    });
    expect(tradeMinutes(trade, candles)).toEqual({ entry: lowest * MINUTE, exit: highest * MINUTE });
  });

  it('take an exit that has no candles as late as it can be, and know nothing of an entry without', () => {
    expect(tradeMinutes(annotation({ timeframe: '1h', entryAt: 3 * HOUR, exitAt: 20 * HOUR }), candles)?.exit).toBe(
      21 * HOUR - MINUTE,
    );
    expect(tradeMinutes(annotation({ entryAt: 20 * HOUR, exitAt: 21 * HOUR }), candles)).toBeUndefined();
  });
});

describe('hold samples', () => {
  it('lie outside every trade and margin, have a whole window and an hour of future, and are drawn once', () => {
    const tradesArbitrary = fc.array(
      fc.record({ entry: fc.integer({ min: 0, max: 900 }), length: fc.integer({ min: 1, max: 60 }) }),
      { maxLength: 6 },
    );
    const missingArbitrary = fc.uniqueArray(fc.integer({ min: 0, max: 899 }), { maxLength: 3 });
    fc.assert(
      fc.property(tradesArbitrary, missingArbitrary, fc.integer(), fc.constantFrom(5, 2000), (trades, missing, seed, minHold) => {
        const holes = new Set(missing);
        const candles = randomWalk(seed, 900, 0, holes);
        const annotations = trades.map(({ entry, length }, i) =>
          annotation({ id: `a${i}`, entryAt: entry * MINUTE, exitAt: (entry + length) * MINUTE }),
        );
        const set = samplesOf(annotations, candles, options(seed, minHold));
        const allowed = new Set<number>();
        for (let minute = 0; minute < 900; minute++) {
          let fine = true;
          for (let k = minute - 63; k <= minute + 60; k++) fine &&= k >= 0 && k < 900 && !holes.has(k);
          // A trade whose entry has no candle is not on the grid at all.
          const onGrid = trades.filter(({ entry }) => entry < 900 && !holes.has(entry));
          fine &&= onGrid.every(({ entry, length }) => minute < entry - 10 || minute > entry + length + 10);
          if (fine) allowed.add(minute * MINUTE);
        }
        const holds = set.samples.filter((sample) => sample.action === HOLD).map((sample) => sample.openTime);
        expect(holds.every((openTime) => allowed.has(openTime))).toBe(true);
        expect(new Set(set.samples.map((sample) => sample.openTime)).size).toBe(set.samples.length);
        expect(holds.length).toBe(Math.min(allowed.size, Math.max(minHold, 2 * set.annotatedCount)));
        expect(set.holdCount).toBe(holds.length);
      }),
      { numRuns: 60 },
    );
  });

  it('are the same for the same seed and spread over the whole range', () => {
    const candles = randomWalk(9, 2000);
    const holds = (seed: number): number[] =>
      samplesOf([], candles, options(seed, 300)).samples.map((sample) => sample.openTime / MINUTE);
    expect(holds(1)).toEqual(holds(1));
    expect(holds(1)).not.toEqual(holds(2));
    const quarters = [0, 0, 0, 0];
    for (const minute of holds(1)) quarters[Math.floor(((minute - 63) / (2000 - 123)) * 4)]!++;
    for (const count of quarters) expect(count).toBeGreaterThan(45);
  });
});
