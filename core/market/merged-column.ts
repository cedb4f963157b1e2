import { COB_BUCKETS } from '../contracts/market-views.ts';
import type { CobColumn } from './cob-column.ts';

/**
 * A second as two recordings of different venues tell it: the first's column with the venues that only the second has. Their buckets are
 * matched by price; what lies beyond the first's 41 is let go, and where the second does not reach its venues count nothing.
 * Both have to tell what each venue contributes, else there is no telling what would count twice, and the first stays. So does its
 * flow, which is not kept by venue.
 */
export function mergedColumn(first: CobColumn, second: CobColumn): CobColumn {
  if (first.venues.length === 0) return second;
  const [own, other] = [first.split, second.split];
  if (own === undefined || other === undefined) return first;
  const added = other.venues.map((venue, v) => ({ venue, v })).filter(({ venue }) => !own.venues.includes(venue));
  if (added.length === 0) return first;
  const shift = second.anchorIndex - first.anchorIndex;
  const beside = (side: 'bid' | 'ask'): { readonly split: Float32Array; readonly total: Float32Array } => {
    const split = new Float32Array(own[side].length + added.length * COB_BUCKETS);
    split.set(own[side]);
    const total = Float32Array.from(first[side]);
    added.forEach(({ v }, place) => {
      const to = own[side].length + place * COB_BUCKETS;
      for (let i = Math.max(0, shift); i < Math.min(COB_BUCKETS, COB_BUCKETS + shift); i++) {
        const notional = other[side][v * COB_BUCKETS + i - shift] as number;
        split[to + i] = notional;
        total[i] = (total[i] as number) + notional;
      }
    });
    return { split, total };
  };
  const best = (name: 'bestBid' | 'bestAsk'): Float64Array =>
    Float64Array.from([...own[name], ...added.map(({ v }) => other[name][v] as number)]);
  const [bid, ask, bestBid, bestAsk] = [beside('bid'), beside('ask'), best('bestBid'), best('bestAsk')];
  const [highest, lowest] = [Math.max(...bestBid), Math.min(...bestAsk)];
  const mid = (highest + lowest) / 2;
  const venues = [...own.venues, ...added.map(({ venue }) => venue)];
  return {
    ...first,
    venues,
    mid,
    spreadBps: ((lowest - highest) / mid) * 10_000,
    bid: bid.total,
    ask: ask.total,
    split: { venues, bid: bid.split, ask: ask.split, bestBid, bestAsk },
  };
}
