import { describe, expect, it } from 'vitest';
import { TIMEFRAME_MS, TIMEFRAMES } from '../../core/market/timeframe.ts';
import { bucketsPerRow, heatStepMs } from './heat-steps.ts';

describe('the steps of the heatmap behind candles', () => {
  it('are seconds where those can be told apart, else parts of a candle, else several candles', () => {
    expect(heatStepMs(TIMEFRAME_MS['1s'], 6)).toBe(1_000);
    expect(heatStepMs(TIMEFRAME_MS['1s'], 0.5)).toBe(5_000);
    expect(heatStepMs(TIMEFRAME_MS['1m'], 6)).toBe(30_000);
    expect(heatStepMs(TIMEFRAME_MS['1m'], 130)).toBe(1_000);
    expect(heatStepMs(TIMEFRAME_MS['1h'], 6)).toBe(3_600_000);
    expect(heatStepMs(TIMEFRAME_MS['1m'], 0.4)).toBe(300_000);
  });

  it('divide the candle or are divided by it, at every zoom', () => {
    for (const timeframe of TIMEFRAMES) {
      for (let barPx = 0.4; barPx < 400; barPx *= 1.3) {
        const [step, candle] = [heatStepMs(TIMEFRAME_MS[timeframe], barPx), TIMEFRAME_MS[timeframe]];
        expect(Math.max(step, candle) % Math.min(step, candle)).toBe(0);
        expect(step === 86_400_000 || (step / candle) * barPx >= 2).toBe(true);
      }
    }
  });

  it('put buckets together until a row is a pixel high', () => {
    expect([40, 1, 0.7, 0.3, 0.04].map(bucketsPerRow)).toEqual([1, 1, 2, 5, 50]);
  });
});
