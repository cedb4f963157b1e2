/**
 * A venue's request limit as a bucket of `weightPerMinute` that refills evenly, and the times for which the venue asked
 * to be left alone. Pure: the caller tells the time and does the waiting.
 */
export class RateLimiter {
  readonly #perMs: number;
  readonly #capacity: number;
  #available: number;
  #refilledAtMs = Number.NaN;
  #blockedUntilMs = Number.NEGATIVE_INFINITY;

  /** Half of a minute's weight may go at once, so that a burst leaves something for what is urgent a moment later. */
  constructor(weightPerMinute: number) {
    this.#perMs = weightPerMinute / 60_000;
    this.#capacity = weightPerMinute / 2;
    this.#available = this.#capacity;
  }

  /** After a 429 or 418: nothing is sent before that. */
  block(untilMs: number): void {
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, untilMs);
  }

  blockedForMs(nowMs: number): number {
    return Math.max(0, this.#blockedUntilMs - nowMs);
  }

  /**
   * Takes `weight` and returns how long to wait before sending, 0 mostly; undefined, and nothing taken, when that is
   * more than `mostMs`. Reservations queue: each later one waits longer.
   */
  reserve(weight: number, nowMs: number, mostMs: number): number | undefined {
    if (!Number.isNaN(this.#refilledAtMs) && nowMs > this.#refilledAtMs) {
      this.#available = Math.min(this.#capacity, this.#available + (nowMs - this.#refilledAtMs) * this.#perMs);
    }
    if (!(nowMs < this.#refilledAtMs)) this.#refilledAtMs = nowMs;
    const waitMs = Math.max(0, (weight - this.#available) / this.#perMs);
    if (waitMs > mostMs) return undefined;
    this.#available -= weight;
    return waitMs;
  }
}

/** Without a Retry-After header, a rate limit is waited out for this long. */
const DEFAULT_RETRY_AFTER_MS = 10_000;
const MAX_RETRY_AFTER_MS = 3 * 24 * 3_600_000;

/** `Retry-After: 7` or an HTTP date → milliseconds from `nowMs` on. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  const text = header?.trim() ?? '';
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return waitMs > 0 ? Math.min(waitMs, MAX_RETRY_AFTER_MS) : DEFAULT_RETRY_AFTER_MS;
}
