import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../base/rng.ts';
import { Vpin } from './vpin.ts';

const trades = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.boolean()), { maxLength: 60 });

describe('Vpin', () => {
  it('is what laying unit after unit into buckets gives', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6 }), trades, (volume, buckets, list) => {
        const vpin = new Vpin({ buckets, spanMs: 1_000 * buckets, windowMs: 60_000, leastMs: 1_000 });
        vpin.advance(0);
        vpin.add(volume, false);
        vpin.advance(1_000);
        const units: number[] = [];
        for (const [quantity, bought] of list) {
          vpin.add(quantity, bought);
          for (let i = 0; i < quantity; i++) units.push(bought ? 1 : -1);
          const full: number[] = [];
          for (let from = 0; from + volume <= units.length; from += volume) {
            const net = units.slice(from, from + volume).reduce((sum, unit) => sum + unit, 0);
            full.push(Math.abs(net) / volume);
          }
          if (full.length < buckets) expect(vpin.value).toBeNaN();
          else expect(vpin.value).toBeCloseTo(full.slice(-buckets).reduce((sum, x) => sum + x, 0) / buckets, 12);
        }
      }),
    );
  });

  it('takes V from the trailing window as it was known when the bucket began', () => {
    const gaps = fc.array(fc.constantFrom(1, 1, 1, 7, 45), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(fc.nat(), gaps, (seed, seconds) => {
        // Sizes without a common measure: no bucket ends within a rounding of a trade's end, where either is right.
        const rng = new SplitMix32(seed);
        const [buckets, spanMs, windowMs, leastMs] = [4, 8_000, 120_000, 3_000];
        const vpin = new Vpin({ buckets, spanMs, windowMs, leastMs });
        const over: { from: number; to: number; volume: number }[] = [];
        const rateAt = (now: number): number => {
          const within = over.filter(({ from }) => Math.floor(from / 60_000) > Math.floor(now / 60_000) - windowMs / 60_000);
          const watched = within.reduce((sum, { from, to }) => sum + to - from, 0);
          return watched < leastMs ? Number.NaN : within.reduce((sum, { volume }) => sum + volume, 0) / watched;
        };
        let t = 1_000;
        let V = Number.NaN;
        let filled = 0;
        vpin.advance(t);
        for (const gap of seconds) {
          const quantity = 30 * rng.next() + 0.001;
          vpin.add(quantity, rng.next() < 0.5);
          if (!Number.isNaN(V)) {
            filled += quantity;
            if (filled >= V) {
              filled -= V;
              const renewed = (rateAt(t) * spanMs) / buckets;
              if (renewed > 0) V = renewed;
              filled -= Math.floor(filled / V) * V;
            }
            expect(vpin.bucketVolume).toBeCloseTo(V, 9);
          }
          const to = t + 1_000 * gap;
          over.push({ from: t, to, volume: quantity });
          t = to;
          vpin.advance(t);
          if (Number.isNaN(V)) {
            const first = (rateAt(t) * spanMs) / buckets;
            if (first > 0) V = first;
          }
          if (!Number.isNaN(vpin.value)) expect(vpin.value >= 0 && vpin.value <= 1).toBe(true);
        }
      }),
    );
  });
});
