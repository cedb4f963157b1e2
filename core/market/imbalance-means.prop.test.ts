import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COB_BUCKETS, COB_RADIUS } from '../contracts/market-views.ts';
import { ImbalanceMeans } from './imbalance-means.ts';

const WINDOWS = [1_000, 5_000];

/** Orders by absolute bucket index, the same for all samples or changing; a sample sees 41 of them around its anchor. */
interface Sample {
  readonly anchor: number;
  readonly bid: number[];
  readonly ask: number[];
}

const side = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: COB_BUCKETS, maxLength: COB_BUCKETS });
const sample: fc.Arbitrary<Sample> = fc.record({ anchor: fc.integer({ min: 2_000, max: 2_024 }), bid: side, ask: side });

function naiveImbalance({ anchor, bid, ask }: Sample, around: number, radius: number): number | undefined {
  let bids = 0;
  let asks = 0;
  for (let price = around - radius; price <= around + radius; price++) {
    const i = price - anchor + COB_RADIUS;
    if (i < 0 || i >= COB_BUCKETS) return undefined;
    bids += bid[i] as number;
    asks += ask[i] as number;
  }
  return bids + asks === 0 ? 0 : (bids - asks) / (bids + asks);
}

describe('ImbalanceMeans', () => {
  it('matches history by price when the anchor moves, and leaves out what does not reach there', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 70 }), fc.integer({ min: 1, max: 20 }), (samples, radius) => {
        const means = new ImbalanceMeans(WINDOWS, radius);
        const out = new Float64Array(WINDOWS.length);
        samples.forEach((each, n) => {
          const t = 100 * n;
          const now = means.add(t, each.anchor, each.bid, each.ask);
          expect(now).toBeCloseTo(naiveImbalance(each, each.anchor, radius) as number, 12);
          means.means(out);
          WINDOWS.forEach((window, w) => {
            let sum = 0;
            let known = 0;
            // Each sample before the newest holds for 100 ms.
            for (let i = Math.max(0, n - window / 100); i < n; i++) {
              const value = naiveImbalance(samples[i] as Sample, each.anchor, radius);
              if (value === undefined) continue;
              sum += value;
              known++;
            }
            expect(out[w]).toBeCloseTo(known === 0 ? now : sum / known, 9);
          });
        });
      }),
      { numRuns: 60 },
    );
  });

  it('a standing book gives a standing mean while the mid walks through it', () => {
    // 10 USD bid in every bucket below 2,003 and 30 asked from there on; the range is 2,000 … 2,010 in the end.
    const bookAround = (anchor: number) => {
      const bid = Array.from({ length: COB_BUCKETS }, (_, i) => (anchor - COB_RADIUS + i < 2_003 ? 10 : 0));
      return { anchor, bid, ask: bid.map((value) => (value === 0 ? 30 : 0)) };
    };
    const means = new ImbalanceMeans(WINDOWS, 5);
    const out = new Float64Array(WINDOWS.length);
    let last = 0;
    for (let n = 0; n <= 5; n++) {
      const { anchor, bid, ask } = bookAround(2_000 + n);
      last = means.add(100 * n, anchor, bid, ask);
    }
    means.means(out);
    // 2,000 … 2,002 bid (30), 2,003 … 2,010 asked (240).
    expect(last).toBeCloseTo(-210 / 270, 12);
    expect(out[0]).toBeCloseTo(-210 / 270, 12);
  });
});
