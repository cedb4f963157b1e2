/**
 * Moves labels of one height apart so that none covers another and all lie within `top` … `bottom`, keeping their order.
 * `wanted` holds the middles where they should be, in pixels; so does the answer, in the order of the input.
 * With more labels than room they overlap evenly.
 */
export function stackLabels(wanted: readonly number[], labelHeight: number, top: number, bottom: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] as number) - (wanted[b] as number) || a - b);
  const step = Math.min(labelHeight, (bottom - top) / Math.max(1, wanted.length));
  const middles = [...wanted];
  let lowest = top + step / 2;
  for (const index of order) {
    middles[index] = Math.max(wanted[index] as number, lowest);
    lowest = (middles[index] as number) + step;
  }
  let highest = bottom - step / 2;
  for (const index of order.toReversed()) {
    middles[index] = Math.min(middles[index] as number, highest);
    highest = (middles[index] as number) - step;
  }
  return middles;
}
