import { expect, vi } from 'vitest';
import { createIdGen } from '../../../core/base/ids.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok, type Failure, type Result } from '../../../core/base/result.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import {
  type CheckpointManifest,
  inferenceReferenceSchema,
  type InferenceReference,
  type Prediction,
  predictionSchema,
} from '../../../core/contracts/learning.ts';
import type { DataMode } from '../../../core/contracts/primitives.ts';
import type { WorkerHealth } from '../../../core/contracts/system.ts';
import type { FromInferenceWorker, ToInferenceWorker } from '../../../core/contracts/worker-protocol.ts';
import { candleWindowSchemaHash, writeCandleWindow } from '../../../core/features/candle-window.ts';
import { randomWalk } from '../../../core/learning/random-walk.fixture.ts';
import { type CandleColumns, candleColumns } from '../../../core/market/candle.ts';
import type { SupervisedWorker } from '../../ports/worker-host.ts';
import { createPredictionService, type PredictionService } from './prediction-service.ts';

export const MINUTE = 60_000;
export const ETH = 'ETH/USDT';

export function slice(columns: CandleColumns, keep: (openTime: number) => boolean): CandleColumns {
  const indices = [...columns.openTime.keys()].filter((i) => keep(columns.openTime[i] as number));
  const kept = candleColumns(indices.length);
  for (const name of ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const)
    indices.forEach((from, to) => (kept[name][to] = columns[name][from] as number));
  return kept;
}

export function manifest(id: string, part: Partial<CheckpointManifest> = {}): CheckpointManifest {
  const file = { name: 'f', bytes: 1, sha256: '0'.repeat(64) };
  return {
    format: 1,
    id,
    modelId: 'cnn',
    symbol: ETH,
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
    ...part,
  };
}

/** A worker that knows the checkpoints it is given and answers at once, unless told to keep silent. */
export class FakeWorker implements SupervisedWorker {
  readonly name = 'inference';
  readonly posted: ToInferenceWorker[] = [];
  readonly loadable = new Map<string, CheckpointManifest>();
  readonly loaded = new Map<string, string>();
  silent = false;
  restarts = 0;
  #up = false;
  #messages = new Set<(message: unknown) => void>();
  #changes = new Set<(change: 'up' | 'down') => void>();

  health(): WorkerHealth {
    return {
      name: 'inference',
      state: this.#up ? 'ready' : 'restarting',
      restarts: this.restarts,
      ...(this.#up ? {} : { lastError: 'signal SIGKILL' }),
    };
  }

  come(): void {
    this.#up = true;
    this.#say({ kind: 'ready', device: 'cpu' });
    for (const listener of this.#changes) listener('up');
  }

  die(): void {
    this.#up = false;
    this.loaded.clear();
    for (const listener of this.#changes) listener('down');
  }

  post(message: unknown): boolean {
    if (!this.#up) return false;
    const request = structuredClone(message) as ToInferenceWorker;
    this.posted.push(request);
    if (!this.silent) queueMicrotask(() => this.#answer(request));
    return true;
  }

  onMessage(listener: (message: unknown) => void): () => void {
    this.#messages.add(listener);
    return () => this.#messages.delete(listener);
  }

  onChange(listener: (change: 'up' | 'down') => void): () => void {
    this.#changes.add(listener);
    return () => this.#changes.delete(listener);
  }

  restart(): void {
    this.restarts++;
    this.die();
    this.silent = false;
    this.come();
  }

  async stop(): Promise<void> {}

  #say(message: FromInferenceWorker): void {
    for (const listener of this.#messages) listener(structuredClone(message));
  }

  #answer(request: ToInferenceWorker): void {
    if (request.kind === 'unload') return void this.loaded.delete(request.symbol);
    const { requestId, symbol } = request;
    if (request.kind === 'load') {
      const found = this.loadable.get(request.folder);
      if (found === undefined)
        return this.#say({ kind: 'failed', requestId, error: fail('CHECKPOINT_CORRUPT', `${request.folder} is damaged`).error });
      this.loaded.set(symbol, found.id);
      return this.#say({ kind: 'loaded', requestId, manifest: found, loadMs: 1 });
    }
    const window = writeCandleWindow(request.candles, request.candles.openTime.length - 1, new Float32Array(512), 0);
    if (!window.ok) return this.#say({ kind: 'failed', requestId, error: window.error });
    this.#say({
      kind: 'predicted',
      requestId,
      checkpointId: this.loaded.get(symbol) as string,
      action: [0.1, 0.2, 0.7],
      directions: [
        [0.6, 0.3, 0.1],
        [0.1, 0.8, 0.1],
        [0.1, 0.2, 0.7],
        [0.3, 0.3, 0.4],
      ],
      expectedReturns: [-0.001, 0, 0.002, 0.003],
      normParams: window.value,
      latencyMs: 2,
    });
  }
}

/** What survives a restart. */
export class MemoryLearning {
  readonly rows = new Map<string, Prediction>();
  readonly references: InferenceReference[] = [];
  readonly kept: { manifest: CheckpointManifest; promoted: boolean }[] = [];
  full = false;

  async savePrediction(prediction: Prediction, reference: InferenceReference) {
    if (this.full) return fail('STORE_FULL', 'the disk is full', { retryable: true });
    this.rows.set(prediction.id, predictionSchema.parse(structuredClone(prediction)));
    this.references.push(inferenceReferenceSchema.parse(structuredClone(reference)));
    return ok(undefined);
  }

  async saveOutcomes(prediction: Prediction) {
    if (this.full) return fail('STORE_FULL', 'the disk is full', { retryable: true });
    this.rows.set(prediction.id, predictionSchema.parse(structuredClone(prediction)));
    return ok(undefined);
  }

  async predictions(symbol: string, from: number, to: number) {
    return ok([...this.rows.values()].filter((row) => row.symbol === symbol && row.t >= from && row.t < to));
  }

  async latestPredictions(symbol: string, limit: number) {
    return ok(
      [...this.rows.values()]
        .filter((row) => row.symbol === symbol)
        .sort((a, b) => b.t - a.t)
        .slice(0, limit),
    );
  }

  async unresolvedPredictions(symbol: string) {
    return ok(
      [...this.rows.values()].filter((row) => row.symbol === symbol && row.horizons.some(({ outcome }) => outcome === undefined)),
    );
  }

  async checkpoints(symbol: string) {
    return ok(this.kept.filter((row) => row.manifest.symbol === symbol));
  }

  async promote(id: string) {
    for (const row of this.kept) row.promoted = row.manifest.id === id;
    return ok(undefined);
  }
}

export interface Desk {
  readonly service: PredictionService;
  readonly worker: FakeWorker;
  readonly learning: MemoryLearning;
  readonly clock: ManualClock;
  readonly problems: Failure[];
  /** Minutes that neither memory nor store nor venue has. */
  readonly holes: Set<number>;
  /** Minutes that only the venue has, until it is asked. */
  readonly unfetched: Set<number>;
  venue: Result<undefined>;
  readonly asked: [number, number][];
  /** The candle that opens at `minute` closes. */
  close(minute: number): Promise<void>;
}

export const market = randomWalk(77, 2000);

export async function open(
  learning = new MemoryLearning(),
  atMinute = 200,
  mode: DataMode = 'SIM',
  holes = new Set<number>(),
  unfetched = new Set<number>(),
): Promise<Desk> {
  const clock = new ManualClock(atMinute * MINUTE);
  const worker = new FakeWorker();
  for (const { manifest: own } of learning.kept) worker.loadable.set(`/checkpoints/${own.id}`, own);
  const problems: Failure[] = [];
  const asked: [number, number][] = [];
  const startedAt = atMinute * MINUTE;
  const has = (openTime: number): boolean =>
    !holes.has(openTime / MINUTE) && !unfetched.has(openTime / MINUTE) && openTime + MINUTE <= clock.now();
  const desk: Desk = {
    worker,
    learning,
    clock,
    problems,
    holes,
    unfetched,
    asked,
    venue: ok(undefined),
    service: createPredictionService({
      clock,
      wall: clock,
      ids: createIdGen(clock, new SplitMix32(3)),
      mode,
      symbols: () => [ETH],
      store: {
        learning,
        market: {
          candleColumns: async (_symbol, _timeframe, from, to) =>
            ok(slice(market, (time) => time >= from && time < to && has(time))),
        },
      },
      worker,
      recentMinutes: (_symbol, count) => {
        const known = slice(market, (time) => has(time) && time >= startedAt - 100 * MINUTE);
        const first = known.openTime[Math.max(0, known.openTime.length - count)] ?? 0;
        return slice(known, (time) => time >= first);
      },
      ensureHistory: async (_symbol, _timeframe, from, to) => {
        asked.push([from / MINUTE, to / MINUTE]);
        if (!desk.venue.ok) return desk.venue;
        for (const minute of [...unfetched]) if (minute * MINUTE >= from && minute * MINUTE < to) unfetched.delete(minute);
        return ok(undefined);
      },
      checkpointFolderOf: (id) => `/checkpoints/${id}`,
      report: (failure) => problems.push(failure),
    }),
    async close(minute: number) {
      clock.advanceTo((minute + 1) * MINUTE);
      await desk.service.onMinuteClosed(ETH, (minute + 1) * MINUTE);
    },
  };
  expect(await desk.service.start()).toEqual(ok(undefined));
  return desk;
}

export async function withModel(atMinute = 200, holes = new Set<number>()): Promise<Desk> {
  const learning = new MemoryLearning();
  learning.kept.push({ manifest: manifest('one'), promoted: false });
  const desk = await open(learning, atMinute, 'SIM', holes);
  desk.worker.come();
  await vi.waitUntil(() => desk.service.active(ETH)?.id === 'one');
  return desk;
}
