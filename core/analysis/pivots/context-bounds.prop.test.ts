import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContextBounds } from './context-bounds.ts';

const WINDOW_MS = 720_000;
const BLOCK_MS = WINDOW_MS / 720;

describe('ContextBounds', () => {
  it('equals the extremes of the candles in the window', () => {
    const candle = fc.record({
      afterMs: fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 500_000 })),
      low: fc.integer({ min: 1, max: 50 }),
      range: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(candle, { minLength: 1, maxLength: 120, size: 'max' }), (candles) => {
        const context = new ContextBounds(WINDOW_MS);
        const seen: { block: number; high: number; low: number }[] = [];
        let t = 1_600_000_000_000;
        for (const { afterMs, low, range } of candles) {
          t += afterMs;
          context.push(t, low + range, low);
          seen.push({ block: Math.floor(t / BLOCK_MS), high: low + range, low });
          const within = seen.filter(({ block }) => block > Math.floor(t / BLOCK_MS) - 720);
          expect(context.bounds?.high).toBe(Math.max(...within.map(({ high }) => high)));
          expect(context.bounds?.low).toBe(Math.min(...within.map((entry) => entry.low)));
        }
      }),
    );
  });
});
