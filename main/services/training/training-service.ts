import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { IdGen } from '../../../core/base/ids.ts';
import { fail, ok, type Failure, type Result } from '../../../core/base/result.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { Annotation } from '../../../core/contracts/annotations.ts';
import type { ModelConfig } from '../../../core/contracts/config.ts';
import type { CheckpointManifest, TrainingStatus } from '../../../core/contracts/learning.ts';
import type { RecordedMarket } from '../../../core/contracts/replay.ts';
import type { TrainingEvent } from '../../../core/contracts/streams.ts';
import type { FromTrainingWorker, ToTrainingWorker, TrainingJob } from '../../../core/contracts/worker-protocol.ts';
import { checkpointsToPrune } from '../../../core/learning/checkpoint-ranking.ts';
import type { LearningRepository } from '../../ports/store.ts';
import type { SupervisedWorker } from '../../ports/worker-host.ts';
import { createMetricHistory } from './metric-history.ts';
import { gatherTrainingData, type TrainingData, type TrainingDataDeps } from './training-data.ts';

const METRIC_POINTS = 5_000;

export interface TrainingServiceDeps extends TrainingDataDeps {
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdGen;
  /** The market that is learnt from. */
  readonly mode: RecordedMarket;
  /** Those followed right now. */
  readonly symbols: () => readonly string[];
  readonly models: readonly ModelConfig[];
  readonly learning: Pick<LearningRepository, 'saveCheckpoint' | 'deleteCheckpoint' | 'checkpoints'>;
  readonly worker: SupervisedWorker;
  readonly annotationsOf: (symbol: string) => readonly Annotation[];
  /** Absolute folder that holds one folder per checkpoint. */
  readonly checkpointFolder: string;
  /** Deletes the files of a checkpoint that is no longer listed. */
  readonly removeCheckpointFiles: (checkpointId: string) => Promise<Result<unknown>>;
  /** The checkpoint that predicts now: never pruned. */
  readonly activeCheckpoint: (symbol: string) => string | undefined;
  /** Checkpoints of `symbol` were added or pruned: whoever predicts loads the best again. */
  readonly checkpointsChanged: (symbol: string) => Promise<void>;
  /** A failure that no caller waits for: for the log and the status panel. */
  readonly report: (failure: Failure, where: string) => void;
}

export interface StartTraining {
  readonly symbol: string;
  readonly epochs: number;
  readonly seed?: number | undefined;
}

export interface TrainingService {
  /**
   * Gathers the examples and hands the job to the worker. Answers when the worker has it.
   * Fails with TRAINING_IN_PROGRESS, TOO_FEW_ANNOTATIONS, TOO_LITTLE_HISTORY, TRAINING_UNAVAILABLE or a failure of the store.
   */
  startTraining(request: StartTraining): Promise<Result<{ jobId: string }>>;
  pause(): Result<void>;
  resume(): Result<void>;
  /** Ends the job after the step in progress and keeps what was learnt so far. */
  stop(): Result<void>;
  snapshot(): Extract<TrainingEvent, { kind: 'snapshot' }>;
  readonly events: Emitter<TrainingEvent>;
  close(): void;
}

interface Job {
  readonly jobId: string;
  readonly symbol: string;
  readonly model: ModelConfig;
  /** Examples are gathered here, the worker trains, or the result is being stored here. */
  phase: 'gathering' | 'training' | 'keeping';
  stopWanted: boolean;
}

type FromWorker<Kind extends FromTrainingWorker['kind']> = Extract<FromTrainingWorker, { kind: Kind }>;

/** Coordinates one training job at a time: the worker is one process, and a model has one lock. */
export function createTrainingService(deps: TrainingServiceDeps): TrainingService {
  const { clock, ids, learning, worker, report } = deps;
  const events = new Emitter<TrainingEvent>();
  const metrics = createMetricHistory(METRIC_POINTS);
  let status: TrainingStatus = { state: 'idle', step: 0, totalSteps: 0 };
  /** The lock. */
  let job: Job | undefined;

  const update = (change: Partial<TrainingStatus>): void => {
    status = { ...status, ...change };
    events.emit({ kind: 'status', status });
  };
  /** Releases the lock, then tells: whoever hears of the end may start the next job. */
  const end = (state: 'finished' | 'stopped' | 'failed', message: string, checkpointId?: string): void => {
    job = undefined;
    update({ state, message, ...(checkpointId === undefined ? {} : { checkpointId }) });
  };
  const post = (message: ToTrainingWorker): boolean => worker.post(message);

  const stopListening = [
    worker.onMessage((message) => onMessage(message as FromTrainingWorker)),
    worker.onChange((change) => {
      if (change === 'up' || job?.phase !== 'training') return;
      const reason = worker.health().lastError ?? 'no reason known';
      end('failed', `The training process ended at step ${status.step} (${reason}). It is restarted; start the training again.`);
    }),
  ];

  const onMessage = (message: FromTrainingWorker): void => {
    if (message.kind === 'ready' || message.jobId !== job?.jobId) return;
    switch (message.kind) {
      case 'prepared': {
        const { totalSteps, annotated, hold, heldOut, heldOutAnnotated } = message;
        return update({
          state: job.stopWanted ? 'stopping' : 'running',
          totalSteps,
          samples: { annotated, hold, heldOut, heldOutAnnotated },
        });
      }
      case 'progress':
        metrics.add(message.point);
        events.emit({ kind: 'metric', point: message.point });
        return update({ step: message.point.step, samplesPerSecond: message.samplesPerSecond });
      case 'paused':
        return job.stopWanted ? undefined : update({ state: 'paused', step: message.step });
      case 'resumed':
        return job.stopWanted ? undefined : update({ state: 'running', step: message.step });
      case 'ended':
        job.phase = 'keeping';
        return void keep(job, message).catch((thrown: unknown) => {
          report(
            fail('TRAINING_FAILED', 'The end of a training could not be handled.', { detail: String(thrown) }).error,
            message.jobId,
          );
          if (job?.jobId === message.jobId)
            end('failed', 'The model was trained but could not be stored; the log has the details.');
        });
      case 'failed':
        report(message.error, `training of ${job.symbol}`);
        return end('failed', message.error.message);
    }
  };

  const keep = async (ended: Job, { manifest, step, stopped }: FromWorker<'ended'>): Promise<void> => {
    if (manifest === undefined) {
      return end('stopped', `Stopped at step ${step}, before there was anything to keep.`);
    }
    update({ step });
    const saved = await learning.saveCheckpoint(manifest);
    if (!saved.ok) {
      report(saved.error, `checkpoint ${manifest.id}`);
      return end('failed', `The model was trained but checkpoint ${manifest.id} could not be stored: ${saved.error.message}`);
    }
    await prune(ended, manifest);
    const { heldOutLoss, heldOutActionAccuracy, heldOutAnnotated } = manifest.metrics;
    const actions =
      heldOutAnnotated === 0
        ? 'no annotated trade was held out, so how well it finds them is not known'
        : `actions right ${(100 * heldOutActionAccuracy).toFixed(1)} % (${heldOutAnnotated} of them annotated)`;
    end(
      stopped ? 'stopped' : 'finished',
      `${stopped ? `Stopped at step ${step}` : 'Finished'}: held-out loss ${heldOutLoss.toFixed(4)}; ${actions}.`,
      manifest.id,
    );
    await deps.checkpointsChanged(ended.symbol);
  };

  /** Row first: a folder without a row is litter, a row without a folder is a checkpoint that cannot be loaded. */
  const prune = async ({ symbol, model }: Job, newest: CheckpointManifest): Promise<void> => {
    const stored = await learning.checkpoints(symbol);
    if (!stored.ok) return report(stored.error, `checkpoints of ${symbol}`);
    const active = deps.activeCheckpoint(symbol);
    const own = stored.value.filter(({ manifest }) => manifest.modelId === model.id);
    for (const { id } of checkpointsToPrune(
      own,
      model.keepCheckpoints,
      active === undefined ? [newest.id] : [newest.id, active],
    )) {
      const deleted = await learning.deleteCheckpoint(id);
      if (!deleted.ok) {
        report(deleted.error, `checkpoint ${id}`);
        continue;
      }
      const removed = await deps.removeCheckpointFiles(id);
      if (!removed.ok) report(removed.error, `files of checkpoint ${id}`);
    }
  };

  const startTraining = async ({ symbol, epochs, seed }: StartTraining): Promise<Result<{ jobId: string }>> => {
    if (job !== undefined) {
      return fail(
        'TRAINING_IN_PROGRESS',
        `${job.model.id} is being trained on ${job.symbol}: stop it, or wait until it has ended.`,
        { retryable: true },
      );
    }
    const model = deps.models.find(({ enabled }) => enabled);
    if (model === undefined) return fail('NO_MODEL_ENABLED', 'No model is enabled in models.yaml.');
    if (!deps.symbols().includes(symbol))
      return fail('SYMBOL_UNKNOWN', `${symbol} is not followed (${deps.symbols().join(', ')} are).`);
    const annotations = deps.annotationsOf(symbol);
    const tooFew = tooFewAnnotations(symbol, annotations.length, model.training.minAnnotations);
    if (tooFew !== undefined) return tooFew;
    if (worker.health().state !== 'ready') return unavailable(worker);

    const started: Job = { jobId: ids.next('job'), symbol, model, phase: 'gathering', stopWanted: false };
    job = started;
    metrics.clear();
    status = {
      state: 'preparing',
      jobId: started.jobId,
      symbol,
      modelId: model.id,
      step: 0,
      totalSteps: 0,
      startedAt: clock.now(),
    };
    events.emit({ kind: 'snapshot', status, metrics: [] });

    const actualSeed = seed ?? model.training.seed;
    const gathered = await gathering(deps, symbol, annotations, model, actualSeed);
    if (started.stopWanted) {
      end('stopped', 'Stopped while preparing; nothing was trained.');
      return fail('TRAINING_STOPPED', 'Training was stopped while its examples were gathered.');
    }
    if (!gathered.ok) {
      end('failed', gathered.error.message);
      return gathered;
    }
    started.phase = 'training';
    const whole = jobOf(deps, started, epochs, actualSeed, gathered.value);
    if (worker.health().state !== 'ready' || !post({ kind: 'start', job: whole })) {
      const lost = unavailable(worker);
      end('failed', lost.error.message);
      return lost;
    }
    return ok({ jobId: started.jobId });
  };

  const control = (message: ToTrainingWorker, allowed: readonly TrainingStatus['state'][]): Result<void> => {
    if (job?.phase === 'keeping')
      return fail('TRAINING_NOT_RUNNING', 'The training has just ended; what it learnt is being stored.');
    if (job?.phase !== 'training' || !allowed.includes(status.state)) {
      return fail(
        'TRAINING_NOT_RUNNING',
        `No training can be ${message.kind === 'pause' ? 'paused' : 'resumed'} now; it is ${status.state}.`,
      );
    }
    return post(message) ? ok(undefined) : unavailable(worker);
  };

  return {
    events,
    startTraining,
    pause: () => control({ kind: 'pause' }, ['running']),
    resume: () => control({ kind: 'resume' }, ['paused']),
    stop() {
      if (job === undefined || job.phase === 'keeping')
        return fail('TRAINING_NOT_RUNNING', `There is no training to stop; it is ${status.state}.`);
      if (job.phase === 'training' && !job.stopWanted && !post({ kind: 'stop', keep: true })) return unavailable(worker);
      job.stopWanted = true;
      update({ state: 'stopping' });
      return ok(undefined);
    },
    snapshot: () => ({ kind: 'snapshot', status, metrics: metrics.points() }),
    close() {
      for (const stop of stopListening) stop();
    },
  };
}

/** A lock must not outlive an error that nobody expected. */
async function gathering(
  deps: TrainingServiceDeps,
  symbol: string,
  annotations: readonly Annotation[],
  model: ModelConfig,
  seed: number,
): Promise<Result<TrainingData>> {
  try {
    return await gatherTrainingData(deps, symbol, annotations, model.training, new SplitMix32(seed), deps.clock.now());
  } catch (thrown) {
    return fail('TRAINING_FAILED', 'The examples could not be gathered; the log has the details.', { detail: String(thrown) });
  }
}

function jobOf(
  deps: TrainingServiceDeps,
  { jobId, symbol, model }: Job,
  epochs: number,
  seed: number,
  { candles, set }: TrainingData,
): TrainingJob {
  const { batchSize, learningRate, weightDecay, heldOutShare } = model.training;
  return {
    jobId,
    checkpointId: deps.ids.next('ckpt'),
    modelId: model.id,
    symbol,
    trainedOn: deps.mode,
    ...{ seed, epochs, batchSize, learningRate, weightDecay, heldOutShare },
    candles,
    samples: set.samples,
    annotationIds: set.usedIds,
    checkpointFolder: deps.checkpointFolder,
    createdAt: deps.clock.now(),
  };
}

function tooFewAnnotations(symbol: string, count: number, needed: number): ReturnType<typeof fail> | undefined {
  if (count >= needed) return undefined;
  const have = count === 0 ? 'no annotated trade' : count === 1 ? '1 annotated trade' : `${count} annotated trades`;
  return fail(
    'TOO_FEW_ANNOTATIONS',
    `${symbol} has ${have}; training needs at least ${needed}. Annotate ${needed - count} more on the chart.`,
  );
}

function unavailable(worker: SupervisedWorker): ReturnType<typeof fail> {
  const { state, lastError } = worker.health();
  const reason = lastError === undefined ? '' : `: ${lastError}`;
  return fail('TRAINING_UNAVAILABLE', `The training process is ${state}${reason}. Try again in a moment.`, { retryable: true });
}
