/** A spread of values this far below their size is rounding, not variation. */
const ROUNDING = 1e-12;

/** y = a + slope·x by least squares; `r2` is the share of y's variance that it explains. NaN where they are not defined. */
export interface Line {
  slope: number;
  r2: number;
  pairs: number;
}

/**
 * The least-squares line through the pairs of rows `from … to − 1` of two rings whose length is a power of two; a pair with a y that
 * is not known counts for nothing. Means first, then deviations from them: nothing large is subtracted from anything large.
 */
export function fitLine(y: Float64Array, x: Float64Array, from: number, to: number, out: Line): void {
  const wrap = y.length - 1;
  let pairs = 0;
  let meanX = 0;
  let meanY = 0;
  for (let i = from; i < to; i++) {
    const value = y[i & wrap] as number;
    if (value !== value) continue;
    pairs++;
    meanX += x[i & wrap] as number;
    meanY += value;
  }
  meanX /= pairs;
  meanY /= pairs;
  let sumXX = 0;
  let sumYY = 0;
  let sumXY = 0;
  let rawX = 0;
  let rawY = 0;
  for (let i = from; i < to; i++) {
    const value = y[i & wrap] as number;
    if (value !== value) continue;
    const given = x[i & wrap] as number;
    const awayX = given - meanX;
    const awayY = value - meanY;
    sumXX += awayX * awayX;
    sumYY += awayY * awayY;
    sumXY += awayX * awayY;
    rawX += given * given;
    rawY += value * value;
  }
  const variesX = pairs > 1 && sumXX > ROUNDING * rawX;
  const variesY = pairs > 1 && sumYY > ROUNDING * rawY;
  out.pairs = pairs;
  out.slope = variesX ? sumXY / sumXX : Number.NaN;
  out.r2 = variesX && variesY ? Math.min(1, (sumXY * sumXY) / (sumXX * sumYY)) : Number.NaN;
}
