import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rounding } from './decimal.ts';
import {
  abs,
  add,
  compare,
  div,
  fromNumber,
  isMultipleOf,
  max,
  min,
  mul,
  negate,
  normalise,
  round,
  roundDownTo,
  sign,
  sub,
} from './decimal.ts';

/** The oracle: a bigint count of 10^-scale. */
interface Scaled {
  readonly units: bigint;
  readonly scale: number;
}

function text({ units, scale }: Scaled): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const body = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return units < 0n ? `-${body}` : body;
}

/** Canonical text by plain string work. */
function canonical(value: Scaled): string {
  const plain = text(value);
  const trimmed = plain.includes('.') ? plain.replace(/0+$/, '').replace(/\.$/, '') : plain;
  return trimmed === '-0' ? '0' : trimmed;
}

function rescale({ units, scale }: Scaled, to: number): bigint {
  return units * 10n ** BigInt(to - scale);
}

function divideBigint(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  let quotient = n / d;
  const twice = 2n * (n % d);
  const bump =
    rounding === 'up'
      ? twice > 0n
      : rounding === 'down'
        ? false
        : twice > d || (twice === d && (rounding === 'halfUp' || quotient % 2n === 1n));
  if (bump) quotient += 1n;
  return negative ? -quotient : quotient;
}

const scaled = fc.record({ units: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), scale: fc.integer({ min: 0, max: 10 }) });
const rounding = fc.constantFrom<Rounding>('down', 'halfUp', 'halfEven', 'up');

describe('decimal arithmetic against bigint', () => {
  it('adds, subtracts, multiplies and compares exactly', () => {
    fc.assert(
      fc.property(scaled, scaled, (a, b) => {
        const scale = Math.max(a.scale, b.scale);
        const left = rescale(a, scale);
        const right = rescale(b, scale);
        expect(add(text(a), text(b))).toBe(canonical({ units: left + right, scale }));
        expect(sub(text(a), text(b))).toBe(canonical({ units: left - right, scale }));
        expect(mul(text(a), text(b))).toBe(canonical({ units: a.units * b.units, scale: a.scale + b.scale }));
        expect(compare(text(a), text(b))).toBe(left < right ? -1 : left > right ? 1 : 0);
        expect(min(text(a), text(b))).toBe(canonical(left <= right ? a : b));
        expect(max(text(a), text(b))).toBe(canonical(left >= right ? a : b));
      }),
    );
  });

  it('divides and rounds as told', () => {
    fc.assert(
      fc.property(scaled, scaled, fc.integer({ min: 0, max: 12 }), rounding, (a, b, scale, mode) => {
        fc.pre(b.units !== 0n);
        const numerator = a.units * 10n ** BigInt(b.scale + scale);
        const denominator = b.units * 10n ** BigInt(a.scale);
        expect(div(text(a), text(b), scale, mode)).toBe(canonical({ units: divideBigint(numerator, denominator, mode), scale }));
        const rounded = divideBigint(a.units * 10n ** BigInt(scale), 10n ** BigInt(a.scale), mode);
        expect(round(text(a), scale, mode)).toBe(canonical({ units: rounded, scale }));
      }),
    );
  });

  it('rounds down to a step and knows multiples', () => {
    fc.assert(
      fc.property(scaled, fc.bigInt({ min: 1n, max: 10_000n }), fc.integer({ min: 0, max: 10 }), (a, stepUnits, stepScale) => {
        const step = { units: stepUnits, scale: stepScale };
        const scale = Math.max(a.scale, stepScale);
        const value = rescale(a, scale);
        const size = rescale(step, scale);
        expect(roundDownTo(text(a), text(step))).toBe(canonical({ units: (value / size) * size, scale }));
        expect(isMultipleOf(text(a), text(step))).toBe(value % size === 0n);
      }),
    );
  });

  it('negates, takes magnitudes and signs, and normalises', () => {
    fc.assert(
      fc.property(scaled, (a) => {
        expect(negate(text(a))).toBe(canonical({ units: -a.units, scale: a.scale }));
        expect(abs(text(a))).toBe(canonical({ units: a.units < 0n ? -a.units : a.units, scale: a.scale }));
        expect(sign(text(a))).toBe(a.units < 0n ? -1 : a.units > 0n ? 1 : 0);
        expect(normalise(text(a))).toBe(canonical(a));
      }),
    );
  });

  it('never writes an exponent or a negative zero, and refuses what is not decimal text', () => {
    expect(mul('0.0000000001', '0.0000000001')).toBe('0.00000000000000000001');
    expect(mul('100000000000000', '1000000000000')).toBe('100000000000000000000000000');
    expect(negate('0.00')).toBe('0');
    expect(mul('-1', '0')).toBe('0');
    expect(fromNumber(1e-7, 8)).toBe('0.0000001');
    expect(fromNumber(0.1 + 0.2, 10)).toBe('0.3');
    for (const bad of ['', '1e3', '.5', '5.', 'NaN', '1,5', ' 1', '+1']) expect(() => add(bad, '1')).toThrow(RangeError);
    expect(() => div('1', '0', 2, 'down')).toThrow(RangeError);
    expect(() => roundDownTo('1', '0')).toThrow(RangeError);
    expect(() => fromNumber(Number.NaN, 2)).toThrow(RangeError);
  });
});
