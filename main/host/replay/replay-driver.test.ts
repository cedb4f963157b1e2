import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { ok } from '../../../core/base/result.ts';
import type { RecordedEvent } from '../../../core/recording/recorded-event.ts';
import { ReplayClock } from '../../../core/recording/replay-clock.ts';
import { ReplayEngine } from '../../../core/recording/replay-engine.ts';
import { ReplayDriver } from './replay-driver.ts';
import { ReplayGate } from './replay-gate.ts';

const FROM = 1_000_000;
const TO = FROM + 120_000;
const open: ReplayDriver[] = [];
afterEach(() => {
  for (const driver of open.splice(0)) driver.close();
});

function eventAt(tsReceived: number): RecordedEvent {
  return { kind: 'state', instrument: 0, tsEvent: tsReceived, tsReceived, state: 'live', reason: '' };
}

/** An event a second from FROM + 1 s to TO. The wall is moved by hand; `settle` lets promises and immediates run. */
async function begin(speed: number, onEvent: (t: number, gate: ReplayGate) => void = () => {}) {
  const clock = new ReplayClock(FROM);
  const wall = new ManualClock();
  const gate = new ReplayGate();
  const events = Array.from({ length: 120 }, (_, i) => eventAt(FROM + (i + 1) * 1_000));
  let read = false;
  const engine = new ReplayEngine({
    clock,
    to: TO,
    gaps: [],
    held: () => gate.held,
    source: {
      next: async () => {
        const batch = read ? undefined : events;
        read = true;
        return ok(batch);
      },
    },
    listener: { onBegin: () => {}, onGap: () => {}, onEvent: ({ tsReceived }) => onEvent(tsReceived, gate) },
  });
  const options = { market: 'SIM', from: FROM, to: TO, gaps: [], speed, clock, engine, gate, wall } as const;
  const driver = new ReplayDriver({ ...options, monotonicMs: () => wall.now() });
  open.push(driver);
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  const run = async (wallMs: number): Promise<void> => {
    for (let passed = 0; passed < wallMs; passed += 8) {
      wall.advanceBy(Math.min(8, wallMs - passed));
      await settle();
    }
  };
  await driver.begin(false, () => {});
  return { driver, clock, engine, wall, gate, run, settle };
}

describe('ReplayDriver', () => {
  it('waits until it is played, keeps the pace, pauses, and says when it has ended', async () => {
    const { driver, clock, run } = await begin(10);
    await run(1_000);
    expect(driver.status()).toMatchObject({ state: 'paused', t: FROM, eventsDelivered: 0 });
    driver.control({ action: 'play' });
    await run(1_000);
    expect(clock.now()).toBe(FROM + 10_000);
    driver.control({ action: 'pause' });
    await run(1_000);
    expect(driver.status()).toMatchObject({ state: 'paused', t: FROM + 10_000, eventsDelivered: 10 });
    driver.control({ action: 'speed', speed: 1_000 });
    driver.control({ action: 'play' });
    await run(160);
    expect(driver.status()).toMatchObject({ state: 'ended', t: TO, eventsDelivered: 120 });
  });

  it('steps by an event, a second and a minute', async () => {
    const { driver, settle } = await begin(1);
    for (const [by, t, eventsDelivered] of [
      ['event', FROM + 1_000, 1],
      ['1s', FROM + 2_000, 2],
      ['event', FROM + 3_000, 3],
      ['1m', FROM + 63_000, 63],
    ] as const) {
      driver.control({ action: 'step', by });
      await settle();
      expect(driver.status()).toMatchObject({ state: 'paused', t, eventsDelivered });
    }
  });

  it('stands still while somebody works on what was delivered, however long that takes', async () => {
    let release = (): void => {};
    const { driver, clock, run } = await begin(1_000, (t, gate) => {
      if (t !== FROM + 5_000) return;
      const work = new Promise<void>((resolve) => {
        release = resolve;
      });
      void gate.pass(work);
    });
    driver.control({ action: 'play' });
    await run(500);
    expect(clock.now()).toBe(FROM + 5_000);
    release();
    await run(96);
    expect(clock.now()).toBeGreaterThan(FROM + 50_000);
  });
});

describe('ReplayGate', () => {
  it('gives answers in the order of the questions, each with all that follows before the next', async () => {
    const gate = new ReplayGate();
    const told: string[] = [];
    let answerFirst = (_value: string): void => {};
    const store = gate.through({
      slow: () => new Promise<string>((resolve) => (answerFirst = resolve)),
      quick: async () => 'quick',
      size: () => 3,
    });
    expect(store.size()).toBe(3);
    expect(gate.held).toBe(false);
    const first = store.slow().then(async (value) => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      told.push(value);
      await store.quick();
      told.push('asked by slow');
    });
    const second = store.quick().then((value) => told.push(value));
    await Promise.resolve();
    answerFirst('slow');
    await Promise.all([first, second]);
    expect(told).toEqual(['slow', 'quick', 'asked by slow']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(gate.held).toBe(false);
  });

  it('lets time go on when an answer fails', async () => {
    const gate = new ReplayGate();
    const failed = gate.pass(Promise.reject(new Error('no')));
    await expect(failed).rejects.toThrow('no');
    expect(await gate.pass(Promise.resolve(1))).toBe(1);
  });
});
