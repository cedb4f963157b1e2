import { describe, expect, it } from 'vitest';
import type { Annotation } from '../../../core/contracts/annotations.ts';
import { spansOf } from './training-data.ts';
import { annotation, MINUTE } from './training-desk.fixture.ts';

describe('spans of history', () => {
  it('cover each entry with a day before it and each exit with hours after it, merged and not beyond the present', () => {
    const long: Annotation = {
      ...annotation('long', 10_000),
      timeframe: '1h',
      entry: { time: 200 * 60 * MINUTE, price: 200 },
      exit: { time: 400 * 60 * MINUTE, price: 210 },
    };
    expect(spansOf([long], 50_000 * MINUTE).map(({ from, to }) => [from / MINUTE, to / MINUTE])).toEqual([
      [12_000 - 1504, 12_000 + 60 + 420],
      [24_000, 24_000 + 60 + 420],
    ]);
    expect(
      spansOf([annotation('x', 2500), annotation('y', 100)], 2510 * MINUTE).map(({ from, to }) => [from / MINUTE, to / MINUTE]),
    ).toEqual([
      [0, 541],
      [996, 2510],
    ]);
  });
});
