import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomWalk, truncated } from '../learning/random-walk.fixture.ts';
import type { CandleColumns } from '../market/candle.ts';
import { CANDLE_WINDOW, candleWindowSchemaHash, rebuildCandleWindow, writeCandleWindow } from './candle-window.ts';
import { fnv1a64 } from './schema-hash.ts';

const L = CANDLE_WINDOW.length;
const C = CANDLE_WINDOW.channels;
const SIZE = L * C;

function windowAt(
  columns: CandleColumns,
  endIndex: number,
  offset = 0,
): { bits: Uint32Array; values: Float32Array; params: { name: string; mean: number; std: number }[] } {
  const values = new Float32Array(offset + SIZE);
  const written = writeCandleWindow(columns, endIndex, values, offset);
  if (!written.ok) throw new Error(written.error.message);
  return { values: values.slice(offset), bits: new Uint32Array(values.slice(offset).buffer), params: [...written.value] };
}

/** Straight from the channel table, one array per channel. */
function naive(columns: CandleColumns, endIndex: number): number[][] {
  const rows = Array.from({ length: L }, (_, i) => {
    const at = endIndex - L + 1 + i;
    const pick = (column: Float64Array): number => column[at] as number;
    return {
      o: pick(columns.open),
      h: pick(columns.high),
      l: pick(columns.low),
      c: pick(columns.close),
      v: pick(columns.volume),
    };
  });
  const last = rows[L - 1]?.c as number;
  const bottom = Math.min(...rows.map((row) => row.l));
  const top = Math.max(...rows.map((row) => row.h));
  const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = (values: number[]): number => Math.sqrt(average(values.map((value) => (value - average(values)) ** 2)));
  const returns = rows.map((row, i) => Math.log(row.c / (i === 0 ? row.o : (rows[i - 1]?.c as number))));
  const scaled = (values: number[]): number[] => {
    const std = deviation(values) > 1e-9 ? deviation(values) : 1;
    return values.map((value) => (value - average(values)) / std);
  };
  return [
    scaled(returns),
    scaled(rows.map((row) => Math.log(row.o / row.c))),
    scaled(rows.map((row) => Math.log(row.h / row.c))),
    scaled(rows.map((row) => Math.log(row.l / row.c))),
    scaled(rows.map((row) => Math.log(1 + row.v))),
    scaled(rows.map((row) => Math.log(row.c / last))),
    rows.map((row) => (((row.c - bottom) / (top - bottom) || 0) - 0.5) / 0.5),
    rows.map(() => Math.log(1e-6 + deviation(returns)) + 7.5),
  ];
}

describe('candle window', () => {
  it('agrees with the channel formulas written out naively', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 40 }), (seed, extra) => {
        const columns = randomWalk(seed, L + extra);
        const { values } = windowAt(columns, L + extra - 1);
        const expected = naive(columns, L + extra - 1);
        for (let i = 0; i < L; i++)
          for (let c = 0; c < C; c++) expect(values[i * C + c]).toBeCloseTo(expected[c]?.[i] as number, 4);
      }),
      { numRuns: 30 },
    );
  });

  it('does not change by a bit when everything after its end is deleted or replaced', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: L - 1, max: L + 80 }), (seed, endIndex) => {
        const columns = randomWalk(seed, L + 100);
        const before = windowAt(columns, endIndex);
        const cut = windowAt(truncated(columns, endIndex + 1), endIndex);
        for (const column of [columns.open, columns.high, columns.low, columns.close, columns.volume])
          column.fill(Number.NaN, endIndex + 1);
        const poisoned = windowAt(columns, endIndex);
        expect(cut).toEqual(before);
        expect(poisoned).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  it('depends on its own 64 candles only, wherever they stand and wherever it is written', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 90 }), fc.integer({ min: 0, max: 700 }), (seed, drop, offset) => {
        const columns = randomWalk(seed, L + drop);
        const own: CandleColumns = {
          openTime: columns.openTime.slice(drop),
          open: columns.open.slice(drop),
          high: columns.high.slice(drop),
          low: columns.low.slice(drop),
          close: columns.close.slice(drop),
          volume: columns.volume.slice(drop),
        };
        expect(windowAt(own, L - 1, offset)).toEqual(windowAt(columns, L + drop - 1));
      }),
      { numRuns: 30 },
    );
  });

  it('is rebuilt bit for bit from parameters that went through JSON', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const columns = randomWalk(seed, L);
        const { bits, params } = windowAt(columns, L - 1);
        const again = new Float32Array(SIZE);
        expect(rebuildCandleWindow(columns, L - 1, JSON.parse(JSON.stringify(params)), again, 0).ok).toBe(true);
        expect(new Uint32Array(again.buffer)).toEqual(bits);
      }),
      { numRuns: 50 },
    );
  });

  it('stays finite when nothing moves', () => {
    const columns = randomWalk(1, L);
    for (const column of [columns.open, columns.high, columns.low, columns.close]) column.fill(250);
    columns.volume.fill(0);
    const { values, params } = windowAt(columns, L - 1);
    expect([...values].every(Number.isFinite)).toBe(true);
    expect(params.every((param) => param.std > 0)).toBe(true);
  });

  it('refuses a hole and says what it expected and what it got', () => {
    const columns = randomWalk(3, 100, 0, new Set([70]));
    const written = writeCandleWindow(columns, 98, new Float32Array(SIZE), 0);
    expect(written).toMatchObject({ ok: false, error: { code: 'WINDOW_HAS_GAP' } });
    if (!written.ok) expect(written.error.message).toContain(`expected ${70 * 60_000}, got ${71 * 60_000}`);
    expect(writeCandleWindow(columns, 69, new Float32Array(SIZE), 0).ok).toBe(true);
  });

  it('refuses too few candles, a candle that is none and parameters of another layout', () => {
    const columns = randomWalk(4, L);
    const out = new Float32Array(SIZE);
    expect(writeCandleWindow(columns, L - 2, out, 0)).toMatchObject({
      error: { code: 'WINDOW_TOO_SHORT', message: expect.stringContaining('64') },
    });
    const { params } = windowAt(columns, L - 1);
    expect(rebuildCandleWindow(columns, L - 1, params.slice(1), out, 0)).toMatchObject({
      error: { code: 'WINDOW_WRONG_PARAMS' },
    });
    for (const [column, value] of [
      ['low', 0],
      ['close', Number.NaN],
      ['high', Infinity],
      ['volume', -1],
      ['volume', Number.NaN],
      ['high', 1],
    ] as const) {
      const broken = randomWalk(4, L);
      broken[column][10] = value;
      expect(writeCandleWindow(broken, L - 1, out, 0), `${column} = ${value}`).toMatchObject({
        error: { code: 'WINDOW_INVALID_CANDLE' },
      });
    }
  });

  it('throws on an index or a target that cannot be meant', () => {
    const columns = randomWalk(4, L);
    expect(() => writeCandleWindow(columns, L, new Float32Array(SIZE), 0)).toThrow(RangeError);
    expect(() => writeCandleWindow(columns, L - 1, new Float32Array(SIZE), 1)).toThrow(RangeError);
  });
});

describe('layout hash', () => {
  it('is FNV-1a 64 as published', () => {
    expect(fnv1a64('')).toBe('cbf29ce484222325');
    expect(fnv1a64('a')).toBe('af63dc4c8601ec8c');
    expect(fnv1a64('foobar')).toBe('85944171f73967e8');
  });

  it('hashes the UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const bytes = [...new TextEncoder().encode(text)];
        expect(fnv1a64(text)).toBe(fnv1a64Bytes(bytes));
      }),
    );
  });

  it('changes only with the layout: a checkpoint in the field is refused when it does', () => {
    expect(candleWindowSchemaHash).toMatchInlineSnapshot(`"3002ae1e82312791"`);
  });
});

function fnv1a64Bytes(bytes: number[]): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
