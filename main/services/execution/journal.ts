import type { Cancel, Clock } from '../../../core/base/clock.ts';
import type { StoreFailure, Stored } from '../../ports/store.ts';
import { attempt } from './failures.ts';

/** Market time between two attempts to write what already happened. */
const RETRY_MS = 1_000;

export interface Journal {
  /** Runs after everything that was given before; one at a time. */
  enqueue(task: () => Promise<void>): void;
  /**
   * Writes until it succeeds: what the venue did cannot be refused. False when the journal was closed first.
   * `onFailure` is told about each failed attempt.
   */
  persist(write: () => Stored<void>, onFailure: (failure: StoreFailure) => void): Promise<boolean>;
  /** When everything given so far is done. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The order in which events become durable and visible. One queue for all orders: positions depend on the order of fills,
 * and a restart must rebuild them from the journal in that same order.
 */
export function createJournal(clock: Clock, onCrash: (thrown: unknown) => void): Journal {
  let tail: Promise<void> = Promise.resolve();
  let closed = false;
  let wake: (() => void) | undefined;
  let cancelRetry: Cancel | undefined;

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
      cancelRetry = clock.after(RETRY_MS, resolve);
    });
  }

  return {
    enqueue(task) {
      tail = tail.then(task).catch(onCrash);
    },
    async persist(write, onFailure) {
      while (!closed) {
        const written = await attempt(write);
        if (written.ok) return true;
        onFailure(written.error);
        if (!closed) await pause();
      }
      return false;
    },
    settled: () => tail,
    close() {
      closed = true;
      cancelRetry?.();
      wake?.();
      return tail;
    },
  };
}
