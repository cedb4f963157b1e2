export interface LineFit {
  readonly slope: number;
  /** Of the slope, if what is left over were independent from one sample to the next. */
  readonly standardError: number;
}

/**
 * Least squares through (x, y): the slope in y a unit of x, and its standard error √(Σr² / (n − 2) / Σ(x − x̄)²).
 * @throws with fewer than three samples, or when all have the same x
 */
export function fitLine(xs: readonly number[], ys: readonly number[]): LineFit {
  const n = xs.length;
  if (n < 3 || ys.length !== n) throw new RangeError(`a line needs at least 3 samples, got ${n}`);
  const meanX = mean(xs);
  const meanY = mean(ys);
  let sxx = 0;
  let sxy = 0;
  for (let i = 0; i < n; i++) {
    const dx = (xs[i] as number) - meanX;
    sxx += dx * dx;
    sxy += dx * ((ys[i] as number) - meanY);
  }
  if (sxx === 0) throw new RangeError('all samples have the same x');
  const slope = sxy / sxx;
  let left = 0;
  for (let i = 0; i < n; i++) left += ((ys[i] as number) - meanY - slope * ((xs[i] as number) - meanX)) ** 2;
  return { slope, standardError: Math.sqrt(left / (n - 2) / sxx) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
