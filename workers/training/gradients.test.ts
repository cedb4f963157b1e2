import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../core/base/rng.ts';
import { gradients } from '../../models/graph/autodiff.ts';
import { Graph, type Tensor } from '../../models/graph/graph.ts';
import {
  conv1d,
  crossEntropy,
  dense,
  huber,
  im2col,
  logSoftmax,
  meanPool1d,
  oneHot,
  softmax,
} from '../../models/graph/layers.ts';
import { writeOnnx } from '../../models/graph/onnx.ts';
import {
  add,
  concat,
  div,
  exp,
  expand,
  gemm,
  greater,
  log,
  mul,
  neg,
  pad,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  reverse,
  slice,
  sqrt,
  sub,
  sumAll,
  transpose,
  where,
} from '../../models/graph/ops.ts';
import { doublesOf } from './session.ts';

interface Case {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** Inputs are drawn from here; ±1 when absent. */
  readonly range?: readonly [number, number];
  /** Relative, 1e-8 when absent. */
  readonly tolerance?: number;
}

const of = (name: string, shapes: Case['shapes'], build: (...inputs: Tensor[]) => Tensor, range?: Case['range']): Case => ({
  name,
  shapes,
  build,
  range,
});
type Inputs = [Tensor, Tensor, Tensor];
const three =
  (build: (a: Tensor, b: Tensor, c: Tensor) => Tensor) =>
  (...inputs: Tensor[]) =>
    build(...(inputs as Inputs));
const one = (build: (x: Tensor) => Tensor) => three((x) => build(x));
const two = (build: (a: Tensor, b: Tensor) => Tensor) => three((a, b) => build(a, b));

const CASES: readonly Case[] = [
  ...(
    [
      ['add', add],
      ['sub', sub],
      ['mul', mul],
    ] as const
  ).flatMap(([name, op]) => [
    of(
      `${name}, same shape`,
      [
        [2, 3],
        [2, 3],
      ],
      two(op),
    ),
    of(`${name}, a row`, [[2, 3], [3]], two(op)),
    of(
      `${name}, a column against a row`,
      [
        [2, 1],
        [1, 3],
      ],
      two(op),
    ),
    of(`${name}, a scalar`, [[], [2, 3]], two(op)),
    of(
      `${name} of a tensor with itself`,
      [[2, 3]],
      one((x) => op(x, mul(x, x))),
    ),
  ]),
  of(
    'div, same shape',
    [
      [2, 3],
      [2, 3],
    ],
    two(div),
    [0.5, 2],
  ),
  of('div, a row below', [[2, 3], [3]], two(div), [0.5, 2]),
  of('div, a row above', [[3], [2, 3]], two(div), [0.5, 2]),
  of('neg', [[2, 3]], one(neg)),
  of('exp', [[2, 3]], one(exp)),
  of('log', [[2, 3]], one(log), [0.3, 2]),
  of('sqrt', [[2, 3]], one(sqrt), [0.3, 2]),
  of('relu', [[4, 5]], one(relu)),
  of(
    'where',
    [
      [2, 3],
      [2, 3],
    ],
    two((a, b) => where(greater(a, b), mul(a, a), exp(b))),
  ),
  of(
    'where, broadcast',
    [[2, 3], [3]],
    two((a, b) => where(greater(a, a.graph.scalar(0)), a, b)),
  ),
  ...[false, true].flatMap((transA) =>
    [false, true].flatMap((transB) => [
      of(
        `gemm${transA ? ' Aᵀ' : ''}${transB ? ' Bᵀ' : ''}`,
        [transA ? [3, 2] : [2, 3], transB ? [4, 3] : [3, 4]],
        two((a, b) => gemm(a, b, { transA, transB })),
      ),
      of(
        `gemm${transA ? ' Aᵀ' : ''}${transB ? ' Bᵀ' : ''} with bias`,
        [transA ? [3, 2] : [2, 3], transB ? [4, 3] : [3, 4], [4]],
        three((a, b, c) => gemm(a, b, { transA, transB, c })),
      ),
    ]),
  ),
  of(
    'reshape',
    [[2, 6]],
    one((x) => reshape(x, [3, 4])),
  ),
  of(
    'transpose',
    [[2, 3, 4]],
    one((x) => transpose(x, [2, 0, 1])),
  ),
  ...[0, 1, -1].map((axis) =>
    of(
      `concat, axis ${axis}`,
      [
        [2, 2, 2],
        [2, 2, 2],
      ],
      two((a, b) => concat([a, mul(b, b), a], axis)),
    ),
  ),
  ...[0, 1, 2].map((axis) =>
    of(
      `slice, axis ${axis}`,
      [[3, 3, 3]],
      one((x) => slice(x, axis, 1, 2)),
    ),
  ),
  of(
    'slices that overlap',
    [[5]],
    one((x) => mul(slice(x, 0, 0, 4), slice(x, 0, 1, 5))),
  ),
  of(
    'reverse',
    [[3, 4]],
    one((x) => reverse(x, 0)),
  ),
  ...[0, 1].map((axis) =>
    of(
      `pad, axis ${axis}`,
      [[2, 3]],
      one((x) => pad(x, axis, 1, 2)),
    ),
  ),
  ...[[0], [1], [2], [0, 2]].map((axes) =>
    of(
      `reduceSum over ${axes}`,
      [[2, 3, 4]],
      one((x) => reduceSum(x, axes)),
    ),
  ),
  ...[[0], [1], [1, 2]].map((axes) =>
    of(
      `reduceMean over ${axes}`,
      [[2, 3, 4]],
      one((x) => reduceMean(x, axes)),
    ),
  ),
  ...[[0], [1], [2]].map((axes) =>
    of(
      `reduceMax over ${axes}`,
      [[2, 3, 4]],
      one((x) => reduceMax(x, axes)),
    ),
  ),
  of('sumAll', [[2, 3]], one(sumAll)),
  of(
    'expand',
    [[2, 1]],
    one((x) => expand(x, [3, 2, 4])),
  ),
  of('logSoftmax', [[3, 5]], one(logSoftmax)),
  // A loss near 1,000 is rounded to 1e-13: divided by the step of 2e-5, that alone is 1e-8 of the difference.
  { ...of('logSoftmax of large logits', [[3, 5]], one(logSoftmax), [-300, 300]), tolerance: 1e-7 },
  of('softmax', [[2, 3, 3]], one(softmax)),
  of(
    'crossEntropy',
    [[4, 3]],
    one((x) => crossEntropy(x, oneHot(x.graph.int32([0, 2, -1, 1]), 3))),
  ),
  of('huber, both branches', [[4, 5]], one(huber), [-3, 3]),
  of('dense, rank 2', [[3, 4], [4, 2], [2]], three(dense)),
  of('dense, rank 3', [[2, 3, 4], [4, 2], [2]], three(dense)),
  of(
    'im2col',
    [[2, 5, 2]],
    one((x) => im2col(x, 3)),
  ),
  ...[1, 3, 5].map((kernel) =>
    of(
      `conv1d, kernel ${kernel}`,
      [[2, 6, 2], [kernel * 2, 3], [3]],
      three((x, w, b) => conv1d(x, w, b, kernel)),
    ),
  ),
  of(
    'conv1d on conv1d',
    [[1, 6, 2], [6, 2], [2]],
    three((x, w, b) => conv1d(relu(conv1d(x, w, b, 3)), w, b, 3)),
  ),
  of(
    'meanPool1d',
    [[2, 6, 2]],
    one((x) => meanPool1d(x, 3)),
  ),
];

const f64 = (data: Float64Array, shape: readonly number[]) => new OrtTensor('float64', data, shape);

/** Loss = Σ output × fixed numbers, so that every output element counts differently. */
function lossGraph({ shapes, build }: Case): Uint8Array {
  const graph = new Graph('float64');
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, shape));
  const y = build(...inputs);
  const size = y.shape.reduce<number>((total, dim) => total * Number(dim), 1);
  const rng = new SplitMix32(99);
  const loss = sumAll(
    mul(
      y,
      graph.constant(
        Array.from({ length: size }, () => rng.next() - 0.3),
        y.shape,
      ),
    ),
  );
  graph.output('loss', loss);
  gradients(loss, inputs).forEach((gradient, i) => graph.output(`g${i}`, gradient));
  return writeOnnx(graph, 'gradient-case');
}

async function worstError(one: Case): Promise<number> {
  // Fusions make nodes for which there is no float64 kernel.
  const session = await InferenceSession.create(lossGraph(one), { graphOptimizationLevel: 'disabled', intraOpNumThreads: 1 });
  const [low, high] = one.range ?? [-1, 1];
  const rng = new SplitMix32(7);
  const feeds: Record<string, OrtTensor> = {};
  one.shapes.forEach((shape, i) => {
    const size = shape.reduce((total, dim) => total * dim, 1);
    feeds[`x${i}`] = f64(
      Float64Array.from({ length: size }, () => low + (high - low) * rng.next()),
      shape,
    );
  });
  const loss = async () => doublesOf(await session.run(feeds, ['loss']), 'loss')[0] as number;
  const analytic = await session.run(feeds);
  const h = 1e-5;
  let worst = 0;
  for (let i = 0; i < one.shapes.length; i++) {
    const x = doublesOf(feeds, `x${i}`);
    const gradient = doublesOf(analytic, `g${i}`);
    expect(analytic[`g${i}`]?.dims).toEqual([...(one.shapes[i] ?? [])]);
    for (let k = 0; k < x.length; k++) {
      const at = x[k] as number;
      x[k] = at + h;
      const above = await loss();
      x[k] = at - h;
      const below = await loss();
      x[k] = at;
      const numeric = (above - below) / (2 * h);
      worst = Math.max(worst, Math.abs(numeric - (gradient[k] as number)) / Math.max(1, Math.abs(numeric)));
    }
  }
  await session.release();
  return worst;
}

describe('gradients agree with central differences in float64', () => {
  it.each(CASES)('$name', async (one) => {
    expect(await worstError(one)).toBeLessThan(one.tolerance ?? 1e-8);
  });

  it('shares the gradient of a maximum among ties', async () => {
    const graph = new Graph('float64');
    const x = graph.input('x', [3]);
    const loss = sumAll(reduceMax(x, [0]));
    graph.output('g', gradients(loss, [x])[0] as Tensor);
    const session = await InferenceSession.create(writeOnnx(graph, 'ties'), { graphOptimizationLevel: 'disabled' });
    const out = await session.run({ x: f64(Float64Array.of(2, 1, 2), [3]) });
    expect(Array.from(doublesOf(out, 'g'))).toEqual([0.5, 0, 0.5]);
  });

  it('refuses a leaf that the loss does not depend on', () => {
    const graph = new Graph();
    const x = graph.input('x', [3]);
    const unused = graph.input('unused', [3]);
    expect(() => gradients(sumAll(x), [unused])).toThrow('does not depend on unused');
  });
});
