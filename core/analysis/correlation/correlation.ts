import { logReturn, type Prices } from '../regime/volatility.ts';

/** Windows over which two symbols are compared, in closes a second apart. */
export const CORRELATION_WINDOWS_S = [60, 300] as const;
/** A spread of returns this far below their size is rounding, not movement. */
const ROUNDING = 1e-12;

/**
 * Pearson's correlation of two series of closes and the beta of the first on the second (its slope in a least-squares regression:
 * covariance over the second's variance; Sharpe 1963), both of log returns between closes `from … to − 1` of columns with the same
 * times. A pair of returns counts only where both are known.
 * @param out `out[at]` takes the correlation, −1 … 1, `out[at + 1]` the beta; NaN where they are not defined: fewer than two pairs, or
 *   returns that do not vary
 */
export function correlationAndBeta(y: Prices, x: Prices, from: number, to: number, out: Float64Array, at = 0): void {
  let count = 0;
  let meanX = 0;
  let meanY = 0;
  let sumXX = 0;
  let sumYY = 0;
  let sumXY = 0;
  let rawX = 0;
  let rawY = 0;
  // Welford's updating sums of deviations: nothing large is subtracted from anything large.
  for (let i = from + 1; i < to; i++) {
    const changeX = logReturn(x, i);
    const changeY = logReturn(y, i);
    if (Number.isNaN(changeX) || Number.isNaN(changeY)) continue;
    count++;
    const awayX = changeX - meanX;
    const awayY = changeY - meanY;
    meanX += awayX / count;
    meanY += awayY / count;
    sumXX += awayX * (changeX - meanX);
    sumYY += awayY * (changeY - meanY);
    sumXY += awayX * (changeY - meanY);
    rawX += changeX * changeX;
    rawY += changeY * changeY;
  }
  const variesX = count > 1 && sumXX > ROUNDING * rawX;
  const variesY = count > 1 && sumYY > ROUNDING * rawY;
  out[at] = variesX && variesY ? Math.max(-1, Math.min(1, sumXY / Math.sqrt(sumXX * sumYY))) : Number.NaN;
  out[at + 1] = variesX ? sumXY / sumXX : Number.NaN;
}
