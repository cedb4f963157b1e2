import type { ReplayStatus } from '../../../core/contracts/replay.ts';

/** A stretch of the scrubber in percent of its width. */
export interface Stretch {
  readonly leftPct: number;
  readonly widthPct: number;
}

/** Where the parts of [from, to) lie that were not recorded. */
export function gapStretches({ from, to, gaps }: Pick<ReplayStatus, 'from' | 'to' | 'gaps'>): Stretch[] {
  const length = to - from;
  return gaps
    .map((gap) => ({ start: Math.max(gap.from, from), end: Math.min(gap.to, to) }))
    .filter(({ start, end }) => end > start)
    .map(({ start, end }) => ({ leftPct: (100 * (start - from)) / length, widthPct: (100 * (end - start)) / length }));
}

/** The end of the gap that `t` lies in. */
export function gapEnd({ gaps, t }: Pick<ReplayStatus, 'gaps' | 't'>): number | undefined {
  return gaps.find((gap) => t >= gap.from && t < gap.to)?.to;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is recorded without a break, newest first. */
export function recordedStretches({ from, to, gaps }: Span & { readonly gaps: readonly Span[] }): Span[] {
  const stretches: Span[] = [];
  let start = from;
  for (const gap of gaps) {
    if (gap.from > start) stretches.push({ from: start, to: gap.from });
    start = Math.max(start, gap.to);
  }
  if (to > start) stretches.push({ from: start, to });
  return stretches.reverse();
}

/** `2020-04-26T10:20:30` ↔ time, read as UTC: what a `datetime-local` field holds. */
export function fieldOfTime(t: number): string {
  return new Date(t).toISOString().slice(0, 19);
}

export function timeOfField(text: string): number | undefined {
  const time = Date.parse(`${text}Z`);
  return Number.isNaN(time) ? undefined : time;
}
