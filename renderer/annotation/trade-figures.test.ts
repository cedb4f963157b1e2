import { describe, expect, it } from 'vitest';
import type { ChartCandle } from '../charts/candle-series.ts';
import { tradeFigures } from './trade-figures.ts';

const candle = (minute: number, low: number, high: number): ChartCandle => ({
  openTime: minute * 60_000,
  open: low,
  high,
  low,
  close: high,
  volume: 1,
  buyVolume: 1,
  tradeCount: 1,
  filled: false,
});
const candles = [candle(0, 90, 130), candle(1, 99, 101), candle(2, 98, 104), candle(3, 103, 110), candle(4, 50, 150)];
const point = (minute: number, price: number) => ({ time: minute * 60_000, price });

describe('tradeFigures', () => {
  it('weighs the profit against the furthest move against the trade while it was held', () => {
    const long = tradeFigures({ direction: 'long', entry: point(1, 100), exit: point(3, 108) }, candles);
    expect(long).toEqual({ profitPct: 8, heldMs: 120_000, worstPct: 2, rewardRisk: 4 });
    const short = tradeFigures({ direction: 'short', entry: point(1, 100), exit: point(3, 108) }, candles);
    expect(short.worstPct).toBe(10);
    expect(short.rewardRisk).toBeCloseTo(-0.8);
  });

  it('knows no ratio when nothing went against it, or the candles do not reach back to it', () => {
    const fine = tradeFigures({ direction: 'long', entry: point(1, 99), exit: point(1.5, 101) }, candles.slice(1, 2));
    expect(fine.worstPct).toBe(0);
    expect(fine.rewardRisk).toBeUndefined();
    expect(tradeFigures({ direction: 'long', entry: point(-5, 100), exit: point(1, 101) }, candles).worstPct).toBeUndefined();
  });
});
