import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleRing } from './sample-ring.ts';

describe('the sample ring', () => {
  it('holds the newest samples in order, like a list that is cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.integer(), { maxLength: 40 }), (capacity, pushed) => {
        const ring = new SampleRing(capacity);
        let list: number[] = [];
        for (const value of pushed) {
          ring.push(value);
          list = [...list, value].slice(-capacity);
          expect(ring.values()).toEqual(list);
          expect(ring.at(0)).toBe(value);
          expect(ring.at(ring.size)).toBeUndefined();
        }
      }),
    );
  });
});
