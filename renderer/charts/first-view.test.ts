import { describe, expect, it } from 'vitest';
import { formatCandleTime } from './candle-time.ts';
import { firstView } from './first-view.ts';

describe('firstView', () => {
  it('shows the newest bars of a long series and room after them', () => {
    expect(firstView(600, 24)).toEqual({ from: 440, to: 624 });
  });

  it('lets a short series fill the width', () => {
    const { from, to } = firstView(40, 24);
    expect(from).toBeGreaterThanOrEqual(-1);
    expect(to).toBe(46);
  });
});

describe('formatCandleTime', () => {
  const time = Date.UTC(2020, 3, 26, 13, 5, 9);
  it('is as fine as the timeframe', () => {
    expect(formatCandleTime(time, 1_000)).toBe('2020-04-26 13:05:09 UTC');
    expect(formatCandleTime(time, 60_000)).toBe('2020-04-26 13:05 UTC');
    expect(formatCandleTime(time, 86_400_000)).toBe('2020-04-26 UTC');
  });
});
