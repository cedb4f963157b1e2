import { COB_BUCKETS } from '../../core/contracts/market-views.ts';
import type { VenueBuckets } from '../../core/market/cob-column.ts';
import type { VenueId } from '../../core/market/instrument.ts';

/** Best bid and ask as float64; then from which bucket on and how many bids, the same of asks. */
const HEAD_BYTES = 20;

/**
 * The notional of each venue as bytes, venue after venue: its head, then its bids and asks as float32. Only the buckets from a side's
 * first filled one to its last are kept, which halves it: bids lie below the mid, asks above. Little-endian.
 */
export function encodeVenueBuckets({ venues, bid, ask, bestBid, bestAsk }: VenueBuckets): Uint8Array {
  const bytes = new Uint8Array(venues.length * (HEAD_BYTES + 8 * COB_BUCKETS));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (let venue = 0; venue < venues.length; venue++) {
    view.setFloat64(at, bestBid[venue] as number, true);
    view.setFloat64(at + 8, bestAsk[venue] as number, true);
    let next = at + HEAD_BYTES;
    for (const [side, offset] of [[bid, 16] as const, [ask, 18] as const]) {
      const cells = side.subarray(venue * COB_BUCKETS, (venue + 1) * COB_BUCKETS);
      const first = cells.findIndex((value) => value !== 0);
      const from = Math.max(0, first);
      const count = first < 0 ? 0 : cells.findLastIndex((value) => value !== 0) + 1 - first;
      view.setUint8(at + offset, from);
      view.setUint8(at + offset + 1, count);
      for (let i = 0; i < count; i++, next += 4) view.setFloat32(next, cells[from + i] as number, true);
    }
    at = next;
  }
  return bytes.subarray(0, at);
}

/** @throws RangeError when the bytes are not those of so many venues. */
export function decodeVenueBuckets(bytes: Uint8Array, venues: readonly VenueId[]): VenueBuckets {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bid = new Float32Array(venues.length * COB_BUCKETS);
  const ask = new Float32Array(venues.length * COB_BUCKETS);
  const bestBid = new Float64Array(venues.length);
  const bestAsk = new Float64Array(venues.length);
  let at = 0;
  for (let venue = 0; venue < venues.length; venue++) {
    bestBid[venue] = view.getFloat64(at, true);
    bestAsk[venue] = view.getFloat64(at + 8, true);
    let next = at + HEAD_BYTES;
    for (const [side, offset] of [[bid, 16] as const, [ask, 18] as const]) {
      const from = venue * COB_BUCKETS + view.getUint8(at + offset);
      const count = view.getUint8(at + offset + 1);
      for (let i = 0; i < count; i++, next += 4) side[from + i] = view.getFloat32(next, true);
    }
    at = next;
  }
  if (at !== bytes.length) throw new RangeError(`${bytes.length} bytes of ${venues.length} venues' buckets, expected ${at}`);
  return { venues, bid, ask, bestBid, bestAsk };
}
