import { promiseHooks } from 'node:v8';

/**
 * Notices that somebody begins to wait: a promise that is made in one step of a replay goes on before the next step, as
 * it would on a market that takes its time. Without that, how far it comes would depend on when a turn happens to end.
 */
export class PromiseWatch {
  #made = false;

  /** Whether a promise was made since the last call. */
  take(): boolean {
    const made = this.#made;
    this.#made = false;
    return made;
  }

  /** Watches while `task`, which must not wait itself, runs. */
  during<T>(task: () => T): T {
    this.#made = false;
    const stop: unknown = promiseHooks.onInit(() => {
      this.#made = true;
    });
    try {
      return task();
    } finally {
      if (typeof stop === 'function') stop();
    }
  }
}
