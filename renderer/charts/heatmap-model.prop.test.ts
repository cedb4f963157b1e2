import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COB_BUCKETS } from '../../core/contracts/market-views.ts';
import type { CobColumn } from '../../core/market/cob-column.ts';
import { toWire } from '../../core/market/heatmap-wire.ts';
import { firstRowFor, HeatmapColumns, KEPT_SEC, nextScale, rowValues, shade } from './heatmap-model.ts';

const cents = fc.integer({ min: 0, max: 1e6 }).map((value) => Math.fround(value / 100));
const side = fc.array(fc.oneof(fc.constant(0), cents), { minLength: COB_BUCKETS, maxLength: COB_BUCKETS });
const column: fc.Arbitrary<CobColumn> = fc
  .record({ bids: fc.array(side, { minLength: 2, maxLength: 2 }), asks: side, kept: fc.boolean() })
  .map(({ bids, asks, kept }) => {
    const [one, two] = bids as [number[], number[]];
    return {
      time: 7_000,
      venues: ['binance', 'bybit'],
      anchorIndex: 2_000,
      mid: 2_000.5,
      spreadBps: 1.5,
      bid: Float32Array.from(one, (value, i) => value + (two[i] as number)),
      ask: Float32Array.from(asks),
      split: kept
        ? {
            venues: ['binance', 'bybit'],
            bid: Float32Array.from([...one, ...two]),
            ask: Float32Array.from([...asks, ...new Array<number>(COB_BUCKETS).fill(0)]),
            bestBid: Float64Array.of(2_000, 1_999),
            bestAsk: Float64Array.of(2_001, 2_002),
          }
        : undefined,
      flow: undefined,
    };
  });

describe('the columns that a window is told', () => {
  it('are, to the cent, those that the host has, by venue and in total', () => {
    fc.assert(
      fc.property(column, (told) => {
        const columns = new HeatmapColumns();
        // Through text, as a browser gets it.
        columns.take(JSON.parse(JSON.stringify({ kind: 'snapshot', bucketWidth: 1, columns: [toWire(told)] })));
        const got = columns.at(7_000);
        expect(got).toMatchObject({ time: 7_000, anchorIndex: 2_000, mid: 2_000.5, venues: ['binance', 'bybit'] });
        for (let i = 0; i < COB_BUCKETS; i++) {
          expect(Math.abs((got?.bid[i] as number) - (told.bid[i] as number))).toBeLessThan(0.02);
          expect(Math.abs((got?.ask[i] as number) - (told.ask[i] as number))).toBeLessThan(0.02);
        }
        expect(got?.split === undefined).toBe(told.split === undefined);
        for (const only of [undefined, ['bybit' as const], ['okx' as const]]) {
          const rows = new Float32Array(9);
          rowValues(got, 'bidVolume', only, 1_976, rows);
          // Row 0 … 3 lie below what the snapshot reaches.
          expect([...rows.subarray(0, 4)]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
          const known = only === undefined || (told.split !== undefined && only[0] === 'bybit');
          expect([...rows.subarray(4)].every(Number.isNaN)).toBe(!known);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are kept as long as they can be shown, and told as unknown when no venue was live', () => {
    const columns = new HeatmapColumns();
    const dark = (time: number) => ({ time, anchorIndex: 0, mid: 0, spreadBps: 0, venues: [] });
    for (let s = 0; s <= KEPT_SEC; s++) columns.take({ kind: 'column', bucketWidth: 1, column: dark(1_000 * s) });
    expect(columns.at(0)).toBeUndefined();
    expect(columns.at(1_000)?.mid).toBeNaN();
    expect([columns.newestLive, columns.venues]).toEqual([undefined, []]);
    columns.take({ kind: 'column', bucketWidth: 2, column: dark(500_000) });
    expect(columns.at(300_000)).toBeUndefined();
  });
});

describe('the picture', () => {
  it('stays while the mid is in its middle half and is centred anew beyond it', () => {
    expect(firstRowFor(Number.NaN, 41, 2_000)).toBe(1_980);
    expect(firstRowFor(1_980, 41, 2_010)).toBe(1_980);
    expect(firstRowFor(1_980, 41, 2_011)).toBe(1_991);
    expect(firstRowFor(1_980, 41, 1_990)).toBe(1_970);
  });

  it('keeps its scale until what is there is well off it', () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    expect(nextScale(0, values)).toBe(97);
    expect(nextScale(90, values)).toBe(90);
    expect(nextScale(200, values)).toBe(97);
    expect(nextScale(50, [])).toBe(50);
  });

  it('shades from nothing to the strongest, and an imbalance from one side to the other', () => {
    expect([0, 50, 100, 900].map((value) => shade(value, 'totalVolume', 100, 1))).toEqual([0, 128, 255, 255]);
    expect(shade(25, 'totalVolume', 100, 0.5)).toBe(128);
    expect([-1, 0, 1].map((value) => shade(value, 'imbalance', 1, 0.6))).toEqual([0, 128, 255]);
    expect(shade(5, 'bidVolume', 0, 1)).toBe(0);
  });
});
