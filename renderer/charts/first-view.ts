const FIRST_VIEW_BARS = 160;

/**
 * The bars to show first, as bar indices: the newest 160 and `marginBars` of room after them.
 * A shorter series fills the width as well, with the same share of room.
 */
export function firstView(count: number, marginBars: number): { readonly from: number; readonly to: number } {
  const shown = Math.min(count, FIRST_VIEW_BARS);
  return {
    from: count - shown - (count < FIRST_VIEW_BARS ? 1 : 0),
    to: count + Math.max(2, (marginBars * shown) / FIRST_VIEW_BARS),
  };
}
