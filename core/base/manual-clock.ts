import type { Cancel, Clock, EpochMs } from './clock.ts';

interface Timer {
  dueAt: EpochMs;
  readonly periodMs: number | undefined;
  readonly task: () => void;
}

/** A clock that moves only when told to: for tests and replay. Timers fire in order of due time, then of creation. */
export class ManualClock implements Clock {
  #now: EpochMs;
  readonly #timers = new Set<Timer>();

  constructor(startMs: EpochMs = 0) {
    this.#now = startMs;
  }

  now(): EpochMs {
    return this.#now;
  }

  /** Timers that are still to fire. */
  get timerCount(): number {
    return this.#timers.size;
  }

  after(delayMs: number, task: () => void): Cancel {
    return this.#add({ dueAt: this.#now + delayMs, periodMs: undefined, task });
  }

  every(periodMs: number, task: () => void): Cancel {
    if (!(periodMs > 0)) throw new RangeError(`period must be positive, got ${periodMs}`);
    return this.#add({ dueAt: this.#now + periodMs, periodMs, task });
  }

  /** Moves time forward, firing every timer that comes due on the way. */
  advanceTo(time: EpochMs): void {
    for (;;) {
      let next: Timer | undefined;
      for (const timer of this.#timers) {
        if (timer.dueAt <= time && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
      }
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.dueAt);
      if (next.periodMs === undefined) this.#timers.delete(next);
      else next.dueAt += next.periodMs;
      next.task();
    }
    this.#now = Math.max(this.#now, time);
  }

  advanceBy(durationMs: number): void {
    this.advanceTo(this.#now + durationMs);
  }

  #add(timer: Timer): Cancel {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}
