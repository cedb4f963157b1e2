import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import { numberAbove0, numberToWholeSteps } from './wire-values.ts';

describe('a JSON number', () => {
  it('is the whole number of steps that the venue wrote, however small', () => {
    const decimals = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(decimals, fc.integer({ min: 0, max: 2_000_000_000 }), fc.nat(3), (places, steps, finer) => {
        const step: DecimalStep = { units: 1, decimals: places };
        const written: unknown = JSON.parse(`${steps}e-${places}`);
        expect(numberToWholeSteps(written, step)).toBe(steps);
        // On a finer grid it is as many more steps.
        expect(numberToWholeSteps(written, { units: 1, decimals: places + finer })).toBe(steps * 10 ** finer);
      }),
    );
  });

  it('is none when it lies between two steps, is below 0, no number, or beyond what is exact', () => {
    const step = decimalStep('0.05') as DecimalStep;
    expect(
      [0.15, 4.9e-7, 1e-320, -0.05, 0.07, 1e300, Number.POSITIVE_INFINITY, Number.NaN, '0.05', null].map((value) =>
        numberToWholeSteps(value, step),
      ),
    ).toEqual([3, ...Array<number>(9).fill(Number.NaN)]);
    expect([2, 0, -1, Number.POSITIVE_INFINITY, Number.NaN, '2', undefined].map(numberAbove0)).toEqual([
      2,
      ...Array<number>(6).fill(Number.NaN),
    ]);
  });
});
