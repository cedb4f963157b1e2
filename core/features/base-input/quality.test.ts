import { describe, expect, it } from 'vitest';
import { BaseInput, type BlockQuality } from './base-input.ts';
import { BaseInputBuilder } from './builder.ts';
import { freshnessOf } from './checks.ts';
import { refuseInput } from './gate.ts';
import { builderAt, emptySeries, marketHistory, momentAt, STRUCTURE_MINUTES, WHOLE } from './market-history.fixture.ts';
import { checkTensors, paramsOf, referenceOf } from './reference.ts';
import { baseInputSchemaHash, blockNamed, BLOCKS, INPUT_LENGTH, PARAM_COUNT } from './schema.ts';

const T = 1_600_000_020_000;

function inputOf(shape: Partial<typeof WHOLE> & { missing?: number }): BaseInput {
  const history = marketHistory(3, T, { ...WHOLE, ...shape });
  const input = new BaseInput();
  builderAt(history, T).build(momentAt(history, T), input);
  return input;
}

const quality = (input: BaseInput, name: Parameters<typeof blockNamed>[0]): BlockQuality =>
  input.blocks[blockNamed(name).index] as BlockQuality;

describe('layout', () => {
  it('is what models were trained on: a change here is a new version', () => {
    expect(BLOCKS.map(({ name, shape }) => `${name} ${shape.join('×')}`)).toEqual([
      'candles.1s 300×24',
      'candles.1m 300×24',
      'candles.1h 300×24',
      'candles.1d 300×24',
      'reference.1s 300×24',
      'cob 300×41×2',
      'cobMa 300×4',
      'heatmap.values 300×21',
      'heatmap.mids 300×1',
      'heatmap.prices 21',
      'flow 300×8',
      'pivots 5×8×5',
      'trends 5×2',
      'context 18',
      'lastOutputs 4×21',
    ]);
    expect([INPUT_LENGTH, PARAM_COUNT]).toEqual([71_133, 95]);
    expect(baseInputSchemaHash).toMatchInlineSnapshot(`"54ee47dbfc6c63bc"`);
  });

  it('has its shapes, every group measured or constant, every column scaled', () => {
    for (const { rows, columns, shape, groups, groupOf, measuredColumns } of BLOCKS) {
      expect(rows * columns.length).toBe(shape.reduce((product, dimension) => product * dimension, 1));
      groups.forEach(({ scaling }, g) => expect(measuredColumns[g]?.length === 0).toBe(scaling !== 'measured'));
      expect([...groupOf].every((group) => group < groups.length)).toBe(true);
    }
  });
});

describe('the gate', () => {
  it('lets a whole input pass', () => {
    const input = inputOf({ minutes: STRUCTURE_MINUTES });
    expect(refuseInput(input)).toBeUndefined();
    expect(input.quality.completeness).toBeGreaterThan(0.99);
    expect(input.quality.freshness).toBe(1);
  });

  it('names each block that is too young, with the shape it should have and the one it has', () => {
    const input = inputOf({ minutes: STRUCTURE_MINUTES, days: 52, hours: 99 });
    expect(refuseInput(input)).toEqual({
      code: 'INPUT_INCOMPLETE',
      message:
        'ETH/USDT: no model may run: candles.1h: expected 300 × 24, got 99 × 24 with 0.83 of their cells; ' +
        'candles.1d: expected 300 × 24, got 52 × 24 with 0.67 of their cells.',
      retryable: true,
    });
    expect(refuseInput(input, new Set(['candles.1s', 'candles.1m', 'cob', 'flow']))).toBeUndefined();
    expect(refuseInput(inputOf({ minutes: STRUCTURE_MINUTES, hours: 100, days: 100 }))).toBeUndefined();
  });

  it('refuses less than 0.8 of the whole, and says how much there is', () => {
    const input = inputOf({ missing: 0.45 });
    const refusal = refuseInput(input);
    expect(refusal?.message).toContain('completeness 0.');
    expect(refusal?.message).toContain('at least 0.8 wanted');
    expect(refusal?.message).toMatch(/cob: expected 300 × 41 × 2, got 1\d\d × 41 × 2/);
    expect(refusal?.message).not.toContain('candles.1h');
  });

  it('tells what there is when there is nothing at all', () => {
    const input = new BaseInput();
    const series = { ...emptySeries(), reference: undefined };
    const nothing = { t: T, structure: undefined, account: undefined, outputs: [], params: undefined };
    new BaseInputBuilder(series).build(nothing, input);
    const message = refuseInput(input)?.message ?? '';
    for (const { name, weight, shape } of BLOCKS) {
      if (weight > 0 && name !== 'context' && name !== 'heatmap.prices')
        expect(message).toContain(`${name}: expected ${shape.join(' × ')}, got 0 × `);
    }
    expect(message).toContain('context: expected 18, got 4');
    expect(message).toContain('(0 of ');
    expect(input.values.every(Number.isFinite)).toBe(true);
    expect(input.quality.freshness).toBe(0);
  });
});

describe('quality', () => {
  it('falls with the age of the newest datum, from one period on to ten', () => {
    expect([0, 1_000, 5_500, 10_000, 60_000, Number.NaN].map((age) => freshnessOf(age, 1_000))).toEqual([1, 1, 0.5, 0, 0, 0]);
  });

  it('counts what does not hold: candles out of order, minutes that are not their seconds, mids beside the trades, crossed books', () => {
    const history = marketHistory(3, T, WHOLE);
    const series = emptySeries();
    const [seconds, minutes] = [history.candles['1s'], history.candles['1m']];
    for (const one of minutes) series.minutes.push(one);
    for (const one of seconds) series.seconds.push(one);
    for (const { second, view, flow } of history.book) series.cob.push(second, view, flow);
    const builder = new BaseInputBuilder(series);
    const input = new BaseInput();
    builder.build(momentAt(history, T), input);
    expect(quality(input, 'candles.1m')).toMatchObject({ consistency: 1, checks: 305 });
    expect(quality(input, 'cob')).toMatchObject({ consistency: 1, checks: 600 });
    const minute = minutes.at(-2);
    const second = seconds.at(-1);
    const row = history.book.at(-1);
    if (minute === undefined || second === undefined || row === undefined) throw new Error('the history is long');
    series.minutes.push({ ...minute, volume: minute.volume + 1 });
    series.seconds.push({ ...second, high: second.low - 1 });
    series.cob.push(row.second, { ...row.view, spreadBps: -1, mid: row.view.mid + 10 }, row.flow);
    builder.build(momentAt(history, T), input);
    expect(quality(input, 'candles.1m')).toMatchObject({ held: 304, checks: 305 });
    expect(quality(input, 'candles.1s')).toMatchObject({ held: 299, checks: 300 });
    expect(quality(input, 'cob')).toMatchObject({ held: 598, checks: 600 });
    expect(input.quality.consistency).toBeLessThan(1);
  });
});

describe('what comes from elsewhere', () => {
  it('is refused with the block, the shape expected and what was given', () => {
    const input = inputOf({});
    const tensors = Object.fromEntries(BLOCKS.map(({ name }) => [name, input.block(name)]));
    expect(checkTensors('ETH/USDT', tensors).ok).toBe(true);
    expect(checkTensors('ETH/USDT', { ...tensors, cob: new Float32Array(300 * 40 * 2) })).toMatchObject({
      error: { code: 'INPUT_WRONG_SHAPE', message: 'ETH/USDT cob: expected 300 × 41 × 2 = 24600 numbers, got 24000 numbers.' },
    });
    const { flow: _, ...without } = tensors;
    expect(checkTensors('ETH/USDT', without)).toMatchObject({
      error: { message: 'ETH/USDT flow: expected 300 × 8 = 2400 numbers, got none.' },
    });
    const broken = Float32Array.from(input.block('flow'));
    broken[17] = Number.NaN;
    expect(checkTensors('ETH/USDT', { ...tensors, flow: broken })).toMatchObject({
      error: { code: 'INPUT_NOT_FINITE', message: 'ETH/USDT flow: row 2, column sellVolume is NaN.' },
    });
  });

  it('is not rebuilt when it was laid out otherwise', () => {
    const reference = referenceOf(inputOf({}), undefined, []);
    expect(paramsOf({ ...reference, inputSchemaHash: '0123456789abcdef' })).toMatchObject({
      error: { code: 'INPUT_OTHER_LAYOUT', message: expect.stringContaining('0123456789abcdef') },
    });
    expect(paramsOf({ ...reference, normParams: reference.normParams.slice(1) })).toMatchObject({ ok: false });
  });
});
