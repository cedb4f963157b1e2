import type { Fault } from '../../lab/faults/fault.ts';
import { RANDOM_EVERY_MS, randomFaults } from '../../lab/faults/random.ts';

/** A fault that the lab is told of at a wall time, as `POST /lab/fault` takes it. */
export interface DueFault {
  /** Wall milliseconds after the start of the soak. */
  readonly atMs: number;
  /** Wall milliseconds after the start at which it is over. */
  readonly endsMs: number;
  readonly text: string;
}

export interface FaultScheduleOptions {
  readonly seed: number;
  readonly venues: readonly string[];
  /** Wall milliseconds from one to the next, in the mean. */
  readonly everyMs: number;
  /** No fault goes on after this wall time. */
  readonly untilMs: number;
  /** Market seconds per wall second. */
  readonly speed: number;
}

/**
 * The lab's own random script, its times read as wall times: at 20× a silence of 20 s is one of 400 market seconds, so that whatever
 * counts wall time (silence, back-off, a held connection) has something to do. A clock's skew stays in market time.
 */
export function faultSchedule({ seed, venues, everyMs, untilMs, speed }: FaultScheduleOptions): DueFault[] {
  const count = Math.ceil((3 * untilMs) / everyMs) + 10;
  return randomFaults(count, seed, 0, venues)
    .map((fault) => {
      const atMs = (fault.at * everyMs) / RANDOM_EVERY_MS;
      return { atMs, endsMs: atMs + fault.durationMs, text: textOf(fault, speed) };
    })
    .filter(({ endsMs }) => endsMs <= untilMs);
}

/** As `parseFault` reads it, beginning now. */
function textOf({ kind, venue, durationMs, byMs, count }: Fault, speed: number): string {
  const prefix = venue === undefined ? '' : `${venue}:`;
  if (kind === 'close-at') return `${prefix}close-at:${count}`;
  const by = byMs === undefined ? '' : ` by ${byMs}ms`;
  const lasts = durationMs === 0 ? '' : ` for ${Math.round(durationMs * speed)}ms`;
  return `${prefix}${kind}@0s${by}${lasts}`;
}
