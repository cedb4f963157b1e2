/** Prices by index; typed arrays and plain ones fit. */
export type Prices = ArrayLike<number>;

/** Mean length of a year, in ms. Crypto trades around the clock, so that no day is left out. */
export const YEAR_MS = 365.25 * 86_400_000;

/**
 * Realised variance of closes `from … to − 1`: the sum of their squared log returns (Andersen, Bollerslev, Diebold & Labys 2003, "Modeling
 * and forecasting realized volatility"). Over the window, not annualised. A return to or from a close that is missing (NaN) or not above 0
 * is left out.
 * @returns NaN when there is no return
 */
export function realisedVariance(closes: Prices, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let i = from + 1; i < to; i++) {
    const change = logReturn(closes, i);
    if (Number.isNaN(change)) continue;
    sum += change * change;
    count++;
  }
  return count === 0 ? Number.NaN : sum;
}

/** The root of `realisedVariance`: a fraction of the price, over the window. */
export function realisedVolatility(closes: Prices, from: number, to: number): number {
  return Math.sqrt(realisedVariance(closes, from, to));
}

/** Volatility per year of one that was realised over `spanMs`: by the square root of time, as for returns that do not depend on each other. */
export function annualised(volatility: number, spanMs: number): number {
  return volatility * Math.sqrt(YEAR_MS / spanMs);
}

/** ln(close i / close i − 1); NaN where one of them is missing or not above 0. */
export function logReturn(closes: Prices, i: number): number {
  const before = closes[i - 1] as number;
  const now = closes[i] as number;
  // The last factor is 1, or NaN where a price is not above 0. Choosing between a number and NaN instead would have the engine box the
  // result, and windows of returns are summed in every input of the models.
  const root = Math.sqrt(Math.min(before, now));
  return Math.log(now / before) * (root / root);
}
