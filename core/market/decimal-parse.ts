/**
 * A step of a decimal grid (a tick or lot size), exactly: `units / 10^decimals`.
 * `0.01` is {1, 2}, `0.05` is {5, 2}, `10` is {10, 0}.
 */
export interface DecimalStep {
  readonly units: number;
  readonly decimals: number;
}

const MAX_DECIMALS = 18;

/** Powers of ten up to 10^22 are exact doubles, so dividing an exact integer by one rounds once. */
const POW10 = Float64Array.from({ length: MAX_DECIMALS + 1 }, (_, exponent) => Number(`1e${exponent}`));

const ZERO = 48;
const POINT = 46;

export function pow10(exponent: number): number {
  return POW10[exponent] as number;
}

/** The step that positive decimal text such as `0.01000000` names; undefined when it is not one. */
export function decimalStep(text: string): DecimalStep | undefined {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > MAX_DECIMALS) return undefined;
  const units = Number(`${match[1]}${fraction}`);
  return units > 0 && Number.isSafeInteger(units) ? { units, decimals: fraction.length } : undefined;
}

/** The step whose decimal text reads as the double `size`. Throws for a size that no short decimal names. */
export function decimalStepOf(size: number): DecimalStep {
  for (let decimals = 0; decimals <= MAX_DECIMALS; decimals++) {
    const units = Math.round(size * pow10(decimals));
    if (units > 0 && Number.isSafeInteger(units) && units / pow10(decimals) === size) return { units, decimals };
  }
  throw new RangeError(`a step must be a positive decimal with at most ${MAX_DECIMALS} places, got ${size}`);
}

/**
 * `steps` steps as a double: the one nearest to the exact decimal, the same that reading its text gives
 * (`steps * 0.01` is not: 3 * 0.1 ≠ 0.3). One exact product, one rounded division.
 */
export function stepsToNumber(steps: number, step: DecimalStep): number {
  return (steps * step.units) / pow10(step.decimals);
}

/** The nearest whole number of steps. For values that are on the grid already, give or take a rounding of the double. */
export function numberToSteps(value: number, step: DecimalStep): number {
  return Math.round((value * pow10(step.decimals)) / step.units);
}

/**
 * Unsigned decimal text → whole steps by its character codes, without a float in between.
 * NaN for anything else: garbage, a sign, an exponent, a value off the grid, or one beyond 2^53 − 1 units.
 */
export function textToSteps(text: string, step: DecimalStep): number {
  const end = text.length;
  let units = 0;
  let at = 0;
  for (; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) break;
    units = units * 10 + digit;
  }
  if (at === 0) return Number.NaN;
  let missing = step.decimals;
  if (at < end) {
    if (text.charCodeAt(at) !== POINT || ++at === end) return Number.NaN;
    for (; at < end; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit < 0 || digit > 9) return Number.NaN;
      if (missing > 0) {
        units = units * 10 + digit;
        missing--;
      } else if (digit !== 0) return Number.NaN;
    }
  }
  return wholeSteps(units, missing, step);
}

/** `textToSteps` over the ASCII bytes [start, end). */
export function bytesToSteps(bytes: Uint8Array, start: number, end: number, step: DecimalStep): number {
  let units = 0;
  let at = start;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    units = units * 10 + digit;
  }
  if (at === start) return Number.NaN;
  let missing = step.decimals;
  if (at < end) {
    if (bytes[at] !== POINT || ++at === end) return Number.NaN;
    for (; at < end; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) return Number.NaN;
      if (missing > 0) {
        units = units * 10 + digit;
        missing--;
      } else if (digit !== 0) return Number.NaN;
    }
  }
  return wholeSteps(units, missing, step);
}

/** Digits beyond 2^53 make `units` inexact but never smaller than the bound, so one comparison at the end catches them. */
function wholeSteps(units: number, missing: number, step: DecimalStep): number {
  const scaled = missing === 0 ? units : units * pow10(missing);
  if (scaled > Number.MAX_SAFE_INTEGER) return Number.NaN;
  if (step.units === 1) return scaled;
  return scaled % step.units === 0 ? scaled / step.units : Number.NaN;
}
