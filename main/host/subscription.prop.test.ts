import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { createSubscription } from './subscription.ts';

/** The bounds that the reader is promised. */
const IN_FLIGHT = { latest: 4, every: 128 };
const PENDING = { latest: 512, every: 2_000 };

interface Sent<T> {
  readonly seq: number;
  readonly gap: boolean;
  readonly event: T;
}

interface Keyed {
  readonly key: number;
  readonly value: number;
}

type Step =
  | { readonly kind: 'push'; readonly key: number; readonly times: number }
  | { readonly kind: 'ack'; readonly share: number }
  | { readonly kind: 'wait'; readonly ms: number };

const steps = (mostKeys: number, mostTimes: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('push' as const),
        key: fc.nat(mostKeys - 1),
        times: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: mostTimes })),
      }),
      fc.record({ kind: fc.constant('ack' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40 }) }),
    ),
    { maxLength: 60 },
  );

function reader<T>(delivery: 'latest' | 'every', options: { keyOf?: (event: T) => number; snapshot?: () => T | undefined } = {}) {
  const wall = new ManualClock(0);
  const sent: Sent<T>[] = [];
  let acked = 0;
  let attached = 0;
  const subscription = createSubscription({
    delivery,
    wall,
    snapshot: options.snapshot ?? (() => undefined),
    keyOf: (event) => options.keyOf?.(event as T) ?? 0,
    attach: () => {
      attached++;
      return () => attached--;
    },
    send: (seq, gap, event) => sent.push({ seq, gap, event: event as T }),
  });
  return {
    wall,
    sent,
    subscription,
    attached: () => attached,
    inFlight: () => sent.length - acked,
    ack(upTo: number): void {
      acked = Math.max(acked, Math.min(upTo, sent.length));
      subscription.ack(upTo);
    },
    /** Acknowledges and waits until nothing comes any more. */
    settle(): void {
      for (let before = -1; before !== sent.length || acked !== sent.length; ) {
        before = sent.length;
        this.ack(sent.length);
        wall.advanceBy(16);
      }
    },
  };
}

describe('a latest subscription', () => {
  /** Reads by the steps; checks after each what must hold at any moment; returns what was pushed last by key. */
  function run(work: readonly Step[], mostKeys: number) {
    const view = reader<Keyed>('latest', { keyOf: (event) => event.key });
    view.subscription.start();
    const newest = new Map<number, number>();
    let value = 0;
    for (const step of work) {
      if (step.kind === 'wait') view.wall.advanceBy(step.ms);
      else if (step.kind === 'ack') view.ack(view.sent.length - Math.floor(view.inFlight() * step.share));
      else {
        for (let i = 0; i < step.times; i++) {
          const key = (step.key + i) % mostKeys;
          newest.set(key, ++value);
          view.subscription.push({ key, value });
        }
      }
      expect(view.inFlight()).toBeLessThanOrEqual(IN_FLIGHT.latest);
    }
    view.settle();
    expect(view.sent.map((sent) => sent.seq)).toEqual(view.sent.map((_, i) => i + 1));
    const read = new Map<number, number>();
    for (const { event } of view.sent) {
      expect(event.value).toBeGreaterThan(read.get(event.key) ?? 0);
      read.set(event.key, event.value);
    }
    return { view, newest, read };
  }

  it('ends with the newest value of every key, in order, with few on the way', () => {
    fc.assert(
      fc.property(steps(20, 40), (work) => {
        const { view, newest, read } = run(work, 20);
        expect(read).toEqual(newest);
        expect(view.sent.some((sent) => sent.gap)).toBe(false);
      }),
    );
  });

  it('holds a bounded number of keys, and says so when it lost one', () => {
    fc.assert(
      fc.property(steps(3_000, 900), (work) => {
        const { view, newest, read } = run(work, 3_000);
        const lost = [...newest].filter(([key, value]) => read.get(key) !== value);
        if (lost.length > 0) {
          const newestLost = Math.max(...lost.map(([, value]) => value));
          expect(view.sent.some((sent) => sent.gap && sent.event.value > newestLost)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the newest of a flood that nobody reads', () => {
    const view = reader<Keyed>('latest', { keyOf: (event) => event.key });
    view.subscription.start();
    for (let key = 1; key <= 5_000; key++) view.subscription.push({ key, value: key });
    view.wall.advanceBy(1_000);
    expect(view.sent).toHaveLength(IN_FLIGHT.latest);
    view.settle();
    // The first went out at once, before the flood was one.
    const rest = view.sent.slice(1);
    expect(rest.map((sent) => sent.event.key)).toEqual(
      Array.from({ length: PENDING.latest }, (_, i) => 5_000 - PENDING.latest + 1 + i),
    );
    expect(rest.map((sent) => sent.gap)).toEqual(rest.map((_, i) => i === 0));
  });

  it('sends the rest of a frame as fast as it is read, and new frames 16 ms apart', () => {
    const view = reader<Keyed>('latest', { keyOf: (event) => event.key });
    view.subscription.start();
    view.subscription.push({ key: 0, value: 1 });
    expect(view.sent).toHaveLength(1);
    for (let key = 1; key <= 10; key++) view.subscription.push({ key, value: key });
    view.ack(1);
    expect(view.sent).toHaveLength(1);
    view.wall.advanceBy(15);
    expect(view.sent).toHaveLength(1);
    view.wall.advanceBy(1);
    expect(view.sent).toHaveLength(5);
    view.ack(5);
    view.ack(9);
    expect(view.sent).toHaveLength(11);
  });

  it('starts with the snapshot and sends nothing after it was closed', () => {
    const view = reader<Keyed>('latest', { keyOf: (event) => event.key, snapshot: () => ({ key: 7, value: 70 }) });
    view.subscription.start();
    expect(view.sent).toEqual([{ seq: 1, gap: false, event: { key: 7, value: 70 } }]);
    view.subscription.push({ key: 7, value: 71 });
    view.subscription.close();
    view.subscription.push({ key: 8, value: 80 });
    view.ack(1);
    view.wall.advanceBy(1_000);
    expect(view.sent).toHaveLength(1);
    expect(view.attached()).toBe(0);
  });

  it('takes no acknowledgement of what was not sent', () => {
    const view = reader<Keyed>('latest', { keyOf: (event) => event.key });
    view.subscription.start();
    view.subscription.ack(1_000);
    for (let key = 0; key < 20; key++) view.subscription.push({ key, value: key + 1 });
    view.wall.advanceBy(100);
    expect(view.sent).toHaveLength(IN_FLIGHT.latest);
  });
});

describe('an every subscription', () => {
  type Counted = { readonly kind: 'snapshot'; readonly count: number } | { readonly kind: 'event'; readonly number: number };

  it('gives a reader that follows everything exactly once, in order, or a snapshot that stands for what it missed', () => {
    fc.assert(
      fc.property(steps(1, 1_500), (work) => {
        let pushed = 0;
        const view = reader<Counted>('every', { snapshot: () => ({ kind: 'snapshot', count: pushed }) });
        view.subscription.start();
        for (const step of work) {
          if (step.kind === 'wait') view.wall.advanceBy(step.ms);
          else if (step.kind === 'ack') view.ack(view.sent.length - Math.floor(view.inFlight() * step.share));
          else for (let i = 0; i < step.times; i++) view.subscription.push({ kind: 'event', number: ++pushed });
          expect(view.inFlight()).toBeLessThanOrEqual(IN_FLIGHT.every);
        }
        view.settle();
        let state = Number.NaN;
        for (const [i, { seq, gap, event }] of view.sent.entries()) {
          expect(seq).toBe(i + 1);
          expect(gap).toBe(event.kind === 'snapshot' && i > 0);
          if (event.kind === 'event') expect(event.number).toBe(state + 1);
          state = event.kind === 'snapshot' ? event.count : event.number;
        }
        expect(state).toBe(pushed);
      }),
      { numRuns: 60 },
    );
  });

  it('sends nothing but the first window to a reader that never answers, however much comes', () => {
    let pushed = 0;
    const view = reader<number>('every', { snapshot: () => -pushed });
    view.subscription.start();
    for (let i = 0; i < 20_000; i++) view.subscription.push(++pushed);
    expect(view.sent).toHaveLength(IN_FLIGHT.every);
    view.settle();
    expect(view.sent.slice(IN_FLIGHT.every)).toEqual([{ seq: IN_FLIGHT.every + 1, gap: true, event: -20_000 }]);
  });

  it('says that there is a gap even when the stream has no snapshot', () => {
    const view = reader<number>('every');
    view.subscription.start();
    for (let i = 1; i <= IN_FLIGHT.every + PENDING.every + 1; i++) view.subscription.push(i);
    view.settle();
    view.subscription.push(9_999_999);
    view.subscription.push(10_000_000);
    expect(view.sent.slice(-2)).toEqual([
      { seq: IN_FLIGHT.every + 1, gap: true, event: 9_999_999 },
      { seq: IN_FLIGHT.every + 2, gap: false, event: 10_000_000 },
    ]);
  });

  it('sends nothing after it was closed', () => {
    const view = reader<number>('every');
    view.subscription.start();
    view.subscription.close();
    view.subscription.push(1);
    view.subscription.ack(0);
    expect(view.sent).toEqual([]);
    expect(view.attached()).toBe(0);
  });
});
