import { SplitMix32 } from '../../core/base/rng.ts';
import { fail, ok, type Failure, type Result } from '../../core/base/result.ts';
import type { CheckpointManifest, MetricPoint } from '../../core/contracts/learning.ts';
import type { FromTrainingWorker, TrainingJob } from '../../core/contracts/worker-protocol.ts';
import { CANDLE_WINDOW, candleWindowSchemaHash } from '../../core/features/candle-window.ts';
import { buildDataset, type TrainingDataset } from '../../core/learning/dataset.ts';
import { buildCnnInferenceGraph, initialiseCnn } from '../../models/architectures/cnn.ts';
import { learningRateAt } from '../../models/graph/schedule.ts';
import type { OptimiserState } from '../checkpoint/optimiser-file.ts';
import { writeCheckpoint } from '../checkpoint/write-checkpoint.ts';
import { batchRows, epochOrder, stepsPerEpoch } from './batches.ts';
import { createTrainer, type Scores, type Trainer } from './trainer.ts';
import type { TrainingControl } from './training-control.ts';

const INPUT = { length: CANDLE_WINDOW.length, channels: CANDLE_WINDOW.channels };
/** Between the points of the training curve; measurements of the held-out part, one an epoch, come besides. */
const PROGRESS_PERIOD_MS = 100;

interface Best {
  readonly scores: Scores;
  readonly state: OptimiserState;
}

/** Everything of one job that its parts share. */
interface Run {
  readonly job: TrainingJob;
  readonly dataset: TrainingDataset;
  readonly trainer: Trainer;
  readonly control: TrainingControl;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly post: (message: FromTrainingWorker) => void;
}

/**
 * Runs `job` to its end and posts all that happens on the way, ending with `ended` or `failed`.
 *
 * One Run of onnxruntime per step; between Runs the event loop turns, so that pause and stop act after the Run in progress.
 * The held-out part is measured after every epoch, and the parameters that did best on it are what is kept.
 */
export async function runTraining(
  job: TrainingJob,
  control: TrainingControl,
  post: (message: FromTrainingWorker) => void,
): Promise<void> {
  const { jobId } = job;
  const dataset = buildDataset(job);
  if (!dataset.ok) return post({ kind: 'failed', jobId, error: dataset.error });
  const { trainCount, annotatedCount, holdCount, heldOutCount, heldOutAnnotatedCount } = dataset.value;
  const perEpoch = stepsPerEpoch(trainCount, job.batchSize);
  const totalSteps = perEpoch * job.epochs;

  const trainer = await createTrainer(
    { input: INPUT, batchSize: job.batchSize, weightDecay: job.weightDecay },
    dataset.value,
    firstState(job.seed),
  );
  try {
    post({
      kind: 'prepared',
      jobId,
      totalSteps,
      annotated: annotatedCount,
      hold: holdCount,
      heldOut: heldOutCount,
      heldOutAnnotated: heldOutAnnotatedCount,
    });
    const best = await trainEpochs({ job, dataset: dataset.value, trainer, control, totalSteps, stepsPerEpoch: perEpoch, post });
    if (!best.ok) return post({ kind: 'failed', jobId, error: best.error });
    const stopped = control.stop !== undefined && trainer.step < totalSteps;
    const discard = stopped && control.stop?.keep === false;
    if (best.value === undefined || discard) return post({ kind: 'ended', jobId, step: trainer.step, stopped });
    const manifest = await keep(job, dataset.value, best.value);
    if (!manifest.ok) return post({ kind: 'failed', jobId, error: manifest.error });
    post({ kind: 'ended', jobId, step: trainer.step, stopped, manifest: manifest.value });
  } finally {
    await trainer.release();
  }
}

function firstState(seed: number): OptimiserState {
  const parameters = initialiseCnn(INPUT, new SplitMix32(seed));
  return { parameters, m: new Float32Array(parameters.length), v: new Float32Array(parameters.length), step: 0, seed };
}

/** Trains until the last step or a stop; resolves with the best state, undefined when there is none to keep. */
async function trainEpochs(run: Run): Promise<Result<Best | undefined, Failure<'TRAINING_DIVERGED'>>> {
  const { job, dataset, trainer, control } = run;
  const rows = new Uint32Array(job.batchSize);
  const curve = new Curve(run);
  let best: Best | undefined;
  let measuredStep = 0;

  const measure = async (goOn: () => boolean): Promise<boolean> => {
    curve.settleRate();
    const scores = await trainer.evaluate(dataset.trainCount, dataset.heldOutCount, goOn);
    if (scores === undefined) return true;
    if (!Number.isFinite(scores.loss)) return false;
    measuredStep = trainer.step;
    if (best === undefined || scores.loss < best.scores.loss) best = { scores, state: trainer.snapshot() };
    curve.measured(scores);
    return true;
  };

  for (let epoch = 0; epoch < job.epochs && control.stop === undefined; epoch++) {
    const order = epochOrder(job.seed, epoch, dataset.trainCount);
    for (let batch = 0; batch < run.stepsPerEpoch; batch++) {
      if (control.paused) await rest(run, curve);
      if (control.stop !== undefined) break;
      batchRows(order, batch, rows);
      const loss = await trainer.train(rows, learningRateAt(trainer.step + 1, run.totalSteps, job.learningRate));
      if (!Number.isFinite(loss)) return diverged(trainer.step);
      curve.stepped(loss);
    }
    if (control.stop === undefined && !(await measure(() => control.stop === undefined))) return diverged(trainer.step);
  }
  // Stopped within an epoch: what was learnt since the last measurement counts too.
  if (control.stop?.keep === true && trainer.step > measuredStep && !(await measure(() => true))) return diverged(trainer.step);
  return ok(best);
}

function diverged(step: number): ReturnType<typeof fail<'TRAINING_DIVERGED'>> {
  return fail(
    'TRAINING_DIVERGED',
    `Training diverged at step ${step}: the loss is no longer a number. Lower learningRate in models.yaml and train again.`,
  );
}

async function rest({ job, trainer, control, post }: Run, curve: Curve): Promise<void> {
  curve.settleRate();
  post({ kind: 'paused', jobId: job.jobId, step: trainer.step });
  await control.whilePaused();
  curve.restartTimer();
  if (control.stop === undefined) post({ kind: 'resumed', jobId: job.jobId, step: trainer.step });
}

async function keep(job: TrainingJob, dataset: TrainingDataset, { scores, state }: Best): Promise<Result<CheckpointManifest>> {
  const trained = dataset.openTime.subarray(0, dataset.trainCount);
  const { checkpointId, modelId, symbol } = job;
  return writeCheckpoint(job.checkpointFolder, checkpointId, {
    manifest: {
      id: checkpointId,
      modelId,
      symbol,
      trainedOn: job.trainedOn,
      createdAt: job.createdAt,
      inputSchemaHash: candleWindowSchemaHash,
      parameterCount: state.parameters.length,
      seed: job.seed,
      step: state.step,
      metrics: {
        heldOutLoss: scores.loss,
        heldOutActionAccuracy: scores.actionAccuracy,
        heldOutDirectionAccuracy: scores.directionAccuracy,
        heldOutAnnotated: dataset.heldOutAnnotatedCount,
      },
      annotationIds: [...job.annotationIds],
      trainingRange: {
        from: trained.reduce((least, t) => Math.min(least, t), Number.POSITIVE_INFINITY),
        to: trained.reduce((most, t) => Math.max(most, t), 0),
      },
    },
    model: buildCnnInferenceGraph(INPUT, state.parameters, {
      checkpoint: checkpointId,
      model: modelId,
      symbol,
      inputSchemaHash: candleWindowSchemaHash,
    }),
    optimiser: state,
  });
}

/** Turns steps into the points that the window draws: the mean training loss since the point before. */
class Curve {
  readonly #run: Run;
  #lossSum = 0;
  #steps = 0;
  #timedSteps = 0;
  #since = performance.now();
  #lastLoss = 0;
  #samplesPerSecond = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  stepped(loss: number): void {
    this.#lossSum += loss;
    this.#steps++;
    this.#timedSteps++;
    if (performance.now() - this.#since >= PROGRESS_PERIOD_MS) this.#post({});
  }

  measured(scores: Scores): void {
    this.#post({
      heldOutLoss: scores.loss,
      heldOutActionAccuracy: scores.actionAccuracy,
      heldOutDirectionAccuracy: scores.directionAccuracy,
    });
  }

  /** Before time that is not spent on steps, which must not count. */
  settleRate(): void {
    const elapsed = performance.now() - this.#since;
    if (this.#timedSteps > 0 && elapsed > 0)
      this.#samplesPerSecond = (this.#timedSteps * this.#run.job.batchSize * 1000) / elapsed;
    this.restartTimer();
  }

  restartTimer(): void {
    this.#since = performance.now();
    this.#timedSteps = 0;
  }

  #post(heldOut: Partial<MetricPoint>): void {
    const { job, trainer, stepsPerEpoch: perEpoch, post } = this.#run;
    this.settleRate();
    if (this.#steps > 0) this.#lastLoss = this.#lossSum / this.#steps;
    const point = { step: trainer.step, epoch: trainer.step / perEpoch, trainLoss: this.#lastLoss, ...heldOut };
    post({ kind: 'progress', jobId: job.jobId, point, samplesPerSecond: this.#samplesPerSecond });
    this.#lossSum = 0;
    this.#steps = 0;
  }
}
