/** The open, high, low or close that lies nearest to `price`. */
export function snapToOhlc(
  candle: { readonly open: number; readonly high: number; readonly low: number; readonly close: number },
  price: number,
): number {
  let nearest = candle.open;
  for (const candidate of [candle.high, candle.low, candle.close]) {
    if (Math.abs(candidate - price) < Math.abs(nearest - price)) nearest = candidate;
  }
  return nearest;
}

/** `price` on the instrument's grid: a drawn price is one that could have traded. */
export function snapToTick(price: number, tickDecimals: number): number {
  return Number(price.toFixed(tickDecimals));
}
