import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../core/base/rng.ts';
import type { Annotation } from '../../core/contracts/annotations.ts';
import type { CheckpointManifest } from '../../core/contracts/learning.ts';
import type { FromInferenceWorker, FromTrainingWorker, TrainingJob } from '../../core/contracts/worker-protocol.ts';
import { candleWindowSchemaHash } from '../../core/features/candle-window.ts';
import { samplesOf } from '../../core/learning/samples.ts';
import { candleColumns, type CandleColumns } from '../../core/market/candle.ts';
import { readCheckpoint } from '../checkpoint/read-checkpoint.ts';
import { createTrainingWorker } from '../training/training-worker.ts';
import { createInferenceWorker } from './inference-worker.ts';

const MINUTE = 60_000;
const ETH = 'ETH/USDT';

/** A price that swings every two hours: the bottom is worth buying and the top selling, and a model can see which is which. */
function swings(length: number): CandleColumns {
  const rng = new SplitMix32(11);
  const columns = candleColumns(length);
  let previous = 200;
  for (let i = 0; i < length; i++) {
    const close = 200 - 4 * Math.cos((2 * Math.PI * i) / 120) + 0.1 * (rng.next() - 0.5);
    columns.openTime[i] = i * MINUTE;
    columns.open[i] = previous;
    columns.close[i] = close;
    columns.high[i] = Math.max(previous, close) + 0.05;
    columns.low[i] = Math.min(previous, close) - 0.05;
    columns.volume[i] = 10 + 5 * rng.next();
    previous = close;
  }
  return columns;
}

function trade(swing: number, direction: Annotation['direction']): Annotation {
  const entry = swing * 120 + (direction === 'long' ? 0 : 60);
  const [entryPrice, exitPrice] = direction === 'long' ? [196, 204] : [204, 196];
  return {
    id: `t${swing}${direction}`,
    symbol: ETH,
    timeframe: '1m',
    direction,
    entry: { time: entry * MINUTE, price: entryPrice },
    exit: { time: (entry + 60) * MINUTE, price: exitPrice },
    note: '',
    createdAt: 0,
    updatedAt: 0,
  };
}

/** One end of a channel in this process; messages are copied as they are between processes. */
function channel<To, From>(
  start: (port: { post(message: unknown): void; onMessage(listener: (message: unknown) => void): void }) => void,
): {
  send(message: To): void;
  until<Kind extends From>(wanted: (message: From) => message is Kind): Promise<Kind>;
} {
  const received: From[] = [];
  const watchers = new Set<() => void>();
  let toWorker: (message: unknown) => void = () => undefined;
  start({
    post(message) {
      received.push(structuredClone(message) as From);
      for (const watcher of watchers) watcher();
    },
    onMessage: (listener) => void (toWorker = listener),
  });
  return {
    send: (message) => toWorker(structuredClone(message)),
    until: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = received.find(wanted);
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      }),
  };
}

const candles = swings(2400);
let folder: string;
let manifest: CheckpointManifest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'round-trip-'));
  const annotations = [2, 4, 6, 8, 10, 12, 14].flatMap((swing) => [trade(swing, 'long'), trade(swing + 1, 'short')]);
  const set = samplesOf(annotations, candles, { rng: new SplitMix32(1), holdPerAnnotated: 2, minHold: 120 });
  const job: TrainingJob = {
    jobId: 'job',
    checkpointId: 'ckpt',
    modelId: 'cnn',
    symbol: ETH,
    trainedOn: 'SIM',
    seed: 1,
    epochs: 12,
    batchSize: 32,
    learningRate: 0.003,
    weightDecay: 0.01,
    heldOutShare: 0.2,
    candles,
    samples: set.samples,
    annotationIds: set.usedIds,
    checkpointFolder: folder,
    createdAt: 1,
  };
  const trainer = channel<unknown, FromTrainingWorker>(createTrainingWorker);
  trainer.send({ kind: 'start', job });
  const end = await trainer.until((message) => message.kind === 'ended' || message.kind === 'failed');
  if (end.kind !== 'ended' || end.manifest === undefined) throw new Error(JSON.stringify(end));
  manifest = end.manifest;
}, 120_000);

afterAll(() => rm(folder, { recursive: true }));

describe('a checkpoint, from training to inference', () => {
  it('names the layout that inference builds', () => {
    expect(manifest).toMatchObject({ id: 'ckpt', symbol: ETH, trainedOn: 'SIM', inputSchemaHash: candleWindowSchemaHash });
  });

  it('is loaded from disk and tells bottoms from tops that it never saw', async () => {
    const inference = channel<unknown, FromInferenceWorker>((port) => createInferenceWorker(port, readCheckpoint));
    inference.send({ kind: 'load', requestId: 1, symbol: ETH, folder: join(folder, 'ckpt') });
    expect(await inference.until((message) => message.kind === 'loaded' || message.kind === 'failed')).toMatchObject({
      kind: 'loaded',
      manifest,
    });
    const at = async (minute: number): Promise<readonly number[]> => {
      const window = candleColumns(64);
      for (const name of ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const)
        window[name].set(candles[name].subarray(minute - 63, minute + 1));
      inference.send({ kind: 'predict', requestId: minute, symbol: ETH, candles: window });
      const answer = await inference.until(
        (message): message is Extract<FromInferenceWorker, { kind: 'predicted' }> =>
          message.kind === 'predicted' && message.requestId === minute,
      );
      return answer.action;
    };
    for (const swing of [17, 18, 19]) {
      const bottom = await at(swing * 120 + 1);
      const top = await at(swing * 120 - 59);
      expect(bottom[2], `P(BUY) at the bottom of swing ${swing}`).toBeGreaterThan(bottom[0] as number);
      expect(top[0], `P(SELL) at the top of swing ${swing}`).toBeGreaterThan(top[2] as number);
    }
  });

  it('is refused when a byte of it has changed', async () => {
    const path = join(folder, 'ckpt', manifest.files.model.name);
    const whole = await readFile(path);
    const damaged = Buffer.from(whole);
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] as number) ^ 1;
    await writeFile(path, damaged);
    const inference = channel<unknown, FromInferenceWorker>((port) => createInferenceWorker(port, readCheckpoint));
    inference.send({ kind: 'load', requestId: 1, symbol: ETH, folder: join(folder, 'ckpt') });
    expect(await inference.until((message) => message.kind === 'loaded' || message.kind === 'failed')).toMatchObject({
      kind: 'failed',
      error: { code: 'CHECKPOINT_CORRUPT' },
    });
    await writeFile(path, whole);
  });
});
