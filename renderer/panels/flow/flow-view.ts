/** Which bars are in view. Bar n covers [n, n + 1) · its length of time; the axis is time, so that what is missing shows as missing. */
export interface FlowView {
  /** CSS pixels a bar. */
  readonly barPx: number;
  /** Bar number, fractional, at the right edge of the plot. */
  readonly right: number;
}

export const BAR_PX_MIN = 1;
export const BAR_PX_MAX = 60;
/** Bars of room right of the newest one. */
const MARGIN_BARS = 3;

/** The newest bar at the right edge. */
export function newestView(barPx: number, newestBar: number): FlowView {
  return { barPx, right: newestBar + 1 + MARGIN_BARS };
}

/** Bars further into the past (below 0) or on, no further than the newest and the oldest bar are in view. */
export function panned(view: FlowView, bars: number, oldestBar: number, newestBar: number, widthPx: number): FlowView {
  return within({ ...view, right: view.right + bars }, oldestBar, newestBar, widthPx);
}

/** Zooms by `factor` (above 1: wider bars) about the time at `x`, which stays where it is. */
export function zoomed(
  view: FlowView,
  factor: number,
  x: number,
  oldestBar: number,
  newestBar: number,
  widthPx: number,
): FlowView {
  const barPx = Math.min(BAR_PX_MAX, Math.max(BAR_PX_MIN, view.barPx * factor));
  const bar = barAt(view, x, widthPx);
  return within({ barPx, right: bar + (widthPx - x) / barPx }, oldestBar, newestBar, widthPx);
}

/** Whether the newest bar is in view, so that the view goes on with time. */
export function isAtNewest(view: FlowView, newestBar: number): boolean {
  return view.right >= newestBar + 1;
}

/** Bar number, fractional, under a point of the plot. */
export function barAt({ barPx, right }: FlowView, x: number, widthPx: number): number {
  return right - (widthPx - x) / barPx;
}

/** Left edge of a bar. */
export function xOfBar({ barPx, right }: FlowView, bar: number, widthPx: number): number {
  return widthPx - (right - bar) * barPx;
}

/** First and last bar of which anything is in view. */
export function barsInView(view: FlowView, widthPx: number): { readonly first: number; readonly last: number } {
  return { first: Math.floor(barAt(view, 0, widthPx)), last: Math.ceil(view.right) - 1 };
}

function within(view: FlowView, oldestBar: number, newestBar: number, widthPx: number): FlowView {
  const most = newestView(view.barPx, newestBar).right;
  const least = Math.min(most, oldestBar + Math.min(10, widthPx / view.barPx));
  return { ...view, right: Math.min(most, Math.max(least, view.right)) };
}

/** Time between the labels of the axis, from those that divide the day, so that they lie `leastPx` apart. */
export function labelStepMs(barMs: number, barPx: number, leastPx: number): number {
  const wanted = (leastPx / barPx) * barMs;
  const steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200].map(
    (seconds) => seconds * 1_000,
  );
  const day = 86_400_000;
  return steps.find((step) => step >= wanted) ?? Math.ceil(wanted / day) * day;
}
