import type { EpochMs } from '../base/clock.ts';

export const TIMEFRAMES = ['1s', '1m', '1h', '1d'] as const;
export type Timeframe = (typeof TIMEFRAMES)[number];

export const TIMEFRAME_MS: Readonly<Record<Timeframe, number>> = {
  '1s': 1_000,
  '1m': 60_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
};

/** Open time of the candle that covers `time`. All our timeframes divide the epoch evenly. */
export function openTimeOf(time: EpochMs, timeframe: Timeframe): EpochMs {
  const length = TIMEFRAME_MS[timeframe];
  return Math.floor(time / length) * length;
}
