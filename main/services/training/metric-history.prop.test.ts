import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMetricHistory } from './metric-history.ts';

describe('metric history', () => {
  it('stays bounded, in order, and ends with the newest point', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 50 }),
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 1, max: 40 }),
        (limit, count, every) => {
          const history = createMetricHistory(limit);
          for (let step = 1; step <= count; step++) {
            history.add({ step, epoch: 0, trainLoss: 1, ...(step % every === 0 ? { heldOutLoss: 1 } : {}) });
            expect(history.points().length).toBeLessThanOrEqual(limit);
          }
          const steps = history.points().map((point) => point.step);
          expect(steps).toEqual([...steps].sort((a, b) => a - b));
          expect(steps.at(-1)).toBe(count);
          expect(steps[0]).toBe(1);
          if (count <= limit) expect(steps).toHaveLength(count);
          else expect(steps.length).toBeGreaterThanOrEqual(Math.floor(limit / 2));
        },
      ),
    );
  });

  it('keeps the rare held-out measurements', () => {
    const history = createMetricHistory(100);
    for (let step = 1; step <= 2000; step++)
      history.add({ step, epoch: 0, trainLoss: 1, ...(step % 101 === 0 ? { heldOutLoss: 1 } : {}) });
    expect(history.points().filter((point) => point.heldOutLoss !== undefined)).toHaveLength(19);
    history.clear();
    expect(history.points()).toEqual([]);
  });
});
