import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextNormal, SplitMix32 } from '../../core/base/rng.ts';
import type { FromTrainingWorker, ToTrainingWorker, TrainingJob, TrainingSample } from '../../core/contracts/worker-protocol.ts';
import { CANDLE_WINDOW, candleWindowSchemaHash } from '../../core/features/candle-window.ts';
import { candleColumns } from '../../core/market/candle.ts';
import { readCheckpoint } from '../checkpoint/read-checkpoint.ts';
import { floats, floatsOf, openSession } from './session.ts';
import { createTrainingWorker } from './training-worker.ts';

const START = 1_583_366_400_000;
const MINUTE = 60_000;
const PERIOD = 90;

/** A slow wave with noise: BUY where it turns up, SELL where it turns down. */
function wave(minutes: number): Pick<TrainingJob, 'candles' | 'samples'> {
  const rng = new SplitMix32(11);
  const candles = candleColumns(minutes);
  let close = 200;
  for (let i = 0; i < minutes; i++) {
    const open = close;
    close = 200 * (1 + 0.01 * Math.sin((2 * Math.PI * i) / PERIOD)) * Math.exp(0.0003 * nextNormal(rng));
    candles.openTime[i] = START + i * MINUTE;
    candles.open[i] = open;
    candles.close[i] = close;
    candles.high[i] = Math.max(open, close) * 1.0002;
    candles.low[i] = Math.min(open, close) * 0.9998;
    candles.volume[i] = 50 + 10 * rng.next();
  }
  const samples: TrainingSample[] = [];
  for (let i = CANDLE_WINDOW.length + 70; i < minutes - 61; i += 3) {
    const slope = Math.cos((2 * Math.PI * i) / PERIOD);
    const height = Math.sin((2 * Math.PI * i) / PERIOD);
    const action = Math.abs(slope) > 0.5 ? 1 : height < 0 ? 2 : 0;
    samples.push({ openTime: START + i * MINUTE, action });
  }
  return { candles, samples };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'training-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function job(changes: Partial<TrainingJob> = {}): TrainingJob {
  return {
    jobId: 'job_1',
    checkpointId: 'ckpt_1',
    modelId: 'cnn',
    symbol: 'ETH/USDT',
    trainedOn: 'SIM',
    seed: 7,
    epochs: 4,
    batchSize: 32,
    learningRate: 0.002,
    weightDecay: 0.01,
    heldOutShare: 0.2,
    ...wave(2_400),
    annotationIds: ['ann_1'],
    checkpointFolder: folder,
    createdAt: 1_583_971_200_000,
    ...changes,
  };
}

type Kind = FromTrainingWorker['kind'];
type Of<K extends Kind, Message = FromTrainingWorker> = Message extends { readonly kind: Kind }
  ? K extends Message['kind']
    ? Message
    : never
  : never;

/** A worker in this process. `onPost` sees each message as it is posted. */
function startWorker(onPost: (message: FromTrainingWorker, send: (message: ToTrainingWorker) => void) => void = () => undefined) {
  const posted: FromTrainingWorker[] = [];
  const waiting = new Map<Kind, (message: FromTrainingWorker) => void>();
  let receive: (message: unknown) => void = () => undefined;
  const send = (message: ToTrainingWorker): void => receive(message);
  createTrainingWorker({
    post(message) {
      const plain = structuredClone(message) as FromTrainingWorker;
      posted.push(plain);
      waiting.get(plain.kind)?.(plain);
      onPost(plain, send);
    },
    onMessage(listener) {
      receive = listener;
    },
  });
  const all = <K extends Kind>(kind: K): Of<K>[] => posted.filter((message): message is Of<K> => message.kind === kind);
  return {
    posted,
    send,
    all,
    /** The first of its kind, from now or before. */
    first<K extends Kind>(kind: K): Promise<Of<K>> {
      const [known] = all(kind);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => waiting.set(kind, (message) => resolve(message as Of<K>)));
    },
  };
}

async function eventLoopTurns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the training worker', { timeout: 120_000 }, () => {
  it('trains, measures every epoch and leaves a checkpoint that onnxruntime runs', async () => {
    const worker = startWorker();
    expect(worker.posted).toEqual([{ kind: 'ready', device: 'cpu' }]);
    worker.send({ kind: 'start', job: job({ epochs: 12 }) });
    const ended = await worker.first('ended');
    const [prepared] = worker.all('prepared');
    expect(ended).toMatchObject({ jobId: 'job_1', stopped: false, step: prepared?.totalSteps });

    const measured = worker.all('progress').filter(({ point }) => point.heldOutLoss !== undefined);
    expect(measured).toHaveLength(12);
    expect(measured.at(-1)?.point).toMatchObject({ step: ended.step, epoch: 12 });
    expect(measured.at(-1)?.samplesPerSecond).toBeGreaterThan(0);
    const best = Math.min(...measured.map(({ point }) => point.heldOutLoss as number));
    expect(ended.manifest?.metrics.heldOutLoss).toBe(best);
    expect(ended.manifest?.metrics.heldOutActionAccuracy).toBeGreaterThan(0.85);

    const read = await readCheckpoint(join(folder, 'ckpt_1'), candleWindowSchemaHash);
    if (!read.ok) throw new Error(read.error.message);
    expect(read.value.manifest).toEqual(ended.manifest);
    expect(read.value.optimiser.step).toBe(ended.manifest?.step);
    const session = await openSession(read.value.model);
    const out = await session.run({ x: floats(new Float32Array(512), [1, CANDLE_WINDOW.length, CANDLE_WINDOW.channels]) });
    expect(floatsOf(out, 'action').reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    await session.release();
  });

  it('gives the same checkpoint for the same job', async () => {
    const hashes: (string | undefined)[] = [];
    for (const checkpointId of ['ckpt_1', 'ckpt_2']) {
      const worker = startWorker();
      worker.send({ kind: 'start', job: job({ checkpointId, epochs: 2 }) });
      hashes.push((await worker.first('ended')).manifest?.files.optimiser.sha256);
    }
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
  });

  it('stops after the step in progress and keeps what was learnt', async () => {
    const stoppedAt: number[] = [];
    const worker = startWorker((message, send) => {
      if (message.kind !== 'progress' || stoppedAt.length > 0) return;
      stoppedAt.push(message.point.step);
      // As from another process: in a later turn of the event loop, while the next step runs.
      setImmediate(() => send({ kind: 'stop', keep: true }));
    });
    worker.send({ kind: 'start', job: job({ epochs: 400 }) });
    const ended = await worker.first('ended');
    expect(ended.stopped).toBe(true);
    expect(ended.step - (stoppedAt[0] as number)).toBeLessThanOrEqual(1);
    expect(ended.manifest?.step).toBeLessThanOrEqual(ended.step);
    expect((await readCheckpoint(join(folder, 'ckpt_1'), candleWindowSchemaHash)).ok).toBe(true);
  });

  it('leaves nothing when it is stopped without keeping', async () => {
    const worker = startWorker((message, send) => {
      if (message.kind === 'progress') send({ kind: 'stop', keep: false });
    });
    worker.send({ kind: 'start', job: job({ epochs: 400 }) });
    const ended = await worker.first('ended');
    expect(ended).toEqual({ kind: 'ended', jobId: 'job_1', step: ended.step, stopped: true });
    expect(await readdir(folder)).toEqual([]);
  });

  it('rests while paused, goes on where it was, and ends as if it had not', async () => {
    const straight = startWorker();
    straight.send({ kind: 'start', job: job({ checkpointId: 'straight' }) });
    const expected = (await straight.first('ended')).manifest;

    const worker = startWorker((message, send) => {
      if (message.kind === 'prepared') send({ kind: 'pause' });
    });
    worker.send({ kind: 'start', job: job() });
    const paused = await worker.first('paused');
    expect(paused.step).toBe(0);
    await eventLoopTurns(50);
    expect(worker.posted.at(-1)).toEqual(paused);
    worker.send({ kind: 'resume' });
    expect(await worker.first('resumed')).toMatchObject({ step: 0 });
    expect((await worker.first('ended')).manifest?.files.optimiser).toEqual(expected?.files.optimiser);
  });

  it('can be stopped while paused', async () => {
    const worker = startWorker((message, send) => {
      if (message.kind === 'prepared') send({ kind: 'pause' });
      if (message.kind === 'paused') send({ kind: 'stop', keep: true });
    });
    worker.send({ kind: 'start', job: job() });
    expect(await worker.first('ended')).toEqual({ kind: 'ended', jobId: 'job_1', step: 0, stopped: true });
    expect(worker.all('resumed')).toEqual([]);
  });

  it('refuses a second job meanwhile and takes one when it is free', async () => {
    const worker = startWorker((message, send) => {
      if (message.kind === 'prepared' && message.jobId === 'job_1') send({ kind: 'start', job: job({ jobId: 'job_2' }) });
      if (message.kind === 'failed') send({ kind: 'stop', keep: false });
      if (message.kind === 'ended' && message.jobId === 'job_1') send({ kind: 'start', job: job({ jobId: 'job_3', epochs: 1 }) });
    });
    worker.send({ kind: 'start', job: job({ epochs: 400 }) });
    expect(await worker.first('failed')).toMatchObject({ jobId: 'job_2', error: { code: 'TRAINING_BUSY', retryable: true } });
    await worker.first('ended');
    while (worker.all('ended').length < 2) await eventLoopTurns(1);
    expect(worker.all('ended')[1]).toMatchObject({ jobId: 'job_3', stopped: false });
  });

  it('answers a job that cannot be trained with the reason', async () => {
    const worker = startWorker();
    worker.send({ kind: 'start', job: job({ samples: [] }) });
    expect(await worker.first('failed')).toMatchObject({ jobId: 'job_1', error: { code: 'DATASET_TOO_SMALL' } });
  });

  it('says so when the loss is no longer a number, and keeps nothing', async () => {
    const worker = startWorker();
    worker.send({ kind: 'start', job: job({ learningRate: 1e30 }) });
    expect(await worker.first('failed')).toMatchObject({ error: { code: 'TRAINING_DIVERGED' } });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says so when the checkpoint cannot be written', async () => {
    const blocked = join(folder, 'blocked');
    await writeFile(blocked, '');
    const worker = startWorker();
    worker.send({ kind: 'start', job: job({ epochs: 1, checkpointFolder: blocked }) });
    expect(await worker.first('failed')).toMatchObject({ error: { code: 'CHECKPOINT_WRITE_FAILED' } });
  });
});
