import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../core/base/rng.ts';
import { Graph } from './graph.ts';
import { dense, im2col, meanPool1d } from './layers.ts';
import { writeOnnx } from './onnx.ts';
import { add, concat, exp, gemm, mul, reshape, slice } from './ops.ts';
import { constantParameters, flatParameters, initialiseParameters, layOutParameters, type ModelContext } from './parameters.ts';
import { learningRateAt } from './schedule.ts';
import { BATCH, broadcast, product } from './shape.ts';

describe('shapes', () => {
  it('follow broadcasting, with the batch left open', () => {
    expect(broadcast([2, 1, 3], [4, 1])).toEqual([2, 4, 3]);
    expect(broadcast([BATCH, 4], [4])).toEqual([BATCH, 4]);
    expect(() => broadcast([2, 3], [2])).toThrow('do not broadcast');
    expect(product([BATCH, 16, 3])).toBe('batch*48');
    expect(() => product([BATCH, BATCH])).toThrow('more than one symbolic');
  });

  it('are checked when a node is made', () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 6, 3]);
    expect(() => reshape(x, [5, 7])).toThrow('does not reshape');
    expect(() => slice(x, 1, 4, 7)).toThrow('slice [4, 7)');
    expect(() => concat([x, graph.input('y', [2, 5, 3])], 2)).toThrow('does not concatenate');
    expect(() => gemm(graph.input('a', [2, 3]), graph.input('b', [2, 3]))).toThrow('Gemm of [2, 3] and [2, 3]');
    expect(() => meanPool1d(x, 4)).toThrow('do not pool by 4');
    expect(() => im2col(x, 2)).toThrow('is not odd');
    expect(() => add(x, graph.input('n', [3], 'int32'))).toThrow('float32 and int32');
  });

  it('carry the batch through a dense layer', () => {
    const graph = new Graph();
    const y = dense(graph.input('x', [BATCH, 5, 3]), graph.input('w', [3, 2]), graph.input('b', [2]));
    expect(y.shape).toEqual([BATCH, 5, 2]);
  });
});

describe('a written graph', () => {
  it('has the same bytes every time, and only what its outputs need', () => {
    const build = (unused: boolean) => {
      const graph = new Graph();
      const x = graph.input('x', [2]);
      const y = mul(x, graph.scalar(2));
      if (unused) exp(y);
      graph.output('y', y);
      return writeOnnx(graph, 'g', { key: 'value' });
    };
    expect(build(false)).toEqual(build(false));
    expect(build(true)).toEqual(build(false));
  });

  it('keeps one copy of each small constant', () => {
    const graph = new Graph();
    expect(graph.scalar(2)).toBe(graph.scalar(2));
    expect(graph.scalar(2)).not.toBe(graph.constant([2], [1]));
    expect(graph.int64([2])).not.toBe(graph.int32([2]));
  });
});

describe('parameters', () => {
  const model = ({ parameter }: ModelContext) => [
    parameter('bias', [4], { kind: 'zeros' }),
    parameter('wide', [1_000, 4], { kind: 'he', fanIn: 1_000 }),
    parameter('head', [4, 2_000], { kind: 'lecun', fanIn: 4 }),
  ];

  it('lie one after the other, those that decay first', () => {
    const layout = layOutParameters(model);
    expect(layout.parameters.map(({ name, offset, size }) => [name, offset, size])).toEqual([
      ['wide', 0, 4_000],
      ['head', 4_000, 8_000],
      ['bias', 12_000, 4],
    ]);
    expect([layout.count, layout.decayingCount]).toEqual([12_004, 12_000]);
  });

  it('start with the variance that their layer wants, the same for the same seed', () => {
    const layout = layOutParameters(model);
    const flat = initialiseParameters(layout, new SplitMix32(1));
    expect(initialiseParameters(layout, new SplitMix32(1))).toEqual(flat);
    const variance = (part: Float32Array) => part.reduce((sum, value) => sum + value * value, 0) / part.length;
    expect(variance(flat.subarray(0, 4_000)) / (2 / 1_000)).toBeCloseTo(1, 1);
    expect(variance(flat.subarray(4_000, 12_000)) / (1 / 4)).toBeCloseTo(1, 1);
    expect(variance(flat.subarray(12_000))).toBe(0);
  });

  it('refuse a model that asks twice, for another, or with too few values', () => {
    const layout = layOutParameters(model);
    const graph = new Graph();
    const twice = ({ parameter }: ModelContext) => [
      parameter('a', [1], { kind: 'zeros' }),
      parameter('a', [1], { kind: 'zeros' }),
    ];
    expect(() => layOutParameters(twice)).toThrow('two parameters are named a');
    const flat = flatParameters(graph.input('flat', [layout.count]), layout);
    expect(() => flat.context.parameter('other', [1], { kind: 'zeros' })).toThrow('no parameter is named other');
    expect(() => flat.leaves()).toThrow('did not ask for wide');
    expect(() => constantParameters(graph, new Float32Array(3), layout)).toThrow('3 parameter values for a layout of 12004');
  });
});

describe('the learning rate', () => {
  it('rises, then falls to a tenth', () => {
    const rates = Array.from({ length: 200 }, (_, i) => learningRateAt(i + 1, 200, 0.01));
    expect(rates[0]).toBeCloseTo(0.001, 9);
    expect(rates[9]).toBe(0.01);
    expect(rates.at(-1)).toBeCloseTo(0.001, 9);
    for (let i = 10; i < 200; i++) expect(rates[i]).toBeLessThan(rates[i - 1] as number);
  });

  it('is defined for the shortest of trainings', () => {
    expect(learningRateAt(1, 1, 0.01)).toBe(0.01);
    expect(learningRateAt(2, 2, 0.01)).toBeCloseTo(0.001, 9);
  });
});
