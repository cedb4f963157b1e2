import type { TraceEvent } from './page-probe.ts';

/** The page marks every frame so (`performance.mark`). */
export const FRAME_MARK = 'bench-frame';
const TASK = 'ThreadControllerImpl::RunTask';
/** Steps of the rendering pipeline and of V8 that are told apart; the rest of a task is `other`. */
const PARTS: Readonly<Record<string, string>> = {
  FunctionCall: 'script',
  TimerFire: 'script',
  FireAnimationFrame: 'script',
  EventDispatch: 'script',
  RunMicrotasks: 'script',
  UpdateLayoutTree: 'style',
  Layout: 'layout',
  PrePaint: 'paint',
  Paint: 'paint',
  Layerize: 'paint',
  Commit: 'commit',
  MinorGC: 'gc',
  MajorGC: 'gc',
};

export interface FrameCosts {
  /** CPU time of the page's main thread between one frame mark and the next, milliseconds. */
  readonly frameMs: readonly number[];
  /** The same by what it was spent on, milliseconds per second. */
  readonly msPerS: ReadonlyMap<string, number>;
  /** Tasks of more than 50 ms of wall time. */
  readonly longTasks: readonly { readonly ms: number; readonly cpuMs: number; readonly of: string }[];
}

/** @throws when the trace holds no frames of a page */
export function frameCosts(events: readonly TraceEvent[]): FrameCosts {
  const mark = events.find(({ name }) => name === FRAME_MARK);
  if (mark === undefined) throw new Error('the trace holds no frame of the page');
  const own = events.filter(({ pid, tid }) => pid === mark.pid && tid === mark.tid).sort((a, b) => a.ts - b.ts);
  const marks = own.filter(({ name }) => name === FRAME_MARK).map(({ ts }) => ts);
  // Tasks nest when one runs a loop of its own; the outermost counts.
  const tasks = outermost(own.filter(({ name, ph }) => name === TASK && ph === 'X'));
  const frameMs = marks.slice(1).map(() => 0);
  let frame = 0;
  for (const { ts, tdur = 0 } of tasks) {
    while (frame < frameMs.length && ts >= (marks[frame + 1] as number)) frame++;
    if (frame === frameMs.length) break;
    if (ts >= (marks[frame] as number)) (frameMs[frame] as number) += tdur / 1_000;
  }
  const spanS = ((marks.at(-1) as number) - (marks[0] as number)) / 1e6;
  const msPerS = new Map<string, number>();
  const add = (part: string, micros: number): void => {
    msPerS.set(part, (msPerS.get(part) ?? 0) + micros / 1_000 / spanS);
  };
  for (const { tdur = 0 } of tasks) add('other', tdur);
  for (const [part, micros] of selfTimes(own)) {
    add(part, micros);
    add('other', -micros);
  }
  const longTasks = tasks
    .filter(({ dur = 0 }) => dur > 50_000)
    .map(({ ts, dur = 0, tdur = 0 }) => ({ ms: dur / 1_000, cpuMs: tdur / 1_000, of: longestWithin(own, ts, ts + dur) }));
  return { frameMs, msPerS, longTasks };
}

function outermost(tasks: readonly TraceEvent[]): TraceEvent[] {
  const found: TraceEvent[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const task of tasks) {
    if (task.ts < end) continue;
    found.push(task);
    end = task.ts + (task.dur ?? 0);
  }
  return found;
}

/** CPU time of each part without what other parts within it took, microseconds. */
function selfTimes(own: readonly TraceEvent[]): Map<string, number> {
  const sums = new Map<string, number>();
  const open: { readonly end: number; readonly part: string }[] = [];
  for (const { name, ph, ts, dur = 0, tdur = 0 } of own) {
    const part = PARTS[name];
    if (part === undefined || ph !== 'X') continue;
    while (open.length > 0 && (open.at(-1) as { end: number }).end <= ts) open.pop();
    const outer = open.at(-1);
    sums.set(part, (sums.get(part) ?? 0) + tdur);
    if (outer !== undefined) sums.set(outer.part, (sums.get(outer.part) ?? 0) - tdur);
    open.push({ end: ts + dur, part });
  }
  return sums;
}

/** What took longest in a task, from the outside in as far as one thing takes most of it. */
function longestWithin(own: readonly TraceEvent[], from: number, to: number): string {
  const within = own.filter(({ name, ph, ts, dur = 0 }) => name !== TASK && ph === 'X' && ts >= from && ts + dur <= to);
  const longest = within.toSorted((a, b) => (b.dur ?? 0) - (a.dur ?? 0)).slice(0, 3);
  return longest.map((event) => `${event.name}${placeOf(event)} ${((event.dur ?? 0) / 1_000).toFixed(0)} ms`).join(' › ');
}

function placeOf({ args }: TraceEvent): string {
  const data = args?.['data'] as { functionName?: string; url?: string; lineNumber?: number } | undefined;
  return data?.functionName === undefined ? '' : ` ${data.functionName}:${data.lineNumber ?? ''}`;
}
