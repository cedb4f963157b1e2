import type { EpochMs } from '../../core/base/clock.ts';
import type { Prediction } from '../../core/contracts/learning.ts';

/** Predictions are read and kept in stretches of this length: 360 of them at one a minute. */
export const STRETCH_MS = 6 * 3_600_000;
/** The longest horizon: what was predicted this long before the view still shows in it. */
const LOOK_BACK_MS = 3_600_000;
/** A view longer than this shows no single prediction, so none is read for it. */
const LONGEST_VIEW_MS = 48 * 3_600_000;
const MOST_STRETCHES = 12;

interface Stretch {
  readonly predictions: readonly Prediction[];
  /** Up to here nothing can be missing: later predictions were not made yet when it was read. */
  readonly completeTo: EpochMs;
}

export type ReadPredictions = (from: EpochMs, to: EpochMs) => Promise<readonly Prediction[] | undefined>;

/** The stretches, by number, that a view needs and that lie before `liveFrom`, where the live list begins; newest first. */
export function stretchesOf(from: EpochMs, to: EpochMs, liveFrom: EpochMs): number[] {
  if (to - from > LONGEST_VIEW_MS) return [];
  const first = Math.floor((from - LOOK_BACK_MS) / STRETCH_MS);
  const last = Math.floor((Math.min(to, liveFrom) - 1) / STRETCH_MS);
  const stretches: number[] = [];
  for (let stretch = last; stretch >= first; stretch--) stretches.push(stretch);
  return stretches;
}

/** What was predicted before the live list begins, read when it scrolls into view; the stretches looked at last are kept. */
export class PredictionHistory {
  readonly #read: ReadPredictions;
  readonly #onChange: () => void;
  /** By stretch number, the one used last at the end. */
  readonly #stretches = new Map<number, Stretch>();
  readonly #reading = new Set<number>();
  #closed = false;

  constructor(read: ReadPredictions, onChange: () => void) {
    this.#read = read;
    this.#onChange = onChange;
  }

  close(): void {
    this.#closed = true;
  }

  /** Reads what the view needs. `live` is newest first; with no live prediction there is no model, and nothing older is asked for. */
  cover(from: EpochMs, to: EpochMs, live: readonly Prediction[]): void {
    const oldest = live.at(-1);
    const newest = live[0];
    if (oldest === undefined || newest === undefined) return;
    for (const number of stretchesOf(from, to, oldest.t)) {
      const known = this.#stretches.get(number);
      const neededTo = Math.min((number + 1) * STRETCH_MS, oldest.t);
      if (known !== undefined && known.completeTo >= neededTo) {
        this.#stretches.delete(number);
        this.#stretches.set(number, known);
      } else if (!this.#reading.has(number)) void this.#load(number, newest.t);
    }
  }

  /** Those that the live list does not hold, in no order. */
  before(live: readonly Prediction[]): Prediction[] {
    const liveFrom = live.at(-1)?.t ?? Number.NEGATIVE_INFINITY;
    const older: Prediction[] = [];
    for (const { predictions } of this.#stretches.values()) {
      for (const prediction of predictions) if (prediction.t < liveFrom) older.push(prediction);
    }
    return older;
  }

  async #load(number: number, newest: EpochMs): Promise<void> {
    this.#reading.add(number);
    const from = number * STRETCH_MS;
    const predictions = await this.#read(from, from + STRETCH_MS - 1);
    this.#reading.delete(number);
    if (this.#closed || predictions === undefined) return;
    this.#stretches.delete(number);
    this.#stretches.set(number, { predictions, completeTo: Math.min(from + STRETCH_MS, newest) });
    for (const oldest of this.#stretches.keys()) {
      if (this.#stretches.size <= MOST_STRETCHES) break;
      this.#stretches.delete(oldest);
    }
    this.#onChange();
  }
}
