import { fail, ok, type Failure, type Result } from '../../../core/base/result.ts';
import type { Rng } from '../../../core/base/rng.ts';
import type { Annotation } from '../../../core/contracts/annotations.ts';
import type { ModelConfig } from '../../../core/contracts/config.ts';
import { CANDLE_WINDOW } from '../../../core/features/candle-window.ts';
import { FUTURE_MINUTES } from '../../../core/learning/labels.ts';
import { type SampleSet, samplesOf } from '../../../core/learning/samples.ts';
import { splitByTime } from '../../../core/learning/split.ts';
import { candleColumns, type CandleColumns } from '../../../core/market/candle.ts';
import { openTimeOf, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { MarketRepository } from '../../ports/store.ts';

const MINUTE_MS = TIMEFRAME_MS['1m'];
/** Minutes before a trade and after it from which HOLD examples are drawn. */
const BEFORE_MS = (CANDLE_WINDOW.length + 1440) * MINUTE_MS;
const AFTER_MS = (FUTURE_MINUTES + 360) * MINUTE_MS;

export interface TrainingDataDeps {
  readonly market: Pick<MarketRepository, 'candleColumns'>;
  /** Fetches what the venue has and the store lacks of the 1m candles that opened in [from, to). */
  readonly ensureHistory: (symbol: string, timeframe: '1m', from: number, to: number) => Promise<Result<unknown>>;
}

export interface TrainingData {
  /** Ascending; holes lie between the spans and where the venue was down. Every example's window is whole. */
  readonly candles: CandleColumns;
  readonly set: SampleSet;
}

/** Open times [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Candles around the annotated trades, and the examples they give.
 *
 * @param now market time: no candle that is still open is read
 * @returns TOO_LITTLE_HISTORY when fewer than the model's `minAnnotations` trades have the candles they need, when there is no
 * minute to draw HOLD examples from, or when the examples cannot be split; the store's failure when it cannot be read
 */
export async function gatherTrainingData(
  deps: TrainingDataDeps,
  symbol: string,
  annotations: readonly Annotation[],
  training: ModelConfig['training'],
  rng: Rng,
  now: number,
): Promise<Result<TrainingData>> {
  const parts: CandleColumns[] = [];
  let unfetched: Failure | undefined;
  for (const { from, to } of spansOf(annotations, openTimeOf(now, '1m'))) {
    const fetched = await deps.ensureHistory(symbol, '1m', from, to);
    // What the store has may do; if it does not, this says why.
    if (!fetched.ok) unfetched = fetched.error;
    const stored = await deps.market.candleColumns(symbol, '1m', from, to);
    if (!stored.ok) return stored;
    parts.push(stored.value);
  }
  const candles = concatenated(parts);
  const { holdPerAnnotated, minHold, minAnnotations, heldOutShare } = training;
  const set = samplesOf(annotations, candles, { rng, holdPerAnnotated, minHold });
  const lack = lackOf(set, minAnnotations, heldOutShare);
  if (lack === undefined) return ok({ candles, set });
  const why = unfetched === undefined ? '' : ` The exchange was asked for more: ${unfetched.message}`;
  return fail('TOO_LITTLE_HISTORY', `There is too little 1-minute history of ${symbol} to train on: ${lack}.${why}`, {
    retryable: true,
  });
}

function lackOf(
  { samples, usedIds, skipped, holdCount }: SampleSet,
  minAnnotations: number,
  heldOutShare: number,
): string | undefined {
  const [first] = skipped;
  if (usedIds.length < minAnnotations) {
    const reason = first === undefined ? '' : ` (of ${first.annotationId}, ${first.reason})`;
    return `${usedIds.length} of ${usedIds.length + skipped.length} annotated trades can be learnt from, ${minAnnotations} are needed${reason}`;
  }
  const needed = CANDLE_WINDOW.length + FUTURE_MINUTES;
  if (holdCount === 0) return `outside the annotated trades no stretch of ${needed} minutes is whole`;
  if (splitByTime(samples, heldOutShare).train.length === 0) {
    return `the examples lie within ${needed} minutes of each other, so that none can be kept apart for measuring`;
  }
  return undefined;
}

/**
 * What is read: a day before each entry, some hours after it, and the same after the exit; merged, in order, and not beyond
 * `end`.
 */
export function spansOf(annotations: readonly Annotation[], end: number): Span[] {
  const wanted: Span[] = [];
  for (const { entry, exit, timeframe } of annotations) {
    const length = Math.max(TIMEFRAME_MS[timeframe], MINUTE_MS);
    const entryMinute = openTimeOf(entry.time, '1m');
    const exitMinute = openTimeOf(exit.time, '1m');
    wanted.push({ from: Math.max(0, entryMinute - BEFORE_MS), to: Math.min(end, entryMinute + length + AFTER_MS) });
    wanted.push({ from: exitMinute, to: Math.min(end, exitMinute + length + AFTER_MS) });
  }
  const merged: Span[] = [];
  for (const span of wanted.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && span.from <= last.to)
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else merged.push(span);
  }
  return merged;
}

function concatenated(parts: readonly CandleColumns[]): CandleColumns {
  const whole = candleColumns(parts.reduce((sum, part) => sum + part.openTime.length, 0));
  let at = 0;
  for (const part of parts) {
    for (const name of ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const) whole[name].set(part[name], at);
    at += part.openTime.length;
  }
  return whole;
}
