import { expect, it } from 'vitest';
import { compareTrades, holeOf, missingIds, toldOf } from './trade-check.ts';

const trade = (time: number, price = 200, quantity = 1) => ({ time, price, quantity });

it('tells what is missing and what is too much between the first and the last stored trade', () => {
  const had = [trade(1), trade(2), trade(3), trade(3), trade(4, 201), trade(5), trade(6), trade(9)];
  expect(compareTrades([trade(2), trade(3), trade(3), trade(4, 201), trade(5), trade(6)], had)).toEqual({
    stored: 6,
    had: 4,
    missing: [],
    extra: 0,
  });
  expect(compareTrades([trade(2), trade(3), trade(4, 202), trade(6)], had)).toMatchObject({ missing: [3, 4, 5], extra: 1 });
});

it('counts the ids that are missing from a contiguous run', () => {
  expect(missingIds([])).toBe(0);
  expect(missingIds([7, 5, 6, 6])).toBe(0);
  expect(missingIds([5, 9, 8])).toBe(2);
});

it('knows which missing trades lie in a hole that was told of', () => {
  expect(toldOf([30, 40, 90], [{ from: 20 }], [10, 20, 50, 100])).toBe(2);
  expect(toldOf([30, 40, 70, 90], [{ from: 20, to: 75 }], [10, 20, 50, 100])).toBe(3);
  expect(toldOf([30], [], [10, 50])).toBe(0);
});

it('reads the holes that the desk tells of', () => {
  expect(holeOf('trades from 1970-01-01T00:00:00.140Z to 1970-01-01T00:00:00.800Z may be missing: why')).toEqual({
    from: 140,
    to: 800,
  });
  expect(holeOf('trades after 1970-01-01T00:00:00.140Z may be missing: why')).toEqual({ from: 140 });
  expect(holeOf('3 trades missed (ids 1–3)')).toBeUndefined();
});
