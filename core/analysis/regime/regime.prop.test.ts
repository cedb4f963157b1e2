import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../base/rng.ts';
import {
  driftStatistic,
  efficiencyRatio,
  regimeCode,
  regimeOfCode,
  TREND_DRIFT,
  trendCode,
  volatilityCode,
  volatilityRatio,
} from './regime.ts';
import { annualised, realisedVariance, realisedVolatility, YEAR_MS } from './volatility.ts';

const closes = fc.array(
  fc.oneof({ weight: 9, arbitrary: fc.double({ min: 1, max: 1e5, noNaN: true }) }, fc.constant(Number.NaN)),
  {
    maxLength: 40,
  },
);
const windows = closes.chain((values) =>
  fc
    .tuple(fc.constant(Float64Array.from(values)), fc.nat(values.length), fc.nat(values.length))
    .map(([column, a, b]) => [column, Math.min(a, b), Math.max(a, b)] as const),
);

/** As the definitions say, on a list of its own. */
function returnsOf(column: Float64Array, from: number, to: number): number[] {
  const known: number[] = [];
  const slice = [...column.slice(from, to)];
  slice.forEach((close, i) => {
    const change = i === 0 ? Number.NaN : Math.log(close) - Math.log(slice[i - 1] as number);
    if (!Number.isNaN(change)) known.push(change);
  });
  return known;
}
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('regime figures', () => {
  it('are those of their definitions over any window of any closes', () => {
    fc.assert(
      fc.property(windows, ([column, from, to]) => {
        const returns = returnsOf(column, from, to);
        if (returns.length === 0) {
          expect(realisedVariance(column, from, to)).toBeNaN();
          expect(driftStatistic(column, from, to)).toBeNaN();
          expect(efficiencyRatio(column, from, to)).toBeNaN();
          return;
        }
        const squares = sum(returns.map((r) => r * r));
        expect(realisedVariance(column, from, to)).toBeCloseTo(squares, 9);
        expect(realisedVolatility(column, from, to)).toBeCloseTo(Math.sqrt(squares), 9);
        const path = sum(returns.map(Math.abs));
        if (path < 1e-9) return;
        expect(driftStatistic(column, from, to)).toBeCloseTo(sum(returns) / Math.sqrt(squares), 6);
        expect(efficiencyRatio(column, from, to)).toBeCloseTo(sum(returns) / path, 6);
        expect(Math.abs(efficiencyRatio(column, from, to))).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  it('see nothing outside of their window', () => {
    fc.assert(
      fc.property(windows, closes, ([column, from, to], other) => {
        const around = Float64Array.from([...other, ...column.slice(from, to), ...other]);
        const [start, end] = [other.length, other.length + to - from];
        for (const figure of [realisedVariance, driftStatistic, efficiencyRatio])
          expect(figure(around, start, end)).toBe(figure(column, from, to));
      }),
    );
  });
});

describe('regimes', () => {
  const walk = (count: number, seed: number, drift: number, volatility: number, start = 2_000): number[] => {
    const rng = new SplitMix32(seed);
    const prices = [start];
    for (let i = 1; i < count; i++) {
      // Twelve uniform numbers make a normal one near enough.
      let normal = -6;
      for (let k = 0; k < 12; k++) normal += rng.next();
      prices.push((prices.at(-1) as number) * Math.exp(drift + volatility * normal));
    }
    return prices;
  };

  it('call a random walk a trend about one time in ten', () => {
    let trends = 0;
    for (let seed = 0; seed < 400; seed++) trends += Math.abs(trendCode(driftStatistic(walk(120, seed, 0, 1e-3), 0, 120)));
    expect(trends / 400).toBeGreaterThan(0.05);
    expect(trends / 400).toBeLessThan(0.16);
  });

  it('tell rises, falls and wilder times', () => {
    const calm = walk(300, 7, 0, 1e-4);
    const wildRise = walk(60, 8, 4e-4, 1e-3, calm.at(-1) as number);
    const prices = Float64Array.from([...calm, ...wildRise]);
    expect(regimeOfCode(regimeCode(prices, 0, 300, 360)).volatility).toBe('wild');
    const rise = walk(120, 9, 1e-3, 1e-3);
    expect(regimeOfCode(regimeCode(rise, 0, 0, 120))).toEqual({ trend: 'up', volatility: 'usual' });
    expect(regimeOfCode(regimeCode([...rise].reverse(), 0, 0, 120))).toEqual({ trend: 'down', volatility: 'usual' });
    expect(regimeOfCode(4)).toEqual({ trend: 'sideways', volatility: 'usual' });
    expect(() => regimeOfCode(9)).toThrow('0 … 8');
  });

  it('leave open what cannot be told', () => {
    expect(regimeCode([], 0, 0, 0)).toBe(4);
    expect(regimeCode([1, 1, 1, 1], 0, 2, 4)).toBe(4);
    expect(volatilityRatio([5, 5, 5], 0, 1, 3)).toBeNaN();
    expect(trendCode(TREND_DRIFT)).toBe(1);
    expect(volatilityCode(2 / 3)).toBe(-1);
  });

  it('scale volatility by the root of time', () => {
    expect(annualised(0.01, YEAR_MS / 100)).toBeCloseTo(0.1, 12);
  });
});
