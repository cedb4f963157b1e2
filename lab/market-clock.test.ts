import { describe, expect, it } from 'vitest';
import { ManualClock } from '../core/base/manual-clock.ts';
import { MarketClock } from './market-clock.ts';

describe('MarketClock', () => {
  it('runs at its speed, keeps its time when the speed changes, and stops at the end', () => {
    const wall = new ManualClock(5_000);
    const clock = new MarketClock(wall, 1_000_000, 1_100_000, 10);
    wall.advanceBy(1_000);
    expect(clock.read()).toEqual({ now: 1_010_000, jumped: false });
    expect(clock.wallUntil(1_020_000)).toBe(1_000);
    clock.setSpeed(60);
    expect(clock.read().now).toBe(1_010_000);
    wall.advanceBy(500);
    expect(clock.read().now).toBe(1_040_000);
    wall.advanceBy(1_900);
    expect(clock.read().now).toBe(1_100_000);
  });

  it('does not catch up with a machine that slept, and says that its time jumped', () => {
    const wall = new ManualClock(0);
    const clock = new MarketClock(wall, 0, 1e12, 2);
    wall.advanceBy(1_000);
    clock.read();
    wall.advanceBy(8 * 3_600_000);
    expect(clock.read()).toEqual({ now: 2_000, jumped: true });
    wall.advanceBy(1_000);
    expect(clock.read()).toEqual({ now: 4_000, jumped: false });
  });
});
