import Big from 'big.js';

/**
 * Exact decimal money on decimal text (`12.34`, never `1e3`).
 * Results are canonical: no trailing zeros, no `-0`. Only division rounds, and it must be told how.
 * Malformed text is a broken invariant and throws a RangeError: text from outside is checked by its schema first.
 */
export type Decimal = string;

/** `down`: towards zero. `up`: away from zero. */
export type Rounding = 'down' | 'halfUp' | 'halfEven' | 'up';

const ROUNDING_MODE: Readonly<Record<Rounding, Big.RoundingMode>> = { down: 0, halfUp: 1, halfEven: 2, up: 3 };
const DECIMAL_TEXT = /^-?\d+(\.\d+)?$/;

/** A constructor of our own, so that the settings that `div` changes are nobody else's. */
const Exact = Big();

function parse(text: Decimal): Big {
  if (!DECIMAL_TEXT.test(text)) throw new RangeError(`not a decimal number: '${text}'`);
  return new Exact(text);
}

function format(value: Big): Decimal {
  return value.c[0] === 0 ? '0' : value.toFixed();
}

/** The same number in canonical form: `01.50` → `1.5`. */
export function normalise(value: Decimal): Decimal {
  return format(parse(value));
}

/** The decimal nearest to what a binary float prints as, rounded half up to `scale` decimals. Throws on NaN and infinities. */
export function fromNumber(value: number, scale: number): Decimal {
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${value}`);
  return format(new Exact(String(value)).round(scale, ROUNDING_MODE.halfUp));
}

/** For drawing and statistics only; money never comes back from here. */
export function toNumber(value: Decimal): number {
  return Number(value);
}

export function add(left: Decimal, right: Decimal): Decimal {
  return format(parse(left).plus(parse(right)));
}

export function sub(left: Decimal, right: Decimal): Decimal {
  return format(parse(left).minus(parse(right)));
}

/** Exact: the scale of the product is the sum of the scales. */
export function mul(left: Decimal, right: Decimal): Decimal {
  return format(parse(left).times(parse(right)));
}

/** `left / right` to `scale` decimals. Throws a RangeError when `right` is zero. */
export function div(left: Decimal, right: Decimal, scale: number, rounding: Rounding): Decimal {
  const divisor = parse(right);
  if (divisor.c[0] === 0) throw new RangeError(`division of ${left} by zero`);
  Exact.DP = scale;
  Exact.RM = ROUNDING_MODE[rounding];
  return format(parse(left).div(divisor));
}

export function round(value: Decimal, scale: number, rounding: Rounding): Decimal {
  return format(parse(value).round(scale, ROUNDING_MODE[rounding]));
}

export function negate(value: Decimal): Decimal {
  return format(parse(value).neg());
}

export function abs(value: Decimal): Decimal {
  return format(parse(value).abs());
}

/** Below, at or above zero when `left` is below, equal to or above `right`. */
export function compare(left: Decimal, right: Decimal): -1 | 0 | 1 {
  return parse(left).cmp(parse(right));
}

export function sign(value: Decimal): -1 | 0 | 1 {
  return parse(value).cmp('0');
}

export function isZero(value: Decimal): boolean {
  return sign(value) === 0;
}

export function min(left: Decimal, right: Decimal): Decimal {
  return normalise(compare(left, right) <= 0 ? left : right);
}

export function max(left: Decimal, right: Decimal): Decimal {
  return normalise(compare(left, right) >= 0 ? left : right);
}

/** Whether `value` is a whole number of `step`s. Throws when `step` is not above zero. */
export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return compare(roundDownTo(value, step), value) === 0;
}

/** The multiple of `step` nearest to `value` on zero's side of it: `roundDownTo('1.29', '0.05')` is `1.25`. */
export function roundDownTo(value: Decimal, step: Decimal): Decimal {
  if (sign(step) <= 0) throw new RangeError(`a step must be above zero, got ${step}`);
  return mul(div(value, step, 0, 'down'), step);
}
