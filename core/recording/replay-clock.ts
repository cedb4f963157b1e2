import type { Cancel, Clock, EpochMs } from '../base/clock.ts';

interface Timer {
  dueAt: EpochMs;
  readonly periodMs: number | undefined;
  readonly task: () => void;
}

/**
 * The market time of a replay. It stands still but for the engine, which fires timers and delivers events in one order
 * whatever the wall does: by time, timers before events, timers that are due together in the order of their creation.
 * No run of a periodic timer is ever skipped.
 */
export class ReplayClock implements Clock {
  #now: EpochMs;
  /** In order of creation. */
  readonly #timers = new Set<Timer>();
  #awaited = 0;

  constructor(startAt: EpochMs) {
    this.#now = startAt;
  }

  now(): EpochMs {
    return this.#now;
  }

  /** When the next timer is due; Infinity without one. */
  get nextDue(): EpochMs {
    return this.#next()?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  /** Single timers run so far: who waited for one goes on in a promise's own time. */
  get awaited(): number {
    return this.#awaited;
  }

  after(delayMs: number, task: () => void): Cancel {
    return this.#add({ dueAt: this.#now + Math.max(0, delayMs), periodMs: undefined, task });
  }

  every(periodMs: number, task: () => void): Cancel {
    if (!(periodMs > 0)) throw new RangeError(`period must be positive, got ${periodMs}`);
    return this.#add({ dueAt: this.#now + periodMs, periodMs, task });
  }

  /** Moves to the next timer's time and runs it. */
  fireNext(): void {
    const timer = this.#next();
    if (timer === undefined) return;
    this.moveTo(timer.dueAt);
    if (timer.periodMs === undefined) {
      this.#timers.delete(timer);
      this.#awaited++;
    } else timer.dueAt += timer.periodMs;
    timer.task();
  }

  /** Time never runs back; the caller has fired what was due before `time`. */
  moveTo(time: EpochMs): void {
    if (time > this.#now) this.#now = time;
  }

  /** Forgets every timer. */
  close(): void {
    this.#timers.clear();
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.dueAt < next.dueAt) next = timer;
    return next;
  }

  #add(timer: Timer): Cancel {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}
