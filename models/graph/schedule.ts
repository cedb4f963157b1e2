/** Share of the steps over which the rate rises from nothing, and what it falls to at the end, as a share of the peak. */
const WARM_UP_SHARE = 0.05;
const FINAL_SHARE = 0.1;

/**
 * Learning rate of `step` (from 1) of `totalSteps`: a linear rise to `peak`, then half a cosine down to a tenth of it.
 * Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), without the restarts.
 */
export function learningRateAt(step: number, totalSteps: number, peak: number): number {
  const warmUpSteps = Math.max(1, Math.round(totalSteps * WARM_UP_SHARE));
  if (step <= warmUpSteps) return (peak * step) / warmUpSteps;
  const progress = Math.min(1, (step - warmUpSteps) / Math.max(1, totalSteps - warmUpSteps));
  return peak * (FINAL_SHARE + ((1 - FINAL_SHARE) * (1 + Math.cos(Math.PI * progress))) / 2);
}
