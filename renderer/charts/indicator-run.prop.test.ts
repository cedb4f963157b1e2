import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INDICATORS } from '../../core/analysis/indicators/registry.ts';
import { fittingParams } from '../../core/analysis/indicators/registry.ts';
import type { ChartCandle } from './candle-series.ts';
import { IndicatorRun } from './indicator-run.ts';

const STEP_MS = 60_000;

function candle(openTime: number, [open, close, reach]: readonly [number, number, number]): ChartCandle {
  const top = Math.max(open, close) + reach;
  const bottom = Math.min(open, close) - reach;
  return { openTime, open, high: top, low: bottom, close, volume: reach, buyVolume: 0, tradeCount: 1, filled: false };
}

const price = fc.integer({ min: 100, max: 200 });
const shapes = fc.tuple(price, price, fc.integer({ min: 0, max: 9 }));
const changes = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('last' as const), shape: shapes }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('next' as const), shape: shapes }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('several' as const), shape: shapes }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('earlier' as const), shape: shapes, back: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('older' as const), shape: shapes }) },
  ),
  { minLength: 1, maxLength: 80 },
);

function columnsOf(run: IndicatorRun): number[][] {
  return run.definition.outputs.map((_, output) => Array.from({ length: run.count }, (__, i) => run.value(output, i)));
}

describe('IndicatorRun', () => {
  it('after any changes of the candles has what a fresh run over them has, and says from where on values changed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...INDICATORS), changes, (definition, steps) => {
        const params = fittingParams(definition, { period: 5, slow: 8, fast: 3, signal: 2, spanB: 12, base: 7, rangePeriod: 4 });
        const run = new IndicatorRun(definition, params);
        let candles: ChartCandle[] = [];
        run.reset(candles);
        for (const step of steps) {
          const before = columnsOf(run);
          const newest = candles.at(-1)?.openTime ?? 0;
          let from = 0;
          switch (step.kind) {
            case 'next':
            case 'several': {
              const added = step.kind === 'next' ? 1 : 4;
              for (let i = 1; i <= added; i++) candles.push(candle(newest + i * STEP_MS, step.shape));
              from = run.update(candles, newest + STEP_MS);
              break;
            }
            case 'last':
            case 'earlier': {
              const index = candles.length - 1 - (step.kind === 'earlier' ? step.back : 0);
              const known = candles[index];
              if (known === undefined) continue;
              candles[index] = candle(known.openTime, step.shape);
              from = run.update(candles, known.openTime);
              break;
            }
            case 'older': {
              const first = candles[0]?.openTime ?? 0;
              candles = [candle(first - 2 * STEP_MS, step.shape), candle(first - STEP_MS, step.shape), ...candles];
              run.reset(candles);
              break;
            }
          }
          const fresh = new IndicatorRun(definition, params);
          fresh.reset(candles);
          expect(columnsOf(run)).toEqual(columnsOf(fresh));
          expect(columnsOf(run).map((column) => column.slice(0, from))).toEqual(before.map((column) => column.slice(0, from)));
        }
      }),
      { numRuns: 150 },
    );
  });
});
