import type { TrainingSample } from '../contracts/worker-protocol.ts';
import { CANDLE_WINDOW } from '../features/candle-window.ts';
import { TIMEFRAME_MS } from '../market/timeframe.ts';
import { FUTURE_MINUTES, HOLD } from './labels.ts';

/** Two examples this far apart share no candle: 64 minutes of window and 60 of future. */
export const EMBARGO_MS = (CANDLE_WINDOW.length + FUTURE_MINUTES) * TIMEFRAME_MS['1m'];

/**
 * Splits examples, given in order of time, into a training and a held-out part.
 *
 * The held-out part is one block of `share` of all examples, consecutive in time: the newest block that leaves training with at
 * least 1 − share of the annotated (not HOLD) examples after the embargo; when no block does, the one that leaves it most of
 * them, the newest of equals. Usually that is simply the newest share. Where every trade was marked within the last hours, the
 * newest share would hold all of them and nothing would be left to learn, so an older block is measured instead.
 *
 * Examples closer than EMBARGO_MS to the block, before or after it, are dropped.
 */
export function splitByTime(
  samples: readonly TrainingSample[],
  share: number,
): { readonly train: TrainingSample[]; readonly heldOut: TrainingSample[] } {
  const size = Math.max(1, Math.round(samples.length * share));
  if (size >= samples.length) return { train: [], heldOut: [...samples] };

  const annotatedBefore = new Int32Array(samples.length + 1);
  for (let i = 0; i < samples.length; i++) {
    annotatedBefore[i + 1] = (annotatedBefore[i] as number) + ((samples[i] as TrainingSample).action === HOLD ? 0 : 1);
  }
  const annotated = annotatedBefore[samples.length] as number;
  const wanted = Math.ceil((1 - share) * annotated);

  let bestKept = -1;
  let best: Cut = { before: 0, start: 0, end: samples.length, after: samples.length };
  let before = samples.length;
  let after = samples.length;
  for (let end = samples.length; end >= size; end--) {
    const start = end - size;
    const first = (samples[start] as TrainingSample).openTime;
    const last = (samples[end - 1] as TrainingSample).openTime;
    // Both limits only move to the left as the block does.
    while (before > 0 && (samples[before - 1] as TrainingSample).openTime > first - EMBARGO_MS) before--;
    while (after > end && (samples[after - 1] as TrainingSample).openTime >= last + EMBARGO_MS) after--;
    if (before + samples.length - after === 0) continue;
    const kept = (annotatedBefore[before] as number) + annotated - (annotatedBefore[after] as number);
    if (kept <= bestKept) continue;
    bestKept = kept;
    best = { before, start, end, after };
    if (kept >= wanted) break;
  }
  return {
    train: [...samples.slice(0, best.before), ...samples.slice(best.after)],
    heldOut: samples.slice(best.start, best.end),
  };
}

interface Cut {
  /** Training rows are [0, before) and [after, n); the held-out block is [start, end). */
  readonly before: number;
  readonly start: number;
  readonly end: number;
  readonly after: number;
}
