import { SplitMix32, nextInt, nextNormal } from '../core/base/rng.ts';
import { HORIZONS_MIN } from '../core/contracts/learning.ts';
import { CANDLE_WINDOW } from '../core/features/candle-window.ts';
import { buildCnnInferenceGraph, cnnLayout, initialiseCnn } from '../models/architectures/cnn.ts';
import { floats, openSession } from '../workers/training/session.ts';
import { createTrainer } from '../workers/training/trainer.ts';
import { compare, measure, median, openReport, percentile, perSecond } from './bench-runner.ts';
import { openTfjs, tfjsCnn } from './tfjs-cnn.ts';

/**
 * The CNN that the app ships, at batch 32, on one thread: training steps through the trainer that the worker uses, and inference at
 * batch 1, against TensorFlow.js with the same network, parameters and batch. Both must agree on the first loss.
 */
const BATCH = 32;
const STEPS = 60;
const PEER_STEPS = 4;
const INFERENCES = 1_000;
const input = { length: CANDLE_WINDOW.length, channels: CANDLE_WINDOW.channels };

const rng = new SplitMix32(1);
const examples = {
  inputs: Float32Array.from({ length: BATCH * input.length * input.channels }, () => nextNormal(rng)),
  action: Int32Array.from({ length: BATCH }, () => nextInt(rng, 3)),
  direction: Int32Array.from({ length: BATCH * 4 }, () => nextInt(rng, 3)),
  futureReturn: Float32Array.from({ length: BATCH * 4 }, () => 0.002 * nextNormal(rng)),
};
const layout = cnnLayout(input);
const parameters = initialiseCnn(input, rng);
const zeros = () => new Float32Array(layout.count);
const start = { parameters, m: zeros(), v: zeros(), step: 0, seed: 1 };
const options = { input, batchSize: BATCH, weightDecay: 0.01 };
const rows = Uint32Array.from({ length: BATCH }, (_, i) => i);

const report = openReport('train');

const trainer = await createTrainer(options, examples, start);
const firstLoss = await trainer.train(rows, 0.001);
const trainOurs = () =>
  perSecond(STEPS * BATCH, async () => {
    for (let i = 0; i < STEPS; i++) await trainer.train(rows, 0.001);
  });

const session = await openSession(buildCnnInferenceGraph(input, parameters));
const window = floats(examples.inputs.slice(0, input.length * input.channels), [1, input.length, input.channels]);
/** Milliseconds of each inference. */
async function latencies(infer: () => unknown, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    await infer();
    times.push(performance.now() - startedAt);
  }
  return times;
}
const inferOurs = () => session.run({ x: window });
const own: number[] = [];

for (const backend of ['wasm', 'cpu'] as const) {
  const tf = await openTfjs(backend);
  const scaledReturn = examples.futureReturn.map((value, i) => value / (0.001 * Math.sqrt(HORIZONS_MIN[i % 4] as number)));
  const peer = tfjsCnn(tf, backend, layout, parameters, { ...examples, x: examples.inputs, scaledReturn });
  const peerLoss = peer.train();
  if (Math.abs(peerLoss - firstLoss) > 1e-3 * firstLoss) {
    throw new Error(`${peer.name} starts at a loss of ${peerLoss}, ours at ${firstLoss}: they do not train the same network`);
  }
  const steps = backend === 'wasm' ? PEER_STEPS : 1;
  const trainPeer = () =>
    perSecond(steps * BATCH, () => {
      for (let i = 0; i < steps; i++) peer.train();
    });
  const trained = await compare({ runs: 5 }, trainOurs, trainPeer);
  report.row({
    metric: 'training, batch 32, 1 thread',
    value: trained.ours,
    unit: 'samples/s',
    peer: peer.name,
    peerValue: trained.peer,
  });

  await latencies(inferOurs, 100);
  await latencies(() => peer.infer(), 5);
  const ourTimes = await latencies(inferOurs, INFERENCES);
  const peerTimes = await latencies(() => peer.infer(), backend === 'wasm' ? 200 : 20);
  own.push(...ourTimes);
  report.row({
    metric: 'inference, batch 1, p50',
    value: median(ourTimes),
    unit: 'ms',
    peer: peer.name,
    peerValue: median(peerTimes),
    better: 'lower',
  });
}
report.row({ metric: 'inference, batch 1, p99', value: percentile(own, 99), unit: 'ms' });

const loadMs = async (open: () => Promise<{ release(): Promise<void> }>) => {
  const startedAt = performance.now();
  const opened = await open();
  const elapsed = performance.now() - startedAt;
  await opened.release();
  return elapsed;
};
const openInference = () => openSession(buildCnnInferenceGraph(input, parameters));
report.row({
  metric: 'inference model, build and load',
  value: await measure({ runs: 5 }, () => loadMs(openInference)),
  unit: 'ms',
});
const openTrainer = () => createTrainer(options, examples, start);
report.row({
  metric: 'training graphs, build and load',
  value: await measure({ runs: 5 }, () => loadMs(openTrainer)),
  unit: 'ms',
});
report.row({ metric: 'parameters', value: layout.count, unit: 'count' });
await Promise.all([trainer.release(), session.release()]);
