import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CandleColumns } from '../../market/candle.ts';
import { BarCursor, computeColumns } from './batch.ts';
import type { Bar, IndicatorDefinition, IndicatorParams } from './indicator.ts';
import { defaultParams, fittingParams, INDICATORS, indicatorById } from './registry.ts';
import { walk } from './walk.fixture.ts';

const seeds = fc.integer({ min: 1, max: 2 ** 31 });
const RUNS = { numRuns: 12 };

/** Small parameters warm up quickly and turn their rings often. */
function paramSets(definition: IndicatorDefinition): fc.Arbitrary<IndicatorParams> {
  const values = fc.record(
    Object.fromEntries(
      definition.params.map(({ id, min, max, step }) => [
        id,
        step === 1 ? fc.integer({ min, max: Math.min(max, 24) }) : fc.double({ min, max, noNaN: true }),
      ]),
    ),
  );
  return fc.oneof(fc.constant(defaultParams(definition)), values);
}

function barAt(columns: CandleColumns, i: number): Bar {
  const bar = new BarCursor();
  bar.load(columns, i);
  return bar;
}

/** What the candle may have looked like while it formed. */
function formingBefore(bar: Bar, part: number): Bar {
  const close = bar.low + part * (bar.high - bar.low);
  return { ...bar, close, high: Math.max(bar.open, close), low: Math.min(bar.open, close), volume: part * bar.volume };
}

describe.each(INDICATORS.map((definition) => [definition.id, definition] as const))('%s', (_, definition) => {
  it('gives the same bits live, with previews in between, and over columns', () => {
    fc.assert(
      fc.property(seeds, paramSets(definition), fc.double({ min: 0, max: 1, noNaN: true }), (seed, params, part) => {
        const columns = walk(seed, 160);
        const batch = computeColumns(definition.create(params), columns);
        const live = definition.create(params);
        for (let i = 0; i < 160; i++) {
          const bar = barAt(columns, i);
          live.step(formingBefore(bar, part), false);
          live.step(formingBefore(bar, 1 - part), false);
          live.step(bar, false);
          const preview = [...live.values];
          live.step(bar, true);
          expect(preview).toEqual([...live.values]);
          expect([...live.values]).toEqual(batch.map((column) => column[i]));
        }
      }),
      RUNS,
    );
  });

  it('knows nothing of later candles, warms up as long as it says, and has finite values from then on', () => {
    fc.assert(
      fc.property(seeds, paramSets(definition), fc.integer({ min: 1, max: 200 }), (seed, params, length) => {
        const columns = walk(seed, 200);
        const whole = computeColumns(definition.create(params), columns);
        const cut = computeColumns(definition.create(params), columns, 0, length);
        expect(cut).toEqual(whole.map((column) => column.slice(0, length)));
        const warmUp = definition.warmUp(params);
        definition.outputs.forEach(({ intermittent }, o) => {
          const column = whole[o] as Float64Array;
          if (intermittent === true) return;
          for (let i = warmUp - 1; i < 200; i++) expect(Number.isFinite(column[i])).toBe(true);
        });
        const isKnown = (i: number): boolean =>
          definition.outputs.every(({ intermittent }, o) => intermittent === true || !Number.isNaN(whole[o]?.[i])) &&
          whole.some((column) => !Number.isNaN(column[i]));
        expect(Array.from({ length: 200 }, (__, i) => i).findIndex(isKnown)).toBe(warmUp <= 200 ? warmUp - 1 : -1);
      }),
      RUNS,
    );
  });

  it('continues over a gap as if the candles around it were neighbours, but for the session', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 119 }), (seed, at) => {
        const columns = walk(seed, 120);
        const apart: CandleColumns = {
          ...columns,
          openTime: columns.openTime.map((time, i) => (i < at ? time : time + 5 * 86_400_000)),
        };
        const params = defaultParams(definition);
        const gapped = computeColumns(definition.create(params), apart);
        const whole = computeColumns(definition.create(params), columns);
        if (definition.id !== 'vwap') expect(gapped).toEqual(whole);
        else expect(gapped[0]?.[at]).toBeCloseTo(typicalOf(columns, at), 8);
      }),
      RUNS,
    );
  });

  it('refuses parameters that it cannot work with', () => {
    for (const { id, min, max, step } of definition.params) {
      for (const value of [min - 1, max + 1, Number.NaN, ...(step === 1 ? [min + 0.5] : [])]) {
        expect(() => definition.create({ ...defaultParams(definition), [id]: value })).toThrow(RangeError);
      }
      const { [id]: _left, ...rest } = defaultParams(definition);
      expect(() => definition.warmUp(rest)).toThrow(`${definition.id}: ${id}`);
    }
  });

  it('fits whatever was saved to its parameters', () => {
    const anything = fc.dictionary(fc.constantFrom('other', ...definition.params.map(({ id }) => id)), fc.anything());
    fc.assert(
      fc.property(anything, (saved) => {
        const params = fittingParams(definition, saved);
        expect(Object.keys(params)).toEqual(definition.params.map(({ id }) => id));
        expect(() => definition.create(params)).not.toThrow();
      }),
      RUNS,
    );
  });
});

function typicalOf({ high, low, close }: CandleColumns, i: number): number {
  return ((high[i] as number) + (low[i] as number) + (close[i] as number)) / 3;
}

it('every definition has an id, a name and outputs of its own', () => {
  expect(new Set(INDICATORS.map(({ id }) => id)).size).toBe(INDICATORS.length);
  expect(new Set(INDICATORS.map(({ name }) => name)).size).toBe(INDICATORS.length);
  for (const definition of INDICATORS) {
    expect(indicatorById(definition.id)).toBe(definition);
    expect(definition.create(defaultParams(definition)).values).toHaveLength(definition.outputs.length);
    for (const { displacedBy } of definition.outputs) {
      if (displacedBy !== undefined) expect(definition.params.map(({ id }) => id)).toContain(displacedBy.param);
    }
  }
});
