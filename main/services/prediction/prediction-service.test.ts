import { describe, expect, it, vi } from 'vitest';
import { createIdGen } from '../../../core/base/ids.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok, type Failure, type Result } from '../../../core/base/result.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import { type CheckpointManifest, inferenceReferenceSchema, type InferenceReference, type Prediction, predictionSchema } from '../../../core/contracts/learning.ts';
import type { DataMode } from '../../../core/contracts/primitives.ts';
import type { WorkerHealth } from '../../../core/contracts/system.ts';
import type { FromInferenceWorker, ToInferenceWorker } from '../../../core/contracts/worker-protocol.ts';
import { CANDLE_WINDOW, candleWindowSchemaHash, rebuildCandleWindow, writeCandleWindow } from '../../../core/features/candle-window.ts';
import { flatThresholds } from '../../../core/learning/labels.ts';
import { randomWalk } from '../../../core/learning/random-walk.fixture.ts';
import { type CandleColumns, candleColumns } from '../../../core/market/candle.ts';
import type { SupervisedWorker } from '../../ports/worker-host.ts';
import { createPredictionService, type PredictionService } from './prediction-service.ts';

const MINUTE = 60_000;
const ETH = 'ETH/USDT';

function slice(columns: CandleColumns, keep: (openTime: number) => boolean): CandleColumns {
  const indices = [...columns.openTime.keys()].filter((i) => keep(columns.openTime[i] as number));
  const kept = candleColumns(indices.length);
  for (const name of ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const) indices.forEach((from, to) => (kept[name][to] = columns[name][from] as number));
  return kept;
}

function manifest(id: string, part: Partial<CheckpointManifest> = {}): CheckpointManifest {
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
    metrics: { heldOutLoss: 1, heldOutActionAccuracy: 0, heldOutDirectionAccuracy: 0 },
    annotationIds: [],
    trainingRange: { from: 0, to: 1 },
    files: { model: file, optimiser: file },
    ...part,
  };
}

/** A worker that knows the checkpoints it is given and answers at once, unless told to keep silent. */
class FakeWorker implements SupervisedWorker {
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
    return { name: 'inference', state: this.#up ? 'ready' : 'restarting', restarts: this.restarts, ...(this.#up ? {} : { lastError: 'signal SIGKILL' }) };
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
      if (found === undefined) return this.#say({ kind: 'failed', requestId, error: fail('CHECKPOINT_CORRUPT', `${request.folder} is damaged`).error });
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
class MemoryLearning {
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
    return ok([...this.rows.values()].filter((row) => row.symbol === symbol).sort((a, b) => b.t - a.t).slice(0, limit));
  }

  async unresolvedPredictions(symbol: string) {
    return ok([...this.rows.values()].filter((row) => row.symbol === symbol && row.horizons.some(({ outcome }) => outcome === undefined)));
  }

  async checkpoints(symbol: string) {
    return ok(this.kept.filter((row) => row.manifest.symbol === symbol));
  }

  async promote(id: string) {
    for (const row of this.kept) row.promoted = row.manifest.id === id;
    return ok(undefined);
  }
}

interface Desk {
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

const market = randomWalk(77, 2000);

async function open(learning = new MemoryLearning(), atMinute = 200, mode: DataMode = 'SIM', holes = new Set<number>(), unfetched = new Set<number>()): Promise<Desk> {
  const clock = new ManualClock(atMinute * MINUTE);
  const worker = new FakeWorker();
  for (const { manifest: own } of learning.kept) worker.loadable.set(`/checkpoints/${own.id}`, own);
  const problems: Failure[] = [];
  const asked: [number, number][] = [];
  const startedAt = atMinute * MINUTE;
  const has = (openTime: number): boolean => !holes.has(openTime / MINUTE) && !unfetched.has(openTime / MINUTE) && openTime + MINUTE <= clock.now();
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
      ids: createIdGen(clock, new SplitMix32(3)),
      mode,
      symbols: [ETH],
      store: { learning, market: { candleColumns: async (_symbol, _timeframe, from, to) => ok(slice(market, (time) => time >= from && time < to && has(time))) } },
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

async function withModel(atMinute = 200, holes = new Set<number>()): Promise<Desk> {
  const learning = new MemoryLearning();
  learning.kept.push({ manifest: manifest('one'), promoted: false });
  const desk = await open(learning, atMinute, 'SIM', holes);
  desk.worker.come();
  await vi.waitUntil(() => desk.service.active(ETH)?.id === 'one');
  return desk;
}

describe('a prediction', () => {
  it('is made at every closed minute and stored as a reference from which the input is rebuilt bit for bit', async () => {
    const desk = await withModel();
    const seen: Prediction[] = [];
    desk.service.events.predictions.on(({ event }) => event.kind === 'updated' && seen.push(event.prediction));
    await desk.close(200);
    const index = 200;
    expect(seen).toEqual([
      expect.objectContaining({ symbol: ETH, checkpointId: 'one', modelId: 'cnn', t: 201 * MINUTE, referencePrice: market.close[index], latencyMs: 2 }),
    ]);
    expect(seen[0]?.flatThresholds).toEqual(flatThresholds(market, index));
    expect(seen[0]?.horizons.map(({ maturesAt }) => maturesAt / MINUTE - 201)).toEqual([1, 5, 15, 60]);
    expect(desk.service.snapshot(ETH).predictions).toEqual(seen);
    expect(desk.service.refusal(ETH)).toBeUndefined();

    const [reference] = desk.learning.references as [InferenceReference];
    expect(reference).toMatchObject({ predictionId: seen[0]?.id, t: 201 * MINUTE, device: 'cpu', inputSchemaHash: candleWindowSchemaHash });
    const [block] = reference.blocks;
    const stored = slice(market, (time) => time >= (block?.from as number) && time <= (block?.to as number));
    expect(stored.openTime.length).toBe(block?.count);
    const size = CANDLE_WINDOW.length * CANDLE_WINDOW.channels;
    const [then, again] = [new Float32Array(size), new Float32Array(size)];
    writeCandleWindow(market, index, then, 0);
    expect(rebuildCandleWindow(stored, stored.openTime.length - 1, reference.normParams, again, 0).ok).toBe(true);
    expect(again).toEqual(then);
  });

  it('gets each outcome when its horizon matures', async () => {
    const desk = await withModel();
    for (let minute = 200; minute <= 261; minute++) await desk.close(minute);
    const first = [...desk.learning.rows.values()][0] as Prediction;
    expect(first.horizons.map(({ outcome }) => (outcome?.recordedAt as number) / MINUTE)).toEqual([202, 206, 216, 261]);
    expect(first.horizons.map(({ outcome }) => outcome?.realisedReturn)).toEqual(
      [201, 205, 215, 260].map((index) => (market.close[index] as number) / first.referencePrice - 1),
    );
    expect(desk.learning.rows.size).toBe(62);
    expect(desk.asked).toEqual([]);
    expect(desk.problems).toEqual([]);
  });

  it('gets its outcomes after a restart, from the store and the venue', async () => {
    const first = await withModel();
    await first.close(200);
    await first.close(201);
    first.service.close();
    const second = await open(first.learning, 600, 'SIM', new Set(), new Set([230]));
    await vi.waitUntil(() => [...second.learning.rows.values()].every((row) => row.horizons.every(({ outcome }) => outcome !== undefined)));
    expect(second.asked).toEqual([[201, 262]]);
    expect(second.unfetched.size).toBe(0);
    expect(second.service.snapshot(ETH).predictions.map(({ horizons }) => horizons.map(({ outcome }) => (outcome?.recordedAt as number) / MINUTE))).toEqual([
      [202, 600, 600, 600],
      [600, 600, 600, 600],
    ]);
  });

  it('keeps a horizon unknown when a minute of it exists nowhere, and asks the venue once', async () => {
    const desk = await withModel();
    desk.holes.add(207);
    for (let minute = 200; minute <= 270; minute++) if (minute !== 207) await desk.close(minute);
    const first = [...desk.learning.rows.values()][0] as Prediction;
    expect(first.horizons.map(({ outcome }) => outcome !== undefined)).toEqual([true, true, false, false]);
    expect(desk.asked.filter(([from, to]) => from === 201 && to >= 216)).toHaveLength(2);
    const asked = desk.asked.length;
    await desk.close(271);
    expect(desk.asked.length).toBe(asked);
  });

  it('asks again next minute while the venue cannot be reached', async () => {
    const desk = await withModel();
    await desk.close(200);
    desk.unfetched.add(201);
    desk.venue = fail('VENUE_UNREACHABLE', 'no answer', { retryable: true });
    await desk.close(202);
    await desk.close(203);
    expect([...desk.learning.rows.values()][0]?.horizons[0]?.outcome).toBeUndefined();
    desk.venue = ok(undefined);
    await desk.close(204);
    expect([...desk.learning.rows.values()][0]?.horizons[0]?.outcome).toMatchObject({ recordedAt: 205 * MINUTE });
  });

  it('is not shown when it could not be stored, and its outcome is recorded once the disk has room', async () => {
    const desk = await withModel();
    await desk.close(200);
    desk.learning.full = true;
    await desk.close(201);
    expect(desk.service.refusal(ETH)).toMatchObject({ code: 'STORE_FULL' });
    expect(desk.service.snapshot(ETH).predictions).toHaveLength(1);
    expect(desk.problems).toMatchObject([{ code: 'STORE_FULL' }]);
    desk.learning.full = false;
    await desk.close(202);
    expect(desk.service.refusal(ETH)).toBeUndefined();
    expect(desk.service.snapshot(ETH).predictions[0]?.horizons[0]?.outcome).toBeDefined();
  });
});

describe('no prediction', () => {
  it('without a model, and says what to do', async () => {
    const desk = await open();
    const refusals: (string | undefined)[] = [];
    desk.service.events.refusals.on(({ failure }) => refusals.push(failure?.code));
    await desk.close(200);
    desk.worker.come();
    await desk.close(201);
    await desk.close(202);
    expect(refusals).toEqual(['INFERENCE_UNAVAILABLE', 'NO_MODEL']);
    expect(desk.service.refusal(ETH)?.message).toContain('annotate trades');
    expect(desk.learning.rows.size).toBe(0);
  });

  it('while a minute of the window is missing, naming it', async () => {
    const desk = await withModel(200, new Set([180]));
    await desk.close(200);
    expect(desk.service.refusal(ETH)).toMatchObject({ code: 'WINDOW_HAS_GAP', message: expect.stringContaining(`expected ${180 * MINUTE}, got ${181 * MINUTE}`) });
    for (let minute = 201; minute < 244; minute++) await desk.close(minute);
    expect(desk.learning.rows.size).toBe(0);
    await desk.close(244);
    expect(desk.learning.rows.size).toBe(1);
  });

  it('from candles that end before the minute that closed', async () => {
    const desk = await withModel();
    desk.clock.advanceTo(205 * MINUTE);
    await desk.service.onMinuteClosed(ETH, 207 * MINUTE);
    expect(desk.service.refusal(ETH)).toMatchObject({ code: 'WINDOW_STALE' });
  });
});

describe('the worker', () => {
  it('may die between question and answer: the minute is refused, and predictions go on when it is back', async () => {
    const desk = await withModel();
    desk.worker.silent = true;
    const minute = desk.close(200);
    await vi.waitUntil(() => desk.worker.posted.at(-1)?.kind === 'predict');
    desk.worker.die();
    await minute;
    expect(desk.service.refusal(ETH)).toMatchObject({ code: 'INFERENCE_UNAVAILABLE', message: expect.stringContaining('SIGKILL') });
    expect(desk.service.active(ETH)).toBeUndefined();
    desk.worker.silent = false;
    desk.worker.come();
    await vi.waitUntil(() => desk.service.active(ETH)?.id === 'one');
    await desk.close(201);
    expect(desk.service.refusal(ETH)).toBeUndefined();
    expect(desk.learning.rows.size).toBe(1);
  });

  it('is restarted when it has kept silent for five minutes', async () => {
    const desk = await withModel();
    desk.worker.silent = true;
    const stuck = desk.close(200);
    for (let minute = 201; minute <= 204; minute++) await desk.close(minute);
    expect(desk.service.refusal(ETH)).toMatchObject({ code: 'INFERENCE_BUSY' });
    expect(desk.worker.restarts).toBe(0);
    await desk.close(205);
    await stuck;
    expect(desk.worker.restarts).toBe(1);
    expect(desk.problems).toMatchObject([{ code: 'INFERENCE_HUNG' }]);
    await vi.waitUntil(() => desk.service.active(ETH) !== undefined);
    await desk.close(206);
    expect(desk.learning.rows.size).toBe(1);
  });
});

describe('checkpoints', () => {
  const loss = (heldOutLoss: number): Partial<CheckpointManifest> => ({ metrics: { heldOutLoss, heldOutActionAccuracy: 0, heldOutDirectionAccuracy: 0 } });

  function stored(...rows: [CheckpointManifest, boolean][]): MemoryLearning {
    const learning = new MemoryLearning();
    for (const [own, promoted] of rows) learning.kept.push({ manifest: own, promoted });
    return learning;
  }

  it('are loaded at start: the promoted one, else the best', async () => {
    const best = await open(stored([manifest('a', loss(2)), false], [manifest('b', loss(1)), false]));
    best.worker.come();
    await vi.waitUntil(() => best.service.active(ETH)?.id === 'b');
    const promoted = await open(stored([manifest('a', loss(2)), true], [manifest('b', loss(1)), false]));
    promoted.worker.come();
    await vi.waitUntil(() => promoted.service.active(ETH)?.id === 'a');
  });

  it('fall back to the next best when one is damaged, and say so', async () => {
    const desk = await open(stored([manifest('a', loss(2)), true], [manifest('b', loss(3)), false], [manifest('c', loss(1)), false]));
    desk.worker.loadable.delete('/checkpoints/a');
    desk.worker.come();
    await vi.waitUntil(() => desk.service.active(ETH)?.id === 'c');
    expect(desk.problems).toMatchObject([{ code: 'CHECKPOINT_CORRUPT' }]);
    const listed = await desk.service.listCheckpoints(ETH);
    expect(listed.ok && listed.value.map(({ id, promoted, active }) => [id, promoted, active])).toEqual([
      ['a', true, false],
      ['b', false, false],
      ['c', false, true],
    ]);
  });

  it('are promoted once they answer, and stay so after a restart', async () => {
    const desk = await open(stored([manifest('a', loss(1)), false], [manifest('b', loss(2)), false]));
    const lists: string[] = [];
    desk.service.events.checkpoints.on(({ checkpoints }) => lists.push(checkpoints.filter(({ active, promoted }) => active && promoted).map(({ id }) => id).join()));
    desk.worker.come();
    await vi.waitUntil(() => desk.service.active(ETH)?.id === 'a');
    expect(await desk.service.promoteCheckpoint('b')).toEqual(ok(undefined));
    expect(desk.service.active(ETH)?.id).toBe('b');
    expect(lists).toEqual(['', 'b']);
    const again = await open(desk.learning);
    again.worker.come();
    await vi.waitUntil(() => again.service.active(ETH)?.id === 'b');
  });

  it('are not promoted when damaged, unknown or with no worker to try them', async () => {
    const desk = await open(stored([manifest('a', loss(1)), false], [manifest('b', loss(2)), false]));
    expect(await desk.service.promoteCheckpoint('a')).toMatchObject({ error: { code: 'INFERENCE_UNAVAILABLE' } });
    desk.worker.loadable.delete('/checkpoints/b');
    desk.worker.come();
    await vi.waitUntil(() => desk.service.active(ETH)?.id === 'a');
    expect(await desk.service.promoteCheckpoint('b')).toMatchObject({ error: { code: 'CHECKPOINT_CORRUPT' } });
    expect(await desk.service.promoteCheckpoint('zzz')).toMatchObject({ error: { code: 'CHECKPOINT_UNKNOWN' } });
    expect(desk.learning.kept.some(({ promoted }) => promoted)).toBe(false);
    expect(desk.service.active(ETH)?.id).toBe('a');
  });

  it('that were trained on the practice market neither predict nor are promoted on a live one', async () => {
    const desk = await open(stored([manifest('sim', loss(1)), false], [manifest('live', { ...loss(2), trainedOn: 'LIVE' }), false]), 200, 'LIVE');
    desk.worker.come();
    await vi.waitUntil(() => desk.service.active(ETH)?.id === 'live');
    expect(await desk.service.promoteCheckpoint('sim')).toMatchObject({ error: { code: 'CHECKPOINT_TRAINED_ON_SIM', message: expect.stringContaining('SIM') } });
    expect(desk.worker.posted.filter((message) => message.kind === 'load')).toHaveLength(1);
  });

  it('are unloaded when the last one is gone', async () => {
    const desk = await withModel();
    desk.learning.kept.length = 0;
    await desk.service.reload(ETH);
    expect(desk.service.active(ETH)).toBeUndefined();
    expect(desk.worker.posted.at(-1)).toEqual({ kind: 'unload', symbol: ETH });
  });
});
