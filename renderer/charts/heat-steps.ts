/** Lengths of a column, seconds: each divides every timeframe that is longer, or is divided by it. */
const STEPS_SEC = [1, 2, 5, 10, 15, 30, 60, 300, 900, 3_600, 14_400, 86_400] as const;
/** A narrower column cannot be told from the next one. */
const NARROWEST_PX = 2;

/** The shortest step whose columns can be told apart where a candle of `timeframeMs` is `barPx` wide. Milliseconds. */
export function heatStepMs(timeframeMs: number, barPx: number): number {
  for (const seconds of STEPS_SEC) {
    const stepMs = 1_000 * seconds;
    const fits = timeframeMs % stepMs === 0 || stepMs % timeframeMs === 0;
    if (fits && (stepMs / timeframeMs) * barPx >= NARROWEST_PX) return stepMs;
  }
  return 86_400_000;
}

/** Buckets in a row, so that a row is a pixel high at least: 1, 2, 5, 10, 20 … */
export function bucketsPerRow(bucketPx: number): number {
  for (let power = 1; power < 1e9; power *= 10) {
    for (const factor of [1, 2, 5]) if (factor * power * bucketPx >= 1) return factor * power;
  }
  return 1e9;
}
