import type { EpochMs } from '../base/clock.ts';
import { DIRECTIONS, HORIZONS_MIN, type HorizonForecast, type HorizonMin, type Prediction } from '../contracts/learning.ts';
import type { CandleColumns } from '../market/candle.ts';
import { directionOf, indexOfMinute, isUnbroken } from './labels.ts';

export type Outcome = NonNullable<HorizonForecast['outcome']>;

export interface Resolution {
  /** The same object when nothing could be recorded. */
  readonly prediction: Prediction;
  /** Horizons whose outcome this call recorded. */
  readonly resolved: readonly HorizonMin[];
  /**
   * Matured horizons without an outcome, for a minute of their window is missing. Their outcome stays unknown; it is never
   * estimated.
   */
  readonly missing: readonly HorizonMin[];
}

/**
 * Records what became of every horizon that has matured by `closedUntil`, the close of the newest candle there can be, and has
 * no outcome yet.
 *
 * The window of horizon h is the h minutes that opened in [t, t + h min). Realised return is its last close over the reference
 * price, minus 1; realised minimum and maximum are its lowest low and highest high, as returns; the direction is the return's
 * against the flat threshold that was stored with the prediction; a hit is when the most probable direction came true.
 *
 * @param candles closed 1m candles, ascending; holes are allowed
 */
export function resolveMatured(
  prediction: Prediction,
  candles: CandleColumns,
  closedUntil: EpochMs,
  recordedAt: EpochMs = closedUntil,
): Resolution {
  const resolved: HorizonMin[] = [];
  const missing: HorizonMin[] = [];
  const horizons = prediction.horizons.map((forecast, h) => {
    if (forecast.outcome !== undefined || forecast.maturesAt > closedUntil) return forecast;
    const outcome = outcomeOf(prediction, forecast, prediction.flatThresholds[h] as number, candles, recordedAt);
    (outcome === undefined ? missing : resolved).push(forecast.horizonMin);
    return outcome === undefined ? forecast : { ...forecast, outcome };
  });
  return { prediction: resolved.length === 0 ? prediction : { ...prediction, horizons }, resolved, missing };
}

function outcomeOf(
  { t, referencePrice }: Prediction,
  forecast: HorizonForecast,
  threshold: number,
  candles: CandleColumns,
  recordedAt: EpochMs,
): Outcome | undefined {
  const first = indexOfMinute(candles.openTime, t);
  if (!isUnbroken(candles.openTime, first, forecast.horizonMin - 1)) return undefined;
  const last = first + forecast.horizonMin - 1;
  let bottom = Infinity;
  let top = -Infinity;
  for (let i = first; i <= last; i++) {
    bottom = Math.min(bottom, candles.low[i] as number);
    top = Math.max(top, candles.high[i] as number);
  }
  const realisedReturn = (candles.close[last] as number) / referencePrice - 1;
  const direction = directionOf(realisedReturn, threshold);
  return {
    realisedReturn,
    realisedMin: bottom / referencePrice - 1,
    realisedMax: top / referencePrice - 1,
    direction: DIRECTIONS[direction] as Outcome['direction'],
    hit: mostProbable(forecast.probabilities) === direction,
    recordedAt,
  };
}

/** Index of the largest; of equals the first. */
export function mostProbable(probabilities: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < probabilities.length; i++) if ((probabilities[i] as number) > (probabilities[best] as number)) best = i;
  return best;
}

/** Open times [from, to) of the candles that the outcomes of a prediction at `t` need. */
export function outcomeSpan(t: EpochMs): { readonly from: EpochMs; readonly to: EpochMs } {
  return { from: t, to: t + Math.max(...HORIZONS_MIN) * 60_000 };
}
