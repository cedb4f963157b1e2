import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUALITY_STATES, type QualitySpan } from '../../../core/contracts/data-quality.ts';
import { nextEdge, panned, placedSpans, spanAt, timeIn, timeTicks, type TimeWindow, zoomed } from './quality-timeline.ts';

const NOW = Date.UTC(2020, 3, 26, 12);
const HOUR = 3_600_000;

const window_ = fc
  .record({ back: fc.integer({ min: 0, max: 400 * 24 }), hours: fc.integer({ min: 1, max: 24 * 30 }) })
  .map(({ back, hours }): TimeWindow => ({ from: NOW - (back + hours) * HOUR, to: NOW - back * HOUR }));

/** Consecutive spans without overlap, as the desk sends them, some of them with gaps between. */
const spans = fc
  .array(fc.record({ gap: fc.nat(3), length: fc.integer({ min: 1, max: 40 }), state: fc.constantFrom(...QUALITY_STATES) }), {
    maxLength: 12,
  })
  .map((parts) => {
    let at = NOW - 200 * HOUR;
    return parts.map(({ gap, length, state }): QualitySpan => {
      const from = at + gap * HOUR;
      at = from + length * HOUR;
      return { state, from, to: at, reason: '' };
    });
  });

describe('the window of the timeline', () => {
  it('never leaves what there is, whatever is done to it', () => {
    const change = fc.oneof(
      fc.record({ factor: fc.double({ min: 0.01, max: 100, noNaN: true }), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ by: fc.double({ min: -5, max: 5, noNaN: true }) }),
    );
    fc.assert(
      fc.property(window_, fc.array(change, { maxLength: 10 }), (start, changes) => {
        let view = start;
        for (const step of changes) {
          const before = view.to - view.from;
          view = 'by' in step ? panned(view, step.by, NOW) : zoomed(view, step.factor, step.share, NOW);
          expect(view.to).toBeLessThanOrEqual(NOW + 1);
          expect(view.to - view.from).toBeGreaterThanOrEqual(299_999);
          expect(view.to - view.from).toBeLessThanOrEqual(366 * 24 * HOUR + 1);
          if ('by' in step) expect(Math.abs(view.to - view.from - before)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('keeps the time under the pointer where it is', () => {
    const view = { from: NOW - 100 * HOUR, to: NOW - 50 * HOUR };
    const closer = zoomed(view, 0.5, 0.25, NOW);
    expect(closer.from + 0.25 * (closer.to - closer.from)).toBe(view.from + 0.25 * (view.to - view.from));
  });
});

describe('the spans', () => {
  it('are drawn inside the window, wide enough to see, faults over what is complete', () => {
    fc.assert(
      fc.property(spans, window_, (all, view) => {
        const drawn = placedSpans(all, view, 0.002);
        expect(drawn).toHaveLength(all.filter(({ from, to }) => from < view.to && to > view.from).length);
        for (const { x, width } of drawn) {
          expect(x).toBeGreaterThanOrEqual(-1e-12);
          expect(x + width).toBeLessThanOrEqual(1 + 1e-12);
          expect(width).toBeGreaterThanOrEqual(0.002);
        }
        const faults = drawn.map(({ span }) => span.state !== 'complete');
        expect(faults).toEqual(faults.toSorted((a, b) => Number(a) - Number(b)));
      }),
    );
  });

  it('add up to the time that they cover', () => {
    fc.assert(
      fc.property(spans, window_, (all, view) => {
        const sums = timeIn(all, view);
        let covered = 0;
        for (let at = view.from; at < view.to; at += HOUR) if (spanAt(all, at) !== undefined) covered += HOUR;
        expect(Object.values(sums).reduce((a, b) => a + b, 0)).toBe(covered);
      }),
    );
  });

  it('are walked through edge by edge, over both tracks', () => {
    const span = (from: number, to: number): QualitySpan => ({ state: 'hole', from, to, reason: '' });
    const timeline = { symbol: 'ETH/USDT', from: 0, to: 100, candles: [span(0, 40), span(60, 100)], book: [span(30, 50)] };
    expect([0, 30, 60].map((time) => nextEdge(timeline, time, 1))).toEqual([30, 60, undefined]);
    expect([99, 60, 30, 0].map((time) => nextEdge(timeline, time, -1))).toEqual([60, 30, 0, undefined]);
  });
});

describe('the ticks', () => {
  it('are round, ascending and not too many', () => {
    fc.assert(
      fc.property(window_, fc.integer({ min: 2, max: 12 }), (view, most) => {
        const { times, days } = timeTicks(view, most);
        expect(times.length).toBeLessThanOrEqual(most + 1);
        for (const [i, time] of times.entries()) {
          expect(time % (days ? 24 * HOUR : 60_000)).toBe(0);
          expect(time).toBeGreaterThanOrEqual(view.from);
          expect(time).toBeGreaterThan(times[i - 1] ?? Number.NEGATIVE_INFINITY);
        }
      }),
    );
  });
});
