import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlationAndBeta } from './correlation.ts';

// In cents, so that no return is mere rounding.
const price = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 5_000, max: 20_000 }).map((cents) => cents / 100) },
  fc.constant(Number.NaN),
);
const pairs = fc.array(fc.tuple(price, price), { maxLength: 60 });

/** Two passes over a list of pairs. */
function oracle(y: readonly number[], x: readonly number[]): [number, number] {
  const returnOf = (prices: readonly number[], i: number): number =>
    Math.log(prices[i] as number) - Math.log(prices[i - 1] ?? Number.NaN);
  const known = y.map((_, i) => [returnOf(y, i), returnOf(x, i)] as const).filter(([a, b]) => !Number.isNaN(a + b));
  if (known.length < 2) return [Number.NaN, Number.NaN];
  const centred = (pick: 0 | 1): number[] => {
    const mean = known.reduce((sum, pair) => sum + pair[pick], 0) / known.length;
    const away = known.map((pair) => pair[pick] - mean);
    return away.every((value) => Math.abs(value) < 1e-9) ? away.map(() => 0) : away;
  };
  const [ys, xs] = [centred(0), centred(1)];
  const product = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  return [product(ys, xs) / Math.sqrt(product(ys, ys) * product(xs, xs)), product(ys, xs) / product(xs, xs)];
}

describe('correlationAndBeta', () => {
  it('is that of the definition, over any window', () => {
    fc.assert(
      fc.property(pairs, fc.nat(60), fc.nat(60), (rows, a, b) => {
        const [from, to] = [Math.min(a, b, rows.length), Math.min(Math.max(a, b), rows.length)];
        const y = Float64Array.from(rows, (row) => row[0]);
        const x = Float64Array.from(rows, (row) => row[1]);
        const out = new Float64Array(3).fill(7);
        correlationAndBeta(y, x, from, to, out, 1);
        const [correlation, beta] = oracle([...y.slice(from, to)], [...x.slice(from, to)]);
        expect(out[0]).toBe(7);
        if (Number.isNaN(correlation)) expect(out[1]).toBeNaN();
        else expect(out[1]).toBeCloseTo(correlation, 8);
        if (Number.isNaN(beta)) expect(out[2]).toBeNaN();
        else expect(out[2]).toBeCloseTo(beta, 6);
      }),
    );
  });

  it('finds a planted beta', () => {
    const x = [100, 101, 100.5, 102, 103, 101];
    const y = x.map((close) => 20 * close ** 1.5);
    const out = new Float64Array(2);
    correlationAndBeta(y, x, 0, x.length, out);
    expect(out[0]).toBeCloseTo(1, 12);
    expect(out[1]).toBeCloseTo(1.5, 12);
    correlationAndBeta(
      x.map((close) => 1 / close),
      x,
      0,
      x.length,
      out,
    );
    expect([...out].map((value) => value.toFixed(9))).toEqual(['-1.000000000', '-1.000000000']);
  });

  it('is not defined without movement or with one return only', () => {
    const out = new Float64Array(2);
    correlationAndBeta([1, 2], [1, 2], 0, 2, out);
    expect([...out]).toEqual([Number.NaN, Number.NaN]);
    const growing = Array.from({ length: 20 }, (_, i) => 100 * 1.01 ** i);
    const moving = growing.map((close, i) => close * (1 + 0.001 * (i % 3)));
    correlationAndBeta(moving, growing, 0, 20, out);
    expect([...out]).toEqual([Number.NaN, Number.NaN]);
    correlationAndBeta(growing, moving, 0, 20, out);
    expect(out[0]).toBeNaN();
    expect(out[1]).toBeCloseTo(0, 9);
  });
});
