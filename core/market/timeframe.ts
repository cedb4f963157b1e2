import type { EpochMs } from '../base/clock.ts';

/** Shortest first; every one is a whole multiple of those before it. */
export const TIMEFRAMES = ['1s', '1m', '5m', '15m', '1h', '4h', '1d'] as const;
export type Timeframe = (typeof TIMEFRAMES)[number];

export const TIMEFRAME_MS: Readonly<Record<Timeframe, number>> = {
  '1s': 1_000,
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
};

/** Told by venues and kept in the store. The others are put together from these and nowhere kept. */
export const STORED_TIMEFRAMES = ['1s', '1m', '1h', '1d'] as const satisfies readonly Timeframe[];
export type StoredTimeframe = (typeof STORED_TIMEFRAMES)[number];

/** Derived timeframe → the stored one that it is made of. */
export const DERIVED_FROM = { '5m': '1m', '15m': '1m', '4h': '1h' } as const satisfies Record<
  Exclude<Timeframe, StoredTimeframe>,
  StoredTimeframe
>;
export type DerivedTimeframe = keyof typeof DERIVED_FROM;

export function isDerived(timeframe: Timeframe): timeframe is DerivedTimeframe {
  return timeframe in DERIVED_FROM;
}

/** The timeframe whose stored candles hold `timeframe`'s: itself unless it is derived. */
export function storedTimeframeOf(timeframe: Timeframe): StoredTimeframe {
  return isDerived(timeframe) ? DERIVED_FROM[timeframe] : timeframe;
}

/** Open time of the candle that covers `time`. All our timeframes divide the epoch evenly. */
export function openTimeOf(time: EpochMs, timeframe: Timeframe): EpochMs {
  const length = TIMEFRAME_MS[timeframe];
  return Math.floor(time / length) * length;
}
