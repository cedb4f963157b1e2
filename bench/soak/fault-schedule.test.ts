import { expect, it } from 'vitest';
import { MOMENTS, parseFault, SPELLS } from '../../lab/faults/fault.ts';
import { faultSchedule } from './fault-schedule.ts';

const options = { seed: 3, venues: ['binance', 'mexc'], everyMs: 5_000, untilMs: 1_800_000, speed: 20 };

it('fills the time with faults of every kind that the lab can read, on every venue', () => {
  const faults = faultSchedule(options);
  const read = faults.map(({ text }) => {
    const fault = parseFault(text, 1_000, options.venues);
    if (!fault.ok) throw new Error(fault.error.message);
    return fault.value;
  });
  expect(new Set(read.map(({ kind }) => kind))).toEqual(new Set([...MOMENTS, ...SPELLS, 'close-at']));
  expect(new Set(read.map(({ venue }) => venue))).toEqual(new Set(options.venues));
  expect(faults.length).toBeGreaterThan(250);
  expect(faults.length).toBeLessThan(450);
  expect(Math.max(...faults.map(({ endsMs }) => endsMs))).toBeLessThanOrEqual(options.untilMs);
  read.forEach(({ durationMs }, i) => {
    const { atMs, endsMs } = faults[i] as (typeof faults)[number];
    expect(durationMs).toBeCloseTo(20 * (endsMs - atMs), 0);
  });
});

it('is the same for the same seed', () => {
  expect(faultSchedule(options)).toEqual(faultSchedule(options));
  expect(faultSchedule({ ...options, seed: 4 })).not.toEqual(faultSchedule(options));
});
