import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { niceScale, thin, tickDecimals } from './line-chart-model.ts';

describe('niceScale', () => {
  it('covers every value with evenly spaced round ticks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 2, max: 8 }),
        (values, count) => {
          const scale = niceScale(values, count);
          if (scale === undefined) throw new Error('no scale');
          const step = (scale.max - scale.min) / (scale.ticks.length - 1);
          const tolerance = step * 1e-6;
          for (const value of values) {
            expect(value).toBeGreaterThanOrEqual(scale.min - tolerance);
            expect(value).toBeLessThanOrEqual(scale.max + tolerance);
          }
          const mantissa = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
          expect([1, 2, 5, 10].some((round) => Math.abs(mantissa - round) < 1e-6)).toBe(true);
          expect(scale.ticks.length).toBeLessThanOrEqual(count + 3);
        },
      ),
    );
  });

  it('gives values that are all but equal some room', () => {
    for (const values of [
      [1e-320, 1e-320],
      [0, 5e-324],
      [7, 7],
      [1e6, 1e6 + 1e-9],
      [-3e-12, 0],
    ]) {
      const scale = niceScale(values, 4);
      expect(scale?.ticks.length).toBeGreaterThan(1);
      expect(scale?.ticks.length).toBeLessThan(10);
    }
  });

  it('has none without a finite value', () => {
    expect(niceScale([], 4)).toBeUndefined();
    expect(niceScale([Number.NaN, Number.POSITIVE_INFINITY], 4)).toBeUndefined();
  });

  it('tells ticks apart with as few decimals as needed', () => {
    expect(
      [
        [0, 100],
        [0, 1],
        [0.1, 0.14],
      ].map((values) => tickDecimals(niceScale(values, 4) ?? { min: 0, max: 0, ticks: [] })),
    ).toEqual([0, 1, 2]);
  });
});

describe('thin', () => {
  it('keeps ends and extremes, in order, within the limit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 500 }),
        fc.integer({ min: 4, max: 60 }),
        (values, limit) => {
          const points = values.map((y, x) => [x, y] as const);
          const kept = thin(points, limit);
          expect(kept.length).toBeLessThanOrEqual(Math.max(limit, 1));
          expect(kept[0]).toEqual(points[0]);
          expect(kept.at(-1)).toEqual(points.at(-1));
          expect(Math.max(...kept.map(([, y]) => y))).toBe(Math.max(...values));
          expect(Math.min(...kept.map(([, y]) => y))).toBe(Math.min(...values));
          for (let i = 1; i < kept.length; i++) expect(kept[i]?.[0]).toBeGreaterThan(kept[i - 1]?.[0] ?? -1);
        },
      ),
    );
  });
});
