import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SplitMix32 } from '../core/base/rng.ts';
import { CANDLE_WINDOW, candleWindowSchemaHash, writeCandleWindow } from '../core/features/candle-window.ts';
import { randomWalk } from '../core/learning/random-walk.fixture.ts';
import { forkLauncher } from '../main/headless/fork-launcher.ts';
import { createSystemClock } from '../main/host/host-clock.ts';
import { superviseWorker } from '../main/host/supervisor.ts';
import { createInferenceClient } from '../main/services/prediction/inference-client.ts';
import { buildCnnInferenceGraph, cnnLayout, initialiseCnn } from '../models/architectures/cnn.ts';
import { readCheckpoint } from '../workers/checkpoint/read-checkpoint.ts';
import { writeCheckpoint } from '../workers/checkpoint/write-checkpoint.ts';
import { openModel } from '../workers/inference/inference-session.ts';
import { createInferenceWorker } from '../workers/inference/inference-worker.ts';
import { openParentPort } from '../workers/transport/port.ts';
import { median, openReport, percentile } from './bench-runner.ts';

/**
 * One prediction by the CNN that the app ships: in this process (window and model alone), and end to end as the desk asks for it, through
 * the supervised worker process and back. What lies between the two is the price of the process boundary.
 * The weights are random: a prediction costs the same whatever was learnt.
 */
const PREDICTIONS = 2_000;
const WARM_UPS = 200;
const LOADS = 7;
const SYMBOL = 'ETH/USDT';
const ID = 'bench';
const input = { length: CANDLE_WINDOW.length, channels: CANDLE_WINDOW.channels };
const candles = randomWalk(5, input.length);

async function bench(): Promise<void> {
  const report = openReport('inference');
  const folder = await mkdtemp(join(tmpdir(), 'bench-inference-'));
  const onnx = await writeModel(folder);

  const model = must(await openModel(onnx));
  const alone = await times(async () => {
    const x = new Float32Array(input.length * input.channels);
    must(writeCandleWindow(candles, input.length - 1, x, 0));
    must(await model.run(x));
  });

  const wall = createSystemClock();
  const worker = superviseWorker({
    name: 'inference',
    // The worker is this very file: the bundle of this benchmark is called inference.js, as the app's worker is.
    launcher: forkLauncher(dirname(process.argv[1] ?? '.')),
    wall,
    jitter: () => 0,
    log: { debug() {}, info() {}, warn: console.error, error: console.error },
    isReady: (message) => (message as { kind: string }).kind === 'ready',
    args: () => ['--worker'],
  });
  await new Promise<void>((resolve) => {
    const stop = worker.onChange((change) => {
      if (change !== 'up') return;
      stop();
      resolve();
    });
  });
  const client = createInferenceClient(worker);
  const loads: number[] = [];
  for (let i = 0; i < LOADS; i++) {
    const startedAt = performance.now();
    must(await client.load(SYMBOL, join(folder, ID)));
    loads.push(performance.now() - startedAt);
  }
  const inWorker: number[] = [];
  const endToEnd = await times(async () => {
    inWorker.push(must(await client.predict(SYMBOL, candles)).latencyMs);
  });
  const workerTimes = inWorker.slice(WARM_UPS);

  for (const [name, at] of [
    ['p50', median],
    ['p99', (values: readonly number[]) => percentile(values, 99)],
  ] as const) {
    report.row({ metric: `prediction ${name}, in process`, value: at(alone), unit: 'ms' });
    report.row({
      metric: `prediction ${name}, end to end`,
      value: at(endToEnd),
      unit: 'ms',
      peer: 'in process',
      peerValue: at(alone),
      better: 'lower',
    });
    report.row({ metric: `prediction ${name}, as the worker counts`, value: at(workerTimes), unit: 'ms' });
  }
  report.row({ metric: 'checkpoint load: verify, open, warm up', value: median(loads), unit: 'ms' });

  client.close();
  await worker.stop();
  model.release();
  await rm(folder, { recursive: true });
  // The system clock's timer would keep the process.
  process.exit(0);
}

async function times(work: () => Promise<unknown>): Promise<number[]> {
  const measured: number[] = [];
  for (let i = -WARM_UPS; i < PREDICTIONS; i++) {
    const startedAt = performance.now();
    await work();
    if (i >= 0) measured.push(performance.now() - startedAt);
  }
  return measured;
}

/** A checkpoint with random weights in `<folder>/<ID>`; answers its ONNX. */
async function writeModel(folder: string): Promise<Uint8Array> {
  const parameters = initialiseCnn(input, new SplitMix32(3));
  const model = buildCnnInferenceGraph(input, parameters);
  const zeros = () => new Float32Array(parameters.length);
  must(
    await writeCheckpoint(folder, ID, {
      manifest: {
        id: ID,
        modelId: 'cnn',
        symbol: SYMBOL,
        trainedOn: 'SIM',
        createdAt: 0,
        inputSchemaHash: candleWindowSchemaHash,
        parameterCount: cnnLayout(input).count,
        seed: 3,
        step: 0,
        metrics: { heldOutLoss: 0, heldOutActionAccuracy: 0, heldOutDirectionAccuracy: 0, heldOutAnnotated: 3 },
        annotationIds: [],
        trainingRange: { from: 0, to: 1 },
      },
      model,
      optimiser: { parameters, m: zeros(), v: zeros(), step: 0, seed: 3 },
    }),
  );
  return model;
}

function must<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: { readonly message: string } },
): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

if (process.argv.includes('--worker')) createInferenceWorker(openParentPort(), readCheckpoint);
else await bench();
