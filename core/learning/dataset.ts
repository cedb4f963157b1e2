import { fail, ok, type Failure, type Result } from '../base/result.ts';
import { HORIZONS_MIN } from '../contracts/learning.ts';
import type { TrainingJob, TrainingSample } from '../contracts/worker-protocol.ts';
import { CANDLE_WINDOW, type WindowFailure, writeCandleWindow } from '../features/candle-window.ts';
import { directionOf, flatThresholds, FUTURE_MINUTES, HOLD, indexOfMinute, isUnbroken } from './labels.ts';
import { splitByTime } from './split.ts';

/**
 * Tensors of a training job. Rows 0 … trainCount − 1 are for training, the `heldOutCount` rows after them for measuring; both
 * parts are in order of time, so the trainer shuffles.
 */
export interface TrainingDataset {
  /** n × length × channels, normalised: CANDLE_WINDOW. */
  readonly inputs: Float32Array;
  /** n, index into ACTIONS. */
  readonly action: Int32Array;
  /** n × 4, index into DIRECTIONS per horizon; −1: not to be counted, and nor is the return beside it. */
  readonly direction: Int32Array;
  /** n × 4, close-to-close return as a fraction; 0 where `direction` is −1. */
  readonly futureReturn: Float32Array;
  /** n, open time of the newest candle in the window. */
  readonly openTime: Float64Array;
  readonly trainCount: number;
  readonly heldOutCount: number;
  /** Distinct training examples that the trader marked, those of HOLD, and the rows that repeat marked ones. */
  readonly annotatedCount: number;
  readonly holdCount: number;
  readonly repeatedCount: number;
  /** Held-out examples that the trader marked. */
  readonly heldOutAnnotatedCount: number;
}

export type DatasetFailure = WindowFailure | Failure<'SAMPLE_WITHOUT_CANDLE' | 'DATASET_TOO_SMALL'>;

/** An annotated example appears at most this often in the training part. */
const MAX_APPEARANCES = 8;
/** …and only until its class has this share of the number of HOLD examples. */
const CLASS_SHARE_OF_HOLD = 0.5;

/**
 * Builds the tensors of `job`.
 *
 * Held-out part: see `splitByTime`; between it and any training row lie at least 64 + 60 minutes, so that no training row
 * shares a candle of window or future with a measured one.
 *
 * Class balance: trades are rare, so every BUY or SELL example of the training part appears up to 8 times, until its class
 * reaches half the number of HOLD examples. The repeats carry no horizon labels (−1): those heads count each minute once. The
 * held-out part is left as it is.
 *
 * Horizon labels: DIRECTIONS index by `flatThresholds`, −1 where the future is not known without a hole.
 *
 * @returns DATASET_TOO_SMALL when either part would be empty; WINDOW_… or SAMPLE_WITHOUT_CANDLE when a sample has no whole window
 */
export function buildDataset(
  job: Pick<TrainingJob, 'candles' | 'samples' | 'heldOutShare'>,
): Result<TrainingDataset, DatasetFailure> {
  const samples = [...job.samples].sort((a, b) => a.openTime - b.openTime);
  const split = splitByTime(samples, job.heldOutShare);
  if (split.train.length === 0 || split.heldOut.length === 0) {
    return fail(
      'DATASET_TOO_SMALL',
      `${samples.length} examples cannot be split into a training and a held-out part ${FUTURE_MINUTES + CANDLE_WINDOW.length} minutes apart: ` +
        'annotate trades over a longer time, or load more history',
    );
  }
  const rows = [...balanced(split.train), ...split.heldOut.map((sample) => ({ sample, repeat: false }))];
  const heldOutCount = split.heldOut.length;
  const trainCount = rows.length - heldOutCount;
  const windowSize = CANDLE_WINDOW.length * CANDLE_WINDOW.channels;
  const horizons = HORIZONS_MIN.length;
  const inputs = new Float32Array(rows.length * windowSize);
  const action = new Int32Array(rows.length);
  const direction = new Int32Array(rows.length * horizons).fill(-1);
  const futureReturn = new Float32Array(rows.length * horizons);
  const openTime = new Float64Array(rows.length);
  for (let n = 0; n < rows.length; n++) {
    const { sample, repeat } = rows[n] as Row;
    action[n] = sample.action;
    openTime[n] = sample.openTime;
    if (repeat) {
      inputs.copyWithin(n * windowSize, (n - 1) * windowSize, n * windowSize);
      continue;
    }
    const index = indexOfMinute(job.candles.openTime, sample.openTime);
    if (index < 0) return fail('SAMPLE_WITHOUT_CANDLE', `there is no 1m candle at ${sample.openTime}, where an example ends`);
    const window = writeCandleWindow(job.candles, index, inputs, n * windowSize);
    if (!window.ok) return window;
    labelHorizons(job, index, direction, futureReturn, n * horizons);
  }
  const annotatedCount = split.train.filter((sample) => sample.action !== HOLD).length;
  const holdCount = split.train.length - annotatedCount;
  return ok({
    inputs,
    action,
    direction,
    futureReturn,
    openTime,
    trainCount,
    heldOutCount,
    annotatedCount,
    holdCount,
    repeatedCount: trainCount - split.train.length,
    heldOutAnnotatedCount: split.heldOut.filter((sample) => sample.action !== HOLD).length,
  });
}

interface Row {
  readonly sample: TrainingSample;
  /** The same example as the row before. */
  readonly repeat: boolean;
}

function balanced(train: readonly TrainingSample[]): Row[] {
  const count = [0, 0, 0];
  for (const sample of train) count[sample.action] = (count[sample.action] ?? 0) + 1;
  const wanted = CLASS_SHARE_OF_HOLD * (count[HOLD] as number);
  const rows: Row[] = [];
  for (const sample of train) {
    rows.push({ sample, repeat: false });
    if (sample.action === HOLD) continue;
    const appearances = Math.min(MAX_APPEARANCES, Math.floor(wanted / (count[sample.action] as number)));
    for (let k = 1; k < appearances; k++) rows.push({ sample, repeat: true });
  }
  return rows;
}

function labelHorizons(
  job: Pick<TrainingJob, 'candles'>,
  index: number,
  direction: Int32Array,
  futureReturn: Float32Array,
  offset: number,
): void {
  const { openTime, close } = job.candles;
  const thresholds = flatThresholds(job.candles, index);
  if (thresholds === undefined) return;
  for (let h = 0; h < HORIZONS_MIN.length; h++) {
    const minutes = HORIZONS_MIN[h] as number;
    if (!isUnbroken(openTime, index, minutes)) continue;
    const realised = (close[index + minutes] as number) / (close[index] as number) - 1;
    direction[offset + h] = directionOf(realised, thresholds[h] as number);
    futureReturn[offset + h] = realised;
  }
}
