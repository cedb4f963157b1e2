import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { IdGen } from '../../../core/base/ids.ts';
import { fail, ok, type Failure, type Result } from '../../../core/base/result.ts';
import type { CheckpointManifest, CheckpointSummary, Prediction } from '../../../core/contracts/learning.ts';
import type { DataMode } from '../../../core/contracts/primitives.ts';
import type { PredictionsEvent } from '../../../core/contracts/streams.ts';
import { CANDLE_WINDOW, refuseWindow } from '../../../core/features/candle-window.ts';
import { flatThresholds } from '../../../core/learning/labels.ts';
import type { CandleColumns } from '../../../core/market/candle.ts';
import { openTimeOf, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { LearningRepository, MarketRepository } from '../../ports/store.ts';
import type { SupervisedWorker } from '../../ports/worker-host.ts';
import { type CheckpointsChanged, createCheckpointService } from './checkpoint-service.ts';
import { createInferenceClient } from './inference-client.ts';
import { createOutcomeRecorder, type EnsureHistory, type OutcomeRecorder } from './outcome-recorder.ts';
import { recordOf } from './prediction-record.ts';

const MINUTE_MS = TIMEFRAME_MS['1m'];
/** Predictions in a snapshot; older ones come from the store. */
const RECENT_PREDICTIONS = 200;
/** The newest hour, for outcomes, with the window before it. */
const MINUTES_IN_HAND = 2 * CANDLE_WINDOW.length;
/** Wall time that a prediction may be outstanding before the worker is taken for hung: after an outage many minutes close at once. */
const MOST_BUSY_WALL_MS = 5 * MINUTE_MS;

export interface PredictionServiceDeps {
  readonly clock: Pick<Clock, 'now'>;
  readonly wall: Pick<Clock, 'now'>;
  readonly ids: IdGen;
  readonly mode: DataMode;
  /** Those followed right now. */
  readonly symbols: () => readonly string[];
  readonly store: {
    readonly market: Pick<MarketRepository, 'candleColumns'>;
    readonly learning: Pick<
      LearningRepository,
      | 'savePrediction'
      | 'saveOutcomes'
      | 'predictions'
      | 'latestPredictions'
      | 'unresolvedPredictions'
      | 'checkpoints'
      | 'promote'
    >;
  };
  readonly worker: SupervisedWorker;
  /** The newest closed 1m candles in memory, at most `count`, oldest first; undefined when there are none. */
  readonly recentMinutes: (symbol: string, count: number) => CandleColumns | undefined;
  readonly ensureHistory: EnsureHistory;
  /** Absolute folder of a checkpoint. */
  readonly checkpointFolderOf: (checkpointId: string) => string;
  /** A failure that no caller waits for: for the log and the status panel. */
  readonly report: (failure: Failure, where: string) => void;
}

export interface PredictionService {
  /** Takes up what is stored, records the outcomes that matured meanwhile, and loads models once the worker is up. */
  start(): Promise<Result<void>>;
  /** To be called for a symbol that is followed from now on, once its history is there. */
  follow(symbol: string): Promise<Result<void>>;
  /**
   * To be called when a 1m candle of `symbol` has closed and is in memory. Records matured outcomes, then predicts.
   * Answers when both are done; problems go to `refusal` and `report`.
   */
  onMinuteClosed(symbol: string, closeTime: number): Promise<void>;
  /** The newest 200 predictions, oldest first. */
  snapshot(symbol: string): Extract<PredictionsEvent, { kind: 'snapshot' }>;
  /** Stored predictions with `t` in [from, to). */
  list(symbol: string, from: number, to: number): Promise<Result<Prediction[]>>;
  /** Why the last minute has no prediction; undefined when it has one. */
  refusal(symbol: string): Failure | undefined;
  /** The model that predicts `symbol` now. */
  active(symbol: string): CheckpointManifest | undefined;
  listCheckpoints(symbol: string): Promise<Result<CheckpointSummary[]>>;
  promoteCheckpoint(id: string): Promise<Result<void>>;
  /** To be called when checkpoints were added or pruned. */
  reload(symbol: string): Promise<void>;
  readonly events: {
    readonly predictions: Emitter<{ readonly symbol: string; readonly event: PredictionsEvent }>;
    readonly checkpoints: Emitter<CheckpointsChanged>;
    /** Sent when the reason for having no prediction changes; without `failure`, predictions flow again. */
    readonly refusals: Emitter<{ readonly symbol: string; readonly failure: Failure | undefined }>;
  };
  close(): void;
}

interface SymbolState {
  /** Oldest first, bounded. */
  readonly recent: Prediction[];
  readonly recorder: OutcomeRecorder;
  refusal: Failure | undefined;
  predicting: boolean;
  /** Wall time since which the prediction under way is waited for. */
  askedWallMs: number;
  /** Recording outcomes is one thing at a time. */
  settling: Promise<void>;
}

/** Predicts every closed minute, stores each prediction as a reference, and follows it to its outcome. */
export function createPredictionService(deps: PredictionServiceDeps): PredictionService {
  const { clock, wall, ids, symbols, store, worker, recentMinutes, report } = deps;
  const client = createInferenceClient(worker);
  const checkpoints = createCheckpointService({ ...deps, store: store.learning, client, folderOf: deps.checkpointFolderOf });
  const predictions = new Emitter<{ symbol: string; event: PredictionsEvent }>();
  const refusals = new Emitter<{ symbol: string; failure: Failure | undefined }>();

  const snapshot: PredictionService['snapshot'] = (symbol) => ({ kind: 'snapshot', predictions: [...stateOf(symbol).recent] });
  const publish = (symbol: string, prediction: Prediction): void => {
    remember(stateOf(symbol).recent, prediction);
    predictions.emit({ symbol, event: { kind: 'updated', prediction } });
  };
  const states = new Map<string, SymbolState>();
  const stateOf = (symbol: string): SymbolState => {
    let state = states.get(symbol);
    if (state === undefined) {
      const recorded = (prediction: Prediction): void => publish(symbol, prediction);
      const recorder = createOutcomeRecorder({ ...deps, symbol, market: store.market, learning: store.learning, recorded });
      state = { recent: [], recorder, refusal: undefined, predicting: false, askedWallMs: 0, settling: Promise.resolve() };
      states.set(symbol, state);
    }
    return state;
  };

  const reloadAll = async (): Promise<void> => {
    for (const symbol of symbols()) await checkpoints.reload(symbol);
  };
  let started = false;
  const stopListening = worker.onChange((change) => {
    checkpoints.forget();
    if (change === 'up' && started) void reloadAll();
  });

  const refuse = (symbol: string, failure: Failure | undefined): void => {
    const state = stateOf(symbol);
    const changed = state.refusal?.code !== failure?.code || state.refusal?.message !== failure?.message;
    state.refusal = failure;
    if (changed) refusals.emit({ symbol, failure });
  };

  const settle = (symbol: string, closedUntil: number): Promise<void> => {
    const state = stateOf(symbol);
    state.settling = state.settling
      .then(() => state.recorder.settle(closedUntil, recentMinutes(symbol, MINUTES_IN_HAND)))
      .catch((thrown: unknown) =>
        report(
          fail('OUTCOMES_FAILED', 'Outcomes could not be recorded; the next minute tries again.', { detail: String(thrown) })
            .error,
          symbol,
        ),
      );
    return state.settling;
  };

  const predict = async (symbol: string, closeTime: number): Promise<Result<void>> => {
    const state = stateOf(symbol);
    const model = checkpoints.active(symbol);
    if (model === undefined) return refuseWithoutModel(symbol, client.isUp());
    const candles = newest(recentMinutes(symbol, CANDLE_WINDOW.length), closeTime);
    if (!candles.ok) return candles;
    const thresholds = flatThresholds(candles.value, candles.value.openTime.length - 1);
    if (thresholds === undefined) throw new Error('a whole window holds the candles of its thresholds');
    const answer = await client.predict(symbol, candles.value);
    if (!answer.ok) return answer;
    const made = recordOf(
      { ids, symbol, modelId: model.modelId, device: client.device() },
      closeTime,
      candles.value,
      thresholds,
      answer.value,
    );
    const saved = await store.learning.savePrediction(made.prediction, made.reference);
    if (!saved.ok) return saved;
    state.recorder.watch(made.prediction);
    publish(symbol, made.prediction);
    return ok(undefined);
  };

  const predictOnce = async (symbol: string, closeTime: number): Promise<void> => {
    const state = stateOf(symbol);
    if (state.predicting) {
      refuse(
        symbol,
        fail('INFERENCE_BUSY', 'The inference worker has not answered for the minute before.', { retryable: true }).error,
      );
      if (wall.now() - state.askedWallMs < MOST_BUSY_WALL_MS) return;
      state.askedWallMs = wall.now();
      report(
        fail(
          'INFERENCE_HUNG',
          `The inference worker has not answered for ${MOST_BUSY_WALL_MS / MINUTE_MS} minutes and is restarted.`,
        ).error,
        symbol,
      );
      return client.restart();
    }
    state.predicting = true;
    state.askedWallMs = wall.now();
    try {
      const predicted = await predict(symbol, closeTime);
      refuse(symbol, predicted.ok ? undefined : predicted.error);
    } finally {
      state.predicting = false;
    }
  };

  const takeUp = async (symbol: string): Promise<Result<void>> => {
    const state = stateOf(symbol);
    const latest = await store.learning.latestPredictions(symbol, RECENT_PREDICTIONS);
    if (!latest.ok) return latest;
    for (const prediction of latest.value) remember(state.recent, prediction);
    // Windows may have opened before the history was there.
    if (latest.value.length > 0) predictions.emit({ symbol, event: snapshot(symbol) });
    const unresolved = await store.learning.unresolvedPredictions(symbol);
    if (!unresolved.ok) return unresolved;
    for (const prediction of unresolved.value) state.recorder.watch(prediction);
    // The minute that has just closed may not have reached the venue's history: it is left to onMinuteClosed.
    void settle(symbol, openTimeOf(clock.now(), '1m') - MINUTE_MS);
    return ok(undefined);
  };

  return {
    events: { predictions, checkpoints: checkpoints.changed, refusals },

    async start() {
      for (const symbol of symbols()) {
        const taken = await takeUp(symbol);
        if (!taken.ok) return taken;
      }
      started = true;
      if (client.isUp()) await reloadAll();
      return ok(undefined);
    },

    async follow(symbol) {
      const taken = await takeUp(symbol);
      if (taken.ok && started && client.isUp()) await checkpoints.reload(symbol);
      return taken;
    },

    async onMinuteClosed(symbol, closeTime) {
      await Promise.all([settle(symbol, closeTime), predictOnce(symbol, closeTime)]);
    },

    snapshot,
    list: (symbol, from, to) => store.learning.predictions(symbol, from, to),
    refusal: (symbol) => stateOf(symbol).refusal,
    active: (symbol) => checkpoints.active(symbol),
    listCheckpoints: (symbol) => checkpoints.list(symbol),
    promoteCheckpoint: (id) => checkpoints.promote(id),
    reload: (symbol) => checkpoints.reload(symbol),
    close() {
      stopListening();
      client.close();
    },
  };
}

function refuseWithoutModel(symbol: string, workerIsUp: boolean): Result<never> {
  if (!workerIsUp) {
    return fail('INFERENCE_UNAVAILABLE', 'The inference worker is not running; predictions go on when it is back.', {
      retryable: true,
    });
  }
  return fail('NO_MODEL', `There is no trained model for ${symbol} yet: annotate trades and train one.`, { retryable: true });
}

/** The window of closed candles that ends at `closeTime`, or why there is none. */
function newest(candles: CandleColumns | undefined, closeTime: number): Result<CandleColumns> {
  const count = candles?.openTime.length ?? 0;
  if (candles === undefined || count === 0) {
    return fail('WINDOW_TOO_SHORT', `a window needs ${CANDLE_WINDOW.length} closed 1m candles, there are none`, {
      retryable: true,
    });
  }
  const end = (candles.openTime[count - 1] as number) + MINUTE_MS;
  if (end !== closeTime) {
    return fail('WINDOW_STALE', `the newest 1m candle closed at ${end}, expected one that closed at ${closeTime}`, {
      retryable: true,
    });
  }
  return refuseWindow(candles, count - 1) ?? ok(candles);
}

/** Keeps `recent` in order of time, one entry per prediction, and bounded. */
function remember(recent: Prediction[], prediction: Prediction): void {
  const known = recent.findIndex((other) => other.id === prediction.id);
  if (known >= 0) {
    recent[known] = prediction;
    return;
  }
  let at = recent.length;
  while (at > 0 && (recent[at - 1] as Prediction).t > prediction.t) at--;
  if (at === 0 && recent.length >= RECENT_PREDICTIONS) return;
  recent.splice(at, 0, prediction);
  if (recent.length > RECENT_PREDICTIONS) recent.shift();
}
