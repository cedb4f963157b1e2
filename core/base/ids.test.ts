import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idSchema } from '../contracts/primitives.ts';
import { createIdGen } from './ids.ts';
import { SplitMix32 } from './rng.ts';

function generator(startMs = 1_700_000_000_000) {
  const clock = { time: startMs, now: () => clock.time };
  return { clock, ids: createIdGen(clock, new SplitMix32(7)) };
}

describe('createIdGen', () => {
  it('is unique and sorts by the order of making, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 2, maxLength: 60 }), (steps) => {
        const { clock, ids } = generator();
        const made: string[] = [];
        for (const step of steps) {
          clock.time += step;
          made.push(ids.next('ord'), ids.next('ord'));
        }
        expect(new Set(made).size).toBe(made.length);
        expect(made.toSorted()).toEqual(made);
        for (const id of made) expect(idSchema.safeParse(id).success, id).toBe(true);
      }),
    );
  });

  it('sorts by time across generators, and keeps two of one moment apart', () => {
    const a = createIdGen({ now: () => 1_700_000_000_000 }, new SplitMix32(1));
    const b = createIdGen({ now: () => 1_700_000_000_001 }, new SplitMix32(2));
    const c = createIdGen({ now: () => 1_700_000_000_000 }, new SplitMix32(3));
    const [first, later, same] = [a.next('x'), b.next('x'), c.next('x')];
    expect(first < later).toBe(true);
    expect(same).not.toBe(first);
  });

  it('stays in order when one millisecond makes more ids than the counter holds', () => {
    const ids = createIdGen({ now: () => 5 }, { next: () => 0 });
    const most = 32 ** 4;
    let previous = ids.next('x');
    let disorder = 0;
    for (let i = 0; i < most; i++) {
      const next = ids.next('x');
      if (!(next > previous)) disorder++;
      previous = next;
    }
    expect(disorder).toBe(0);
  });
});
