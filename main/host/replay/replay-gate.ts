import type { SupervisedWorker } from '../../ports/worker-host.ts';
import type { Clock } from '../../../core/base/clock.ts';

/** A worker that says nothing for this long no longer holds the replay. */
const MOST_ANSWER_WALL_MS = 10_000;

/**
 * What a replay waits for: while a service still works on what was delivered, market time stands still. Answers come
 * in the order of their questions, each with everything that follows from it before the next, so that a slow disk
 * changes nothing in what a replay tells.
 */
export class ReplayGate {
  #pending = 0;
  #tail: Promise<unknown> = Promise.resolve();
  #onIdle: () => void = () => {};

  get held(): boolean {
    return this.#pending > 0;
  }

  /** Resolves when nobody works on anything any more. */
  async idle(): Promise<void> {
    do {
      await this.#tail;
      await followed();
    } while (this.held);
  }

  onIdle(listener: () => void): void {
    this.#onIdle = listener;
  }

  /** The answer, in its turn. */
  pass<T>(answer: Promise<T>): Promise<T> {
    this.#pending++;
    const turn = this.#tail.then(
      () => answer,
      () => answer,
    );
    // A macrotask later, everything that the answer set off has run or has asked its own question.
    this.#tail = turn.then(followed, followed).then(() => {
      if (--this.#pending === 0) this.#onIdle();
    });
    return turn;
  }

  /** The same object, whose promises pass through here. Calls that answer at once are left alone. */
  through<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, key) => {
        const value: unknown = Reflect.get(object, key, object);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          const answer: unknown = Reflect.apply(value, object, args);
          return answer instanceof Promise ? this.pass(answer) : answer;
        };
      },
    });
  }

  /** As `through`, for the parts of an object rather than itself. */
  throughParts<T extends object>(whole: T): T {
    const parts = new Map<unknown, object>();
    return new Proxy(whole, {
      get: (object, key) => {
        const part: unknown = Reflect.get(object, key, object);
        if (typeof part === 'function') return (...args: unknown[]): unknown => Reflect.apply(part, object, args);
        if (typeof part !== 'object' || part === null) return part;
        let held = parts.get(part);
        if (held === undefined) parts.set(part, (held = this.through(part)));
        return held;
      },
    });
  }

  /** A worker whose numbered questions hold the replay until they are answered, or it dies. */
  throughWorker(worker: SupervisedWorker, wall: Clock): SupervisedWorker {
    const waiting = new Map<number, () => void>();
    const settleAll = (): void => {
      for (const settle of waiting.values()) settle();
      waiting.clear();
    };
    worker.onChange((change) => {
      if (change === 'down') settleAll();
    });
    return {
      name: worker.name,
      health: () => worker.health(),
      post: (message) => {
        const posted = worker.post(message);
        const requestId = requestIdOf(message);
        if (!posted || requestId === undefined) return posted;
        const answered = new Promise<void>((resolve) => waiting.set(requestId, resolve));
        const cancel = wall.after(MOST_ANSWER_WALL_MS, () => waiting.get(requestId)?.());
        void this.pass(answered).then(cancel);
        return true;
      },
      onMessage: (listener) =>
        worker.onMessage((message) => {
          listener(message);
          const requestId = requestIdOf(message);
          if (requestId === undefined) return;
          waiting.get(requestId)?.();
          waiting.delete(requestId);
        }),
      onChange: (listener) => worker.onChange(listener),
      restart: () => worker.restart(),
      stop: () => worker.stop(),
    };
  }
}

function followed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function requestIdOf(message: unknown): number | undefined {
  const { requestId } = message as { readonly requestId?: unknown };
  return typeof requestId === 'number' ? requestId : undefined;
}
