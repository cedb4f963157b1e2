/** Rows that a candle of usual height is to have. */
const ROWS_A_CANDLE = 10;

/** The smallest of 1, 2, 5, 10, 20, 50, … that is not below `wanted`. */
export function roundStep(wanted: number): number {
  if (!(wanted > 1)) return 1;
  const decade = 10 ** Math.floor(Math.log10(wanted));
  for (const step of [1, 2, 5, 10]) if (step * decade >= wanted * (1 - 1e-9)) return step * decade;
  return 10 * decade;
}

/**
 * Height of a price row in whole ticks that suits these candles: their median height holds about ten rows. Without a candle that has a
 * height, a tenth of the width of the order book's buckets.
 */
export function usualRowTicks(
  candles: readonly { readonly high: number; readonly low: number }[],
  tickSize: number,
  bucketWidth: number,
): number {
  const heights = candles.map(({ high, low }) => high - low).filter((height) => height > 0);
  heights.sort((a, b) => a - b);
  const height = heights[heights.length >> 1] ?? bucketWidth;
  return roundStep(height / ROWS_A_CANDLE / tickSize);
}
