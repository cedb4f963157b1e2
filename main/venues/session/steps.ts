import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';

/** Venues write quantities of coins with at most 8 decimals. */
const WIRE_DECIMALS = 8;

/**
 * The quantity grid of an instrument's book. Orders placed before a lot size was coarsened still rest on the old grid
 * (recorded: 25.42618900 BTC at a lot of 0.00001), so books count in the wire's precision; where quantities are large
 * (coarse lots), in thousandths of a lot, which keeps 2^53 out of reach.
 */
export function bookLotOf(lot: DecimalStep): DecimalStep {
  return { units: 1, decimals: lot.decimals >= 3 ? Math.max(WIRE_DECIMALS, lot.decimals) : lot.decimals + 3 };
}

/** `0.01000000` → `0.01`; undefined unless it is a positive decimal. */
export function trimmedStep(text: unknown): string | undefined {
  if (typeof text !== 'string' || decimalStep(text) === undefined) return undefined;
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

const MAX_DECIMALS = 15;

/** A step told as a number of decimals: 2 → `0.01`, 0 → `1`; undefined for anything else. */
export function stepOfDecimals(decimals: unknown): string | undefined {
  if (typeof decimals !== 'number' || !Number.isInteger(decimals) || decimals < 0 || decimals > MAX_DECIMALS) return undefined;
  return decimals === 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`;
}
