import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HORIZONS_MIN } from '../contracts/learning.ts';
import { directionOf, DOWN, FLAT, flatThresholds, indexOfMinute, isUnbroken, UP } from './labels.ts';
import { randomWalk, truncated } from './random-walk.fixture.ts';

describe('flat thresholds', () => {
  it('are 0.5 × ATR(14) / close × √horizon, and know nothing of later candles', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 14, max: 60 }), (seed, index) => {
        const columns = randomWalk(seed, 80);
        const ranges: number[] = [];
        for (let i = index - 13; i <= index; i++) {
          const [high, low, previous] = [columns.high[i] as number, columns.low[i] as number, columns.close[i - 1] as number];
          ranges.push(Math.max(high - low, Math.abs(high - previous), Math.abs(low - previous)));
        }
        const atr = ranges.reduce((sum, range) => sum + range, 0) / 14;
        const thresholds = flatThresholds(columns, index);
        HORIZONS_MIN.forEach((minutes, h) => {
          expect(thresholds?.[h]).toBeCloseTo((0.5 * atr * Math.sqrt(minutes)) / (columns.close[index] as number), 12);
        });
        expect(flatThresholds(truncated(columns, index + 1), index)).toEqual(thresholds);
      }),
    );
  });

  it('do not exist with fewer than 15 candles or across a hole', () => {
    expect(flatThresholds(randomWalk(1, 40), 13)).toBeUndefined();
    const broken = randomWalk(1, 40, 0, new Set([20]));
    expect(flatThresholds(broken, 25)).toBeUndefined();
    expect(flatThresholds(broken, 34)).toBeDefined();
    expect(flatThresholds(broken, 33)).toBeUndefined();
  });
});

describe('direction', () => {
  it('is flat on the threshold and beyond it up or down', () => {
    expect([0.1, 0.1001, -0.1, -0.1001, 0].map((value) => directionOf(value, 0.1))).toEqual([FLAT, UP, FLAT, DOWN, FLAT]);
    expect(directionOf(0, 0)).toBe(FLAT);
  });
});

describe('minute look-up', () => {
  it('agrees with a linear search', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 }),
        fc.integer({ min: -1, max: 61 }),
        (minutes, wanted) => {
          const times = Float64Array.from(
            [...minutes].sort((a, b) => a - b),
            (minute) => minute * 60_000,
          );
          expect(indexOfMinute(times, wanted * 60_000)).toBe(times.indexOf(wanted * 60_000));
        },
      ),
    );
  });

  it('knows whether a span has a hole', () => {
    const { openTime } = randomWalk(1, 20, 0, new Set([10]));
    expect([
      isUnbroken(openTime, 0, 9),
      isUnbroken(openTime, 0, 10),
      isUnbroken(openTime, 10, 8),
      isUnbroken(openTime, 10, 9),
    ]).toEqual([true, false, true, false]);
    expect([isUnbroken(openTime, -1, 2), isUnbroken(openTime, 1, -2)]).toEqual([false, false]);
  });
});
