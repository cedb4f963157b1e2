import type { Bar } from '../../core/analysis/indicators/indicator.ts';
import type { Cancel } from '../../core/base/clock.ts';
import type { Timeframe } from '../../core/market/timeframe.ts';

/**
 * Tells the closed candles of the newest `count` periods, as far as they are stored, then each that closes: in order, none twice and none
 * left out between the two.
 * @param listener must not keep what it is given: stored candles are told through one object
 * @param onReady the stored ones were told
 */
export type FollowBars = (
  series: { readonly symbol: string; readonly timeframe: Timeframe },
  count: number,
  listener: (bar: Bar) => void,
  onReady?: () => void,
) => Cancel;
