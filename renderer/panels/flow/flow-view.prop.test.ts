import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BAR_PX_MAX,
  BAR_PX_MIN,
  barAt,
  barsInView,
  isAtNewest,
  labelStepMs,
  newestView,
  panned,
  xOfBar,
  zoomed,
} from './flow-view.ts';

const OLDEST = 28_000_000;
const NEWEST = OLDEST + 5_000;
const WIDTH = 800;
const view = fc.record({
  barPx: fc.double({ min: 1, max: 60, noNaN: true }),
  right: fc.integer({ min: OLDEST, max: NEWEST + 4 }),
});

describe('the view of the order flow', () => {
  it('places a bar where that place tells the bar', () => {
    fc.assert(
      fc.property(view, fc.integer({ min: 0, max: 799 }), (at, x) => {
        const bar = Math.floor(barAt(at, x, WIDTH));
        expect(xOfBar(at, bar, WIDTH)).toBeLessThanOrEqual(x + 1e-3);
        expect(xOfBar(at, bar + 1, WIDTH)).toBeGreaterThan(x - 1e-3);
        const { first, last } = barsInView(at, WIDTH);
        expect(bar).toBeGreaterThanOrEqual(first);
        expect(bar).toBeLessThanOrEqual(last);
      }),
    );
  });

  it('keeps the time under the pointer where it is when it zooms, as far as the ends allow', () => {
    fc.assert(
      fc.property(view, fc.constantFrom(0.5, 0.8, 1.25, 2), fc.integer({ min: 0, max: 799 }), (at, factor, x) => {
        const next = zoomed(at, factor, x, OLDEST, NEWEST, WIDTH);
        expect(next.barPx).toBeGreaterThanOrEqual(BAR_PX_MIN);
        expect(next.barPx).toBeLessThanOrEqual(BAR_PX_MAX);
        const free = barAt(at, x, WIDTH) + (WIDTH - x) / next.barPx;
        if (free > OLDEST + 800 && free <= NEWEST + 4) expect(barAt(next, x, WIDTH)).toBeCloseTo(barAt(at, x, WIDTH), 3);
      }),
    );
  });

  it('never scrolls past both ends', () => {
    fc.assert(
      fc.property(view, fc.integer({ min: -9_000, max: 9_000 }), (at, bars) => {
        const { right } = panned(at, bars, OLDEST, NEWEST, WIDTH);
        expect(right).toBeLessThanOrEqual(newestView(at.barPx, NEWEST).right);
        expect(right).toBeGreaterThan(OLDEST);
      }),
    );
    expect(isAtNewest(newestView(6, NEWEST), NEWEST)).toBe(true);
    expect(isAtNewest(panned(newestView(6, NEWEST), -10, OLDEST, NEWEST, WIDTH), NEWEST)).toBe(false);
  });

  it('labels whole steps of the day, far enough apart', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1_000, 60_000, 3_600_000, 86_400_000),
        fc.double({ min: 1, max: 60, noNaN: true }),
        (barMs, barPx) => {
          const step = labelStepMs(barMs, barPx, 80);
          expect((step / barMs) * barPx).toBeGreaterThanOrEqual(80 - 1e-6);
          expect(step < 86_400_000 ? 86_400_000 % step : step % 86_400_000).toBe(0);
        },
      ),
    );
  });
});
