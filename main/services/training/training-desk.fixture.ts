import { createIdGen } from '../../../core/base/ids.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok, type Failure, type Result } from '../../../core/base/result.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { Annotation } from '../../../core/contracts/annotations.ts';
import type { ModelConfig } from '../../../core/contracts/config.ts';
import { type CheckpointManifest, trainingStatusSchema, type TrainingStatus } from '../../../core/contracts/learning.ts';
import type { TrainingEvent } from '../../../core/contracts/streams.ts';
import type { WorkerHealth } from '../../../core/contracts/system.ts';
import type { FromTrainingWorker, ToTrainingWorker, TrainingJob } from '../../../core/contracts/worker-protocol.ts';
import { randomWalk } from '../../../core/learning/random-walk.fixture.ts';
import { candleColumns } from '../../../core/market/candle.ts';
import type { SupervisedWorker } from '../../ports/worker-host.ts';
import { createTrainingService, type TrainingService, type TrainingServiceDeps } from './training-service.ts';

export const MINUTE = 60_000;
export const ETH = 'ETH/USDT';
export const NOW = 3000 * MINUTE + 20_000;

/** Says what the test tells it to say. */
export class FakeWorker implements SupervisedWorker {
  readonly name = 'training';
  readonly posted: ToTrainingWorker[] = [];
  state: WorkerHealth['state'] = 'ready';
  #message: (message: unknown) => void = () => undefined;
  #change: (change: 'up' | 'down') => void = () => undefined;

  health(): WorkerHealth {
    return { name: 'training', state: this.state, restarts: 0, lastError: 'signal SIGKILL' };
  }

  post(message: unknown): boolean {
    if (this.state !== 'ready') return false;
    this.posted.push(structuredClone(message) as ToTrainingWorker);
    return true;
  }

  onMessage(listener: (message: unknown) => void): () => void {
    this.#message = listener;
    return () => undefined;
  }

  onChange(listener: (change: 'up' | 'down') => void): () => void {
    this.#change = listener;
    return () => undefined;
  }

  restart(): void {}
  async stop(): Promise<void> {}

  say(message: FromTrainingWorker): void {
    this.#message(structuredClone(message));
  }

  die(): void {
    this.state = 'restarting';
    this.#change('down');
  }

  get job(): TrainingJob {
    const start = this.posted.findLast((message) => message.kind === 'start');
    if (start?.kind !== 'start') throw new Error('no job was posted');
    return start.job;
  }
}

export const model: ModelConfig = {
  id: 'cnn',
  architecture: 'cnn',
  enabled: true,
  training: {
    minAnnotations: 3,
    epochs: 20,
    batchSize: 32,
    learningRate: 0.001,
    weightDecay: 0.01,
    heldOutShare: 0.2,
    holdPerAnnotated: 2,
    minHold: 300,
    seed: 7,
  },
  keepCheckpoints: 2,
};

export function annotation(id: string, entryMinute: number, direction: Annotation['direction'] = 'long'): Annotation {
  const toExit = direction === 'long' ? 1.05 : 0.95;
  const price = market.close[entryMinute] ?? 200;
  return {
    id,
    symbol: ETH,
    timeframe: '1m',
    direction,
    entry: { time: entryMinute * MINUTE, price },
    exit: { time: (entryMinute + 20) * MINUTE, price: price * toExit },
    note: '',
    createdAt: 0,
    updatedAt: 0,
  };
}

export const market = randomWalk(5, 3100);
export const trades = [annotation('a', 2500), annotation('b', 2700, 'short'), annotation('c', 2950)];

export function manifest(id: string, heldOutLoss: number, createdAt: number): CheckpointManifest {
  const file = { name: 'f', bytes: 1, sha256: '0'.repeat(64) };
  return {
    format: 1,
    id,
    modelId: 'cnn',
    symbol: ETH,
    trainedOn: 'SIM',
    createdAt,
    inputSchemaHash: '0123456789abcdef',
    parameterCount: 1,
    seed: 1,
    step: 40,
    metrics: { heldOutLoss, heldOutActionAccuracy: 0.875, heldOutDirectionAccuracy: 0.5, heldOutAnnotated: 3 },
    annotationIds: [],
    trainingRange: { from: 0, to: 1 },
    files: { model: file, optimiser: file },
  };
}

export interface Desk {
  readonly service: TrainingService;
  readonly worker: FakeWorker;
  readonly rows: Map<string, { manifest: CheckpointManifest; promoted: boolean }>;
  readonly removed: string[];
  readonly reloaded: string[];
  readonly problems: Failure[];
  readonly seen: TrainingEvent[];
  readonly asked: [number, number][];
  readonly states: () => TrainingStatus['state'][];
  start(part?: { seed?: number }): Promise<Result<{ jobId: string }>>;
}

export function setUp(
  part: Partial<TrainingServiceDeps> & { annotations?: Annotation[]; holes?: (minute: number) => boolean; full?: boolean } = {},
): Desk {
  const { annotations = trades, holes = () => false, full = false, ...overrides } = part;
  const clock = new ManualClock(NOW);
  const worker = new FakeWorker();
  const desk = {
    worker,
    rows: new Map<string, { manifest: CheckpointManifest; promoted: boolean }>(),
    removed: [] as string[],
    reloaded: [] as string[],
    problems: [] as Failure[],
    seen: [] as TrainingEvent[],
    asked: [] as [number, number][],
  };
  const service = createTrainingService({
    clock,
    ids: createIdGen(clock, new SplitMix32(1)),
    mode: 'SIM',
    symbols: () => [ETH],
    models: [model],
    market: {
      candleColumns: async (_symbol, _timeframe, from, to) => {
        const minutes = [...market.openTime.keys()].filter((i) => i * MINUTE >= from && i * MINUTE < to && !holes(i));
        const columns = candleColumns(minutes.length);
        for (const name of ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const)
          minutes.forEach((i, at) => (columns[name][at] = market[name][i] as number));
        return ok(columns);
      },
    },
    ensureHistory: async (_symbol, _timeframe, from, to) => {
      desk.asked.push([from / MINUTE, to / MINUTE]);
      return ok(undefined);
    },
    learning: {
      saveCheckpoint: async (saved) => {
        if (full) return fail('STORE_FULL', 'the disk is full', { retryable: true });
        desk.rows.set(saved.id, { manifest: saved, promoted: false });
        return ok(undefined);
      },
      deleteCheckpoint: async (id) => {
        desk.rows.delete(id);
        return ok(undefined);
      },
      checkpoints: async () => ok([...desk.rows.values()]),
    },
    worker,
    annotationsOf: () => annotations,
    checkpointFolder: '/data/checkpoints',
    removeCheckpointFiles: async (id) => {
      desk.removed.push(id);
      return ok(undefined);
    },
    activeCheckpoint: () => undefined,
    checkpointsChanged: async (symbol) => void desk.reloaded.push(symbol),
    report: (failure) => desk.problems.push(failure),
    ...overrides,
  });
  service.events.on((event) => {
    if (event.kind !== 'metric') trainingStatusSchema.parse(event.status);
    desk.seen.push(event);
  });
  return {
    ...desk,
    service,
    states: () => desk.seen.flatMap((event) => (event.kind === 'metric' ? [] : [event.status.state])),
    start: ({ seed } = {}) => service.startTraining({ symbol: ETH, epochs: 10, seed }),
  };
}

export async function running(part: Parameters<typeof setUp>[0] = {}): Promise<Desk & { jobId: string }> {
  const desk = setUp(part);
  const started = await desk.start();
  if (!started.ok) throw new Error(started.error.message);
  desk.worker.say({
    kind: 'prepared',
    jobId: started.value.jobId,
    totalSteps: 40,
    annotated: 9,
    hold: 200,
    heldOut: 60,
    heldOutAnnotated: 3,
  });
  return { ...desk, jobId: started.value.jobId };
}

export const ended = (desk: Desk): Promise<void> =>
  new Promise((resolve) => {
    const stop = desk.service.events.on((event) => {
      if (event.kind !== 'status' || !['finished', 'stopped', 'failed'].includes(event.status.state)) return;
      stop();
      resolve();
    });
  });
