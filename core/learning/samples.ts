import { nextInt, type Rng } from '../base/rng.ts';
import type { Annotation, AnnotationPoint } from '../contracts/annotations.ts';
import type { TrainingSample } from '../contracts/worker-protocol.ts';
import { CANDLE_WINDOW } from '../features/candle-window.ts';
import type { CandleColumns } from '../market/candle.ts';
import { openTimeOf, type Timeframe, TIMEFRAME_MS } from '../market/timeframe.ts';
import { BUY, FUTURE_MINUTES, HOLD, indexOfMinute, isUnbroken, SELL } from './labels.ts';

const MINUTE_MS = TIMEFRAME_MS['1m'];

/** The entry minute and at most three after it teach the entry of one trade. */
export const ENTRY_MINUTES = 4;
/** No HOLD example is drawn from an annotated trade or from this many minutes on either side of it. */
export const HOLD_MARGIN_MINUTES = 10;

export interface SampleOptions {
  readonly rng: Rng;
  /** HOLD examples per annotated one… */
  readonly holdPerAnnotated: number;
  /** …and never fewer than this, as far as there are minutes to draw from. */
  readonly minHold: number;
}

export interface SampleSet {
  /** In order of time, one per minute at most. */
  readonly samples: TrainingSample[];
  readonly annotatedCount: number;
  readonly holdCount: number;
  /** Annotations that gave at least one example. */
  readonly usedIds: string[];
  readonly skipped: { readonly annotationId: string; readonly reason: string }[];
}

/** The minutes of a trade on the 1m grid: open times of the candles that hold its entry and its exit. */
export interface TradeMinutes {
  readonly entry: number;
  readonly exit: number;
}

/**
 * Turns annotated trades into labelled minutes. A sample at minute m asks: at the close of m, having seen 64 minutes, what is
 * right?
 *
 * - The entry minute of a long is BUY, of a short SELL; so are the next three minutes while they lie before the exit minute and
 *   price has gone at most half of the way from entry to exit, for then the trade is still there to be taken.
 * - The exit and the rest of the trade get no label: leaving a long is not opening a short.
 * - HOLD is drawn, without replacement, from minutes outside every trade and its margin that have a whole window behind and
 *   60 minutes ahead without a hole.
 *
 * An annotation that has no whole window at its entry, or lasts less than a minute, gives nothing and is named in `skipped`.
 * Where two annotations claim one minute, the one edited last has it.
 *
 * @param candles closed 1m candles, ascending; holes are allowed and never bridged
 */
export function samplesOf(annotations: readonly Annotation[], candles: CandleColumns, options: SampleOptions): SampleSet {
  const actions = new Map<number, number>();
  const excluded = new Uint8Array(candles.openTime.length);
  const usedIds: string[] = [];
  const skipped: { annotationId: string; reason: string }[] = [];
  for (const annotation of [...annotations].sort((a, b) => a.updatedAt - b.updatedAt)) {
    const trade = tradeMinutes(annotation, candles);
    if (trade === undefined) {
      skipped.push({ annotationId: annotation.id, reason: 'there are no 1m candles at its entry' });
      continue;
    }
    exclude(excluded, candles.openTime, trade);
    const labelled = entryMinutes(annotation, trade, candles);
    if (typeof labelled === 'string') {
      skipped.push({ annotationId: annotation.id, reason: labelled });
      continue;
    }
    for (const openTime of labelled) actions.set(openTime, annotation.direction === 'long' ? BUY : SELL);
    usedIds.push(annotation.id);
  }
  const samples: TrainingSample[] = [...actions].map(([openTime, action]) => ({ openTime, action }));
  const annotatedCount = samples.length;
  const wanted = Math.max(options.minHold, Math.round(options.holdPerAnnotated * annotatedCount));
  for (const index of draw(holdCandidates(candles, excluded), wanted, options.rng)) {
    samples.push({ openTime: candles.openTime[index] as number, action: HOLD });
  }
  samples.sort((a, b) => a.openTime - b.openTime);
  return { samples, annotatedCount, holdCount: samples.length - annotatedCount, usedIds, skipped };
}

/**
 * Where a trade that was drawn on any timeframe lies on the 1m grid. A point on a 1s or 1m candle lies in that candle's minute;
 * a point on a longer candle in the first of its minutes whose range comes closest to the point's price.
 *
 * @returns undefined when there is no candle for the entry; a missing exit is taken as late as it can be
 */
export function tradeMinutes(
  annotation: Pick<Annotation, 'entry' | 'exit' | 'timeframe'>,
  candles: CandleColumns,
): TradeMinutes | undefined {
  const entry = minuteOf(annotation.entry, annotation.timeframe, candles);
  if (entry === undefined) return undefined;
  const latestExit = openTimeOf(annotation.exit.time + TIMEFRAME_MS[annotation.timeframe] - 1, '1m');
  return { entry, exit: minuteOf(annotation.exit, annotation.timeframe, candles) ?? latestExit };
}

function minuteOf(point: AnnotationPoint, timeframe: Timeframe, { openTime, low, high }: CandleColumns): number | undefined {
  const first = openTimeOf(point.time, '1m');
  const end = Math.max(first + MINUTE_MS, point.time + TIMEFRAME_MS[timeframe]);
  let nearest: number | undefined;
  let smallest = Infinity;
  for (let i = firstAtOrAfter(openTime, first); i < openTime.length && (openTime[i] as number) < end; i++) {
    const distance = Math.max((low[i] as number) - point.price, point.price - (high[i] as number), 0);
    if (distance >= smallest) continue;
    smallest = distance;
    nearest = openTime[i];
  }
  return nearest;
}

/** Minutes that teach this trade's entry, or why there is none. */
function entryMinutes(annotation: Annotation, trade: TradeMinutes, candles: CandleColumns): number[] | string {
  if (trade.exit <= trade.entry) return 'it lasts less than a minute, and the model sees whole minutes';
  const index = indexOfMinute(candles.openTime, trade.entry);
  if (!hasWindow(candles, index)) return `the ${CANDLE_WINDOW.length} minutes up to its entry are not all there`;
  const minutes = [trade.entry];
  const way = annotation.exit.price - annotation.entry.price;
  for (let k = 1; k < ENTRY_MINUTES && trade.entry + k * MINUTE_MS < trade.exit; k++) {
    if (!isUnbroken(candles.openTime, index, k)) break;
    const gone = (candles.close[index + k] as number) - annotation.entry.price;
    // Also stops on a trade without any way to go, whose share is not a number.
    if (!(gone / way <= 0.5)) break;
    minutes.push(trade.entry + k * MINUTE_MS);
  }
  return minutes;
}

function hasWindow(candles: CandleColumns, index: number): boolean {
  return isUnbroken(candles.openTime, index - CANDLE_WINDOW.length + 1, CANDLE_WINDOW.length - 1);
}

function exclude(excluded: Uint8Array, openTimes: Float64Array, trade: TradeMinutes): void {
  const margin = HOLD_MARGIN_MINUTES * MINUTE_MS;
  const until = trade.exit + margin;
  for (let i = firstAtOrAfter(openTimes, trade.entry - margin); i < openTimes.length && (openTimes[i] as number) <= until; i++)
    excluded[i] = 1;
}

function holdCandidates(candles: CandleColumns, excluded: Uint8Array): Int32Array {
  const candidates = new Int32Array(excluded.length);
  let count = 0;
  for (let i = 0; i < excluded.length; i++) {
    if (excluded[i] === 0 && hasWindow(candles, i) && isUnbroken(candles.openTime, i, FUTURE_MINUTES)) candidates[count++] = i;
  }
  return candidates.subarray(0, count);
}

/**
 * `wanted` of `pool` without replacement, uniformly (Fisher–Yates, stopped early); all of them when there are fewer. Reorders
 * `pool`.
 */
function draw(pool: Int32Array, wanted: number, rng: Rng): Int32Array {
  const count = Math.min(wanted, pool.length);
  for (let i = 0; i < count; i++) {
    const j = i + nextInt(rng, pool.length - i);
    const taken = pool[j] as number;
    pool[j] = pool[i] as number;
    pool[i] = taken;
  }
  return pool.subarray(0, count);
}

/** Index of the first candle that opened at or after `time`. */
function firstAtOrAfter(openTimes: Float64Array, time: number): number {
  let low = 0;
  let high = openTimes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((openTimes[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
