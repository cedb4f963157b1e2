import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateCandles, partialCandle } from './candle-aggregation.ts';
import type { Candle } from './candle.ts';
import { MinuteRollup } from './minute-rollup.ts';
import { openTimeOf, TIMEFRAME_MS } from './timeframe.ts';

const COARSER = ['5m', '15m', '1h', '4h', '1d'] as const;

const minutes = fc
  .record({
    start: fc.integer({ min: 0, max: 3_000 }),
    steps: fc.array(
      fc.record({
        skip: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 400 })),
        price: fc.integer({ min: 1, max: 50 }),
        filled: fc.boolean(),
      }),
      { minLength: 1, maxLength: 120 },
    ),
  })
  .map(({ start, steps }) => {
    let minute = start;
    return steps.map(({ skip, price, filled }): Candle => {
      minute += skip;
      const openTime = minute * 60_000;
      if (filled)
        return { openTime, open: price, high: price, low: price, close: price, volume: 0, buyVolume: 0, tradeCount: 0, filled };
      return {
        openTime,
        open: price,
        high: price + 2,
        low: price - 1,
        close: price + 1,
        volume: 3,
        buyVolume: 1,
        tradeCount: 2,
        filled,
      };
    });
  });

describe('MinuteRollup', () => {
  it('closes what putting all minutes together gives, each once and in order, seeded anywhere', () => {
    fc.assert(
      fc.property(minutes, fc.nat(), (told, cut) => {
        const before = told.slice(0, cut % told.length);
        const first = told[before.length] as Candle;
        const rollup = new MinuteRollup();
        const hours = aggregateCandles(before, '1h').filter(({ openTime }) => openTime < openTimeOf(first.openTime, '1h'));
        const finer = { '1m': before, '1h': hours };
        rollup.seed(Object.fromEntries(COARSER.map((timeframe) => [timeframe, partialCandle(timeframe, first.openTime, finer)])));
        const closed = told.slice(before.length).flatMap((minute) => rollup.add(minute));
        expect(closed.filter(({ timeframe }) => timeframe === '1m').map(({ candle }) => candle)).toEqual(
          told.slice(before.length),
        );
        const newest = told.at(-1) as Candle;
        for (const timeframe of COARSER) {
          const expected = aggregateCandles(told, timeframe).filter(
            ({ openTime }) => openTime >= openTimeOf(first.openTime, timeframe),
          );
          const last = expected.at(-1) as Candle;
          const isOver = last.openTime + TIMEFRAME_MS[timeframe] === newest.openTime + 60_000;
          expect(closed.filter((one) => one.timeframe === timeframe).map(({ candle }) => candle)).toEqual(
            isOver ? expected : expected.slice(0, -1),
          );
          expect(rollup.forming(timeframe)).toEqual(isOver ? undefined : last);
        }
      }),
    );
  });
});
