import type { EpochMs } from '../../core/base/clock.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A candle's time as finely as its timeframe tells: `2020-04-26 13:05:09 UTC`, without seconds from 1m, without a time from 1d. */
export function formatCandleTime(openTime: EpochMs, timeframeMs: number): string {
  const text = new Date(openTime).toISOString();
  if (timeframeMs >= DAY_MS) return `${text.slice(0, 10)} UTC`;
  return `${text.slice(0, 10)} ${text.slice(11, timeframeMs >= MINUTE_MS ? 16 : 19)} UTC`;
}
