import { describe, expect, it } from 'vitest';
import { ReplayPace } from './replay-pace.ts';

describe('ReplayPace', () => {
  it('stands still until it plays, then follows the wall at its rate', () => {
    const pace = new ReplayPace(10);
    expect(pace.target(5_000, 1_000)).toBe(1_000);
    pace.play(5_000, 1_000);
    expect(pace.target(5_008, 1_000)).toBe(1_080);
    pace.pause();
    expect(pace.target(9_000, 1_080)).toBe(1_080);
  });

  it('goes at a tenth as exactly as at a thousand', () => {
    const pace = new ReplayPace(0.1);
    pace.play(0, 0);
    let market = 0;
    for (let wall = 8; wall <= 8_000; wall += 8) market = pace.target(wall, market);
    expect(market).toBe(800);
    pace.setRate(1_000, 8_000, market);
    expect(pace.target(8_008, market)).toBe(8_800);
  });

  it('catches up a tenth of a second of the wall, and lets go of what goes beyond it', () => {
    const pace = new ReplayPace(1_000);
    pace.play(0, 0);
    expect(pace.target(50, 0)).toBe(50_000);
    expect(pace.target(90, 20_000)).toBe(90_000);
    expect(pace.target(5_000, 90_000)).toBe(190_000);
    expect(pace.target(5_010, 190_000)).toBe(200_000);
  });

  it('refuses a speed outside 0.1 to 1000', () => {
    for (const rate of [0, 0.05, 1_001, Number.NaN, -1]) expect(() => new ReplayPace(rate)).toThrow(/0.1 to 1000/);
  });
});
