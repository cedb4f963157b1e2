import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cumulativeDelta, deltaOf, extendCumulativeDelta } from './cumulative-delta.ts';
import { footprintFigures, pocOf } from './footprint.ts';
import { mergedRows, NO_ROWS, type PriceRows, rowOfTicks, RowSums, ticksOf, totalOf } from './price-rows.ts';
import { roundStep, usualRowTicks } from './row-size.ts';
import { valueArea } from './volume-profile.ts';

/** Whole volumes, so that sums in another order are the same. */
const traded = fc.array(
  fc.record({ ticks: fc.integer({ min: -40, max: 40 }), buy: fc.nat({ max: 9 }), sell: fc.nat({ max: 9 }) }),
  { maxLength: 60 },
);
type Traded = { ticks: number; buy: number; sell: number };

function rowsOf(all: readonly Traded[], rowTicks: number): PriceRows {
  const sums = new RowSums();
  for (const { ticks, buy, sell } of all) sums.add(rowOfTicks(ticks, rowTicks), buy, sell);
  return sums.toRows();
}

/** Volume of one row, by looking at every trade. */
function volumeIn(all: readonly Traded[], rowTicks: number, row: number, side: 'buy' | 'sell'): number {
  return all
    .filter(({ ticks }) => ticks >= row * rowTicks && ticks < (row + 1) * rowTicks)
    .reduce((sum, trade) => sum + trade[side], 0);
}

describe('price rows', () => {
  it('hold what was traded within them, ascending, and the same when merged later', () => {
    fc.assert(
      fc.property(traded, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }), (all, rowTicks, factor) => {
        const rows = rowsOf(all, rowTicks);
        expect(rows.rows).toEqual([...new Set(all.map(({ ticks }) => Math.floor(ticks / rowTicks)))].toSorted((a, b) => a - b));
        rows.rows.forEach((row, i) => {
          expect(rows.buy[i]).toBe(volumeIn(all, rowTicks, row, 'buy'));
          expect(rows.sell[i]).toBe(volumeIn(all, rowTicks, row, 'sell'));
        });
        expect(mergedRows(rows, factor)).toEqual(rowsOf(all, rowTicks * factor));
      }),
    );
  });

  it('take a price on a row’s edge into the row above it, however the division rounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.constantFrom(0.01, 0.05, 0.1, 0.5, 0.001), (ticks, tickSize) => {
        expect(ticksOf(Number((ticks * tickSize).toFixed(6)), tickSize)).toBe(ticks);
      }),
    );
  });
});

describe('footprintFigures', () => {
  it('compares diagonally what a look at every row compares', () => {
    fc.assert(
      fc.property(traded, fc.integer({ min: 1, max: 4 }), (all, ratio) => {
        const cells = rowsOf(all, 4);
        const rule = { ratio, minShare: 0.05 };
        const figures = footprintFigures(cells, rule);
        const at = (row: number, side: 'buy' | 'sell') => volumeIn(all, 4, row, side);
        const total = all.reduce((sum, { buy, sell }) => sum + buy + sell, 0);
        const [low, high] = [cells.rows[0] ?? 0, cells.rows.at(-1) ?? 0];
        cells.rows.forEach((row, i) => {
          const [bought, sold] = [at(row, 'buy'), at(row, 'sell')];
          const enough = (volume: number) => volume > 0 && volume >= 0.05 * total;
          expect(figures.buyImbalance[i]).toBe(row > low && enough(bought) && bought >= ratio * at(row - 1, 'sell'));
          expect(figures.sellImbalance[i]).toBe(row < high && enough(sold) && sold >= ratio * at(row + 1, 'buy'));
        });
        expect(figures.delta).toBe(all.reduce((sum, { buy, sell }) => sum + buy - sell, 0));
        expect([figures.buyVolume, figures.sellVolume]).toEqual(Object.values(totalOf(cells)));
      }),
    );
  });

  it('tells of a hand-made candle', () => {
    const cells = { rows: [10, 11, 12], buy: [1, 30, 9], sell: [10, 3, 2] };
    const figures = footprintFigures(cells);
    // 30 bought at row 11 against 10 sold at row 10: exactly 3:1. 10 sold at row 10 against 30 bought at row 11: not.
    expect(figures.buyImbalance).toEqual([false, true, true]);
    expect(figures.sellImbalance).toEqual([false, false, false]);
    expect(figures).toMatchObject({ delta: 25, poc: 11, buyVolume: 40, sellVolume: 15 });
  });

  it('takes of several fullest rows the one nearest to the middle, then the lower', () => {
    expect(pocOf({ rows: [0, 4, 10], buy: [5, 5, 5], sell: [0, 0, 0] })).toBe(4);
    expect(pocOf({ rows: [0, 10], buy: [5, 5], sell: [0, 0] })).toBe(0);
    expect(pocOf(NO_ROWS)).toBeUndefined();
  });
});

describe('valueArea', () => {
  /** The rule of the handbook, on a plain array of every row. */
  function naive(all: readonly Traded[]): { low: number; high: number } | undefined {
    const cells = rowsOf(all, 4);
    const poc = pocOf(cells);
    if (poc === undefined) return undefined;
    const first = cells.rows[0] as number;
    const volumes: number[] = [];
    for (let row = first; row <= (cells.rows.at(-1) as number); row++)
      volumes.push(volumeIn(all, 4, row, 'buy') + volumeIn(all, 4, row, 'sell'));
    const sum = (part: readonly number[]): number => part.reduce((total, volume) => total + volume, 0);
    let [low, high] = [poc - first, poc - first];
    while (sum(volumes.slice(low, high + 1)) < 0.7 * sum(volumes)) {
      const above = volumes.slice(high + 1, high + 3);
      const below = volumes.slice(Math.max(0, low - 2), low);
      const takeAbove = below.length === 0 || (above.length > 0 && sum(above) >= sum(below));
      if (takeAbove) high += above.length;
      else low -= below.length;
    }
    return { low: low + first, high: high + first };
  }

  it('is that of the rule, on random profiles', () => {
    fc.assert(
      fc.property(traded, (all) => {
        const area = valueArea(rowsOf(all, 4));
        const expected = naive(all);
        expect(area && { low: area.low, high: area.high }).toEqual(expected);
        if (area !== undefined) {
          expect(area.share).toBeGreaterThanOrEqual(0.7 - 1e-12);
          expect(area.share).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('is that of a hand-made profile', () => {
    // 100 in all; 40 at row 5, then above 15 + 10 against below 12 + 8, then below 20 reaches 85.
    const cells = { rows: [2, 3, 4, 5, 6, 7, 8], buy: [5, 8, 12, 40, 15, 10, 10], sell: [0, 0, 0, 0, 0, 0, 0] };
    expect(valueArea(cells)).toEqual({ poc: 5, high: 7, low: 3, share: 0.85 });
    expect(valueArea(NO_ROWS)).toBeUndefined();
  });
});

describe('cumulativeDelta', () => {
  it('begins at each 00:00 UTC or once, goes on over what is not known, and tells nothing there', () => {
    const delta = fc.option(fc.integer({ min: -9, max: 9 }), { nil: Number.NaN });
    fc.assert(
      fc.property(fc.array(delta, { maxLength: 60 }), fc.constantFrom('session', 'first'), (deltas, start) => {
        const times = deltas.map((_, i) => 1_699_990_000_000 + i * 3_600_000);
        const told = cumulativeDelta(times, deltas, start);
        // Gone on with from anywhere, it is the same.
        const extended = told.slice(0, Math.floor(told.length / 3));
        extendCumulativeDelta(extended, (i) => times[i] as number, deltas, start);
        expect(extended).toEqual(told);
        deltas.forEach((own, i) => {
          const day = new Date(times[i] as number).toISOString().slice(0, 10);
          const counted = deltas.filter(
            (value, j) =>
              j <= i && !Number.isNaN(value) && (start === 'first' || new Date(times[j] as number).toISOString().startsWith(day)),
          );
          expect(told[i]).toBe(Number.isNaN(own) ? Number.NaN : counted.reduce((sum, value) => sum + value, 0));
        });
      }),
    );
  });

  it('knows no delta of a candle without its taker-buy part', () => {
    expect(deltaOf({ volume: 10, buyVolume: 7, tradeCount: 3 })).toBe(4);
    expect(deltaOf({ volume: 0, buyVolume: 0, tradeCount: 0 })).toBe(0);
    expect(deltaOf({ volume: 10, buyVolume: 0, tradeCount: 0 })).toBeNaN();
  });
});

describe('row size', () => {
  it('is 1, 2 or 5 times a power of ten of ticks', () => {
    expect([0, 1, 1.01, 2, 3, 5, 6, 11, 20, 49, 51].map(roundStep)).toEqual([1, 1, 2, 2, 5, 5, 10, 20, 20, 50, 100]);
  });

  it('gives a usual candle five to ten rows, and without any candle follows the book’s buckets', () => {
    const candles = [0, 1, 2, 3, 100].map((height) => ({ high: 200 + height, low: 200 }));
    expect(usualRowTicks(candles, 0.01, 1)).toBe(50);
    expect(usualRowTicks([], 0.01, 1)).toBe(10);
    expect(usualRowTicks([], 0.5, 1)).toBe(1);
  });
});
