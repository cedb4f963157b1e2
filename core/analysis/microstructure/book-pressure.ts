import { COB_BUCKETS, COB_RADIUS, type CobView } from '../../contracts/market-views.ts';

/** What is read of a consolidated-book sample. */
export type BookSample = Pick<
  CobView,
  'venues' | 'mid' | 'spreadBps' | 'microprice' | 'bestBidQuantity' | 'bestAskQuantity' | 'bidNotional' | 'askNotional'
>;

/** How far the microprice is above the mid, bps of the mid: the side with less at its best price is the one that gives way. */
export function microOffsetBps({ mid, microprice }: Pick<BookSample, 'mid' | 'microprice'>): number {
  return ((microprice - mid) / mid) * 10_000;
}

/** (bid − ask)/(bid + ask) of the quantities at the best prices: −1 … 1. */
export function touchImbalance({
  bestBidQuantity,
  bestAskQuantity,
}: Pick<BookSample, 'bestBidQuantity' | 'bestAskQuantity'>): number {
  const sum = bestBidQuantity + bestAskQuantity;
  return sum > 0 ? (bestBidQuantity - bestAskQuantity) / sum : 0;
}

const NEARNESS = Float64Array.from({ length: COB_BUCKETS }, (_, i) => 1 / (1 + Math.abs(i - COB_RADIUS)));

/**
 * Σ w·(bid − ask) / Σ w·(bid + ask) of the notional in buckets k = −20 … +20 with w = 1/(1 + |k|): what is near the mid weighs most,
 * since it is met first. −1 … 1; 0 when the buckets are empty.
 */
export function bookPressure({ bidNotional, askNotional }: Pick<BookSample, 'bidNotional' | 'askNotional'>): number {
  let difference = 0;
  let sum = 0;
  for (let i = 0; i < COB_BUCKETS; i++) {
    const bid = bidNotional[i] ?? 0;
    const ask = askNotional[i] ?? 0;
    const weight = NEARNESS[i] as number;
    difference += weight * (bid - ask);
    sum += weight * (bid + ask);
  }
  return sum > 0 ? difference / sum : 0;
}
