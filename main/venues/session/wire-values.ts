import { type Result, fail, ok } from '../../../core/base/result.ts';
import { type DecimalStep, pow10, textToSteps } from '../../../core/market/decimal-parse.ts';
import type { BookLevel } from '../../../core/market/l2-book.ts';
import { addAsk, addBid, type DepthDelta } from './depth-delta.ts';

/** What came over the wire, checked: a failed check is a value, never a throw. */
export type Parsed<T> = Result<T, { readonly code: 'BAD_MESSAGE'; readonly message: string; readonly retryable: boolean }>;

export function bad(message: string): Parsed<never> {
  return fail('BAD_MESSAGE', message, { retryable: true });
}

/** A plain object as JSON gives it. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parsed JSON, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Later than any millisecond until the year 5138 and earlier than any microsecond since 1973. */
const MICROSECONDS_FROM = 1e14;
/** Later than any microsecond until the year 5138 and earlier than any nanosecond since 1973. */
const NANOSECONDS_FROM = 1e17;
/** Earlier than any millisecond since May 1973 and later than any second until 5138. */
const MILLISECONDS_FROM = 1e11;

/**
 * A venue's integer time → epoch milliseconds, whether it counts milliseconds, microseconds or nanoseconds.
 * NaN for anything that is not a time. Nanoseconds have lost their last digits as doubles; their milliseconds have not.
 */
export function toMs(time: unknown): number {
  if (typeof time !== 'number' || !Number.isInteger(time) || time < 0 || time >= NANOSECONDS_FROM * 100) return Number.NaN;
  if (time < MICROSECONDS_FROM) return time;
  return Math.floor(time / (time >= NANOSECONDS_FROM ? 1e6 : 1e3));
}

const DIGITS = /^\d{1,19}$/;

/** The same for a time sent as text of digits. */
export function textToMs(time: unknown): number {
  return typeof time === 'string' && DIGITS.test(time) ? toMs(Number(time)) : Number.NaN;
}

/** Seconds since the epoch, as a number or decimal text, with or without a fraction → milliseconds; NaN for anything else. */
export function secondsToMs(time: unknown): number {
  const seconds = typeof time === 'string' ? notNegative(time) : typeof time === 'number' ? time : Number.NaN;
  return seconds >= 0 && seconds < MILLISECONDS_FROM ? Math.floor(seconds * 1000 + 1e-6) : Number.NaN;
}

const DECIMAL_TEXT = /^\d+(\.\d+)?$/;

/** Plain decimal text ≥ 0 → number; NaN for anything else, an exponent and an infinity included. */
export function notNegative(text: unknown): number {
  const value = typeof text === 'string' && DECIMAL_TEXT.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** The same for what must be above 0. */
export function positive(text: unknown): number {
  const value = notNegative(text);
  return value > 0 ? value : Number.NaN;
}

/**
 * A JSON number → whole steps, by the shortest decimal that reads as that number, which is what the venue wrote (`1e-8`
 * included). NaN for one that is off the grid or no number at all.
 */
export function numberToWholeSteps(value: unknown, step: DecimalStep): number {
  return typeof value === 'number' ? textToSteps(decimalText(value), step) : Number.NaN;
}

/** The shortest decimal text of a number, without an exponent for small ones: `4.9e-7` → `0.00000049`. */
function decimalText(value: number): string {
  const text = String(value);
  const at = text.indexOf('e-');
  if (at < 0) return text;
  return `0.${'0'.repeat(Number(text.slice(at + 2)) - 1)}${text.slice(0, at).replace('.', '')}`;
}

/** A JSON number above 0; NaN for anything else. JSON has no infinity but 1e999. */
export function numberAbove0(value: unknown): number {
  return typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY ? value : Number.NaN;
}

/** `[["price","quantity"],…]` → ticks and lots. What stands behind the quantity is ignored. */
export function levelsFromJson(levels: unknown, tick: DecimalStep, lot: DecimalStep, side: string): Parsed<BookLevel[]> {
  if (!Array.isArray(levels)) return bad(`${side} levels are no list`);
  const parsed: BookLevel[] = [];
  for (const level of levels as readonly unknown[]) {
    if (!Array.isArray(level) || typeof level[0] !== 'string' || typeof level[1] !== 'string')
      return bad(`${side} level ${JSON.stringify(level)}`);
    const ticks = textToSteps(level[0], tick);
    const lots = textToSteps(level[1], lot);
    if (!(ticks > 0) || Number.isNaN(lots)) return bad(offGrid(side, level[0], level[1], tick, lot));
    parsed.push([ticks, lots]);
  }
  return ok(parsed);
}

/** The same into the columns of `out`, which begin anew. */
export function deltaLevelsFromJson(
  bids: unknown,
  asks: unknown,
  tick: DecimalStep,
  lot: DecimalStep,
  out: DepthDelta,
): Parsed<DepthDelta> {
  const parsedBids = levelsFromJson(bids, tick, lot, 'bid');
  if (!parsedBids.ok) return parsedBids;
  const parsedAsks = levelsFromJson(asks, tick, lot, 'ask');
  if (!parsedAsks.ok) return parsedAsks;
  out.bidCount = 0;
  out.askCount = 0;
  for (const [ticks, lots] of parsedBids.value) addBid(out, ticks, lots);
  for (const [ticks, lots] of parsedAsks.value) addAsk(out, ticks, lots);
  return ok(out);
}

export function offGrid(side: string, price: string, quantity: string, tick: DecimalStep, lot: DecimalStep): string {
  return `${side} level ${price} × ${quantity} is not on the grid of tick ${stepText(tick)} and lot ${stepText(lot)}`;
}

export function stepText(step: DecimalStep): string {
  return (step.units / pow10(step.decimals)).toFixed(step.decimals);
}
