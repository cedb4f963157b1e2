import { describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  it('fires timers in order of due time, then of creation, each at its own time', () => {
    const clock = new ManualClock(100);
    const fired: [string, number][] = [];
    const note = (name: string) => () => fired.push([name, clock.now()]);
    clock.after(30, note('late'));
    clock.after(10, note('first of two'));
    clock.after(10, note('second of two'));
    clock.every(10, note('period'));
    clock.advanceTo(125);
    expect(fired).toEqual([
      ['first of two', 110],
      ['second of two', 110],
      ['period', 110],
      ['period', 120],
    ]);
    expect(clock.now()).toBe(125);
    clock.advanceBy(5);
    expect(fired.slice(4)).toEqual([
      ['late', 130],
      ['period', 130],
    ]);
  });

  it('fires what a task arms within the same step, and not what it cancels', () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    const cancelOther = clock.after(20, () => fired.push('cancelled'));
    clock.after(10, () => {
      cancelOther();
      fired.push('outer');
      clock.after(5, () => fired.push(`inner at ${clock.now()}`));
      clock.after(0, () => fired.push(`at once at ${clock.now()}`));
    });
    clock.advanceTo(30);
    expect(fired).toEqual(['outer', 'at once at 10', 'inner at 15']);
  });

  it('lets a periodic task cancel itself', () => {
    const clock = new ManualClock();
    let runs = 0;
    const cancel = clock.every(10, () => {
      if (++runs === 2) cancel();
    });
    clock.advanceTo(100);
    expect(runs).toBe(2);
  });

  it('may be advanced by a task, and never runs backwards', () => {
    const clock = new ManualClock();
    const seen: number[] = [];
    clock.after(10, () => clock.advanceTo(50));
    clock.after(20, () => seen.push(clock.now()));
    clock.advanceTo(15);
    expect(seen).toEqual([20]);
    expect(clock.now()).toBe(50);
    clock.advanceTo(40);
    expect(clock.now()).toBe(50);
  });

  it('fires a timer that is due already on the next step, without moving time back', () => {
    const clock = new ManualClock(100);
    const seen: number[] = [];
    clock.after(-50, () => seen.push(clock.now()));
    expect(seen).toEqual([]);
    clock.advanceTo(100);
    expect(seen).toEqual([100]);
  });

  it('refuses a period that would never end', () => {
    const clock = new ManualClock();
    for (const period of [0, -1, Number.NaN]) expect(() => clock.every(period, () => {})).toThrow(RangeError);
  });
});
