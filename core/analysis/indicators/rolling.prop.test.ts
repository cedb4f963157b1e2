import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExponentialMean } from './exponential-mean.ts';
import { RollingExtreme } from './rolling-extreme.ts';
import { RollingMoments } from './rolling-moments.ts';
import { RollingSum } from './rolling-sum.ts';

const series = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 120 });
const periods = fc.integer({ min: 1, max: 30 });

/** The last `period` values up to index i; undefined before there are that many. */
function windowAt(values: readonly number[], i: number, period: number): readonly number[] | undefined {
  return i + 1 < period ? undefined : values.slice(i + 1 - period, i + 1);
}

function near(actual: number, expected: number, scale: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, scale));
}

describe('against the window walked anew', () => {
  it('RollingSum adds it up, exactly 0 where all of it is 0 however much came before', () => {
    fc.assert(
      fc.property(series, periods, (values, period) => {
        const rolling = new RollingSum(period);
        const quiet = [...values, ...new Array<number>(2 * period).fill(0)];
        quiet.forEach((value, i) => {
          rolling.step(7, false);
          const actual = rolling.step(value, true);
          const window = windowAt(quiet, i, period);
          if (window === undefined) return expect(actual).toBeNaN();
          const sum = window.reduce((a, b) => a + b, 0);
          near(actual, sum, sum);
          if (sum === 0) expect(actual).toBe(0);
        });
      }),
    );
  });

  it('RollingMoments finds mean and deviation, of cents beside tens of thousands too', () => {
    fc.assert(
      fc.property(series, periods, fc.constantFrom(1, 1e-6), (raw, period, spread) => {
        const values = raw.map((value) => 50_000 + spread * value);
        const rolling = new RollingMoments(period);
        values.forEach((value, i) => {
          rolling.step(value + 3, false);
          rolling.step(value, true);
          const window = windowAt(values, i, period);
          if (window === undefined) return expect(rolling.mean).toBeNaN();
          const mean = window.reduce((a, b) => a + b, 0) / period;
          const variance = window.reduce((sum, x) => sum + (x - mean) ** 2, 0) / period;
          near(rolling.mean, mean, 1e2 * mean);
          // Squares of what lay about the reference may cancel: to within a share of their size.
          const reach = Math.max(...values) - Math.min(...values) + 1e-9 * mean;
          expect(Math.abs(rolling.deviation ** 2 - variance)).toBeLessThanOrEqual(1e-12 * reach * reach);
        });
      }),
    );
  });

  it('RollingExtreme finds the highest and the lowest', () => {
    const ties = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(ties, periods, (values, period) => {
        const highest = new RollingExtreme(period, 'highest');
        const lowest = new RollingExtreme(period, 'lowest');
        values.forEach((value, i) => {
          highest.step(99, false);
          const window = windowAt(values, i, period);
          const preview = highest.step(value, false);
          expect(highest.step(value, true)).toBe(preview);
          const low = lowest.step(value, true);
          expect(preview).toBe(window === undefined ? Number.NaN : Math.max(...window));
          expect(low).toBe(window === undefined ? Number.NaN : Math.min(...window));
        });
      }),
    );
  });

  it('ExponentialMean follows its recurrence from the simple mean of its first values', () => {
    fc.assert(
      fc.property(series, periods, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, period, alpha) => {
        const rolling = new ExponentialMean(period, alpha);
        let mean = values.slice(0, period).reduce((a, b) => a + b, 0) / period;
        values.forEach((value, i) => {
          rolling.step(5, false);
          const actual = rolling.step(value, true);
          if (i + 1 < period) return expect(actual).toBeNaN();
          if (i + 1 > period) mean = alpha * value + (1 - alpha) * mean;
          near(actual, mean, Math.max(...values));
        });
      }),
    );
  });
});
