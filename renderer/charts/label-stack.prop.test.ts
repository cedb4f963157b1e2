import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stackLabels } from './label-stack.ts';

const HEIGHT = 16;

describe('stackLabels', () => {
  it('keeps labels apart, inside, and in order wherever there is room', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -200, max: 700, noNaN: true }), { minLength: 1, maxLength: 20 }), (wanted) => {
        const placed = stackLabels(wanted, HEIGHT, 26, 500);
        expect(placed).toHaveLength(wanted.length);
        const sorted = placed.toSorted((a, b) => a - b);
        expect(sorted[0]).toBeGreaterThanOrEqual(26 + HEIGHT / 2 - 1e-9);
        expect(sorted.at(-1)).toBeLessThanOrEqual(500 - HEIGHT / 2 + 1e-9);
        for (let i = 1; i < sorted.length; i++) {
          expect((sorted[i] as number) - (sorted[i - 1] as number)).toBeGreaterThanOrEqual(HEIGHT - 1e-9);
        }
        for (let a = 0; a < wanted.length; a++) {
          for (let b = 0; b < wanted.length; b++) {
            if ((wanted[a] as number) < (wanted[b] as number)) expect(placed[a]).toBeLessThan(placed[b] as number);
          }
        }
      }),
    );
  });

  it('leaves labels alone that do not touch', () => {
    expect(stackLabels([300, 100, 200], HEIGHT, 0, 400)).toEqual([300, 100, 200]);
  });

  it('overlaps evenly when there are more labels than room', () => {
    expect(stackLabels([50, 50, 50, 50], HEIGHT, 0, 40)).toEqual([5, 15, 25, 35]);
  });
});
