import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock, HostClock } from './host-clock.ts';

const DAY = 86_400_000;
const TOO_LONG_FOR_NODE = 2 ** 31;

let clocks: HostClock[] = [];

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => {
  for (const clock of clocks) clock.close();
  clocks = [];
  vi.useRealTimers();
});

function clockAt(startAt: number, rate: number): HostClock {
  const clock = new HostClock({ startAt, rate });
  clocks.push(clock);
  return clock;
}

describe('HostClock', () => {
  it('advances at its rate, in whole milliseconds', () => {
    const clock = clockAt(500_000, 60);
    vi.advanceTimersByTime(10);
    expect(clock.now()).toBe(500_600);
    const slow = new HostClock({ startAt: 0, rate: 1, monotonicMs: () => performance.now() * 1.0001 });
    vi.advanceTimersByTime(7);
    expect(Number.isInteger(slow.now())).toBe(true);
  });

  it('scales delays and periods', () => {
    const clock = clockAt(0, 10);
    const fired: [string, number][] = [];
    clock.after(1_000, () => fired.push(['once', clock.now()]));
    clock.every(400, () => fired.push(['again', clock.now()]));
    vi.advanceTimersByTime(99);
    expect(fired.map(([name]) => name)).toEqual(['again', 'again']);
    vi.advanceTimersByTime(1);
    expect(fired.at(-1)).toEqual(['once', 1_000]);
    vi.advanceTimersByTime(20);
    expect(fired.slice(-1)).toEqual([['again', 1_200]]);
  });

  it('re-arms what is pending when time is re-anchored or its speed changes', () => {
    const clock = clockAt(0, 1);
    const fired: number[] = [];
    clock.after(60_000, () => fired.push(clock.now()));
    clock.anchor(0, 60);
    vi.advanceTimersByTime(999);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual([60_000]);

    clock.after(1_000, () => fired.push(clock.now()));
    clock.anchor(70_000, 1);
    vi.advanceTimersByTime(1);
    expect(fired).toHaveLength(2);
  });

  it('stands still, and never runs backwards, when it is told an earlier time', () => {
    const clock = clockAt(10_000, 1);
    const fired: number[] = [];
    clock.after(50, () => fired.push(clock.now()));
    expect(clock.now()).toBe(10_000);
    clock.anchor(9_900, 1);
    const seen: number[] = [];
    for (let i = 0; i < 12; i++) {
      vi.advanceTimersByTime(10);
      seen.push(clock.now());
    }
    expect(seen).toEqual([10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_010, 10_020]);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(30);
    expect(fired).toEqual([10_050]);
  });

  it('does not wake over and over while it stands still', () => {
    const clock = clockAt(10_000, 1);
    clock.after(1, () => {});
    expect(clock.now()).toBe(10_000);
    clock.anchor(5_000, 1);
    const armed = vi.spyOn(globalThis, 'setTimeout');
    vi.advanceTimersByTime(4_000);
    expect(armed.mock.calls.length).toBeLessThan(3);
  });

  it('can be set back once, and pending timers keep what is left of their delays', () => {
    const clock = clockAt(10_000_000, 1);
    const fired: number[] = [];
    expect(clock.now()).toBe(10_000_000);
    clock.after(100, () => fired.push(clock.now()));
    clock.set(6_400_000, 1);
    expect(clock.now()).toBe(6_400_000);
    vi.advanceTimersByTime(100);
    expect(fired).toEqual([6_400_100]);
  });

  it('skips periods that it slept through, and keeps to the grid of the others', () => {
    let monotonic = 0;
    const clock = new HostClock({ startAt: 0, rate: 1, monotonicMs: () => monotonic });
    clocks.push(clock);
    const fired: number[] = [];
    clock.every(100, () => fired.push(clock.now()));
    // The process is suspended: the clock has moved on by 1,050 ms when its timer comes.
    monotonic = 1_050;
    vi.advanceTimersByTime(100);
    expect(fired).toEqual([1_050]);
    monotonic = 1_100;
    vi.advanceTimersByTime(50);
    expect(fired).toEqual([1_050, 1_100]);
  });

  it('waits longer than Node can sleep', () => {
    const clock = clockAt(0, 1);
    let fired = 0;
    const delay = TOO_LONG_FOR_NODE + 5 * DAY;
    clock.after(delay, () => fired++);
    vi.advanceTimersByTime(1_000);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(delay - 1_001);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
  });

  it('cancels, and once closed fires nothing and takes nothing new', () => {
    const clock = clockAt(0, 1);
    const fired: string[] = [];
    const cancel = clock.after(10, () => fired.push('cancelled'));
    clock.every(10, () => fired.push('period'));
    cancel();
    vi.advanceTimersByTime(10);
    clock.close();
    clock.after(1, () => fired.push('late'));
    clock.every(1, () => fired.push('late'));
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual(['period']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses a period that is not above zero', () => {
    expect(() => clockAt(0, 1).every(0, () => {})).toThrow(RangeError);
  });
});

describe('the system clock', () => {
  function systemClock(): HostClock {
    const clock = createSystemClock();
    clocks.push(clock);
    return clock;
  }

  it('follows a step forward within a second', () => {
    const clock = systemClock();
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(1_000);
    expect(clock.now()).toBe(Date.now());
  });

  it('goes on through a step back of an hour: timers fire, time moves, and in the end it agrees again', () => {
    const clock = systemClock();
    const before = clock.now();
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(1_000);
    let fired = 0;
    const startedAt = performance.now();
    clock.after(1_000, () => fired++);
    vi.advanceTimersByTime(1_200);
    expect(fired).toBe(1);
    expect(clock.now()).toBeGreaterThan(before + 1_000 + 0.8 * (performance.now() - startedAt));

    vi.advanceTimersByTime(36_100_000);
    expect(Math.abs(Date.now() - clock.now())).toBeLessThanOrEqual(21);
    expect(clock.rate).toBe(1);
  });
});
