import { COB_BUCKETS, COB_RADIUS, type CobView } from '../../contracts/market-views.ts';
import type { CobSplit } from '../../market/consolidated-book.ts';

/**
 * How fast one side's notional grows with the distance from the mid, USD per basis point: the slope of the least-squares line through
 * the origin over the far edges of the side's buckets. (Slopes of limit-order books as a measure of depth: Næs & Skjeltorp 2006, "Order book
 * characteristics and the volume-volatility relation", there of elasticities; here of amounts, so that two sides can be compared.)
 * @returns NaN without a live venue
 */
export function depthSlope({ venues, mid, anchor, bucketWidth, bidNotional, askNotional }: CobView, side: 'bid' | 'ask'): number {
  if (venues.length === 0) return Number.NaN;
  const notional = side === 'bid' ? bidNotional : askNotional;
  let total = 0;
  let products = 0;
  let squares = 0;
  for (let k = 0; k <= COB_RADIUS; k++) {
    const i = side === 'bid' ? COB_RADIUS - k : COB_RADIUS + k;
    const edge = side === 'bid' ? anchor - k * bucketWidth : anchor + (k + 1) * bucketWidth;
    const distanceBps = (1e4 * Math.abs(edge - mid)) / mid;
    total += notional[i] as number;
    products += total * distanceBps;
    squares += distanceBps * distanceBps;
  }
  return squares === 0 ? Number.NaN : products / squares;
}

export interface VenueShare {
  readonly venue: string;
  /** Of the notional of both sides in all buckets, 0 … 1. */
  readonly share: number;
}

/** Whose orders the book is made of, by the venues' names; empty when nothing is in it. */
export function venueShares({ venues, bidNotional, askNotional }: CobSplit): VenueShare[] {
  const sums = venues.map((venue, v) => {
    let sum = 0;
    for (let i = v * COB_BUCKETS; i < (v + 1) * COB_BUCKETS; i++) sum += (bidNotional[i] as number) + (askNotional[i] as number);
    return { venue, sum };
  });
  const total = sums.reduce((all, { sum }) => all + sum, 0);
  if (!(total > 0)) return [];
  return sums.map(({ venue, sum }) => ({ venue, share: sum / total })).sort((a, b) => (a.venue < b.venue ? -1 : 1));
}

/** Herfindahl–Hirschman index of shares: 1 when one venue holds all, 1/n when n hold as much each. NaN without any. */
export function concentration(shares: readonly VenueShare[]): number {
  return shares.length === 0 ? Number.NaN : shares.reduce((sum, { share }) => sum + share * share, 0);
}
