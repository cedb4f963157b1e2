import type { Cancel, Clock } from '../../core/base/clock.ts';
import type { Delivery } from '../../core/contracts/streams.ts';

/** One display frame: `latest` streams are sent at most this often. */
const FRAME_MS = 16;
/** Events on their way to a reader that has not acknowledged them. */
const MOST_IN_FLIGHT = { latest: 4, every: 128 } as const;
/** Beyond this, an `every` reader is sent a snapshot instead, and a `latest` reader loses its oldest keys. */
const MOST_PENDING = { latest: 512, every: 2_000 } as const;

export interface Subscription {
  start(): void;
  push(event: unknown): void;
  ack(seq: number): void;
  close(): void;
}

interface SubscriptionOptions {
  readonly delivery: Delivery;
  readonly wall: Clock;
  readonly snapshot: () => unknown;
  readonly keyOf: (event: unknown) => number | string;
  readonly attach: (listener: (event: unknown) => void) => Cancel;
  readonly send: (seq: number, gap: boolean, event: unknown) => void;
}

/** Bounded delivery to one reader: memory stays bounded however slow it is, and it is always told of a gap. */
export function createSubscription(options: SubscriptionOptions): Subscription {
  return options.delivery === 'latest' ? createLatest(options) : createEvery(options);
}

function createLatest(options: SubscriptionOptions): Subscription {
  const pending = new Map<number | string, unknown>();
  let seq = 0;
  let acked = 0;
  let gap = false;
  /** A frame did not fit into what may be in flight: its rest follows as the reader acknowledges, without waiting for the next. */
  let behind = false;
  let closed = false;
  let detach: Cancel | undefined;
  let cancelFlush: Cancel | undefined;
  let lastFlushAt = Number.NEGATIVE_INFINITY;

  const flush = (): void => {
    cancelFlush?.();
    cancelFlush = undefined;
    lastFlushAt = options.wall.now();
    behind = false;
    for (const [key, event] of pending) {
      if (seq - acked >= MOST_IN_FLIGHT.latest) {
        behind = true;
        return;
      }
      pending.delete(key);
      options.send(++seq, gap, event);
      gap = false;
    }
  };
  const schedule = (): void => {
    if (cancelFlush !== undefined || pending.size === 0) return;
    const wait = lastFlushAt + FRAME_MS - options.wall.now();
    if (wait <= 0) flush();
    else cancelFlush = options.wall.after(wait, flush);
  };
  const push = (event: unknown): void => {
    if (closed) return;
    const key = options.keyOf(event);
    pending.delete(key);
    pending.set(key, event);
    if (pending.size > MOST_PENDING.latest) {
      pending.delete(pending.keys().next().value as number | string);
      gap = true;
    }
    if (seq - acked < MOST_IN_FLIGHT.latest) schedule();
  };
  return {
    start() {
      const first = options.snapshot();
      if (first !== undefined) push(first);
      detach = options.attach(push);
    },
    push,
    ack(upTo) {
      acked = Math.min(seq, Math.max(acked, upTo));
      if (seq - acked >= MOST_IN_FLIGHT.latest) return;
      if (behind) flush();
      else schedule();
    },
    close() {
      closed = true;
      detach?.();
      cancelFlush?.();
      pending.clear();
    },
  };
}

function createEvery(options: SubscriptionOptions): Subscription {
  let pending: unknown[] = [];
  let seq = 0;
  let acked = 0;
  let needsSnapshot = false;
  /** Events were lost and no snapshot could stand for them. */
  let gap = false;
  let closed = false;
  let detach: Cancel | undefined;

  const drain = (): void => {
    if (needsSnapshot && seq === acked) {
      needsSnapshot = false;
      const snapshot = options.snapshot();
      if (snapshot === undefined) gap = true;
      else options.send(++seq, true, snapshot);
    }
    let sent = 0;
    while (sent < pending.length && seq - acked < MOST_IN_FLIGHT.every) {
      options.send(++seq, gap, pending[sent++]);
      gap = false;
    }
    if (sent > 0) pending = pending.slice(sent);
  };
  const push = (event: unknown): void => {
    if (closed || needsSnapshot) return; // The snapshot to come holds this too.
    pending.push(event);
    if (pending.length > MOST_PENDING.every) {
      pending = [];
      needsSnapshot = true;
    }
    drain();
  };
  return {
    start() {
      const first = options.snapshot();
      if (first !== undefined) push(first);
      detach = options.attach(push);
    },
    push,
    ack(upTo) {
      acked = Math.min(seq, Math.max(acked, upTo));
      drain();
    },
    close() {
      closed = true;
      detach?.();
      pending = [];
    },
  };
}
