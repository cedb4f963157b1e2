import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COB_BUCKETS } from '../../../core/contracts/market-views.ts';
import { bucketDecimals, bucketOfRow, cumulate, largestNotional, nextScale, priceOfRow } from './ladder-model.ts';

describe('ladder rows', () => {
  it('run from bucket +20 down to −20 in steps of one bucket', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom(0.5, 1, 10), (base, bucketWidth) => {
        const view = { anchor: base * bucketWidth, bucketWidth };
        for (let row = 0; row < COB_BUCKETS; row++) {
          expect(priceOfRow(view, row)).toBeCloseTo(view.anchor + (bucketOfRow(row) - 20) * bucketWidth, 9);
        }
      }),
    );
  });

  it('show enough decimals for the width and no more', () => {
    expect([10, 1, 0.5, 0.25, 0.1, 0.05, 0.001].map(bucketDecimals)).toEqual([0, 0, 1, 2, 1, 2, 3]);
  });
});

describe('bar scale', () => {
  const notionals = fc.array(fc.float({ min: 0, max: 1e6, noNaN: true }), { minLength: COB_BUCKETS, maxLength: COB_BUCKETS });

  it('never lets a bar overflow and never freezes above what is needed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(notionals, notionals), { minLength: 1, maxLength: 5 }), (frames) => {
        let scale = 0;
        for (const [bidNotional, askNotional] of frames) {
          const largest = largestNotional({ bidNotional, askNotional });
          expect(largest).toBe(Math.max(...bidNotional, ...askNotional));
          const next = nextScale(scale, largest);
          expect(next).toBeGreaterThanOrEqual(largest);
          expect(next).toBeLessThanOrEqual(Math.max(scale, largest));
          scale = next;
        }
      }),
    );
    let scale = 1_000;
    for (let frame = 0; frame < 300; frame++) scale = nextScale(scale, 10);
    expect(scale).toBe(10);
  });
});

describe('cumulate', () => {
  it('adds up what lies between the mid and each bucket, on its own side', () => {
    const values = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: COB_BUCKETS, maxLength: COB_BUCKETS });
    fc.assert(
      fc.property(values, fc.constantFrom('bid', 'ask'), (all, side) => {
        const out = new Float64Array(COB_BUCKETS);
        const total = all.reduce((sum, value) => sum + value, 0);
        expect(cumulate(side, all, out)).toBe(total);
        for (let i = 0; i < COB_BUCKETS; i++) {
          const counted = all.filter((_, k) => (side === 'bid' ? k >= i : k <= i));
          expect(out[i]).toBe(counted.reduce((sum, value) => sum + value, 0));
        }
      }),
    );
  });
});
