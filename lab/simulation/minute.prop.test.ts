import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BTC, ETH } from '../fixtures/synthetic.ts';
import { MINUTE_MS, type RecordedMinute } from '../recording/recorded-minute.ts';
import { simulateMinute } from './minute.ts';
import { pathLength, plannedBuyLots, plannedTradeCount } from './trade-plan.ts';

/** Sound candles, from those of one lot to the wildest; every price on the way has a lot to trade it. */
const minutes: fc.Arbitrary<RecordedMinute> = fc
  .record({
    minute: fc.integer({ min: 26_000_000, max: 27_000_000 }),
    low: fc.integer({ min: 100, max: 2_000_000 }),
    range: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 50_000 })),
    openAt: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    closeAt: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    spareLots: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 5_000_000_000 })),
  })
  .map(({ minute, low, range, openAt, closeAt, spareLots }) => {
    const high = low + range;
    const open = low + Math.round(range * openAt);
    const close = low + Math.round(range * closeAt);
    const candle = { openTime: minute * MINUTE_MS, open, high, low, close, lots: spareLots };
    return { ...candle, lots: pathLength(candle) + spareLots };
  });

describe('simulateMinute', () => {
  it('gives trades with exactly the recorded open, high, low, close and volume, and the planned count and buy volume', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(ETH, BTC), minutes, (seed, instrument, minute) => {
        const trades = simulateMinute(seed, instrument, minute);
        const prices = Array.from(trades.price);
        const lots = Array.from(trades.lots);
        expect(trades.count).toBe(plannedTradeCount(instrument, minute));
        expect([prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1)]).toEqual([
          minute.open,
          minute.high,
          minute.low,
          minute.close,
        ]);
        expect(lots.every((size) => Number.isInteger(size) && size >= 1)).toBe(true);
        expect(lots.reduce((sum, size) => sum + size, 0)).toBe(minute.lots);
        expect(lots.reduce((sum, size, i) => sum + (trades.buy[i] === 1 ? size : 0), 0)).toBe(
          plannedBuyLots(seed, instrument, minute),
        );
        const offsets = Array.from(trades.offsetMs);
        expect(offsets.every((offset, i) => offset >= (offsets[i - 1] ?? 0) && offset < MINUTE_MS)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('depends on seed, symbol and minute, and on nothing else', () => {
    const minute = { openTime: 1_587_859_200_000, open: 19_400, high: 19_450, low: 19_380, close: 19_410, lots: 40_000_000 };
    const first = simulateMinute(7, ETH, minute);
    expect(simulateMinute(7, ETH, minute)).toEqual(first);
    for (const other of [
      simulateMinute(8, ETH, minute),
      simulateMinute(7, ETH, { ...minute, openTime: minute.openTime + MINUTE_MS }),
    ]) {
      expect(other.price).not.toEqual(first.price);
      expect(other.offsetMs).not.toEqual(first.offsetMs);
    }
  });

  it('has no trades in a minute without volume', () => {
    expect(simulateMinute(1, ETH, { openTime: 0, open: 100, high: 100, low: 100, close: 100, lots: 0 }).count).toBe(0);
  });

  it('has heavy-tailed sizes and clustered times, as markets do', () => {
    const minute = { openTime: 1_587_859_200_000, open: 19_400, high: 19_450, low: 19_380, close: 19_410, lots: 40_000_000 };
    const { lots, offsetMs, count } = simulateMinute(3, ETH, minute);
    const sorted = Array.from(lots).sort((a, b) => a - b);
    expect(sorted[count - 1] as number).toBeGreaterThan(5 * (sorted[count >> 1] as number));
    const waits = Array.from(offsetMs).map((offset, i) => offset - (offsetMs[i - 1] ?? 0));
    const mean = waits.reduce((a, b) => a + b, 0) / count;
    const deviation = Math.sqrt(waits.reduce((a, b) => a + (b - mean) ** 2, 0) / count);
    // Waits of unclustered (Poisson) arrivals have a deviation equal to their mean.
    expect(deviation).toBeGreaterThan(1.2 * mean);
  });
});
