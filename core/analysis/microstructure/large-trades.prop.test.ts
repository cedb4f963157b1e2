import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LargeTrades } from './large-trades.ts';
import { TrailingQuantile } from './trailing-quantile.ts';

/** Any sizes, among them ties, and both ends of what the bins tell apart. */
const sizes = fc.array(
  fc.oneof(
    fc.double({ min: 0.01, max: 1e7, noNaN: true }),
    fc.constantFrom(1, 1, 100, 100, 100.5),
    fc.double({ min: 1e-4, max: 1e10, noNaN: true }),
  ),
  { minLength: 1, maxLength: 120 },
);

function nearestRank(values: readonly number[], p: number): number {
  return [...values].sort((a, b) => a - b)[Math.max(1, Math.ceil(p * values.length)) - 1] as number;
}

describe('TrailingQuantile', () => {
  it('is the nearest-rank quantile of the window, to the width of a bin', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 40 }), fc.constantFrom(0.05, 0.5, 0.95, 1), (values, window, p) => {
        const quantile = new TrailingQuantile(p, window);
        expect(quantile.value).toBeNaN();
        expect(quantile.reaches(1e9)).toBe(false);
        values.forEach((value, i) => {
          quantile.add(value);
          const exact = nearestRank(values.slice(Math.max(0, i + 1 - window), i + 1), p);
          expect(quantile.count).toBe(Math.min(window, i + 1));
          expect(quantile.value).toBeLessThanOrEqual(exact);
          expect(quantile.value * (1 + 1 / 64)).toBeGreaterThan(exact);
          expect(quantile.reaches(exact)).toBe(true);
          expect(quantile.reaches(quantile.value)).toBe(true);
          expect(quantile.reaches(quantile.value * (1 - 1e-12))).toBe(false);
        });
      }),
    );
  });

  it('puts what is beyond its bins into the outermost ones', () => {
    const quantile = new TrailingQuantile(0.5, 3);
    for (const value of [0, 1e-300, 1e300]) quantile.add(value);
    expect(quantile.value).toBe(2 ** -14);
    quantile.add(1e12);
    quantile.add(1e12);
    expect(quantile.value).toBeCloseTo(2 ** 34 / (1 + 1 / 127), 0);
  });
});

describe('LargeTrades', () => {
  it('judges a trade by those before it, once there are enough', () => {
    const large = new LargeTrades({ quantile: 0.9, window: 20, least: 10 });
    for (let size = 1; size <= 10; size++) expect(large.add(size)).toBe(false);
    expect(large.threshold).toBe(9);
    expect(large.add(8.9)).toBe(false);
    // Eleven trades, rank ⌈9.9⌉ = 10: the 9.
    expect(large.add(9)).toBe(true);
    expect(large.add(1_000)).toBe(true);
    const few = new LargeTrades({ least: 2 });
    few.add(1);
    expect([few.isKnown, few.threshold]).toEqual([false, Number.NaN]);
    few.add(1);
    expect([few.isKnown, few.threshold]).toEqual([true, 1]);
  });
});
