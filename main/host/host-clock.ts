import type { Cancel, Clock, EpochMs } from '../../core/base/clock.ts';

interface Timer {
  dueAt: EpochMs;
  readonly periodMs: number | undefined;
  readonly task: () => void;
  handle: NodeJS.Timeout | undefined;
}

/** Node's timers overflow beyond 2^31 − 1 ms and then fire at once; longer waits are slept in parts. */
const LONGEST_SLEEP_MS = 2_000_000_000;

/** How fast the machine's clock runs while a step back of the system time is worked off. */
const SLEWED_RATE = 0.9;
/** Differences between the machine's clock and the system time up to this are left alone. */
const DRIFT_MS = 20;

/**
 * Real timers on any time line that advances evenly against the wall: the machine's own (rate 1),
 * or the practice market's (rate 1–60). Never runs backwards, except when `set`. Re-anchoring re-arms every pending timer.
 */
export class HostClock implements Clock {
  readonly #monotonicMs: () => number;
  readonly #timers = new Set<Timer>();
  #anchorMarket: EpochMs;
  #anchorMonotonic: number;
  #rate: number;
  #last: EpochMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: { startAt: EpochMs; rate: number; monotonicMs?: () => number }) {
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#anchorMarket = options.startAt;
    this.#anchorMonotonic = this.#monotonicMs();
    this.#rate = options.rate;
  }

  get rate(): number {
    return this.#rate;
  }

  now(): EpochMs {
    const time = Math.floor(this.#exact());
    if (time > this.#last) this.#last = time;
    return this.#last;
  }

  /**
   * Says that it is `time` now, even when that is earlier: for the first word of a venue to a clock that ran by the
   * machine until then. Pending timers keep what is left of their delays.
   */
  set(time: EpochMs, rate: number): void {
    const jump = time - this.#exact();
    for (const timer of this.#timers) timer.dueAt += jump;
    this.#last = Number.NEGATIVE_INFINITY;
    this.anchor(time, rate);
  }

  /** Says that it is `marketTime` now and how fast time passes from here on. An earlier time makes the clock stand still until then. */
  anchor(marketTime: EpochMs, rate: number): void {
    this.#anchorMarket = marketTime;
    this.#anchorMonotonic = this.#monotonicMs();
    this.#rate = rate;
    for (const timer of this.#timers) {
      clearTimeout(timer.handle);
      this.#arm(timer);
    }
  }

  after(delayMs: number, task: () => void): Cancel {
    return this.#add({ dueAt: this.now() + delayMs, periodMs: undefined, task, handle: undefined });
  }

  every(periodMs: number, task: () => void): Cancel {
    if (!(periodMs > 0)) throw new RangeError(`period must be positive, got ${periodMs}`);
    return this.#add({ dueAt: this.now() + periodMs, periodMs, task, handle: undefined });
  }

  /** Forgets every timer: nothing fires any more. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer.handle);
    this.#timers.clear();
  }

  #exact(): number {
    return this.#anchorMarket + (this.#monotonicMs() - this.#anchorMonotonic) * this.#rate;
  }

  #add(timer: Timer): Cancel {
    if (this.#closed) return () => {};
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      clearTimeout(timer.handle);
      this.#timers.delete(timer);
    };
  }

  #arm(timer: Timer): void {
    const wallDelay = Math.max(0, (timer.dueAt - this.#exact()) / this.#rate);
    timer.handle = setTimeout(() => this.#fire(timer), Math.min(wallDelay, LONGEST_SLEEP_MS));
  }

  #fire(timer: Timer): void {
    const now = this.now();
    // A timer may wake a little early (rounding of the scaled delay, or a sleep in parts).
    if (this.#exact() < timer.dueAt) {
      this.#arm(timer);
      return;
    }
    if (timer.periodMs === undefined) this.#timers.delete(timer);
    else {
      timer.dueAt += timer.periodMs;
      if (timer.dueAt <= now) timer.dueAt = now + timer.periodMs - ((now - timer.dueAt) % timer.periodMs);
      this.#arm(timer);
    }
    timer.task();
  }
}

/**
 * The machine's clock. A step of the system time forward is followed within a second. A step back is worked off slowly:
 * to stand still until the system time has caught up would hold every timer of the desk meanwhile.
 */
export function createSystemClock(): HostClock {
  const clock = new HostClock({ startAt: Date.now(), rate: 1 });
  clock.every(1_000, () => {
    const behind = Date.now() - clock.now();
    if (behind > DRIFT_MS) clock.anchor(Date.now(), 1);
    else if (behind < -DRIFT_MS) {
      if (clock.rate === 1) clock.anchor(clock.now(), SLEWED_RATE);
    } else if (clock.rate !== 1) clock.anchor(clock.now(), 1);
  });
  return clock;
}
