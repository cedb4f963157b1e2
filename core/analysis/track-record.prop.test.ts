import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloseWindow } from './close-window.ts';
import { TrackRecord } from './track-record.ts';

const steps = fc.array(
  fc.record({
    gap: fc.integer({ min: 1, max: 40 }),
    price: fc.integer({ min: 95, max: 105 }),
    direction: fc.constantFrom(-1 as const, 0 as const, 1 as const),
  }),
  { maxLength: 120 },
);

describe('TrackRecord', () => {
  it('judges calls that do not overlap as a list of all prices says', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 12 }), (list, horizonMs, kept) => {
        const record = new TrackRecord({ horizonMs, kept, least: 3 });
        let t = 0;
        const prices = list.map(({ gap, price, direction }) => ({ t: (t += gap), price, direction }));
        for (const { t: at, price, direction } of prices) record.step(at, price, direction);

        const judged: boolean[] = [];
        let i = 0;
        while (i < prices.length) {
          const call = prices[i] as (typeof prices)[number];
          if (call.direction === 0) {
            i++;
            continue;
          }
          const due = prices.findIndex(({ t: at }) => at >= call.t + horizonMs);
          if (due < 0) break;
          const { t: at, price } = prices[due] as (typeof prices)[number];
          if (at <= call.t + 2 * horizonMs) judged.push(call.direction > 0 ? price > call.price : price < call.price);
          // The next call may be made where this one was judged.
          i = due;
        }
        const counted = judged.slice(-kept);
        const hits = counted.filter(Boolean).length;
        expect([record.calls, record.hits]).toEqual([counted.length, hits]);
        if (counted.length < 3) {
          expect(record.confidence).toBeNaN();
          expect(record.views(1, 'why')).toEqual([]);
        } else {
          const confidence = (hits + 1) / (counted.length + 2);
          expect(record.confidence).toBeCloseTo(confidence, 12);
          expect(record.views(0, 'why')).toEqual([]);
          expect(record.views(-1, 'why')).toEqual([
            { direction: 'down', horizonMs, confidence: record.confidence, calls: counted.length, basis: 'why' },
          ]);
        }
      }),
    );
  });
});

describe('CloseWindow', () => {
  it('is the newest values, in one stretch', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (values, capacity) => {
        const window = new CloseWindow(capacity);
        values.forEach((value, i) => {
          window.push(value);
          expect([...window.values.slice(window.from, window.to)]).toEqual(values.slice(Math.max(0, i + 1 - capacity), i + 1));
          expect(window.newest).toBe(value);
        });
        expect(window.length).toBe(Math.min(capacity, values.length));
      }),
    );
  });
});
