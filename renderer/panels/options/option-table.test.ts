import { describe, expect, it } from 'vitest';
import type { OptionListing, OptionQuote } from '../../../core/contracts/options.ts';
import { followedExpiry, isInTheMoney, midOf, namesToFollow, nearestStrike, rowMove, strikeRows } from './option-table.ts';

const EXPIRY = Date.UTC(2024, 11, 27, 8);

function quote(strike: number, right: 'call' | 'put', change: Partial<OptionQuote> = {}): OptionQuote {
  return {
    name: `BTC-27DEC24-${strike}-${right === 'call' ? 'C' : 'P'}`,
    underlying: 'BTC',
    expiresAt: EXPIRY,
    strike,
    right,
    bid: { price: 0.04, amount: 1 },
    ask: { price: 0.05, amount: 1 },
    state: 'live',
    reason: 'quoted',
    ...change,
  };
}

describe('the table of an expiry', () => {
  const quotes = [
    quote(100_000, 'put'),
    quote(90_000, 'call'),
    quote(100_000, 'call'),
    quote(90_000, 'put'),
    quote(110_000, 'call'),
  ];
  const expiry = { underlying: 'BTC', expiresAt: EXPIRY } as const;

  it('has calls and puts side by side, and marks the strike nearest to the price', () => {
    const rows = strikeRows([...quotes, quote(70_000, 'call', { expiresAt: EXPIRY + 1 })], expiry, 96_000);
    expect(rows.map(({ strike, call, put, atTheMoney }) => [strike, call?.name, put?.name, atTheMoney])).toEqual([
      [90_000, 'BTC-27DEC24-90000-C', 'BTC-27DEC24-90000-P', false],
      [100_000, 'BTC-27DEC24-100000-C', 'BTC-27DEC24-100000-P', true],
      [110_000, 'BTC-27DEC24-110000-C', undefined, false],
    ]);
    expect(strikeRows(quotes, expiry, undefined).some(({ atTheMoney }) => atTheMoney)).toBe(false);
    expect(followedExpiry(quotes)).toEqual(expiry);
    expect(followedExpiry([])).toBeUndefined();
  });

  it('takes the lower of two strikes that are equally near', () => {
    expect(nearestStrike([110, 90, 100], 95)).toBe(90);
    expect(nearestStrike([], 95)).toBeUndefined();
  });

  it('has a middle only between two sides', () => {
    expect(midOf(quote(1, 'call'))).toBeCloseTo(0.045, 12);
    const { ask: _, ...bidOnly } = quote(1, 'call');
    expect(midOf(bidOnly)).toBeUndefined();
    expect(midOf(undefined)).toBeUndefined();
    expect([isInTheMoney('call', 90, 95), isInTheMoney('put', 90, 95), isInTheMoney('put', 100, undefined)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is walked through by keyboard, and led back to the money', () => {
    const rows = strikeRows(quotes, expiry, 96_000);
    expect(['ArrowUp', 'ArrowDown', 'Home', 'End', 'm', 'x'].map((key) => rowMove(key, 0, rows))).toEqual([
      0,
      1,
      0,
      2,
      1,
      undefined,
    ]);
    expect(rowMove('ArrowDown', 2, rows)).toBe(2);
    expect(rowMove('m', 2, strikeRows(quotes, expiry, undefined))).toBeUndefined();
  });
});

describe('what is followed of an expiry', () => {
  it('is every strike, or those nearest to the price, in whole pairs', () => {
    const strikes = Array.from({ length: 60 }, (_, i) => ({ strike: 1_000 * (i + 1), call: `C${i + 1}`, put: `P${i + 1}` }));
    const listing: OptionListing = { underlying: 'BTC', underlyingMid: 30_400, expiries: [{ expiresAt: EXPIRY, strikes }] };
    const names = namesToFollow(listing, EXPIRY);
    expect(names).toHaveLength(80);
    expect(names.slice(0, 4)).toEqual(['C30', 'P30', 'C31', 'P31']);
    expect(names).not.toContain('C60');
    expect(namesToFollow(listing, EXPIRY + 1)).toEqual([]);
    const some: OptionListing = { ...listing, expiries: [{ expiresAt: EXPIRY, strikes: [{ strike: 5, put: 'P5' }] }] };
    expect(namesToFollow(some, EXPIRY)).toEqual(['P5']);
  });
});
