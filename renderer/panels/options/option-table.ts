import {
  FOLLOWED_OPTIONS_MAX,
  type OptionListing,
  type OptionQuote,
  type OptionUnderlying,
} from '../../../core/contracts/options.ts';

export interface StrikeRow {
  readonly strike: number;
  readonly call: OptionQuote | undefined;
  readonly put: OptionQuote | undefined;
  /** The strike nearest to the underlying's price. */
  readonly atTheMoney: boolean;
}

/** What is followed of one expiry. */
export interface FollowedExpiry {
  readonly underlying: OptionUnderlying;
  readonly expiresAt: number;
}

/** The expiry that the followed options are of; the first one where they are of several. */
export function followedExpiry(quotes: readonly OptionQuote[]): FollowedExpiry | undefined {
  const [first] = quotes;
  return first && { underlying: first.underlying, expiresAt: first.expiresAt };
}

/** Calls and puts of one expiry side by side, strikes rising. */
export function strikeRows(
  quotes: readonly OptionQuote[],
  { underlying, expiresAt }: FollowedExpiry,
  mid: number | undefined,
): StrikeRow[] {
  const strikes = new Map<number, { call?: OptionQuote; put?: OptionQuote }>();
  for (const quote of quotes) {
    if (quote.underlying !== underlying || quote.expiresAt !== expiresAt) continue;
    const pair = strikes.get(quote.strike) ?? {};
    pair[quote.right] = quote;
    strikes.set(quote.strike, pair);
  }
  const nearest = mid === undefined ? undefined : nearestStrike([...strikes.keys()], mid);
  return [...strikes]
    .sort(([a], [b]) => a - b)
    .map(([strike, { call, put }]) => ({ strike, call, put, atTheMoney: strike === nearest }));
}

/** Of two that are equally near, the lower. */
export function nearestStrike(strikes: readonly number[], price: number): number | undefined {
  let nearest: number | undefined;
  for (const strike of strikes) {
    const nearer = nearest === undefined ? -1 : Math.abs(strike - price) - Math.abs(nearest - price);
    if (nearer < 0 || (nearer === 0 && strike < (nearest as number))) nearest = strike;
  }
  return nearest;
}

/** What is asked to be followed of an expiry: every strike, or as many of those nearest to the price as may be followed at once. */
export function namesToFollow({ expiries, underlyingMid }: OptionListing, expiresAt: number): string[] {
  const strikes = expiries.find((expiry) => expiry.expiresAt === expiresAt)?.strikes ?? [];
  const near = [...strikes].sort((a, b) => Math.abs(a.strike - underlyingMid) - Math.abs(b.strike - underlyingMid));
  const names: string[] = [];
  for (const { call, put } of near) {
    const pair = [call, put].filter((name) => name !== undefined);
    if (names.length + pair.length > FOLLOWED_OPTIONS_MAX) break;
    names.push(...pair);
  }
  return names;
}

/** Between bid and ask, in coins; undefined where a side is missing. */
export function midOf(quote: OptionQuote | undefined): number | undefined {
  return quote?.bid === undefined || quote.ask === undefined ? undefined : (quote.bid.price + quote.ask.price) / 2;
}

/** Whether it would pay if it were exercised at this price. */
export function isInTheMoney(right: 'call' | 'put', strike: number, mid: number | undefined): boolean {
  return mid !== undefined && (right === 'call' ? strike < mid : strike > mid);
}

/** Where a key leads in the table: the index of the row to focus; undefined for a key that moves nothing. */
export function rowMove(key: string, from: number, rows: readonly StrikeRow[]): number | undefined {
  const last = rows.length - 1;
  const atTheMoney = rows.findIndex((row) => row.atTheMoney);
  switch (key) {
    case 'ArrowUp':
      return Math.max(0, from - 1);
    case 'ArrowDown':
      return Math.min(last, from + 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'm':
      return atTheMoney < 0 ? undefined : atTheMoney;
    default:
      return undefined;
  }
}
