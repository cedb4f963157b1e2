import { HORIZONS_MIN } from '../contracts/learning.ts';
import type { CandleColumns } from '../market/candle.ts';
import { TIMEFRAME_MS } from '../market/timeframe.ts';

const MINUTE_MS = TIMEFRAME_MS['1m'];

/** Candles that the average true range is taken over. */
export const ATR_LENGTH = 14;
/** Minutes of future that the longest horizon looks at. */
export const FUTURE_MINUTES = Math.max(...HORIZONS_MIN);

/** Index into ACTIONS. */
export const SELL = 0;
export const HOLD = 1;
export const BUY = 2;

/** Index into DIRECTIONS. */
export const DOWN = 0;
export const FLAT = 1;
export const UP = 2;

/**
 * Half-width of the flat band per horizon of HORIZONS_MIN, as a return:
 *
 *     0.5 × ATR₁₄(t) / close(t) × √(horizon in minutes)
 *
 * ATR₁₄ is the plain mean of the last 14 true ranges of 1m candles (the first value of Wilder's ATR, 1978), so it depends on 15
 * candles and not on how much history happens to be loaded. The root scales a one-minute range to the horizon as a random walk
 * spreads. Reads candles `index − 14 … index`, all of them known at t, the close of candle `index`.
 *
 * @returns undefined when those 15 candles are not there without a hole
 */
export function flatThresholds(columns: CandleColumns, index: number): [number, number, number, number] | undefined {
  const { openTime, high, low, close } = columns;
  const start = index - ATR_LENGTH;
  if (start < 0 || (openTime[index] as number) - (openTime[start] as number) !== ATR_LENGTH * MINUTE_MS) return undefined;
  let sum = 0;
  for (let i = start + 1; i <= index; i++) {
    const previous = close[i - 1] as number;
    sum += Math.max(high[i] as number, previous) - Math.min(low[i] as number, previous);
  }
  const noise = (0.5 * (sum / ATR_LENGTH)) / (close[index] as number);
  return [
    noise * Math.sqrt(HORIZONS_MIN[0]),
    noise * Math.sqrt(HORIZONS_MIN[1]),
    noise * Math.sqrt(HORIZONS_MIN[2]),
    noise * Math.sqrt(HORIZONS_MIN[3]),
  ];
}

/** Index into DIRECTIONS of a realised return: beyond the threshold is up or down, on it or within is flat. */
export function directionOf(realisedReturn: number, threshold: number): number {
  if (realisedReturn > threshold) return UP;
  if (realisedReturn < -threshold) return DOWN;
  return FLAT;
}

/** Index of the candle that opened at `openTime`, or −1. Binary search; times ascend. */
export function indexOfMinute(openTimes: Float64Array, openTime: number): number {
  let low = 0;
  let high = openTimes.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = openTimes[middle] as number;
    if (found === openTime) return middle;
    if (found < openTime) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Whether candles `index … index + minutes` are all there, one per minute. */
export function isUnbroken(openTimes: Float64Array, index: number, minutes: number): boolean {
  if (index < 0 || index + minutes >= openTimes.length || index + minutes < 0) return false;
  return (openTimes[index + minutes] as number) - (openTimes[index] as number) === minutes * MINUTE_MS;
}
