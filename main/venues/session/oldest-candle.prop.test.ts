import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import { type AskCandles, oldestCandle } from './oldest-candle.ts';

const DAY = 86_400_000;
const BEGINS_AT = Date.UTC(2018, 0, 1);
const PAGE = 100;

const candleAt = (openTime: number): Candle => ({
  openTime,
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volume: 1,
  buyVolume: 0,
  tradeCount: 1,
  filled: false,
});

/** A venue that has every candle from a time on, by timeframe. */
function venue(since: (timeframe: Timeframe) => number): { ask: AskCandles; asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    ask: (timeframe, from, to, limit) => {
      asked++;
      const length = TIMEFRAME_MS[timeframe];
      expect((to - from) / length).toBeLessThanOrEqual(PAGE);
      const candles: Candle[] = [];
      const first = Math.floor(since(timeframe) / length) * length;
      for (let time = Math.max(Math.ceil(from / length) * length, first); time < to && candles.length < limit; time += length) {
        candles.push(candleAt(time));
      }
      return Promise.resolve(ok(candles));
    },
  };
}

describe('oldestCandle', () => {
  const minutes = fc.integer({ min: 0, max: 8 * 365 * 1440 });
  const timeframe = fc.constantFrom<Timeframe>('1m', '1h', '1d');

  it('is the first that the venue has, whenever its market began', async () => {
    await fc.assert(
      fc.asyncProperty(minutes, minutes, timeframe, async (start, length, frame) => {
        const listed = BEGINS_AT + start * 60_000;
        const to = Math.ceil((listed + length * 60_000) / DAY) * DAY;
        const { ask, asked } = venue(() => listed);
        const step = TIMEFRAME_MS[frame];
        const first = Math.floor(listed / step) * step;
        expect(await oldestCandle(ask, frame, BEGINS_AT, to, PAGE)).toEqual({
          ok: true,
          value: first < to ? [candleAt(first)] : [],
        });
        // Pages of a hundred days, then of a day's minutes.
        expect(asked()).toBeLessThanOrEqual(Math.ceil((to - BEGINS_AT) / (PAGE * DAY)) + 15);
      }),
      { numRuns: 60 },
    );
  });

  it('is found where the venue keeps short candles for less long than days', async () => {
    await fc.assert(
      fc.asyncProperty(minutes, fc.integer({ min: 2 * 1440, max: 3 * 365 * 1440 }), async (start, later) => {
        const listed = BEGINS_AT + start * 60_000;
        const kept = listed + later * 60_000;
        const { ask, asked } = venue((frame) => (frame === '1d' ? listed : kept));
        const answer = await oldestCandle(ask, '1m', BEGINS_AT, kept + 30 * DAY, PAGE);
        expect(answer).toEqual({ ok: true, value: [candleAt(Math.floor(kept / 60_000) * 60_000)] });
        expect(asked()).toBeLessThan(90);
      }),
      { numRuns: 60 },
    );
  });

  it('is none where there is none, and a failure ends the search', async () => {
    const none = venue(() => Number.POSITIVE_INFINITY);
    expect(await oldestCandle(none.ask, '1m', BEGINS_AT, BEGINS_AT + 250 * DAY, PAGE)).toEqual({ ok: true, value: [] });
    expect(none.asked()).toBe(3);
    const refused: AskCandles = () => Promise.resolve(fail('VENUE_REFUSED', 'No.'));
    expect(await oldestCandle(refused, '1m', BEGINS_AT, BEGINS_AT + DAY, PAGE)).toMatchObject({ ok: false });
  });
});
