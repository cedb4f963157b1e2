import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Annotation, type AnnotationPoint, annotationSchema } from '../../core/contracts/annotations.ts';
import type { ChartScale } from '../charts/chart-scale.ts';
import { HANDLE_REACH, hitTest, regionOf } from './geometry.ts';
import { finish, type Gesture, previewOf } from './gesture.ts';
import { snapToOhlc, snapToTick } from './snap.ts';

const MINUTE = 60_000;

function annotation(id: string, part: Partial<Annotation> = {}): Annotation {
  return {
    id,
    symbol: 'ETH/USDT',
    timeframe: '1m',
    direction: 'long',
    entry: { time: 10 * MINUTE, price: 100 },
    exit: { time: 20 * MINUTE, price: 150 },
    note: 'mine',
    createdAt: 1,
    updatedAt: 1,
    ...part,
  };
}

/** Ten pixels a minute; one pixel a unit of price, 500 at the top; prices above 1,000 are off the scale. */
const scale: ChartScale = {
  barX: (time) => (10 * time) / MINUTE,
  timeX: (time) => (10 * time) / MINUTE,
  priceY: (price) => (price > 1_000 ? undefined : 500 - price),
  timeAt: (x) => (x / 10) * MINUTE,
  priceAt: (y) => 500 - y,
  candleAt: () => undefined,
  width: 800,
  height: 500,
};

const context = { id: 'new', symbol: 'ETH/USDT', timeframe: '1m' as const, now: 99 };
const point = fc.record({
  time: fc.integer({ min: 0, max: 50 }).map((minute) => minute * MINUTE),
  price: fc.integer({ min: 1, max: 400 }),
});

describe('drawing', () => {
  it('gives the same trade from left to right and from right to left: the entry is the earlier end', () => {
    fc.assert(
      fc.property(point, point, fc.constantFrom<'long' | 'short'>('long', 'short'), (a, b, direction) => {
        const drawn = finish({ kind: 'draw', direction, anchor: a, moving: b }, context);
        const back = finish({ kind: 'draw', direction, anchor: b, moving: a }, context);
        expect(back).toEqual(drawn);
        if (a.time === b.time) {
          expect(drawn).toBeUndefined();
          return;
        }
        const [entry, exit] = a.time < b.time ? [a, b] : [b, a];
        expect(drawn).toEqual({ ...context, now: undefined, direction, entry, exit, note: '', createdAt: 99, updatedAt: 99 });
        expect(annotationSchema.safeParse(drawn).success).toBe(true);
      }),
    );
  });

  it('shows the region while it spans no time yet', () => {
    const at = { time: MINUTE, price: 5 };
    expect(previewOf({ kind: 'draw', direction: 'short', anchor: at, moving: at })).toEqual({
      direction: 'short',
      entry: at,
      exit: at,
    });
  });
});

describe('editing', () => {
  it('moves one end, keeps everything else, and never lets the ends meet or cross', () => {
    fc.assert(
      fc.property(point, fc.constantFrom<'entry' | 'exit'>('entry', 'exit'), (moving, handle) => {
        const original = annotation('a');
        const edited = finish({ kind: 'edit', original, handle, moving }, context);
        const crosses = handle === 'entry' ? moving.time >= original.exit.time : moving.time <= original.entry.time;
        expect(edited).toEqual(crosses ? undefined : { ...original, [handle]: moving, updatedAt: 99 });
      }),
    );
  });

  it('previews the moved end without touching the annotation', () => {
    const original = annotation('a');
    const moving: AnnotationPoint = { time: 5 * MINUTE, price: 7 };
    const gesture: Gesture = { kind: 'edit', original, handle: 'entry', moving };
    expect(previewOf(gesture)).toEqual({ direction: 'long', entry: moving, exit: original.exit });
    expect(original).toEqual(annotation('a'));
  });
});

describe('what lies under the pointer', () => {
  // From (100, 400) to (200, 350).
  const a = annotation('a');
  const partAt = (x: number, y: number, annotations = [a], selected?: string) => {
    const hit = hitTest(annotations, selected, scale, x, y);
    return hit === undefined ? undefined : `${hit.annotation.id} ${hit.part}`;
  };

  it('is a handle within its reach, the body within its border, or nothing', () => {
    expect(regionOf(a, scale)).toEqual({ entry: { x: 100, y: 400 }, exit: { x: 200, y: 350 } });
    expect(partAt(100, 400)).toBe('a entry');
    expect(partAt(200 - HANDLE_REACH, 350)).toBe('a exit');
    expect(partAt(150, 375)).toBe('a body');
    expect(partAt(95, 375)).toBe('a body');
    expect(partAt(94, 375)).toBeUndefined();
    expect(partAt(150, 406)).toBeUndefined();
    expect(partAt(200 + HANDLE_REACH + 1, 350)).toBeUndefined();
  });

  it('is also a region without height', () => {
    const flat = annotation('flat', { exit: { time: 20 * MINUTE, price: 100 } });
    expect(partAt(150, 404, [flat])).toBe('flat body');
  });

  it('is a losing trade too, whose exit lies below its entry', () => {
    const losing = annotation('losing', { exit: { time: 20 * MINUTE, price: 60 } });
    expect(partAt(150, 420, [losing])).toBe('losing body');
    expect(partAt(200, 440, [losing])).toBe('losing exit');
  });

  it('is of several the selected one, then the newest; handles go before bodies', () => {
    const b = annotation('b', { createdAt: 2 });
    const covering = annotation('covering', {
      createdAt: 3,
      entry: { time: 0, price: 10 },
      exit: { time: 40 * MINUTE, price: 400 },
    });
    expect(partAt(150, 375, [b, a])).toBe('b body');
    expect(partAt(150, 375, [b, a], 'a')).toBe('a body');
    expect(partAt(200, 350, [a, b], 'a')).toBe('a exit');
    expect(partAt(200, 350, [a, covering])).toBe('a exit');
    expect(partAt(150, 375, [a, covering])).toBe('covering body');
    expect(partAt(150, 375, [a, covering], 'a')).toBe('a body');
  });

  it('is never what is off the scale, and nothing without candles', () => {
    expect(partAt(200, 350, [annotation('high', { exit: { time: 20 * MINUTE, price: 5_000 } })])).toBeUndefined();
    expect(hitTest([a], undefined, { ...scale, barX: () => Number.NaN }, 100, 400)).toBeUndefined();
  });
});

describe('snapping', () => {
  it('takes the nearest of open, high, low and close', () => {
    const candle = { open: 10, high: 20, low: 5, close: 12 };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 30, noNaN: true }), (price) => {
        const snapped = snapToOhlc(candle, price);
        const nearest = Math.min(...Object.values(candle).map((value) => Math.abs(value - price)));
        expect(Object.values(candle)).toContain(snapped);
        expect(Math.abs(snapped - price)).toBe(nearest);
      }),
    );
  });

  it('puts a price on the grid, no further than half a tick away', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 100_000, noNaN: true }), fc.integer({ min: 0, max: 8 }), (price, decimals) => {
        const onGrid = snapToTick(price, decimals);
        expect(String(onGrid).includes('e') ? 0 : (String(onGrid).split('.')[1] ?? '').length).toBeLessThanOrEqual(decimals);
        expect(Math.abs(onGrid - price)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-9);
      }),
    );
  });
});
