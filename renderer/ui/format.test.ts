import { describe, expect, it } from 'vitest';
import {
  decimalsOf,
  formatAge,
  formatBytes,
  formatClock,
  formatCompact,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatReturn,
  formatShare,
  formatSigned,
} from './format.ts';

describe('format', () => {
  it('groups, rounds and never shows a negative zero', () => {
    expect(formatNumber(12345.678, 2)).toBe('12,345.68');
    expect(formatNumber(-0.004, 2)).toBe('0.00');
    expect(formatNumber(Number.NaN, 2)).toBe('–');
  });

  it('signs what is not zero on screen', () => {
    expect(formatSigned(1234.5, 2)).toBe('+1,234.50');
    expect(formatSigned(-1.005, 1)).toBe('−1.0');
    expect(formatSigned(0.001, 2)).toBe('0.00');
    expect(formatReturn(0.00123)).toBe('+0.123 %');
  });

  it('shortens to three digits', () => {
    expect(['0', '0.50', '12.3', '999', '1.00k', '45.6M', '7.00B', '-1.50k']).toEqual(
      [0, 0.5, 12.34, 999, 1000, 45_600_000, 7e9, -1500].map(formatCompact),
    );
  });

  it('reads decimals off a step', () => {
    expect(['0.01', '0.0001', '1', '0.10', '1.00'].map(decimalsOf)).toEqual([2, 4, 0, 1, 0]);
  });

  it('tells times and sizes', () => {
    const t = Date.UTC(2020, 3, 26, 13, 5, 9);
    expect(formatClock(t)).toBe('13:05:09');
    expect(formatDateTime(t)).toBe('04-26 13:05:09');
    expect([41, 125, 7500, 273_600].map(formatDuration)).toEqual(['41 s', '2 min 5 s', '2 h 5 min', '3 d 4 h']);
    expect([450.4, 1234, 90_000].map(formatAge)).toEqual(['450 ms', '1.2 s', '1 min 30 s']);
    expect([512, 2048, 5_242_880, 3_221_225_472].map(formatBytes)).toEqual(['512 B', '2 kB', '5.0 MB', '3.00 GB']);
    expect(formatShare(0.1234)).toBe('12.3 %');
  });
});
