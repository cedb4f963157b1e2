import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COB_BUCKETS } from '../../core/contracts/market-views.ts';
import { VENUES } from '../../core/market/instrument.ts';
import { decodeVenueBuckets, encodeVenueBuckets } from './venue-buckets.ts';

const price = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Filled between two buckets, with holes, as a side of a book is. */
const side = fc
  .tuple(
    fc.nat(COB_BUCKETS),
    fc.nat(COB_BUCKETS),
    fc.array(fc.float({ min: 0, noNaN: true }), { minLength: COB_BUCKETS, maxLength: COB_BUCKETS }),
  )
  .map(([a, b, values]) => values.map((value, i) => (i >= Math.min(a, b) && i < Math.max(a, b) ? value + 0 : 0)));
const venue = fc.record({ bid: side, ask: side, bestBid: price, bestAsk: price });

describe('venue buckets', () => {
  it('come back as they went, whatever is filled', () => {
    fc.assert(
      fc.property(fc.array(venue, { maxLength: VENUES.length }), (rows) => {
        const split = {
          venues: VENUES.slice(0, rows.length),
          bid: Float32Array.from(rows.flatMap((row) => row.bid)),
          ask: Float32Array.from(rows.flatMap((row) => row.ask)),
          bestBid: Float64Array.from(rows.map((row) => row.bestBid)),
          bestAsk: Float64Array.from(rows.map((row) => row.bestAsk)),
        };
        const bytes = encodeVenueBuckets(split);
        expect(decodeVenueBuckets(bytes, split.venues)).toEqual(split);
        // Wherever in a larger buffer they lie.
        const moved = new Uint8Array(bytes.length + 3);
        moved.set(bytes, 3);
        expect(decodeVenueBuckets(moved.subarray(3), split.venues)).toEqual(split);
        expect(() => decodeVenueBuckets(Uint8Array.from([...bytes, 0]), split.venues)).toThrow(RangeError);
      }),
      { numRuns: 100 },
    );
  });
});
