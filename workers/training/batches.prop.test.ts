import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchRows, epochOrder, stepsPerEpoch } from './batches.ts';

const count = fc.integer({ min: 1, max: 300 });
const seed = fc.integer();

describe('batches', () => {
  it('visit every example of an epoch, and only the filling of the last batch twice', () => {
    fc.assert(
      fc.property(count, fc.integer({ min: 1, max: 64 }), seed, fc.nat(50), (n, batchSize, s, epoch) => {
        const order = epochOrder(s, epoch, n);
        const rows = new Uint32Array(batchSize);
        const visits = new Array<number>(n).fill(0);
        for (let batch = 0; batch < stepsPerEpoch(n, batchSize); batch++) {
          batchRows(order, batch, rows);
          for (const row of rows) visits[row] = (visits[row] as number) + 1;
        }
        const total = stepsPerEpoch(n, batchSize) * batchSize;
        expect(Math.min(...visits)).toBeGreaterThanOrEqual(1);
        expect(visits.reduce((sum, v) => sum + v, 0)).toBe(total);
        expect(total - n).toBeLessThan(batchSize);
      }),
    );
  });

  it('come in an order that follows from seed and epoch alone', () => {
    fc.assert(
      fc.property(seed, fc.nat(1000), (s, epoch) => {
        expect(epochOrder(s, epoch, 64)).toEqual(epochOrder(s, epoch, 64));
        expect(epochOrder(s, epoch, 64)).not.toEqual(epochOrder(s, epoch + 1, 64));
        expect(epochOrder(s, epoch, 64)).not.toEqual(epochOrder((s + 1) | 0, epoch, 64));
      }),
    );
  });
});
