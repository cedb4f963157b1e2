import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesToSteps,
  decimalStep,
  decimalStepOf,
  type DecimalStep,
  numberToSteps,
  stepsToNumber,
  textToSteps,
} from './decimal-parse.ts';

const steps: readonly DecimalStep[] = ['0.01', '0.00000001', '0.05', '0.0025', '1', '10', '0.5'].map(
  (text) => decimalStep(text) as DecimalStep,
);

/** Oracle: exact rational arithmetic in BigInt. */
function exactSteps(text: string, step: DecimalStep): number {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return Number.NaN;
  const fraction = match[2] ?? '';
  const places = Math.max(fraction.length, step.decimals);
  const value = BigInt((match[1] as string) + fraction.padEnd(places, '0'));
  const size = BigInt(step.units) * 10n ** BigInt(places - step.decimals);
  if (value % size !== 0n) return Number.NaN;
  if ((value * 10n ** BigInt(step.decimals)) / 10n ** BigInt(places) > BigInt(Number.MAX_SAFE_INTEGER)) return Number.NaN;
  return Number(value / size);
}

const both = (text: string, step: DecimalStep): number => {
  const bytes = Uint8Array.from(`"${text}"`, (character) => character.charCodeAt(0) & 0xff);
  const fromText = textToSteps(text, step);
  expect(bytesToSteps(bytes, 1, bytes.length - 1, step)).toBe(fromText);
  return fromText;
};

describe('decimal text to steps', () => {
  it('equals exact arithmetic on every decimal text', () => {
    const text = fc
      .tuple(fc.stringMatching(/^\d{1,18}$/), fc.option(fc.stringMatching(/^\d{1,12}$/)))
      .map(([whole, fraction]) => (fraction === null ? whole : `${whole}.${fraction}`));
    fc.assert(
      fc.property(text, fc.constantFrom(...steps), (value, step) => {
        expect(both(value, step)).toBe(exactSteps(value, step));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back what it wrote, and gives the double that the text reads as', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.constantFrom(...steps), (count, step) => {
        const units = BigInt(count) * BigInt(step.units);
        const digits = units.toString().padStart(step.decimals + 1, '0');
        const cut = digits.length - step.decimals;
        const text = step.decimals === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
        fc.pre(units <= BigInt(Number.MAX_SAFE_INTEGER));
        expect(both(text, step)).toBe(count);
        expect(stepsToNumber(count, step)).toBe(Number(text));
        expect(numberToSteps(Number(text), step)).toBe(count);
      }),
      { numRuns: 1000 },
    );
  });

  it('rejects whatever is not unsigned decimal text', () => {
    const step = decimalStep('0.01') as DecimalStep;
    for (const text of [
      '',
      '.',
      '1.',
      '.5',
      '-1',
      '+1',
      '1e5',
      '1,0',
      'NaN',
      'Infinity',
      ' 1',
      '1 ',
      '1.2.3',
      '0x10',
      '1.005',
      '١',
    ]) {
      expect(both(text, step), text).toBeNaN();
    }
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        fc.pre(!/^\d+(\.\d+)?$/.test(text));
        expect(textToSteps(text, step)).toBeNaN();
      }),
    );
  });

  it('rejects what does not fit 53 bits instead of rounding it', () => {
    const step = decimalStep('0.01') as DecimalStep;
    expect(both('90071992547409.91', step)).toBe(Number.MAX_SAFE_INTEGER);
    expect(both('90071992547409.92', step)).toBeNaN();
    expect(both('9'.repeat(400), step)).toBeNaN();
  });

  it('knows steps from text and from doubles alike', () => {
    expect(decimalStep('0.01000000')).toEqual({ units: 1, decimals: 2 });
    expect(decimalStepOf(0.05)).toEqual({ units: 5, decimals: 2 });
    expect(decimalStepOf(10)).toEqual({ units: 10, decimals: 0 });
    expect(decimalStepOf(1e-8)).toEqual({ units: 1, decimals: 8 });
    for (const text of ['0', '0.000', '-1', 'abc', '']) expect(decimalStep(text)).toBeUndefined();
    for (const size of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, Math.PI * 1e-9])
      expect(() => decimalStepOf(size)).toThrow(RangeError);
  });
});
