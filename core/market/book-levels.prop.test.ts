import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextInt, SplitMix32 } from '../base/rng.ts';
import { BookLevels } from './book-levels.ts';

const READS = ['none', 'top', 'worst', 'some', 'all'] as const;

/** Prices around a mid that walks, sparse or dense, so that levels vanish, come back, and are left behind. */
function play(seed: number, range: number, stride: number, ops: number): void {
  const rng = new SplitMix32(seed);
  const levels = new BookLevels(16);
  const naive = new Map<number, number>();
  let mid = 100_000;
  const sorted = (): [number, number][] => [...naive].sort(([a], [b]) => b - a);
  for (let op = 0; op < ops; op++) {
    if (nextInt(rng, 30) === 0) mid += (nextInt(rng, 9) - 4) * stride;
    const key = mid - stride * Math.floor(range * rng.next() ** (1 + nextInt(rng, 3)));
    const lots = nextInt(rng, 5) < 2 ? 0 : 1 + nextInt(rng, 1_000);
    expect(levels.set(key, lots)).toBe(naive.get(key) ?? 0);
    if (lots === 0) naive.delete(key);
    else naive.set(key, lots);
    expect(levels.length).toBe(naive.size);
    if (nextInt(rng, 200) === 0 && naive.size > 8) {
      const count = 1 + nextInt(rng, naive.size >> 2);
      levels.dropWorst(count);
      for (const [worst] of sorted().slice(-count)) naive.delete(worst);
    }
    const asked = mid - stride * nextInt(rng, range);
    expect(levels.quantityAt(asked)).toBe(naive.get(asked) ?? 0);
    if (naive.size === 0) continue;
    // Reading may tidy up; mostly nobody reads.
    const read = nextInt(rng, 4) === 0 ? READS[nextInt(rng, READS.length)] : 'none';
    if (read === 'none') continue;
    const expected = sorted();
    const at = (rank: number): [number, number] => [levels.keyAt(rank), levels.lotsAt(rank)];
    const ranks = {
      top: [0],
      worst: [expected.length - 1],
      some: [nextInt(rng, expected.length)],
      all: [...expected.keys()],
    }[read ?? 'all'];
    expect(ranks.map(at)).toEqual(ranks.map((rank) => expected[rank]));
  }
  expect(Array.from({ length: levels.length }, (_, rank) => [levels.keyAt(rank), levels.lotsAt(rank)])).toEqual(sorted());
}

describe('BookLevels', () => {
  it('equals a naive side, whatever vanishes, comes back or is read in between', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom(5, 40, 300, 900),
        fc.constantFrom(1, 1, 3, 1_000),
        fc.integer({ min: 1, max: 2_500 }),
        play,
      ),
      { numRuns: 30 },
    );
  });

  it('keeps no more empty slots than levels and a few, however far the market walks', () => {
    const levels = new BookLevels(16);
    for (let mid = 0; mid < 50_000; mid++) {
      for (let away = 0; away < 3; away++) levels.set(mid - away * 25, 1);
      levels.set(mid - 75, 0);
      levels.set(mid - 76, 0);
    }
    expect(levels.length).toBeLessThan(200);
    expect(levels.keyAt(0)).toBe(49_999);
    expect(levels.slots).toBeLessThanOrEqual(2 * levels.length + 64);
  });
});
