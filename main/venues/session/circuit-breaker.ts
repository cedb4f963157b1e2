/** Failures in a row after which an endpoint is left alone. */
const FAILURES_TO_OPEN = 5;
const OPEN_FIRST_MS = 2_000;
const OPEN_MAX_MS = 60_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Keeps a failing endpoint from being asked over and over. Closed: requests pass. After five failures in a row open:
 * none pass for 2 s, doubling up to a minute. Then half-open: one passes, and its outcome closes or opens it again. Pure.
 */
export class CircuitBreaker {
  #failures = 0;
  #openUntilMs = Number.NEGATIVE_INFINITY;
  #openings = 0;
  #probing = false;

  state(nowMs: number): BreakerState {
    if (this.#openings === 0) return 'closed';
    return nowMs < this.#openUntilMs ? 'open' : 'half-open';
  }

  /** How long nothing passes; 0 unless open. */
  waitMs(nowMs: number): number {
    return this.#openings === 0 ? 0 : Math.max(0, this.#openUntilMs - nowMs);
  }

  /** True: the request may be made, and its outcome must be told. */
  tryPass(nowMs: number): boolean {
    const state = this.state(nowMs);
    if (state === 'closed') return true;
    if (state === 'open' || this.#probing) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openings = 0;
    this.#probing = false;
  }

  failed(nowMs: number): void {
    this.#failures++;
    if (!this.#probing && (this.#failures < FAILURES_TO_OPEN || this.state(nowMs) === 'open')) return;
    this.#probing = false;
    this.#openUntilMs = nowMs + Math.min(OPEN_MAX_MS, OPEN_FIRST_MS * 2 ** Math.min(this.#openings++, 10));
  }

  /** The request was given up by us: it says nothing about the endpoint. */
  abandoned(): void {
    this.#probing = false;
  }
}
