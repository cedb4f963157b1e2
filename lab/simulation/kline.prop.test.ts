import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TIMEFRAME_MS, TIMEFRAMES, type Timeframe } from '../../core/market/timeframe.ts';
import { syntheticRecording } from '../fixtures/synthetic.ts';
import { MINUTE_MS } from '../recording/recorded-minute.ts';
import type { Recording } from '../recording/recording.ts';
import { type Kline, klinesOf } from './kline.ts';
import { minuteTrades } from './minute-trades.ts';

/** Late in an hour and a day, so that short recordings cross both. */
const START = Date.UTC(2020, 3, 24, 22, 40);
const SEED = 11;

type Bare = Omit<Kline, 'quote' | 'buyQuote'>;

/** The plain way: play everything up to now, put every trade into its candle, fill quiet seconds and minutes, then cut. */
function naive(recording: Recording, timeframe: Timeframe, now: number): Bare[] {
  const length = TIMEFRAME_MS[timeframe];
  const candles = new Map<number, Bare>();
  let close = recording.columns.open[0] as number;
  for (let index = 0; index < recording.length; index++) {
    const minute = recording.minute(index);
    const trades = minuteTrades(SEED, recording, minute);
    let i = 0;
    // Second by second, so that quiet seconds get their flat candle.
    for (let second = minute.openTime; second < minute.openTime + MINUTE_MS && second <= now; second += 1_000) {
      const bucket = Math.floor(second / length) * length;
      const flatAt = (price: number): Bare => ({
        ...{ openTime: bucket, closeTime: bucket + length - 1, open: price, high: price, low: price, close: price },
        ...{ lots: 0, trades: 0, buyLots: 0, firstTradeId: -1, lastTradeId: -1 },
      });
      const quietMinuteIsOver = trades.count === 0 && minute.openTime + MINUTE_MS <= now;
      if (!candles.has(bucket) && (length === 1_000 || quietMinuteIsOver)) candles.set(bucket, flatAt(close));
      for (; i < trades.count; i++) {
        const time = minute.openTime + (trades.offsetMs[i] as number);
        if (time > now || time >= second + 1_000) break;
        const price = trades.price[i] as number;
        let candle = candles.get(bucket);
        if (candle === undefined || (length === 1_000 && candle.trades === 0)) candles.set(bucket, (candle = flatAt(price)));
        candle.high = Math.max(candle.high, price);
        candle.low = Math.min(candle.low, price);
        candle.close = close = price;
        candle.lots += trades.lots[i] as number;
        candle.trades++;
        if (trades.buy[i] === 1) candle.buyLots += trades.lots[i] as number;
        if (candle.firstTradeId === -1) candle.firstTradeId = recording.firstTradeId(index) + i;
        candle.lastTradeId = recording.firstTradeId(index) + i;
      }
    }
    // A minute without trades still has the price that was recorded for it.
    if (trades.count === 0 && minute.openTime + MINUTE_MS <= now) close = minute.close;
  }
  return [...candles.values()];
}

function bare({ quote: _, buyQuote: __, ...rest }: Kline): Bare {
  return rest;
}

describe('klinesOf', () => {
  const recording = syntheticRecording({ seed: 5, startTime: START, minutes: 130, gap: { from: 60, to: 75 } });
  // Minutes without trades repeat the price before them, so that the plain way needs no second source.
  for (let i = 1; i < recording.length; i++) {
    if (recording.columns.lots[i] !== 0) continue;
    const before = recording.columns.close[i - 1] as number;
    for (const name of ['open', 'high', 'low', 'close'] as const) recording.columns[name][i] = before;
  }

  it('equals the plain aggregation of the trades up to now, for every timeframe, range and limit', () => {
    const offset = fc.integer({ min: -5 * MINUTE_MS, max: 135 * MINUTE_MS });
    fc.assert(
      fc.property(
        fc.constantFrom(...TIMEFRAMES),
        fc.integer({ min: 0, max: 130 * MINUTE_MS }),
        fc.option(offset, { nil: undefined }),
        fc.option(offset, { nil: undefined }),
        fc.integer({ min: 1, max: 1_000 }),
        (timeframe, nowOffset, startOffset, endOffset, limit) => {
          const now = START + nowOffset;
          const startTime = startOffset === undefined ? undefined : START + startOffset;
          const endTime = endOffset === undefined ? undefined : START + endOffset;
          const query = {
            timeframe,
            limit,
            ...(startTime !== undefined && { startTime }),
            ...(endTime !== undefined && { endTime }),
          };
          const inRange = naive(recording, timeframe, now).filter(
            ({ openTime }) => openTime >= (startTime ?? 0) && openTime <= (endTime ?? now),
          );
          const expected = startTime === undefined ? inRange.slice(-limit) : inRange.slice(0, limit);
          expect(klinesOf(recording, SEED, query, now).map(bare)).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives seconds that add up to the recorded minutes', () => {
    const now = recording.endTime;
    for (let index = 0; index < recording.length; index += 7) {
      const minute = recording.minute(index);
      const seconds = klinesOf(
        recording,
        SEED,
        { timeframe: '1s', startTime: minute.openTime, endTime: minute.openTime + MINUTE_MS - 1, limit: 1_000 },
        now,
      );
      expect(seconds).toHaveLength(60);
      const traded = seconds.filter(({ trades }) => trades > 0);
      expect(seconds.reduce((sum, { lots }) => sum + lots, 0)).toBe(minute.lots);
      if (minute.lots === 0) continue;
      expect(traded[0]?.open).toBe(minute.open);
      expect(Math.max(...traded.map(({ high }) => high))).toBe(minute.high);
      expect(Math.min(...traded.map(({ low }) => low))).toBe(minute.low);
      expect(seconds[59]?.close).toBe(minute.close);
    }
  });

  it('never shows what comes after now: the same answer whatever the future holds', () => {
    const nowIndex = 90;
    const changed = syntheticRecording({ seed: 5, startTime: START, minutes: 130, gap: { from: 60, to: 75 } });
    for (const name of ['open', 'high', 'low', 'close', 'lots'] as const) changed.columns[name].set(recording.columns[name]);
    for (let i = nowIndex; i < changed.length; i++) {
      for (const name of ['open', 'high', 'low', 'close'] as const) changed.columns[name][i] = 999_999;
    }
    const now = (recording.columns.openTime[nowIndex] as number) - 1;
    for (const timeframe of TIMEFRAMES) {
      const query = { timeframe, limit: 1_000 };
      expect(klinesOf(changed, SEED, query, now)).toEqual(klinesOf(recording, SEED, query, now));
      expect(klinesOf(recording, SEED, { ...query, startTime: now + 1 }, now)).toEqual([]);
    }
  });
});
