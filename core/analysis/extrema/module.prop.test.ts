import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModuleBench } from '../module-bench.fixture.ts';
import { create } from './module.ts';

const ETH = 'ETH/USDT';
const MINUTE = 60_000;
/** Steps of the price, and the width of each candle, so that extremes leave the window as well as enter it. */
const walks = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 6 })), {
  minLength: 1,
  maxLength: 150,
});

describe('the extrema module', () => {
  it('tells of the hour what looking through its sixty candles tells', () => {
    fc.assert(
      fc.property(walks, (steps) => {
        const bench = new ModuleBench(create(), [ETH]);
        let close = 2_000;
        const candles = steps.map(([step, width], i) => {
          close += step;
          bench.close(ETH, '1m', i * MINUTE, close, width);
          return { close, high: close + width, low: close - width };
        });
        const features = bench.features(ETH);
        const hour = candles.slice(-60);
        if (hour.length < 60) {
          expect(features).toMatchObject({ z: null, placeHour: null, high: null, highAgo: null, lowAgo: null });
          return;
        }
        const [high, low] = [Math.max(...hour.map((candle) => candle.high)), Math.min(...hour.map((candle) => candle.low))];
        expect(features['highAgo']).toBe(59 - hour.findLastIndex((candle) => candle.high === high));
        expect(features['lowAgo']).toBe(59 - hour.findLastIndex((candle) => candle.low === low));
        expect(features['high']).toBeCloseTo((1e4 * (high - close)) / close, 9);
        if (high > low) expect(features['placeHour']).toBeCloseTo((100 * (close - low)) / (high - low), 9);
        const mean = hour.reduce((sum, candle) => sum + candle.close, 0) / 60;
        const deviation = Math.sqrt(hour.reduce((sum, candle) => sum + (candle.close - mean) ** 2, 0) / 60);
        if (deviation > 0.01) expect(features['z']).toBeCloseTo((close - mean) / deviation, 6);
      }),
    );
  });
});
