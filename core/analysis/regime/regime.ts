import { logReturn, type Prices } from './volatility.ts';

/** Where the price goes, by a test against a random walk, and how much it moves against its own usual. */
export const TREND_REGIMES = ['down', 'sideways', 'up'] as const;
export type TrendRegime = (typeof TREND_REGIMES)[number];
export const VOLATILITY_REGIMES = ['calm', 'usual', 'wild'] as const;
export type VolatilityRegime = (typeof VOLATILITY_REGIMES)[number];

/** |drift| at which a window counts as a trend: one random walk in ten does (standard normal, both sides). */
export const TREND_DRIFT = 1.645;
/** A window moves half as much again as usual, or two thirds of it: bounds that mirror each other on the log scale. */
export const WILD_RATIO = 1.5;
export const CALM_RATIO = 1 / WILD_RATIO;

/**
 * The move over a window in units of its own realised volatility: Σr / √Σr² of the log returns between closes `from … to − 1`, a
 * self-normalised sum. For independent symmetric returns it is close to standard normal from some twenty of them on, also where their
 * volatility changes (Efron 1969, "Student's t-test under symmetry conditions"). Missing returns as in `realisedVariance`.
 * @returns NaN when there is no return, 0 when the price has not moved
 */
export function driftStatistic(closes: Prices, from: number, to: number): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let i = from + 1; i < to; i++) {
    const change = logReturn(closes, i);
    if (Number.isNaN(change)) continue;
    sum += change;
    squares += change * change;
    count++;
  }
  return count === 0 ? Number.NaN : squares === 0 ? 0 : sum / Math.sqrt(squares);
}

/**
 * Kaufman's efficiency ratio ("Trading Systems and Methods"): the way from the first close to the last over the sum of all ways between,
 * with its sign: −1 … 1. Of logarithms, so that it has no scale. Missing returns as in `realisedVariance`.
 * @returns NaN when there is no return, 0 when the price has not moved
 */
export function efficiencyRatio(closes: Prices, from: number, to: number): number {
  let sum = 0;
  let path = 0;
  let count = 0;
  for (let i = from + 1; i < to; i++) {
    const change = logReturn(closes, i);
    if (Number.isNaN(change)) continue;
    sum += change;
    path += Math.abs(change);
    count++;
  }
  return count === 0 ? Number.NaN : path === 0 ? 0 : sum / path;
}

/**
 * How much the closes `from … to − 1` moved against those `longFrom … to − 1` that they end: the root of the ratio of their mean squared
 * log returns. 1: as usual.
 * @returns NaN when one of the two has no return or the long one has not moved
 */
export function volatilityRatio(closes: Prices, longFrom: number, from: number, to: number): number {
  const usual = meanSquare(closes, longFrom, to);
  const now = meanSquare(closes, from, to);
  return usual > 0 ? Math.sqrt(now / usual) : Number.NaN;
}

function meanSquare(closes: Prices, from: number, to: number): number {
  let squares = 0;
  let count = 0;
  for (let i = from + 1; i < to; i++) {
    const change = logReturn(closes, i);
    if (Number.isNaN(change)) continue;
    squares += change * change;
    count++;
  }
  return count === 0 ? Number.NaN : squares / count;
}

/** −1 down, 0 sideways, 1 up; `drift` as `driftStatistic`, sideways where it is NaN. */
export function trendCode(drift: number): -1 | 0 | 1 {
  return drift >= TREND_DRIFT ? 1 : drift <= -TREND_DRIFT ? -1 : 0;
}

/** −1 calm, 0 usual, 1 wild; `ratio` as `volatilityRatio`, usual where it is NaN. */
export function volatilityCode(ratio: number): -1 | 0 | 1 {
  return ratio >= WILD_RATIO ? 1 : ratio <= CALM_RATIO ? -1 : 0;
}

/**
 * The regime as one number, 0 … 8: 3 · (trend + 1) + (volatility + 1), from the codes above. 4 is sideways and usual.
 * @param from the window, within `longFrom … to − 1`, which tells what is usual
 */
export function regimeCode(closes: Prices, longFrom: number, from: number, to: number): number {
  const trend = trendCode(driftStatistic(closes, from, to));
  return 3 * (trend + 1) + volatilityCode(volatilityRatio(closes, longFrom, from, to)) + 1;
}

/** Inverse of the code. */
export function regimeOfCode(code: number): { readonly trend: TrendRegime; readonly volatility: VolatilityRegime } {
  const trend = TREND_REGIMES[Math.floor(code / 3)];
  const volatility = VOLATILITY_REGIMES[code % 3];
  if (trend === undefined || volatility === undefined) throw new RangeError(`a regime of code ${code} is not within 0 … 8`);
  return { trend, volatility };
}
