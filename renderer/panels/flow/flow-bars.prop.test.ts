import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cumulativeDelta, deltaOf } from '../../../core/analysis/flow/cumulative-delta.ts';
import type { ChartCandle } from '../../charts/candle-series.ts';
import { FlowBars } from './flow-bars.ts';
import { unknownRuns } from './unknown-runs.ts';

const MINUTE = 60_000;
const T0 = 1_700_006_340_000;

const candle = fc.record({
  skip: fc.integer({ min: 1, max: 3 }),
  volume: fc.integer({ min: 0, max: 9 }),
  buyVolume: fc.integer({ min: 0, max: 5 }),
  tradeCount: fc.nat({ max: 2 }),
});

function series(all: readonly { skip: number; volume: number; buyVolume: number; tradeCount: number }[]): ChartCandle[] {
  let openTime = T0;
  return all.map(({ skip, ...figures }) => {
    openTime += skip * MINUTE;
    return { openTime, open: 1, high: 1, low: 1, close: 1, filled: false, ...figures };
  });
}

describe('FlowBars', () => {
  it('are the same whether candles came at once or one by one, changed meanwhile', () => {
    fc.assert(
      fc.property(fc.array(candle, { minLength: 1, maxLength: 40 }), fc.nat({ max: 39 }), (all, from) => {
        const candles = series(all);
        const first = Math.min(from, candles.length);
        const bars = new FlowBars(MINUTE);
        bars.reset(candles.slice(0, first).map((known) => ({ ...known, volume: known.volume + 1, tradeCount: 1 })));
        bars.update(candles, T0);
        expect(bars.delta).toEqual(candles.map(deltaOf));
        const times = candles.map(({ openTime }) => openTime);
        expect(bars.session).toEqual(cumulativeDelta(times, bars.delta, 'session'));
        const grown = new FlowBars(MINUTE);
        candles.forEach((known, i) => grown.update(candles.slice(0, i + 1), known.openTime));
        expect([grown.delta, grown.whole]).toEqual([bars.delta, bars.whole]);
      }),
    );
  });
});

describe('unknownRuns', () => {
  it('name every bar in view without a candle or without a known value, once', () => {
    fc.assert(
      fc.property(fc.array(candle, { minLength: 1, maxLength: 30 }), fc.integer({ min: -5, max: 90 }), (all, start) => {
        const bars = new FlowBars(MINUTE);
        bars.reset(series(all));
        const [first, last] = [bars.oldestBar + start, bars.oldestBar + start + 20];
        const runs = unknownRuns(bars, first, last, (i) => !Number.isNaN(bars.delta[i]));
        const named = runs.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
        const expected: number[] = [];
        for (let bar = Math.max(first, bars.oldestBar); bar <= Math.min(last, bars.newestBar); bar++) {
          const found = bars.candles.find(({ openTime }) => bars.barOf(openTime) === bar);
          if (found === undefined || Number.isNaN(deltaOf(found))) expected.push(bar);
        }
        expect(named).toEqual(expected);
        runs.forEach(({ from }, i) => expect(from).toBeGreaterThan(runs[i - 1]?.to ?? Number.NEGATIVE_INFINITY));
      }),
    );
  });
});
