import { openTimeOf, type StoredTimeframe, type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';

/** Market time after which the venue's own candle of a second is complete. */
export const KLINE_DELAY_MS = 1_500;
/** The same for a minute, where the venue has no shorter ones. */
export const MINUTE_KLINE_DELAY_MS = 3_000;
/** The most candles fetched to reach over an outage; older ones are asked for when the trader wants them. */
export const MOST_RESEED_CANDLES = 172_800;
/** Candles had at start, per timeframe; 1m comes from the configuration. */
const FIRST_CANDLES: Readonly<Record<StoredTimeframe, number>> = { '1s': 600, '1m': 0, '1h': 400, '1d': 400 };
const COARSEST_DERIVED: Readonly<Record<StoredTimeframe, Timeframe>> = { '1s': '1s', '1m': '15m', '1h': '4h', '1d': '1d' };
const COARSER: Readonly<Record<StoredTimeframe, StoredTimeframe>> = { '1s': '1m', '1m': '1h', '1h': '1d', '1d': '1d' };

/** Where the history begins that is had at `now` when a symbol is followed: with a whole candle of whatever is derived from it. */
export function firstCandleAt(timeframe: StoredTimeframe, now: number, backfillMinutes: number): number {
  const count = timeframe === '1m' ? backfillMinutes : FIRST_CANDLES[timeframe];
  return openTimeOf(now - count * TIMEFRAME_MS[timeframe], COARSEST_DERIVED[timeframe]);
}

/** Start of the period, one timeframe coarser, that runs at `time`: the span whose finer candles a seed needs. */
export function coarserStart(timeframe: StoredTimeframe, time: number): number {
  return openTimeOf(time, COARSER[timeframe]);
}
