import { describe, expect, it } from 'vitest';
import { fitLine } from './line-fit.ts';

describe('fitLine', () => {
  it('finds a line without error where there is one', () => {
    const { slope, standardError } = fitLine([0, 1, 2, 5], [3, 1, -1, -7]);
    expect(slope).toBeCloseTo(-2, 12);
    expect(standardError).toBeCloseTo(0, 12);
  });

  it('has the standard error that the textbook has', () => {
    // Anscombe's first quartet: slope 0.5001, standard error 0.1179.
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    const { slope, standardError } = fitLine(x, y);
    expect(slope).toBeCloseTo(0.5001, 4);
    expect(standardError).toBeCloseTo(0.1179, 4);
  });

  it('refuses what makes no line', () => {
    expect(() => fitLine([1, 2], [1, 2])).toThrow(RangeError);
    expect(() => fitLine([1, 1, 1], [1, 2, 3])).toThrow(RangeError);
  });
});
