/** Share of the price that one bucket covers unless the trader says otherwise: $1 at $2,000. */
const SHARE = 1 / 2_000;

/**
 * A consolidated-book bucket width that suits a price: the nearest of 1, 2 and 5 times a power of ten to 1/2,000 of it, and no
 * less than one tick.
 * @param price quote units, above 0
 * @param tickSize quote units, above 0
 */
export function suitableBucketWidth(price: number, tickSize: number): number {
  const wanted = Math.max(price * SHARE, tickSize);
  const exponent = Math.floor(Math.log10(wanted));
  let best = 0;
  for (const power of [exponent, exponent + 1]) {
    for (const digit of [1, 2, 5]) {
      // Through text, so that 10^-3 is the double that 0.001 reads as.
      const width = Number(`${digit}e${power}`);
      if (width < tickSize) continue;
      if (best === 0 || Math.abs(Math.log(width / wanted)) < Math.abs(Math.log(best / wanted))) best = width;
    }
  }
  return best;
}
