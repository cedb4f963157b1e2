import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suitableBucketWidth } from './bucket-width.ts';

describe('suitableBucketWidth', () => {
  it.each([
    [2_000, 0.01, 1],
    [20_000, 0.01, 10],
    [60_000, 0.1, 20],
    [150, 0.01, 0.1],
    [0.5, 0.0001, 0.0002],
    [0.00002, 0.00000001, 0.00000001],
    [1, 0.05, 0.05],
  ])('at %d with ticks of %d is %d', (price, tick, width) => {
    expect(suitableBucketWidth(price, tick)).toBe(width);
  });

  it('is 1, 2 or 5 times a power of ten, at least a tick, and within a factor of 2 of what is wanted', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.integer({ min: -8, max: 0 }), (price, places) => {
        const tick = Number(`1e${places}`);
        const width = suitableBucketWidth(price, tick);
        expect(width.toExponential()).toMatch(/^[125]e/);
        expect(width).toBeGreaterThanOrEqual(tick);
        const ratio = width / Math.max(price / 2_000, tick);
        expect(ratio).toBeGreaterThan(0.5);
        expect(ratio).toBeLessThan(2);
      }),
    );
  });
});
