import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inside, joined, layered, runsOf, type Span } from './spans.ts';

const LENGTH = 10;
const cells = ({ from, to }: Span): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const span = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 20 })).map(([from, length]) => ({ from, to: from + length }));
const spans = fc.array(span, { maxLength: 6 });

describe('spans', () => {
  it('inside is the intersection', () => {
    fc.assert(
      fc.property(spans, span, (list, window) => {
        const apart = list.reduce<Span[]>((all, each) => joined(all, each), []);
        const covered = new Set(list.flatMap(cells));
        expect(inside(apart, window).flatMap(cells)).toEqual(cells(window).filter((cell) => covered.has(cell)));
      }),
    );
  });

  it('runsOf covers the periods of the open times, and no two runs touch', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60)), (list) => {
        const openTimes = list.toSorted((a, b) => a - b).map((index) => index * LENGTH);
        const runs = runsOf(openTimes, LENGTH);
        expect(
          runs.flatMap(({ from, to }) => cells({ from: from / LENGTH, to: to / LENGTH }).map((cell) => cell * LENGTH)),
        ).toEqual(openTimes);
        for (const [i, run] of runs.entries()) if (i > 0) expect(run.from).toBeGreaterThan((runs[i - 1] as Span).to);
      }),
    );
  });

  it('layered says of every moment what the last layer that covers it says', () => {
    fc.assert(
      fc.property(
        span,
        fc.array(fc.record({ state: fc.constantFrom('a', 'b', 'c'), spans }), { maxLength: 4 }),
        (window, layers) => {
          const result = layered(window.from, window.to, 'rest', layers);
          const naive = cells(window).map((cell) => {
            const last = layers.findLast((layer) => layer.spans.some((each) => cell >= each.from && cell < each.to));
            return last?.state ?? 'rest';
          });
          expect(result.flatMap((each) => cells(each).map(() => each.state))).toEqual(naive);
          expect(result.flatMap(cells)).toEqual(cells(window));
          for (const [i, each] of result.entries()) if (i > 0) expect(each.state).not.toBe(result[i - 1]?.state);
        },
      ),
    );
  });
});
