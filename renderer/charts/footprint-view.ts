const STEPS = [1, 2, 5] as const;

/** By how much rows of `rowPx` pixels are put together (1, 2, 5, 10, …) to be at least `leastPx` high. */
export function mergeFactor(rowPx: number, leastPx: number): number {
  if (!(rowPx > 0)) return 1;
  for (let decade = 1; decade <= 1e6; decade *= 10) {
    for (const step of STEPS) if (rowPx * step * decade >= leastPx) return step * decade;
  }
  return 1e6;
}

/** Digits after the point with which volumes up to `most` can be told apart and still fit into a cell. */
export function cellDecimals(most: number): number {
  if (most >= 100) return 0;
  if (most >= 10) return 1;
  return most >= 1 ? 2 : 3;
}

/** Share of a candle's volume that its footprint holds, 0 … 1; all of nothing. */
export function recordedShare(recorded: number, volume: number): number {
  return volume > 0 ? Math.min(1, recorded / volume) : 1;
}
