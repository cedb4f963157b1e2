import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { nextInt, nextNormal, SplitMix32 } from '../../core/base/rng.ts';
import {
  buildCnnEvaluationGraph,
  buildCnnGradientGraph,
  buildCnnInferenceGraph,
  CNN_SUMS,
  type CnnSum,
  cnnLayout,
  cnnLossOf,
  initialiseCnn,
} from '../../models/architectures/cnn.ts';
import { doublesOf, floats, floatsOf, ints, openSession } from './session.ts';

const INPUT = { length: 16, channels: 3 };
const BATCH = 4;

/** Labels with unknown ones among them. */
function example(rng: SplitMix32, batch: number) {
  return {
    x: Float32Array.from({ length: batch * INPUT.length * INPUT.channels }, () => nextNormal(rng)),
    action: Int32Array.from({ length: batch }, () => nextInt(rng, 4) - 1),
    direction: Int32Array.from({ length: batch * 4 }, () => nextInt(rng, 4) - 1),
    futureReturn: Float32Array.from({ length: batch * 4 }, () => 0.004 * nextNormal(rng)),
  };
}

function feedsOf({ x, action, direction, futureReturn }: ReturnType<typeof example>) {
  const batch = action.length;
  return {
    x: floats(x, [batch, INPUT.length, INPUT.channels]),
    action: ints(action),
    direction: ints(direction, [batch, 4]),
    futureReturn: floats(futureReturn, [batch, 4]),
  };
}

function sumsOf(data: Float32Array): Record<CnnSum, number> {
  return Object.fromEntries(CNN_SUMS.map((name, i) => [name, data[i] as number])) as Record<CnnSum, number>;
}

/** Mean of −log p and share of hits over known labels, written out the long way. */
function naiveScore(probabilities: Float32Array, labels: Int32Array) {
  let loss = 0;
  let known = 0;
  let hits = 0;
  labels.forEach((label, row) => {
    if (label < 0) return;
    const p = Array.from(probabilities.subarray(row * 3, row * 3 + 3));
    known++;
    loss -= Math.log(p[label] as number);
    if (p.indexOf(Math.max(...p)) === label) hits++;
  });
  return { loss, known, hits };
}

describe('the CNN', () => {
  it('has a gradient that agrees with central differences in float64, parameter by parameter', async () => {
    const rng = new SplitMix32(3);
    const layout = cnnLayout(INPUT);
    const session = await InferenceSession.create(buildCnnGradientGraph(INPUT, BATCH, 'float64'), {
      graphOptimizationLevel: 'disabled',
      intraOpNumThreads: 1,
    });
    const { x, action, direction, futureReturn } = example(rng, BATCH);
    const parameters = Float64Array.from(initialiseCnn(INPUT, rng));
    const feeds = {
      parameters: new Tensor('float64', parameters, [parameters.length]),
      x: new Tensor('float64', Float64Array.from(x), [BATCH, INPUT.length, INPUT.channels]),
      action: ints(action),
      direction: ints(direction, [BATCH, 4]),
      futureReturn: new Tensor('float64', Float64Array.from(futureReturn), [BATCH, 4]),
    };
    const loss = async () => doublesOf(await session.run(feeds, ['loss']), 'loss')[0] as number;
    const gradient = doublesOf(await session.run(feeds, ['gradient']), 'gradient');
    expect(gradient.length).toBe(layout.count);
    const h = 1e-6;
    let checked = 0;
    for (const { name, offset, size } of layout.parameters) {
      for (let k = 0; k < 8; k++) {
        const at = offset + nextInt(rng, size);
        const value = parameters[at] as number;
        parameters[at] = value + h;
        const above = await loss();
        parameters[at] = value - h;
        const below = await loss();
        parameters[at] = value;
        const numeric = (above - below) / (2 * h);
        expect(Math.abs(numeric - (gradient[at] as number)), `${name}[${at - offset}]`).toBeLessThan(1e-7);
        checked++;
      }
    }
    expect(checked).toBe(14 * 8);
    await session.release();
  });

  it('is scored as a plain loop over its probabilities scores it, and batches add up', async () => {
    const rng = new SplitMix32(5);
    const parameters = initialiseCnn(INPUT, rng);
    const evaluation = await openSession(buildCnnEvaluationGraph(INPUT));
    const inference = await openSession(buildCnnInferenceGraph(INPUT, parameters));
    const data = example(rng, 37);
    const feeds = feedsOf(data);
    const out = await inference.run({ x: feeds.x });
    const sums = sumsOf(floatsOf(await evaluation.run({ ...feeds, parameters: floats(parameters) }), 'sums'));

    const action = naiveScore(floatsOf(out, 'action'), data.action);
    expect(sums.actions).toBe(action.known);
    expect(sums.actionsCorrect).toBe(action.hits);
    expect(sums.actionLoss).toBeCloseTo(action.loss, 3);
    const direction = naiveScore(floatsOf(out, 'directions'), data.direction);
    expect(sums.directions).toBe(direction.known);
    expect(sums.directionsCorrect).toBe(direction.hits);
    expect(sums.directionLoss).toBeCloseTo(direction.loss, 3);

    let returnLoss = 0;
    const returns = floatsOf(out, 'returns');
    data.direction.forEach((label, i) => {
      const unit = 0.001 * Math.sqrt([1, 5, 15, 60][i % 4] as number);
      const error = Math.abs(((returns[i] as number) - (data.futureReturn[i] as number)) / unit);
      if (label >= 0) returnLoss += error <= 1 ? error ** 2 / 2 : error - 0.5;
    });
    expect(sums.returnLoss).toBeCloseTo(returnLoss, 3);
    expect(cnnLossOf(sums)).toBeCloseTo(
      action.loss / action.known + direction.loss / direction.known + (0.5 * returnLoss) / direction.known,
      5,
    );
    await Promise.all([evaluation.release(), inference.release()]);
  });

  it('exports probabilities that do not depend on the batch that a window comes in', async () => {
    const rng = new SplitMix32(6);
    const session = await openSession(buildCnnInferenceGraph(INPUT, initialiseCnn(INPUT, rng)));
    const { x } = example(rng, 5);
    const size = INPUT.length * INPUT.channels;
    const all = await session.run({ x: floats(x, [5, INPUT.length, INPUT.channels]) });
    expect(['action', 'directions', 'returns', 'hidden'].map((name) => all[name]?.dims)).toEqual([
      [5, 3],
      [5, 4, 3],
      [5, 4],
      [5, 128],
    ]);
    const alone = await session.run({ x: floats(x.slice(2 * size, 3 * size), [1, INPUT.length, INPUT.channels]) });
    for (const [name, width] of [
      ['action', 3],
      ['directions', 12],
      ['returns', 4],
      ['hidden', 128],
    ] as const) {
      const among = floatsOf(all, name).subarray(2 * width, 3 * width);
      const single = floatsOf(alone, name);
      for (let i = 0; i < width; i++) expect(among[i]).toBeCloseTo(single[i] as number, 5);
    }
    for (const [name, rows] of [
      ['action', 5],
      ['directions', 20],
    ] as const) {
      const probabilities = floatsOf(all, name);
      for (let row = 0; row < rows; row++) {
        expect(probabilities.subarray(row * 3, row * 3 + 3).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      }
    }
    await session.release();
  });
});
