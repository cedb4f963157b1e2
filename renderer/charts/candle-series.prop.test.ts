import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChartCandle, indexAtOrBefore, mergeCandles } from './candle-series.ts';
import { barIndexOf, exactIndexOf, timeOfIndex } from './time-index.ts';

const MINUTE = 60_000;
const START = 1_000 * MINUTE;

function candle(openTime: number, close = 1): ChartCandle {
  return { openTime, open: 1, high: 1, low: 1, close, volume: 0, buyVolume: 0, tradeCount: 0, filled: false };
}

/** Ascending candles on the minute grid, holes included. */
const series = (close: number, from = 0): fc.Arbitrary<ChartCandle[]> =>
  fc
    .uniqueArray(fc.integer({ min: from, max: from + 40 }), { maxLength: 30 })
    .map((minutes) => minutes.toSorted((a, b) => a - b).map((minute) => candle(START + minute * MINUTE, close)));

const someSeries = series(1).filter((candles) => candles.length > 0);
const anyTime = fc.integer({ min: -10 * MINUTE, max: 60 * MINUTE }).map((offset) => START + offset);

describe('mergeCandles', () => {
  it('is the union by open time, ascending, the newer list counting', () => {
    fc.assert(
      fc.property(series(1), series(2, 10), (older, newer) => {
        const expected = new Map([...older, ...newer].map((entry) => [entry.openTime, entry]));
        expect(mergeCandles(older, newer)).toEqual([...expected.values()].toSorted((a, b) => a.openTime - b.openTime));
      }),
    );
  });
});

describe('indexAtOrBefore', () => {
  it('finds what a walk through the list finds', () => {
    fc.assert(
      fc.property(series(1), anyTime, (candles, time) => {
        expect(indexAtOrBefore(candles, time)).toBe(candles.findLastIndex((entry) => entry.openTime <= time));
      }),
    );
  });
});

describe('the bar axis', () => {
  it('puts a time on the candle that covers it, counting on by the timeframe beyond both ends', () => {
    fc.assert(
      fc.property(someSeries, anyTime, (candles, time) => {
        const first = candles[0] as ChartCandle;
        const last = candles.at(-1) as ChartCandle;
        // The axis written out: imaginary candles on both sides of the real ones.
        const before = Array.from({ length: 100 }, (_, i) => first.openTime - (100 - i) * MINUTE);
        const after = Array.from({ length: 100 }, (_, i) => last.openTime + (i + 1) * MINUTE);
        const axis = [...before, ...candles.map((entry) => entry.openTime), ...after];
        expect(barIndexOf(candles, MINUTE, time)).toBe(axis.findLastIndex((openTime) => openTime <= time) - 100);
      }),
    );
  });

  it('tells the open time of every bar, and finds the bar by it', () => {
    fc.assert(
      fc.property(someSeries, fc.integer({ min: -50, max: 90 }), (candles, index) => {
        const time = timeOfIndex(candles, MINUTE, index) as number;
        expect(barIndexOf(candles, MINUTE, time)).toBe(index);
        expect(barIndexOf(candles, MINUTE, time + MINUTE - 1)).toBe(index);
      }),
    );
  });

  it('places times exactly: a candle reaches half a bar either side, order is kept, gaps have no width', () => {
    fc.assert(
      fc.property(someSeries, anyTime, fc.integer({ min: 0, max: 5 * MINUTE }), (candles, time, later) => {
        const place = exactIndexOf(candles, MINUTE, time);
        const bar = barIndexOf(candles, MINUTE, time);
        expect(place).toBeGreaterThanOrEqual(bar - 0.5);
        expect(place).toBeLessThanOrEqual(bar + 0.5);
        expect(exactIndexOf(candles, MINUTE, time + later)).toBeGreaterThanOrEqual(place);
        for (const [index, entry] of candles.entries()) expect(exactIndexOf(candles, MINUTE, entry.openTime)).toBe(index - 0.5);
      }),
    );
  });

  it('has no places without candles', () => {
    expect(barIndexOf([], MINUTE, START)).toBeNaN();
    expect(exactIndexOf([], MINUTE, START)).toBeNaN();
    expect(timeOfIndex([], MINUTE, 0)).toBeUndefined();
  });
});
