import { COB_BUCKETS, COB_RADIUS, type CobView } from '../../../core/contracts/market-views.ts';

/** Row 0 on screen is the highest bucket (+20), row 40 the lowest (−20). */
export function bucketOfRow(row: number): number {
  return COB_BUCKETS - 1 - row;
}

/** Lower edge of the bucket that a row shows. */
export function priceOfRow(view: Pick<CobView, 'anchor' | 'bucketWidth'>, row: number): number {
  return view.anchor + (COB_RADIUS - row) * view.bucketWidth;
}

/** Digits after the point that tell neighbouring buckets apart. */
export function bucketDecimals(bucketWidth: number): number {
  for (let decimals = 0; decimals < 8; decimals++) {
    const scaled = bucketWidth * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-9) return decimals;
  }
  return 8;
}

/** The largest notional of any bucket and side: what a full bar stands for. 0 when the book is empty. */
export function largestNotional(view: Pick<CobView, 'bidNotional' | 'askNotional'>): number {
  let largest = 0;
  for (let i = 0; i < COB_BUCKETS; i++) {
    largest = Math.max(largest, view.bidNotional[i] ?? 0, view.askNotional[i] ?? 0);
  }
  return largest;
}

/**
 * Full-bar notional for the next frame: grows at once, so that no bar overflows, and shrinks slowly,
 * so that one cancelled wall does not make every other bar jump.
 */
export function nextScale(scale: number, largest: number): number {
  return largest >= scale ? largest : Math.max(largest, scale * 0.97);
}

/**
 * Writes into `out` what lies between the mid and each bucket, that bucket included: of bids the sum of it and all above, of asks of it
 * and all below. Answers the sum of the whole side.
 */
export function cumulate(side: 'bid' | 'ask', values: readonly number[], out: Float64Array): number {
  let sum = 0;
  for (let step = 0; step < COB_BUCKETS; step++) {
    const i = side === 'bid' ? COB_BUCKETS - 1 - step : step;
    sum += values[i] ?? 0;
    out[i] = sum;
  }
  return sum;
}
