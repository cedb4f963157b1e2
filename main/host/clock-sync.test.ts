import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { keepInSync, syncClock } from './clock-sync.ts';
import { HostClock } from './host-clock.ts';

const down = fail('VENUE_UNREACHABLE', 'no answer');

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

/** A venue whose time is `ahead` of the wall and whose answers take these round trips; it stamps them half-way. */
function venue(ahead: number, roundTrips: readonly (number | 'down')[], rate = 1) {
  const started = performance.now();
  let asked = 0;
  const time = (): number => ahead + (performance.now() - started) * rate;
  return {
    time,
    get asked() {
      return asked;
    },
    async serverTime(): Promise<Result<number>> {
      const trip = roundTrips[asked++ % roundTrips.length] as number | 'down';
      if (trip === 'down') return down;
      await vi.advanceTimersByTimeAsync(trip / 2);
      const stamped = time();
      await vi.advanceTimersByTimeAsync(trip / 2);
      return ok(stamped);
    },
  };
}

describe('syncClock', () => {
  it('sets the clock by the quickest answer, at the speed of the market', async () => {
    const clock = new HostClock({ startAt: 0, rate: 60 });
    const exchange = venue(500_000, [300, 20, 180, 90, 40], 60);
    const correction = await syncClock(clock, () => exchange.serverTime());
    expect(Math.abs(clock.now() - exchange.time())).toBeLessThanOrEqual(1);
    expect(correction).toBeCloseTo(500_000, -1);
    vi.advanceTimersByTime(1_000);
    expect(Math.abs(clock.now() - exchange.time())).toBeLessThanOrEqual(1);
  });

  it('believes the answers that it got when a later one fails', async () => {
    const clock = new HostClock({ startAt: 0, rate: 1 });
    const exchange = venue(70_000, [10, 'down']);
    expect(await syncClock(clock, () => exchange.serverTime())).toBeDefined();
    expect(Math.abs(clock.now() - exchange.time())).toBeLessThanOrEqual(1);
  });

  it('leaves the clock alone without an answer, or with slow ones only', async () => {
    for (const trips of [['down'], [1_500]] as const) {
      const clock = new HostClock({ startAt: 5_000, rate: 1 });
      const exchange = venue(90_000, trips);
      const started = performance.now();
      expect(await syncClock(clock, () => exchange.serverTime())).toBeUndefined();
      expect(clock.now()).toBe(5_000 + Math.floor(performance.now() - started));
    }
  });
});

describe('keepInSync', () => {
  it('sets back a clock that ran by a machine ahead of the venue, instead of standing still for the difference', async () => {
    const clock = new HostClock({ startAt: 3_600_000, rate: 1 });
    const wall = new HostClock({ startAt: 0, rate: 1 });
    const exchange = venue(0, [20]);
    const cancel = await keepInSync(clock, wall, [() => exchange.serverTime()]);
    expect(Math.abs(clock.now() - exchange.time())).toBeLessThanOrEqual(1);
    cancel();
    wall.close();
  });

  it('tries again every half minute, and sets back only with the first answer', async () => {
    const clock = new HostClock({ startAt: 10_000, rate: 1 });
    const wall = new HostClock({ startAt: 0, rate: 1 });
    const exchange = venue(0, ['down', 20, 20, 20, 20, 20, 20, 20, 20, 20, 20]);
    const cancel = await keepInSync(clock, wall, [() => exchange.serverTime()]);
    expect(clock.now()).toBe(10_000);
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.waitFor(() => expect(exchange.asked).toBe(6), { timeout: 60_000 });
    expect(Math.abs(clock.now() - exchange.time())).toBeLessThanOrEqual(1);

    const before = clock.now();
    clock.anchor(before + 500, 1);
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.waitFor(() => expect(exchange.asked).toBe(11), { timeout: 60_000 });
    expect(clock.now()).toBeGreaterThanOrEqual(before + 500);
    cancel();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(exchange.asked).toBe(11);
    wall.close();
  });

  it('goes by the first of the others that answers where the venue of choice is silent or tells no time', async () => {
    for (const preferred of [() => new Promise<never>(() => {}), async () => down]) {
      const clock = new HostClock({ startAt: 0, rate: 1 });
      const wall = new HostClock({ startAt: 0, rate: 1 });
      const time = (): number => 700_000 + performance.now();
      const silent = Array.from({ length: 9 }, () => () => new Promise<never>(() => {}));
      const started = performance.now();
      const syncing = keepInSync(clock, wall, [preferred, ...silent, async () => ok(time())]);
      await vi.advanceTimersByTimeAsync(1_000);
      const cancel = await syncing;
      expect(performance.now() - started).toBeLessThan(3_000);
      expect(Math.abs(clock.now() - time())).toBeLessThanOrEqual(1);
      cancel();
      wall.close();
    }
  });

  it('answers within seconds when nobody does', async () => {
    const clock = new HostClock({ startAt: 5_000, rate: 1 });
    const wall = new HostClock({ startAt: 0, rate: 1 });
    const syncing = keepInSync(
      clock,
      wall,
      Array.from({ length: 11 }, () => () => new Promise<never>(() => {})),
    );
    await vi.advanceTimersByTimeAsync(2_000);
    (await syncing)();
    wall.close();
  });
});
