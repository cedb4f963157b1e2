import { describe, expect, it } from 'vitest';
import { fieldOfTime, gapEnd, gapStretches, recordedStretches, timeOfField } from './timeline.ts';

const gaps = [
  { from: 1_200, to: 1_300 },
  { from: 1_900, to: 2_500 },
];

describe('the replay timeline', () => {
  it('places gaps within the interval', () => {
    expect(gapStretches({ from: 1_000, to: 2_000, gaps })).toEqual([
      { leftPct: 20, widthPct: 10 },
      { leftPct: 90, widthPct: 10 },
    ]);
    expect(gapStretches({ from: 1_300, to: 1_900, gaps })).toEqual([]);
  });

  it('knows where a gap ends', () => {
    expect([1_199, 1_200, 1_299, 1_300].map((t) => gapEnd({ gaps, t }))).toEqual([undefined, 1_300, 1_300, undefined]);
  });

  it('lists what was recorded without a break, newest first', () => {
    expect(recordedStretches({ from: 1_000, to: 3_000, gaps })).toEqual([
      { from: 2_500, to: 3_000 },
      { from: 1_300, to: 1_900 },
      { from: 1_000, to: 1_200 },
    ]);
  });

  it('writes times as a field holds them and reads them back', () => {
    const t = Date.parse('2020-04-26T10:20:30Z');
    expect(fieldOfTime(t)).toBe('2020-04-26T10:20:30');
    expect(timeOfField(fieldOfTime(t))).toBe(t);
    expect(timeOfField('soon')).toBeUndefined();
  });
});
