import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ParameterLayout } from '../models/graph/parameters.ts';
import { loadPeer } from './bench-runner.ts';

/** The part of @tensorflow/tfjs-core that is used here. */
interface TfTensor {
  readonly shape: readonly number[];
  dataSync(): Float32Array;
  dispose(): void;
}
type Binary = (a: TfTensor, b: TfTensor) => TfTensor;

interface Tf {
  readonly version_core: string;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(values: Float32Array, shape: readonly number[]): TfTensor;
  variable(initial: TfTensor): TfTensor;
  scalar(value: number): TfTensor;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly matMul: Binary;
  relu(x: TfTensor): TfTensor;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  sum(x: TfTensor): TfTensor;
  mean(x: TfTensor, axis: number): TfTensor;
  max(x: TfTensor, axis: number): TfTensor;
  pad(x: TfTensor, paddings: readonly (readonly [number, number])[]): TfTensor;
  slice(x: TfTensor, begin: readonly number[], size: readonly number[]): TfTensor;
  clipByValue(x: TfTensor, low: number, high: number): TfTensor;
  concat(parts: readonly TfTensor[], axis: number): TfTensor;
  logSoftmax(logits: TfTensor): TfTensor;
  tidy<T>(work: () => T): T;
  readonly train: {
    adam(learningRate: number): { minimize(loss: () => TfTensor, returnCost: true, variables: readonly TfTensor[]): TfTensor };
  };
}

export interface PeerBatch {
  /** [B, 64, C] */
  readonly x: Float32Array;
  readonly action: Int32Array;
  readonly direction: Int32Array;
  /** [B, 4], in the units that the model learns. */
  readonly scaledReturn: Float32Array;
}

export interface PeerCnn {
  readonly name: string;
  /** One step of Adam; the loss before it. */
  train(): number;
  /** The three heads for one window. */
  infer(): void;
}

/** TensorFlow.js with one of its backends. */
export async function openTfjs(backend: 'wasm' | 'cpu'): Promise<Tf> {
  const tf = await loadPeer<Tf>('@tensorflow/tfjs-core');
  await loadPeer(`@tensorflow/tfjs-backend-${backend}`);
  await registerGradients();
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  await tf.ready();
  return tf;
}

/**
 * The Node build of tfjs-core has no gradients, and its file that registers them cannot be imported by Node (imports without
 * extension), so it is bundled here. Registry and engine are global to the process, so they serve the Node build too.
 */
async function registerGradients(): Promise<void> {
  const peers = dirname(process.env['COBALT_BENCH_PEERS'] ?? '');
  const outDir = join(peers, '..', '..', '.cache', 'bench');
  const bundler = 'vite';
  const { build } = (await import(/* @vite-ignore */ bundler)) as { build(options: object): Promise<unknown> };
  await build({
    configFile: false,
    root: peers,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: join(peers, 'node_modules/@tensorflow/tfjs-core/dist/register_all_gradients.js'),
      outDir,
      emptyOutDir: false,
      rolldownOptions: { output: { format: 'es', entryFileNames: 'tfjs-gradients.js' } },
    },
  });
  await import(/* @vite-ignore */ pathToFileURL(join(outDir, 'tfjs-gradients.js')).href);
}

/**
 * The same network, parameters, loss and batch as ours, in TensorFlow.js. Convolution is im2col and a matrix product: the wasm
 * backend has no gradient of its own convolution. Adam without decay or clipping, which is less work than ours does.
 */
export function tfjsCnn(tf: Tf, backend: string, layout: ParameterLayout, flat: Float32Array, batch: PeerBatch): PeerCnn {
  const variables = new Map(
    layout.parameters.map(({ name, shape, offset, size }) => [
      name,
      tf.variable(tf.tensor(flat.slice(offset, offset + size), shape)),
    ]),
  );
  const parameter = (name: string): TfTensor => {
    const found = variables.get(name);
    if (found === undefined) throw new Error(`no parameter is named ${name}`);
    return found;
  };
  const dense = (x: TfTensor, name: string) => tf.add(tf.matMul(x, parameter(`${name}.weight`)), parameter(`${name}.bias`));
  const dims = (x: TfTensor) => x.shape as readonly [number, number, number];

  const conv = (x: TfTensor, name: string, kernel: number): TfTensor => {
    const [rows, time, channels] = dims(x);
    const half = (kernel - 1) / 2;
    const padded = tf.pad(x, [
      [0, 0],
      [half, half],
      [0, 0],
    ]);
    const windows = Array.from({ length: kernel }, (_, k) => tf.slice(padded, [0, k, 0], [rows, time, channels]));
    const columns = tf.reshape(tf.concat(windows, 2), [rows * time, kernel * channels]);
    return tf.relu(tf.reshape(dense(columns, name), [rows, time, parameter(`${name}.bias`).shape[0] as number]));
  };
  const pool = (x: TfTensor): TfTensor => {
    const [rows, time, channels] = dims(x);
    return tf.mean(tf.reshape(x, [rows, time / 2, 2, channels]), 2);
  };
  const model = (x: TfTensor) => {
    const features = conv(pool(conv(pool(conv(x, 'conv1', 5)), 'conv2', 3)), 'conv3', 3);
    const [rows, time, channels] = dims(features);
    const last = tf.reshape(tf.slice(features, [0, time - 1, 0], [rows, 1, channels]), [rows, channels]);
    const hidden = tf.relu(dense(tf.concat([tf.mean(features, 1), tf.max(features, 1), last], 1), 'hidden'));
    const directions = tf.reshape(dense(hidden, 'directions'), [rows, 4, 3]);
    return { action: dense(hidden, 'action'), directions, returns: dense(hidden, 'returns') };
  };

  const rows = batch.action.length;
  const channels = batch.x.length / rows / 64;
  const x = tf.tensor(batch.x, [rows, 64, channels]);
  const action = tf.tensor(oneHot(batch.action), [rows, 3]);
  const direction = tf.tensor(oneHot(batch.direction), [rows, 4, 3]);
  const returns = tf.tensor(batch.scaledReturn, [rows, 4]);
  const scaled = (x: TfTensor, factor: number) => tf.mul(x, tf.scalar(factor));
  const loss = (): TfTensor => {
    const out = model(x);
    const actionLoss = scaled(tf.sum(tf.mul(tf.logSoftmax(out.action), action)), -1 / rows);
    const directionLoss = scaled(tf.sum(tf.mul(tf.logSoftmax(out.directions), direction)), -1 / (4 * rows));
    const error = tf.sub(out.returns, returns);
    const clipped = tf.clipByValue(error, -1, 1);
    // Huber as e²/2 of the clipped part and the rest linear: differentiates to the clipped error.
    const huber = tf.add(scaled(tf.mul(clipped, clipped), 0.5), tf.mul(tf.sub(error, clipped), clipped));
    return tf.add(tf.add(actionLoss, directionLoss), scaled(tf.sum(huber), 1 / (8 * rows)));
  };
  const optimiser = tf.train.adam(0.001);
  const trained = [...variables.values()];
  const one = tf.tensor(batch.x.slice(0, 64 * channels), [1, 64, channels]);

  return {
    name: `TensorFlow.js ${tf.version_core} ${backend}`,
    train() {
      const cost = optimiser.minimize(loss, true, trained);
      const value = cost.dataSync()[0] as number;
      cost.dispose();
      return value;
    },
    infer() {
      tf.tidy(() => {
        const { action: actionLogits, directions, returns: expected } = model(one);
        for (const head of [tf.logSoftmax(actionLogits), tf.logSoftmax(directions), expected]) head.dataSync();
      });
    },
  };
}

function oneHot(labels: Int32Array): Float32Array {
  const rows = new Float32Array(labels.length * 3);
  labels.forEach((label, i) => {
    rows[i * 3 + label] = 1;
  });
  return rows;
}
