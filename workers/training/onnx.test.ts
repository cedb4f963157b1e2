import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../models/graph/graph.ts';
import { writeOnnx } from '../../models/graph/onnx.ts';
import { add, mul, reshape, sumAll, transpose } from '../../models/graph/ops.ts';
import { BATCH } from '../../models/graph/shape.ts';
import { doublesOf, floats, floatsOf, openSession } from './session.ts';

describe('onnxruntime reads what is written', () => {
  it('names, types and shapes, the batch left open', async () => {
    const graph = new Graph();
    const x = graph.input('x', [BATCH, 2, 3]);
    graph.output('flat', reshape(x, ['batch*2', 3]));
    graph.output('turned', transpose(x, [0, 2, 1]));
    const session = await openSession(writeOnnx(graph, 'shapes', { symbol: 'ETH/USDT' }));
    expect(session.inputMetadata).toEqual([{ name: 'x', isTensor: true, type: 'float32', shape: ['batch', 2, 3] }]);
    expect(session.outputNames).toEqual(['flat', 'turned']);
    const out = await session.run({
      x: floats(
        Float32Array.from({ length: 12 }, (_, i) => i),
        [2, 2, 3],
      ),
    });
    expect(out['flat']?.dims).toEqual([4, 3]);
    expect(Array.from(floatsOf(out, 'turned'))).toEqual([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
    await session.release();
  });

  it('outputs that are an input, a constant, or one tensor twice', async () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const doubled = add(x, x);
    graph.output('same', x);
    graph.output('seven', graph.constant([7], [1]));
    graph.output('doubled', doubled);
    graph.output('again', doubled);
    const session = await openSession(writeOnnx(graph, 'outputs'));
    const out = await session.run({ x: floats(Float32Array.of(1, 2)) });
    const values = ['same', 'seven', 'doubled', 'again'].map((name) => Array.from(floatsOf(out, name)));
    expect(values).toEqual([[1, 2], [7], [2, 4], [2, 4]]);
    await session.release();
  });

  it('constants of every type and size', async () => {
    const graph = new Graph('float64');
    const x = graph.input('x', []);
    const large = Array.from({ length: 10_000 }, (_, i) => i / 3);
    graph.output('sum', mul(x, sumAll(graph.constant(large, [100, 100]))));
    const session = await openSession(writeOnnx(graph, 'constants'));
    const out = await session.run({ x: new Tensor('float64', Float64Array.of(0.5), []) });
    expect(doublesOf(out, 'sum')[0]).toBeCloseTo(large.reduce((total, v) => total + v, 0) / 2, 6);
    await session.release();
  });
});
