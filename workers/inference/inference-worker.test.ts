import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../core/base/rng.ts';
import { fail, ok } from '../../core/base/result.ts';
import type { CheckpointManifest } from '../../core/contracts/learning.ts';
import type { FromInferenceWorker, ToInferenceWorker } from '../../core/contracts/worker-protocol.ts';
import { CANDLE_WINDOW, candleWindowSchemaHash, rebuildCandleWindow } from '../../core/features/candle-window.ts';
import { randomWalk } from '../../core/learning/random-walk.fixture.ts';
import { buildCnnInferenceGraph, initialiseCnn } from '../../models/architectures/cnn.ts';
import { openModel } from './inference-session.ts';
import { createInferenceWorker, type ReadCheckpoint } from './inference-worker.ts';

type Answer<Kind extends FromInferenceWorker['kind']> = Extract<FromInferenceWorker, { kind: Kind }>;

/** The host's end: sends requests and waits for the answer with their id. */
class TestPort {
  readonly received: FromInferenceWorker[] = [];
  #listener: (message: unknown) => void = () => undefined;
  #waiting = new Map<number, (answer: FromInferenceWorker) => void>();
  #nextId = 1;

  post(message: unknown): void {
    const answer = structuredClone(message) as FromInferenceWorker;
    this.received.push(answer);
    if ('requestId' in answer) this.#waiting.get(answer.requestId)?.(answer);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#listener = listener;
  }

  send(message: ToInferenceWorker): void {
    this.#listener(structuredClone(message));
  }

  load(folder: string, symbol = 'ETH/USDT'): Promise<FromInferenceWorker> {
    return this.#ask((requestId) => this.send({ kind: 'load', requestId, symbol, folder }));
  }

  predict(candles = randomWalk(1, 70), symbol = 'ETH/USDT'): Promise<FromInferenceWorker> {
    return this.#ask((requestId) => this.send({ kind: 'predict', requestId, symbol, candles }));
  }

  #ask(send: (requestId: number) => void): Promise<FromInferenceWorker> {
    const requestId = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(requestId, resolve);
      send(requestId);
    });
  }
}

const shape = { length: CANDLE_WINDOW.length, channels: CANDLE_WINDOW.channels };
const onnx = (seed: number): Uint8Array => buildCnnInferenceGraph(shape, initialiseCnn(shape, new SplitMix32(seed)));

function manifest(id: string, symbol = 'ETH/USDT'): CheckpointManifest {
  const file = { name: 'f', bytes: 1, sha256: '0'.repeat(64) };
  return {
    format: 1,
    id,
    modelId: 'cnn',
    symbol,
    trainedOn: 'SIM',
    createdAt: 1,
    inputSchemaHash: candleWindowSchemaHash,
    parameterCount: 1,
    seed: 1,
    step: 1,
    metrics: { heldOutLoss: 1, heldOutActionAccuracy: 0, heldOutDirectionAccuracy: 0, heldOutAnnotated: 3 },
    annotationIds: [],
    trainingRange: { from: 0, to: 1 },
    files: { model: file, optimiser: file },
  };
}

const checkpoints: Record<string, { manifest: CheckpointManifest; model: Uint8Array }> = {
  one: { manifest: manifest('one'), model: onnx(1) },
  two: { manifest: manifest('two'), model: onnx(2) },
  garbage: { manifest: manifest('garbage'), model: new Uint8Array(500).fill(7) },
  bitcoin: { manifest: manifest('bitcoin', 'BTC/USDT'), model: onnx(3) },
  narrow: {
    manifest: manifest('narrow'),
    model: buildCnnInferenceGraph({ ...shape, channels: 3 }, initialiseCnn({ ...shape, channels: 3 }, new SplitMix32(1))),
  },
};

const readFromMemory: ReadCheckpoint = async (folder, schemaHash) => {
  expect(schemaHash).toBe(candleWindowSchemaHash);
  const found = checkpoints[folder];
  return found === undefined ? fail('CHECKPOINT_MISSING', `there is no checkpoint in ${folder}`) : ok(found);
};

function startWorker(readCheckpoint: ReadCheckpoint = readFromMemory): TestPort {
  const port = new TestPort();
  createInferenceWorker(port, readCheckpoint);
  return port;
}

describe('inference worker', () => {
  it('says that it is ready, loads, and predicts what the model says of the rebuilt window', async () => {
    const port = startWorker();
    expect(port.received).toEqual([{ kind: 'ready', device: 'cpu' }]);
    expect(await port.load('one')).toMatchObject({ kind: 'loaded', manifest: { id: 'one' } });
    const candles = randomWalk(9, 80);
    const answer = (await port.predict(candles)) as Answer<'predicted'>;
    expect(answer).toMatchObject({ kind: 'predicted', checkpointId: 'one' });
    expect(answer.latencyMs).toBeGreaterThan(0);
    for (const probabilities of [answer.action, ...answer.directions])
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    expect(answer.expectedReturns).toHaveLength(4);

    const x = new Float32Array(CANDLE_WINDOW.length * CANDLE_WINDOW.channels);
    expect(rebuildCandleWindow(candles, 79, answer.normParams, x, 0).ok).toBe(true);
    const model = await openModel(checkpoints['one']?.model as Uint8Array);
    if (!model.ok) throw new Error(model.error.message);
    expect(await model.value.run(x)).toEqual(
      ok({ action: answer.action, directions: answer.directions, expectedReturns: answer.expectedReturns }),
    );
  });

  it('answers with the old model until the new one is ready', async () => {
    let openGate: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (openGate = resolve));
    const port = startWorker(async (folder, hash) => {
      if (folder === 'two') await gate;
      return readFromMemory(folder, hash);
    });
    await port.load('one');
    const loadingTwo = port.load('two');
    expect(await port.predict()).toMatchObject({ checkpointId: 'one' });
    openGate();
    const during = port.predict();
    expect(await loadingTwo).toMatchObject({ kind: 'loaded', manifest: { id: 'two' } });
    expect(await during).toMatchObject({ kind: 'predicted' });
    expect(await port.predict()).toMatchObject({ checkpointId: 'two' });
  });

  it.each([
    ['missing', 'CHECKPOINT_MISSING'],
    ['garbage', 'MODEL_UNUSABLE'],
    ['narrow', 'MODEL_UNUSABLE'],
    ['bitcoin', 'CHECKPOINT_WRONG_SYMBOL'],
  ])('keeps the old model when %s cannot be loaded', async (folder, code) => {
    const port = startWorker();
    await port.load('one');
    expect(await port.load(folder)).toMatchObject({ kind: 'failed', error: { code } });
    expect(await port.predict()).toMatchObject({ checkpointId: 'one' });
  });

  it('answers even when reading throws, and goes on', async () => {
    const port = startWorker(async (folder, hash): Promise<Awaited<ReturnType<ReadCheckpoint>>> => {
      if (folder === 'broken') throw new Error('disk on fire');
      return readFromMemory(folder, hash);
    });
    expect(await port.load('broken')).toMatchObject({
      kind: 'failed',
      error: { code: 'INFERENCE_FAILED', detail: 'disk on fire' },
    });
    expect(await port.load('one')).toMatchObject({ kind: 'loaded' });
  });

  it('keeps symbols apart and forgets an unloaded one', async () => {
    const port = startWorker();
    expect(await port.predict()).toMatchObject({ kind: 'failed', error: { code: 'NO_MODEL' } });
    await port.load('one');
    await port.load('bitcoin', 'BTC/USDT');
    expect(await port.predict(randomWalk(2, 64), 'BTC/USDT')).toMatchObject({ checkpointId: 'bitcoin' });
    port.send({ kind: 'unload', symbol: 'ETH/USDT' });
    await port.load('missing');
    expect(await port.predict()).toMatchObject({ error: { code: 'NO_MODEL' } });
    expect(await port.predict(randomWalk(2, 64), 'BTC/USDT')).toMatchObject({ checkpointId: 'bitcoin' });
  });

  it('refuses windows with a hole, too few candles or none', async () => {
    const port = startWorker();
    await port.load('one');
    expect(await port.predict(randomWalk(1, 90, 0, new Set([70])))).toMatchObject({ error: { code: 'WINDOW_HAS_GAP' } });
    expect(await port.predict(randomWalk(1, 63))).toMatchObject({ error: { code: 'WINDOW_TOO_SHORT' } });
    expect(await port.predict(randomWalk(1, 0))).toMatchObject({ error: { code: 'WINDOW_TOO_SHORT' } });
  });

  it('answers every one of many requests that arrive while models are swapped', async () => {
    const port = startWorker();
    await port.load('one');
    const asked: Promise<FromInferenceWorker>[] = [];
    for (let i = 0; i < 40; i++) {
      asked.push(port.predict(randomWalk(i, 64)));
      if (i % 10 === 0) asked.push(port.load(i % 20 === 0 ? 'two' : 'one'));
    }
    const kinds = (await Promise.all(asked)).map((answer) => answer.kind);
    expect(kinds.filter((kind) => kind === 'predicted')).toHaveLength(40);
    expect(kinds.filter((kind) => kind === 'loaded')).toHaveLength(4);
  });
});
