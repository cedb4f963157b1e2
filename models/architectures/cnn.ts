import type { Rng } from '../../core/base/rng.ts';
import { ACTIONS, DIRECTIONS, HORIZONS_MIN } from '../../core/contracts/learning.ts';
import { adamW, type AdamWOptions, flatten } from '../graph/adamw.ts';
import { gradients } from '../graph/autodiff.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { conv1d, correct, crossEntropy, dense, huber, meanPool1d, oneHot, softmax } from '../graph/layers.ts';
import { writeOnnx } from '../graph/onnx.ts';
import {
  add,
  clip,
  concat,
  div,
  mul,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  slice,
  sub,
  sumAll,
} from '../graph/ops.ts';
import {
  constantParameters,
  flatParameters,
  initialiseParameters,
  layOutParameters,
  type ModelContext,
  type ParameterLayout,
} from '../graph/parameters.ts';
import { BATCH, type Dim, type Shape, staticDim } from '../graph/shape.ts';

const HORIZONS = HORIZONS_MIN.length;
const CLASSES = DIRECTIONS.length;
const HIDDEN = 128;

/** Width, channels and pooling of each convolution block. */
const BLOCKS = [
  { kernel: 5, channels: 32, pool: 2 },
  { kernel: 3, channels: 64, pool: 2 },
  { kernel: 3, channels: 64, pool: 1 },
] as const;

/**
 * Returns are learnt in units of the move that is ordinary for the horizon: 10 basis points in a minute, growing with the
 * square root of time. Keeps the heads of all horizons on one scale; the exported model answers in plain fractions again.
 */
const RETURN_UNITS = HORIZONS_MIN.map((minutes) => 0.001 * Math.sqrt(minutes));

/** Weight of each part in the loss that is trained. Direction and return support the action; returns are mostly noise. */
export const CNN_LOSS_WEIGHTS = { action: 1, direction: 1, return: 0.5 } as const;

/** Defaults of AdamW's paper; the norm is clipped where a bad batch would undo many good ones. */
const OPTIMISER = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, maxGradientNorm: 1 } as const;

/**
 * What the training and evaluation graphs report, as sums over the batch in this order, so that batches add up exactly.
 * `actions` and `directions` count the labels that are known; the returns go with the directions.
 */
export const CNN_SUMS = [
  'actionLoss',
  'actions',
  'actionsCorrect',
  'directionLoss',
  'directions',
  'directionsCorrect',
  'returnLoss',
] as const;
export type CnnSum = (typeof CNN_SUMS)[number];

/** The window that a model reads: [batch, length, channels]. */
export interface CnnInput {
  readonly length: number;
  readonly channels: number;
}

export interface CnnTrainingOptions {
  readonly batchSize: number;
  readonly weightDecay: number;
}

interface CnnOutputs {
  /** [B, 3] */
  readonly actionLogits: Tensor;
  /** [B, 4, 3] */
  readonly directionLogits: Tensor;
  /** [B, 4], in RETURN_UNITS. */
  readonly returns: Tensor;
  /** [B, 128] */
  readonly hidden: Tensor;
}

/**
 * Three convolution blocks, then what they saw on average, at its strongest and last of all, a dense layer, and three heads.
 * x [B, length, channels], oldest candle first.
 */
function cnn(context: ModelContext, x: Tensor): CnnOutputs {
  const weight = (name: string, inputs: number, outputs: number, kind: 'he' | 'lecun') =>
    context.parameter(`${name}.weight`, [inputs, outputs], { kind, fanIn: inputs });
  const bias = (name: string, outputs: number) => context.parameter(`${name}.bias`, [outputs], { kind: 'zeros' });

  let features = x;
  BLOCKS.forEach(({ kernel, channels, pool }, i) => {
    const name = `conv${i + 1}`;
    const inputs = kernel * staticDim(features.shape, 2);
    features = relu(conv1d(features, weight(name, inputs, channels, 'he'), bias(name, channels), kernel));
    if (pool > 1) features = meanPool1d(features, pool);
  });

  const [batch, time, channels] = features.shape as readonly [Dim, number, number];
  const pooled = concat([reduceMean(features, [1]), reduceMax(features, [1]), slice(features, 1, time - 1, time)], 2);
  const flat = reshape(pooled, [batch, 3 * channels]);
  const hidden = relu(dense(flat, weight('hidden', 3 * channels, HIDDEN, 'he'), bias('hidden', HIDDEN)));
  const head = (name: string, outputs: number) => dense(hidden, weight(name, HIDDEN, outputs, 'lecun'), bias(name, outputs));
  return {
    actionLogits: head('action', ACTIONS.length),
    directionLogits: reshape(head('directions', HORIZONS * CLASSES), [batch, HORIZONS, CLASSES]),
    returns: head('returns', HORIZONS),
    hidden,
  };
}

export function cnnLayout(input: CnnInput): ParameterLayout {
  return layOutParameters((context) => cnn(context, context.graph.input('x', [1, input.length, input.channels])));
}

/** First parameters, flat: He for the layers before a ReLU, LeCun for the heads, zero biases. */
export function initialiseCnn(input: CnnInput, rng: Rng): Float32Array {
  return initialiseParameters(cnnLayout(input), rng);
}

interface Labels {
  /** int32 [B]: index in ACTIONS, −1 to leave the row out. */
  readonly action: Tensor;
  /** int32 [B, 4]: index in DIRECTIONS, −1 where the future is not known; the return there is left out too. */
  readonly direction: Tensor;
  /** [B, 4]: future return as a fraction. */
  readonly futureReturn: Tensor;
}

function labelInputs(graph: Graph, batch: Dim): Labels {
  return {
    action: graph.input('action', [batch], 'int32'),
    direction: graph.input('direction', [batch, HORIZONS], 'int32'),
    futureReturn: graph.input('futureReturn', [batch, HORIZONS]),
  };
}

/** Every sum of CNN_SUMS, as a scalar. */
function score(outputs: CnnOutputs, labels: Labels): Readonly<Record<CnnSum, Tensor>> {
  const { graph } = outputs.hidden;
  const action = oneHot(labels.action, ACTIONS.length);
  const direction = oneHot(labels.direction, CLASSES);
  const known = reduceSum(direction, [2]);
  const target = div(labels.futureReturn, graph.constant(RETURN_UNITS, [HORIZONS]));
  const returnError = mul(sub(outputs.returns, target), reshape(known, labels.direction.shape));
  return {
    actionLoss: sumAll(crossEntropy(outputs.actionLogits, action)),
    actions: sumAll(action),
    actionsCorrect: sumAll(correct(outputs.actionLogits, action)),
    directionLoss: sumAll(crossEntropy(outputs.directionLogits, direction)),
    directions: sumAll(known),
    directionsCorrect: sumAll(correct(outputs.directionLogits, direction)),
    returnLoss: sumAll(huber(returnError)),
  };
}

/** The loss that is minimised: each part averaged over what it covers, then weighted by CNN_LOSS_WEIGHTS. */
function totalLoss(sums: Readonly<Record<CnnSum, Tensor>>): Tensor {
  const { graph } = sums.actionLoss;
  const part = (sum: Tensor, over: Tensor, weight: number) => mul(div(sum, clip(over, 1, 1e9)), graph.scalar(weight));
  return add(
    part(sums.actionLoss, sums.actions, CNN_LOSS_WEIGHTS.action),
    add(
      part(sums.directionLoss, sums.directions, CNN_LOSS_WEIGHTS.direction),
      part(sums.returnLoss, sums.directions, CNN_LOSS_WEIGHTS.return),
    ),
  );
}

/** The same loss from sums read back, added over any number of batches. */
export function cnnLossOf(sums: Readonly<Record<CnnSum, number>>): number {
  const part = (sum: number, over: number, weight: number) => (over > 0 ? (sum / over) * weight : 0);
  return (
    part(sums.actionLoss, sums.actions, CNN_LOSS_WEIGHTS.action) +
    part(sums.directionLoss, sums.directions, CNN_LOSS_WEIGHTS.direction) +
    part(sums.returnLoss, sums.directions, CNN_LOSS_WEIGHTS.return)
  );
}

function stacked(sums: Readonly<Record<CnnSum, Tensor>>): Tensor {
  return concat(
    CNN_SUMS.map((name) => reshape(sums[name], [1])),
    0,
  );
}

/**
 * One training step as an ONNX model with a static batch.
 *
 * Inputs: `parameters`, `m`, `v` [count]; `step` [1], counting from 1; `learningRate` [1]; `x` [B, length, channels];
 * `action` int32 [B]; `direction` int32 [B, 4]; `futureReturn` [B, 4].
 * Outputs: `nextParameters`, `nextM`, `nextV` [count]; `loss` [1]; `gradientNorm` [1], before clipping; `sums` [7] as CNN_SUMS.
 */
export function buildCnnTrainingGraph(input: CnnInput, options: CnnTrainingOptions): Uint8Array {
  const graph = new Graph();
  const layout = cnnLayout(input);
  const vector: Shape = [layout.count];
  const state = { parameters: graph.input('parameters', vector), m: graph.input('m', vector), v: graph.input('v', vector) };
  const step = graph.input('step', [1]);
  const learningRate = graph.input('learningRate', [1]);
  const weights = flatParameters(state.parameters, layout);
  const outputs = cnn(weights.context, graph.input('x', [options.batchSize, input.length, input.channels]));
  const sums = score(outputs, labelInputs(graph, options.batchSize));
  const loss = totalLoss(sums);
  const gradient = flatten(gradients(loss, weights.leaves()), layout);
  const optimiser: AdamWOptions = { ...OPTIMISER, weightDecay: options.weightDecay };
  const next = adamW(state, gradient, step, learningRate, layout, optimiser);
  graph.output('nextParameters', next.parameters);
  graph.output('nextM', next.m);
  graph.output('nextV', next.v);
  graph.output('loss', reshape(loss, [1]));
  graph.output('gradientNorm', reshape(next.gradientNorm, [1]));
  graph.output('sums', stacked(sums));
  return writeOnnx(graph, 'cnn-training-step');
}

/** The loss and its gradient alone, in any float type: inputs as the training step without optimiser; outputs `loss` [1], `gradient` [count]. */
export function buildCnnGradientGraph(input: CnnInput, batchSize: number, floatType: 'float32' | 'float64'): Uint8Array {
  const graph = new Graph(floatType);
  const layout = cnnLayout(input);
  const weights = flatParameters(graph.input('parameters', [layout.count]), layout);
  const outputs = cnn(weights.context, graph.input('x', [batchSize, input.length, input.channels]));
  const loss = totalLoss(score(outputs, labelInputs(graph, batchSize)));
  graph.output('loss', reshape(loss, [1]));
  graph.output('gradient', flatten(gradients(loss, weights.leaves()), layout));
  return writeOnnx(graph, 'cnn-gradient');
}

/** Scores any number of examples: inputs `parameters`, `x` and the labels; output `sums` [7] as CNN_SUMS. */
export function buildCnnEvaluationGraph(input: CnnInput): Uint8Array {
  const graph = new Graph();
  const layout = cnnLayout(input);
  const weights = flatParameters(graph.input('parameters', [layout.count]), layout);
  const outputs = cnn(weights.context, graph.input('x', [BATCH, input.length, input.channels]));
  graph.output('sums', stacked(score(outputs, labelInputs(graph, BATCH))));
  return writeOnnx(graph, 'cnn-evaluation');
}

/**
 * The trained model, weights inside, for any batch size. Input `x` [batch, length, channels]; outputs
 * `action` [batch, 3] and `directions` [batch, 4, 3] as probabilities, `returns` [batch, 4] as fractions, `hidden` [batch, 128].
 */
export function buildCnnInferenceGraph(
  input: CnnInput,
  parameters: Float32Array,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const graph = new Graph();
  const context = constantParameters(graph, parameters, cnnLayout(input));
  const outputs = cnn(context, graph.input('x', [BATCH, input.length, input.channels]));
  graph.output('action', softmax(outputs.actionLogits));
  graph.output('directions', softmax(outputs.directionLogits));
  graph.output('returns', mul(outputs.returns, graph.constant(RETURN_UNITS, [HORIZONS])));
  graph.output('hidden', outputs.hidden);
  return writeOnnx(graph, 'cnn', metadata);
}
