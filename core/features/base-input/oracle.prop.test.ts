import { beforeAll, describe, expect, it } from 'vitest';
import { computeColumns } from '../../analysis/indicators/batch.ts';
import { MODEL_INDICATORS } from '../../analysis/indicators/model-indicators.ts';
import { defaultParams, indicatorById } from '../../analysis/indicators/registry.ts';
import type { Candle } from '../../market/candle.ts';
import { columnOf } from '../../market/cob-column.ts';
import { HeatmapHistory } from '../../market/heatmap.ts';
import { BaseInput, type BlockQuality } from './base-input.ts';
import {
  builderAt,
  columnsOf,
  marketHistory,
  type MarketHistory,
  momentAt,
  structureAt,
  WHOLE,
} from './market-history.fixture.ts';
import { type BlockName, blockNamed, FRAMES, PARAM_NAMES } from './schema.ts';

const T = 1_600_000_000_000 - 137;

let history: MarketHistory;
let input: BaseInput;
beforeAll(() => {
  history = marketHistory(11, T, { ...WHOLE, missing: 0.03, widthChangedAt: 120 });
  input = new BaseInput();
  builderAt(history, T).build(momentAt(history, T), input);
});

/** What a block holds, with its normalisation undone: raw values, NaN where it is 0 because it is not known cannot be told apart. */
function raw(name: BlockName, row: number, column: number): number {
  const block = blockNamed(name);
  const pair = 2 * (block.paramOffset + (block.groupOf[column] as number));
  const value = input.values[block.offset + row * block.columns.length + column] as number;
  return value * (input.params[pair + 1] as number) + (input.params[pair] as number);
}

function quality(name: BlockName): BlockQuality {
  return input.blocks[blockNamed(name).index] as BlockQuality;
}

function paramsNamed(name: string): { mean: number; std: number } {
  const i = PARAM_NAMES.indexOf(name);
  return { mean: input.params[2 * i] as number, std: input.params[2 * i + 1] as number };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('base input against its definition, written out naively', () => {
  it.each([
    ['candles.1s', '1s', 1_000],
    ['candles.1m', '1m', 60_000],
    ['candles.1h', '1h', 3_600_000],
    ['candles.1d', '1d', 86_400_000],
  ] as const)('%s', (name, timeframe, length) => {
    const all = history.candles[timeframe];
    const newest = Math.floor(T / length) * length - length;
    const begin = (Math.floor(newest / length / 300) * 300 - 600) * length;
    const run = all.filter(({ openTime }) => openTime >= begin && openTime <= newest);
    const outputs = MODEL_INDICATORS.flatMap(({ indicator, params }) => {
      const definition = indicatorById(indicator);
      if (definition === undefined) throw new Error(indicator);
      const made = computeColumns(definition.create({ ...defaultParams(definition), ...params }), columnsOf(run));
      return indicator === 'vwap' ? [sessionVwap(run, begin)] : made;
    });
    const known: Candle[] = [];
    const scales = blockNamed(name).columns.map(({ group }) => paramsNamed(`${name}.${group}`));
    const indices = new Map(run.map(({ openTime }, at) => [openTime, at]));
    for (let i = 0; i < FRAMES; i++) {
      const at = indices.get(newest - (FRAMES - 1 - i) * length) ?? -1;
      const candle = run[at];
      if (candle === undefined) {
        const block = blockNamed(name);
        const row = input.values.subarray(block.offset + i * 24, block.offset + (i + 1) * 24);
        expect(row.every((value) => value === 0)).toBe(true);
        continue;
      }
      known.push(candle);
      const expected = [candle.open, candle.high, candle.low, candle.close, Math.log(1 + candle.volume)];
      for (const column of outputs) expected.push(column[at] as number);
      const wrong = expected.findIndex((value, c) => {
        const { mean: centre, std } = scales[c] as { mean: number; std: number };
        return !(Math.abs(raw(name, i, c) - value) < 1e-5 * (std + Math.abs(value - centre)));
      });
      expect(wrong < 0 ? undefined : `row ${i}: ${blockNamed(name).columns[wrong]?.name}`).toBeUndefined();
    }
    expect(quality(name).frames).toBe(known.length);
    const closes = known.map(({ close }) => close);
    const deviation = Math.sqrt(mean(closes.map((close) => (close - mean(closes)) ** 2)));
    expect(paramsNamed(`${name}.price`).mean).toBeCloseTo(mean(closes), 6);
    expect(paramsNamed(`${name}.price`).std).toBeCloseTo(deviation, 6);
  });

  /** Since 00:00 UTC, by minutes until the indicators begin and by the candles themselves from there on. */
  function sessionVwap(run: readonly Candle[], begin: number): Float64Array {
    const isShort = run === undefined || (run[1]?.openTime ?? 0) - (run[0]?.openTime ?? 0) < 3_600_000;
    const minutes = history.candles['1m'].filter(({ openTime }) => openTime >= begin - 86_400_000 && openTime < begin);
    const before = isShort ? minutes : [];
    const day = (time: number): number => Math.floor(time / 86_400_000);
    return Float64Array.from(run, ({ openTime: now }, i) => {
      const session = [...before, ...run.slice(0, i + 1)].filter(({ openTime }) => day(openTime) === day(now));
      const turnover = session.reduce((sum, { high, low, close, volume }) => sum + ((high + low + close) / 3) * volume, 0);
      return turnover / session.reduce((sum, { volume }) => sum + volume, 0);
    });
  }

  it('cob, cobMa, flow and the heatmap, which is that of the heatmap history', () => {
    const newest = Math.floor(T / 1_000) * 1_000 - 1_000;
    const matrices = new HeatmapHistory(0.5);
    for (const { view, second } of history.book) {
      if (view.bucketWidth !== 0.5 || second > newest) continue;
      const { bidNotional, askNotional } = view;
      const split = {
        venues: view.venues,
        bidQuantity: new Float64Array(41),
        askQuantity: new Float64Array(41),
        bidNotional: Float64Array.from(bidNotional),
        askNotional: Float64Array.from(askNotional),
        bestBid: Float64Array.of(view.bestBid),
        bestAsk: Float64Array.of(view.bestAsk),
      };
      matrices.push(columnOf({ view, split }));
    }
    const matrix = matrices.matrix({ metric: 'totalVolume' });
    if (matrix === undefined) throw new Error('the history has a book');
    const lastMid = history.book.findLast(({ second }) => second <= newest)?.view.mid as number;
    const newestKnown = matrix.times.at(-1) as number;
    let frames = 0;
    for (let i = 0; i < FRAMES; i++) {
      const second = newest - (FRAMES - 1 - i) * 1_000;
      const known = history.book.find((row) => row.second === second);
      if (known === undefined) continue;
      frames++;
      const { view, flow } = known;
      const isOld = view.bucketWidth !== 0.5;
      for (let b = 0; b < 41; b++) {
        if (isOld) expect(input.block('cob')[i * 82 + 2 * b]).toBe(0);
        else {
          expect(raw('cob', i, 2 * b)).toBeCloseTo(Math.log1p(view.bidNotional[b] as number), 4);
          expect(raw('cob', i, 2 * b + 1)).toBeCloseTo(Math.log1p(view.askNotional[b] as number), 4);
        }
      }
      if (!isOld) expect(raw('cobMa', i, 3)).toBeCloseTo(view.imbalanceMa.s60, 5);
      expect(raw('heatmap.mids', i, 0)).toBeCloseTo(Math.log(view.mid / lastMid), 8);
      for (let r = 0; r < 21; r++) {
        const column = FRAMES - 1 - (newestKnown - second) / 1_000;
        const cell = matrix.values[column * 21 + r] as number;
        if (Number.isNaN(cell)) expect(input.block('heatmap.values')[i * 21 + r]).toBe(0);
        else expect(raw('heatmap.values', i, r)).toBeCloseTo(Math.log1p(cell), 4);
      }
      const expected = [
        Math.log1p(flow?.buyVolume ?? Number.NaN),
        Math.log1p(flow?.sellVolume ?? Number.NaN),
        Math.sign(flow?.ofi ?? Number.NaN) * Math.log1p(Math.abs(flow?.ofi ?? Number.NaN)),
        Math.log1p(flow?.tradeCount ?? Number.NaN),
        view.spreadBps,
        ((view.microprice - view.mid) / view.mid) * 1e4,
        flow?.vpin ?? Number.NaN,
        flow?.largeShare ?? Number.NaN,
      ];
      expected.forEach((value, c) => {
        if (Number.isNaN(value)) expect(input.block('flow')[i * 8 + c]).toBe(0);
        else expect(raw('flow', i, c)).toBeCloseTo(value, 4);
      });
    }
    expect(quality('cob').frames).toBe(frames);
    expect(quality('cob').cells).toBeLessThan(frames * 82);
    matrix.prices.forEach((price, r) => expect(raw('heatmap.prices', 0, r)).toBeCloseTo(Math.log((price + 0.25) / lastMid), 8));
  });

  it('pivots and trends as they were confirmed by t, newest first', () => {
    const lastClose = history.candles['1m'].findLast(({ openTime }) => openTime + 60_000 <= T)?.close as number;
    for (const level of structureAt(history, T).levels) {
      const l = level.level - 1;
      for (let k = 0; k < 8; k++) {
        const row = l * 8 + k;
        if (k >= level.count) {
          expect(raw('pivots', row, 2)).toBe(0);
          continue;
        }
        const pivot = level.pivot(level.count - 1 - k);
        expect(pivot.confirmedAt).toBeLessThanOrEqual(T);
        expect(raw('pivots', row, 0)).toBeCloseTo(Math.log(pivot.price / lastClose), 7);
        expect(raw('pivots', row, 1)).toBeCloseTo(Math.log1p((T - pivot.confirmedAt) / 60_000), 5);
        expect(raw('pivots', row, 2)).toBe(pivot.kind === 'high' ? 1 : -1);
        const labels = { HH: 1, HL: 0.5, LH: -0.5, LL: -1 };
        expect(raw('pivots', row, 3)).toBe(pivot.label === undefined ? 0 : labels[pivot.label]);
        expect(raw('pivots', row, 4)).toBeCloseTo(pivot.strength, 6);
      }
      expect(raw('trends', l, 0)).toBe({ up: 1, sideways: 0, down: -1 }[level.trend]);
      expect(raw('trends', l, 1)).toBeCloseTo(level.trendStrength, 6);
    }
    expect(quality('pivots').expected).toBe(Math.floor((T - (Math.floor(T / 86_400_000) - 7) * 86_400_000) / 60_000));
  });

  it('context: volatility, correlation and beta over the seconds known, the time of day, the account', () => {
    const newest = Math.floor(T / 1_000) * 1_000 - 1_000;
    const closesOf = (candles: readonly Candle[], seconds: number): number[] =>
      Array.from(
        { length: seconds + 1 },
        (_, i) => candles.find(({ openTime }) => openTime === newest - (seconds - i) * 1_000)?.close ?? Number.NaN,
      );
    const returns = (closes: readonly number[]): number[] =>
      closes.slice(1).map((close, i) => Math.log(close / (closes[i] as number)));
    [60, 300].forEach((seconds, k) => {
      const own = returns(closesOf(history.candles['1s'], seconds));
      const other = returns(closesOf(history.reference['1s'], seconds));
      const squares = own.filter((value) => !Number.isNaN(value)).reduce((sum, value) => sum + value * value, 0);
      expect(raw('context', 0, 2 + k)).toBeCloseTo(Math.log(1e-6 + Math.sqrt(squares)), 4);
      const pairs = own.map((a, i) => [a, other[i] as number] as const).filter(([a, b]) => !Number.isNaN(a + b));
      const [meanA, meanB] = [mean(pairs.map(([a]) => a)), mean(pairs.map(([, b]) => b))];
      const covariance = mean(pairs.map(([a, b]) => (a - meanA) * (b - meanB)));
      const [varianceA, varianceB] = [mean(pairs.map(([a]) => (a - meanA) ** 2)), mean(pairs.map(([, b]) => (b - meanB) ** 2))];
      expect(raw('context', 0, 5 + 2 * k)).toBeCloseTo(covariance / Math.sqrt(varianceA * varianceB), 5);
      expect(raw('context', 0, 6 + 2 * k)).toBeCloseTo(covariance / varianceB, 5);
    });
    const day = (2 * Math.PI * (T % 86_400_000)) / 86_400_000;
    expect(raw('context', 0, 9)).toBeCloseTo(Math.sin(day), 6);
    expect(raw('context', 0, 10)).toBeCloseTo(Math.cos(day), 6);
    expect([13, 14, 15, 16, 17].map((c) => raw('context', 0, c).toFixed(4))).toEqual([
      '1.0000',
      '0.4000',
      '-0.0020',
      Math.log1p(1.5).toFixed(4),
      '0.0100',
    ]);
  });

  it('quality: shares of cells, age of the newest datum, checks that hold', () => {
    const { blocks, quality: whole } = input;
    for (const { completeness, cells, name } of blocks) {
      if (blockNamed(name).framed && name !== 'heatmap.values') expect(completeness).toBe(cells / blockNamed(name).length);
      expect(completeness).toBeGreaterThan(0);
    }
    expect(quality('candles.1s').consistency).toBe(1);
    expect(quality('candles.1m').consistency).toBe(1);
    expect(quality('cob').consistency).toBeGreaterThan(0.9);
    expect(whole.score).toBe(whole.completeness * whole.freshness * whole.consistency);
    expect(quality('lastOutputs')).toMatchObject({ frames: 1, expected: 4, completeness: 0.25 });
  });
});
