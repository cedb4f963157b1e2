import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellDecimals, mergeFactor, recordedShare } from './footprint-view.ts';

describe('how a footprint fits the screen', () => {
  it('puts as few rows together as are needed for one to be high enough', () => {
    const factors = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 40, noNaN: true }), fc.integer({ min: 1, max: 14 }), (rowPx, leastPx) => {
        expect(mergeFactor(rowPx, leastPx)).toBe(factors.find((factor) => factor * rowPx >= leastPx));
      }),
    );
    expect(mergeFactor(0, 12)).toBe(1);
    expect(mergeFactor(Number.NaN, 12)).toBe(1);
  });

  it('writes small volumes with more digits', () => {
    expect([0.02, 3, 40, 700].map(cellDecimals)).toEqual([3, 2, 1, 0]);
  });

  it('knows the share of a candle that is recorded', () => {
    expect([recordedShare(5, 10), recordedShare(12, 10), recordedShare(0, 0), recordedShare(0, 3)]).toEqual([0.5, 1, 1, 0]);
  });
});
