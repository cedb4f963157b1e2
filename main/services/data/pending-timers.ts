import type { Clock } from '../../../core/base/clock.ts';

/** The timers of something that ends: none of them outlives it. */
export class PendingTimers {
  readonly #cancels = new Set<() => void>();
  #closed = false;

  after(clock: Clock, delayMs: number, task: () => void): void {
    if (this.#closed) return;
    const cancel = clock.after(delayMs, () => {
      this.#cancels.delete(cancel);
      task();
    });
    this.#cancels.add(cancel);
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
