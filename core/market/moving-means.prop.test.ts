import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MovingMeans } from './moving-means.ts';

const WINDOWS = [1_000, 5_000, 15_000, 60_000];

/** Millisecond by millisecond. */
function naiveMean(samples: readonly { t: number; x: number }[], windowMs: number): number {
  const now = (samples.at(-1) as { t: number }).t;
  let sum = 0;
  let known = 0;
  for (let t = Math.max(now - windowMs, (samples[0] as { t: number }).t); t < now; t++) {
    const holding = samples.findLast((sample) => sample.t <= t);
    if (holding === undefined || Number.isNaN(holding.x)) continue;
    sum += holding.x;
    known++;
  }
  const newest = (samples.at(-1) as { x: number }).x;
  return known > 0 ? sum / known : Number.isNaN(newest) ? 0 : newest;
}

describe('MovingMeans', () => {
  it('equals the mean over every millisecond, unknown spans left out', () => {
    const step = fc.record({
      afterMs: fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 3_000 })),
      x: fc.option(fc.integer({ min: -100, max: 100 }), { nil: Number.NaN }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }), (steps) => {
        const means = new MovingMeans(WINDOWS);
        const samples: { t: number; x: number }[] = [];
        let t = 1_000_000;
        for (const { afterMs, x } of steps) {
          t += afterMs;
          samples.push({ t, x });
          if (Number.isNaN(x)) means.addUnknown(t);
          else means.add(t, x);
        }
        const out = new Float64Array(4);
        means.means(out);
        WINDOWS.forEach((windowMs, i) => expect(out[i]).toBeCloseTo(naiveMean(samples, windowMs), 9));
      }),
      { numRuns: 40 },
    );
  });

  it('holds a minute at 10 Hz and at 100 Hz for as long as it runs', () => {
    for (const periodMs of [100, 10]) {
      const means = new MovingMeans(WINDOWS);
      const out = new Float64Array(4);
      for (let t = 0; t <= 200_000; t += periodMs) means.add(t, t < 170_000 ? 0 : 1);
      means.means(out);
      expect([...out]).toEqual([1, 1, 1, 0.5]);
    }
  });

  it('starts at the first sample and replaces one of the same time', () => {
    const means = new MovingMeans(WINDOWS);
    const out = new Float64Array(4);
    means.means(out);
    expect([...out]).toEqual([0, 0, 0, 0]);
    means.add(1_000, 0.25);
    means.add(1_000, 0.75);
    means.means(out);
    expect([...out]).toEqual([0.75, 0.75, 0.75, 0.75]);
  });
});
