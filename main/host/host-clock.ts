import type { Cancel, Clock, EpochMs } from '../../core/base/clock.ts';

interface Timer {
  dueAt: EpochMs;
  readonly periodMs: number | undefined;
  readonly task: () => void;
  handle: NodeJS.Timeout | undefined;
}

/** Node's timers overflow beyond 2^31 − 1 ms and then fire at once; longer waits are slept in parts. */
const LONGEST_SLEEP_MS = 2_000_000_000;

/**
 * Real timers on any time line that advances evenly against the wall: the machine's own (rate 1),
 * or the practice market's (rate 1–60). Never runs backwards. Re-anchoring re-arms every pending timer.
 */
export class HostClock implements Clock {
  readonly #monotonicMs: () => number;
  readonly #timers = new Set<Timer>();
  #anchorMarket: EpochMs;
  #anchorMonotonic: number;
  #rate: number;
  #last: EpochMs = Number.NEGATIVE_INFINITY;

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
    const time = Math.floor(this.#anchorMarket + (this.#monotonicMs() - this.#anchorMonotonic) * this.#rate);
    if (time > this.#last) this.#last = time;
    return this.#last;
  }

  /** Says that it is `marketTime` now and how fast time passes from here on. */
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
    for (const timer of this.#timers) clearTimeout(timer.handle);
    this.#timers.clear();
  }

  #add(timer: Timer): Cancel {
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      clearTimeout(timer.handle);
      this.#timers.delete(timer);
    };
  }

  #arm(timer: Timer): void {
    const wallDelay = Math.max(0, (timer.dueAt - this.now()) / this.#rate);
    timer.handle = setTimeout(() => this.#fire(timer), Math.min(wallDelay, LONGEST_SLEEP_MS));
  }

  #fire(timer: Timer): void {
    const now = this.now();
    // A timer may wake a little early (rounding of the scaled delay, or a sleep in parts).
    if (now < timer.dueAt) {
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

/** The machine's clock. Steps of the system time are followed within a second. */
export function createSystemClock(): HostClock {
  const clock = new HostClock({ startAt: Date.now(), rate: 1 });
  clock.every(1_000, () => {
    const drift = Date.now() - clock.now();
    if (Math.abs(drift) > 20) clock.anchor(Date.now(), 1);
  });
  return clock;
}
