import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { HORIZONS_MIN } from '../../core/contracts/learning.ts';
import {
  buildCnnEvaluationGraph,
  buildCnnTrainingGraph,
  CNN_SUMS,
  type CnnInput,
  type CnnSum,
  cnnLossOf,
} from '../../models/architectures/cnn.ts';
import type { OptimiserState } from '../checkpoint/optimiser-file.ts';
import { floats, floatsOf, ints, openSession } from './session.ts';

/** Examples as flat rows: what `buildDataset` makes, without its counts. */
export interface ExampleTensors {
  /** n × length × channels. */
  readonly inputs: Float32Array;
  readonly action: Int32Array;
  readonly direction: Int32Array;
  readonly futureReturn: Float32Array;
}

export interface TrainerOptions {
  readonly input: CnnInput;
  readonly batchSize: number;
  readonly weightDecay: number;
}

export interface Scores {
  readonly loss: number;
  /** Of the known labels; 0 when there is none. */
  readonly actionAccuracy: number;
  readonly directionAccuracy: number;
}

export interface Trainer {
  /** Steps taken. */
  readonly step: number;
  /** One optimiser step on `rows` (batchSize of them) of the examples; resolves with the loss before it. One Run. */
  train(rows: Uint32Array, learningRate: number): Promise<number>;
  /** Scores rows [from, from + count). `goOn` is asked before each Run; undefined once it says no. */
  evaluate(from: number, count: number, goOn?: () => boolean): Promise<Scores | undefined>;
  /** A copy of everything, as a checkpoint keeps it. */
  snapshot(): OptimiserState;
  release(): Promise<void>;
}

interface StateTensors {
  readonly parameters: Tensor;
  readonly m: Tensor;
  readonly v: Tensor;
}

/** Examples scored in one Run: some milliseconds, so that a stop is still quick. */
const EVALUATION_ROWS = 128;
const HORIZONS = HORIZONS_MIN.length;

/**
 * Trains the CNN on `examples` from `start`, on the CPU with one thread. The same start, rows and rates give the same bits.
 * The state lives in two sets of tensors: each step reads one and writes the other, so nothing is allocated for it.
 */
export async function createTrainer(options: TrainerOptions, examples: ExampleTensors, start: OptimiserState): Promise<Trainer> {
  const { input, batchSize, weightDecay } = options;
  const training = await openSession(buildCnnTrainingGraph(input, { batchSize, weightDecay }));
  const evaluation = await openSession(buildCnnEvaluationGraph(input));

  let state = stateTensors(start.parameters.slice(), start.m.slice(), start.v.slice());
  let spare = stateTensors(...emptyVectors(start.parameters.length));
  let step = start.step;
  const batch = batchTensors(input, batchSize);
  const stepTensor = floats(new Float32Array(1));
  const rateTensor = floats(new Float32Array(1));
  const loss = floats(new Float32Array(1));

  return {
    get step() {
      return step;
    },

    async train(rows, learningRate) {
      for (let i = 0; i < batchSize; i++) copyRow(examples, rows[i] as number, batch, i);
      (stepTensor.data as Float32Array)[0] = step + 1;
      (rateTensor.data as Float32Array)[0] = learningRate;
      await training.run(
        { ...state, ...batch.feeds, step: stepTensor, learningRate: rateTensor },
        { nextParameters: spare.parameters, nextM: spare.m, nextV: spare.v, loss },
      );
      [state, spare] = [spare, state];
      step++;
      return (loss.data as Float32Array)[0] as number;
    },

    async evaluate(from, count, goOn = () => true) {
      const totals = new Float64Array(CNN_SUMS.length);
      for (let done = 0; done < count; done += EVALUATION_ROWS) {
        if (!goOn()) return undefined;
        const rows = Math.min(EVALUATION_ROWS, count - done);
        const sums = await sumsOf(evaluation, state.parameters, rowsOf(examples, input, from + done, rows));
        for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] as number) + (sums[i] as number);
      }
      return scoresOf(totals);
    },

    snapshot: () => ({
      parameters: (state.parameters.data as Float32Array).slice(),
      m: (state.m.data as Float32Array).slice(),
      v: (state.v.data as Float32Array).slice(),
      step,
      seed: start.seed,
    }),

    async release() {
      await Promise.all([training.release(), evaluation.release()]);
    },
  };
}

function emptyVectors(count: number): [Float32Array, Float32Array, Float32Array] {
  return [new Float32Array(count), new Float32Array(count), new Float32Array(count)];
}

function stateTensors(parameters: Float32Array, m: Float32Array, v: Float32Array): StateTensors {
  return { parameters: floats(parameters), m: floats(m), v: floats(v) };
}

interface Batch extends ExampleTensors {
  readonly feeds: Readonly<Record<'x' | 'action' | 'direction' | 'futureReturn', Tensor>>;
}

/** Arrays for one batch with the tensors over them, made once and refilled. */
function batchTensors(input: CnnInput, batchSize: number): Batch {
  const examples = {
    inputs: new Float32Array(batchSize * input.length * input.channels),
    action: new Int32Array(batchSize),
    direction: new Int32Array(batchSize * HORIZONS),
    futureReturn: new Float32Array(batchSize * HORIZONS),
  };
  return { ...examples, feeds: feedsOf(examples, input, batchSize) };
}

function feedsOf(examples: ExampleTensors, input: CnnInput, rows: number): Batch['feeds'] {
  return {
    x: floats(examples.inputs, [rows, input.length, input.channels]),
    action: ints(examples.action),
    direction: ints(examples.direction, [rows, HORIZONS]),
    futureReturn: floats(examples.futureReturn, [rows, HORIZONS]),
  };
}

function copyRow(from: ExampleTensors, row: number, to: ExampleTensors, at: number): void {
  const size = to.inputs.length / to.action.length;
  to.inputs.set(from.inputs.subarray(row * size, (row + 1) * size), at * size);
  to.action[at] = from.action[row] as number;
  to.direction.set(from.direction.subarray(row * HORIZONS, (row + 1) * HORIZONS), at * HORIZONS);
  to.futureReturn.set(from.futureReturn.subarray(row * HORIZONS, (row + 1) * HORIZONS), at * HORIZONS);
}

function rowsOf(examples: ExampleTensors, input: CnnInput, from: number, rows: number): Batch['feeds'] {
  const size = input.length * input.channels;
  const part = {
    inputs: examples.inputs.subarray(from * size, (from + rows) * size),
    action: examples.action.subarray(from, from + rows),
    direction: examples.direction.subarray(from * HORIZONS, (from + rows) * HORIZONS),
    futureReturn: examples.futureReturn.subarray(from * HORIZONS, (from + rows) * HORIZONS),
  };
  return feedsOf(part, input, rows);
}

async function sumsOf(evaluation: InferenceSession, parameters: Tensor, feeds: Batch['feeds']): Promise<Float32Array> {
  return floatsOf(await evaluation.run({ parameters, ...feeds }), 'sums');
}

function scoresOf(totals: Float64Array): Scores {
  const sums = Object.fromEntries(CNN_SUMS.map((name, i) => [name, totals[i] as number])) as Record<CnnSum, number>;
  return {
    loss: cnnLossOf(sums),
    actionAccuracy: sums.actions > 0 ? sums.actionsCorrect / sums.actions : 0,
    directionAccuracy: sums.directions > 0 ? sums.directionsCorrect / sums.directions : 0,
  };
}
