import type { QualitySpan, QualityState, QualityTimeline } from '../../../core/contracts/data-quality.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** How much time the timeline shows. */
export const QUALITY_RANGES = [
  { label: '1 h', ms: HOUR_MS },
  { label: '6 h', ms: 6 * HOUR_MS },
  { label: '1 d', ms: DAY_MS },
  { label: '7 d', ms: 7 * DAY_MS },
  { label: '30 d', ms: 30 * DAY_MS },
] as const;

const SHORTEST_MS = 5 * MINUTE_MS;
const LONGEST_MS = 366 * DAY_MS;

/** [from, to) of market time. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** A window of `length` around the same place, within what can be shown, not beyond `now`. */
function placed(from: number, length: number, now: number): TimeWindow {
  const span = Math.min(Math.max(length, SHORTEST_MS), LONGEST_MS);
  const start = Math.max(0, Math.min(from, now - span));
  return { from: Math.round(start), to: Math.round(start + span) };
}

/** Shows `factor` times as much time, keeping the time at `share` (0 left … 1 right) where it is. */
export function zoomed({ from, to }: TimeWindow, factor: number, share: number, now: number): TimeWindow {
  const length = Math.min(Math.max((to - from) * factor, SHORTEST_MS), LONGEST_MS);
  return placed(from + (to - from - length) * share, length, now);
}

/** Moves by a share of what is shown: negative to the past. */
export function panned({ from, to }: TimeWindow, share: number, now: number): TimeWindow {
  return placed(from + (to - from) * share, to - from, now);
}

export function spanAt(spans: readonly QualitySpan[], time: number): QualitySpan | undefined {
  return spans.find(({ from, to }) => from <= time && time < to);
}

/** Where the next stretch of any track begins after (+1) or before (−1) `time`; `undefined` when there is none. */
export function nextEdge({ candles, book, from, to }: QualityTimeline, time: number, direction: -1 | 1): number | undefined {
  const edges = [...candles, ...book].map((span) => span.from).filter((edge) => edge >= from && edge < to);
  const beyond = edges.filter((edge) => (direction > 0 ? edge > time : edge < time));
  if (beyond.length === 0) return undefined;
  return direction > 0 ? Math.min(...beyond) : Math.max(...beyond);
}

/** Share of the window that a span covers. */
export interface PlacedSpan {
  readonly span: QualitySpan;
  /** 0 left … 1 right. */
  readonly x: number;
  readonly width: number;
}

/** The spans as they are drawn: cut to the window, none too narrow to be seen, whatever is wrong over what is complete. */
export function placedSpans(spans: readonly QualitySpan[], window: TimeWindow, narrowest: number): PlacedSpan[] {
  const length = window.to - window.from;
  return spans
    .filter(({ from, to }) => from < window.to && to > window.from)
    .map((span) => {
      const left = (Math.max(span.from, window.from) - window.from) / length;
      const right = (Math.min(span.to, window.to) - window.from) / length;
      const width = Math.max(right - left, narrowest);
      return { span, x: Math.min(left, 1 - width), width };
    })
    .sort((a, b) => Number(a.span.state !== 'complete') - Number(b.span.state !== 'complete'));
}

/** Milliseconds of the window in each state. */
export function timeIn(spans: readonly QualitySpan[], window: TimeWindow): Readonly<Record<QualityState, number>> {
  const sums = { complete: 0, hole: 0, venueOutage: 0, repaired: 0, staleBook: 0 };
  for (const { state, from, to } of spans) {
    sums[state] += Math.max(0, Math.min(to, window.to) - Math.max(from, window.from));
  }
  return sums;
}

const STEPS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
  14 * DAY_MS,
  30 * DAY_MS,
  91 * DAY_MS,
] as const;

/** At most `most` round times in the window, and whether they are days. */
export function timeTicks({ from, to }: TimeWindow, most: number): { readonly times: number[]; readonly days: boolean } {
  const step = STEPS.find((candidate) => (to - from) / candidate <= most) ?? LONGEST_MS;
  const times: number[] = [];
  for (let time = Math.ceil(from / step) * step; time < to; time += step) times.push(time);
  return { times, days: step >= DAY_MS };
}
