import type { EpochMs } from '../base/clock.ts';
import { filledCandle } from './candle-builder.ts';
import type { Candle } from './candle.ts';
import { openTimeOf, type Timeframe, TIMEFRAME_MS } from './timeframe.ts';

/**
 * Finer candles (ascending open times) → candles of `timeframe`. The result equals building them from the trades
 * (volumes up to the order of summation): filled candles count only where a period holds nothing else. Periods without
 * any finer candle are absent; the first and last cover only what was given.
 */
export function aggregateCandles(candles: readonly Candle[], timeframe: Timeframe): Candle[] {
  const aggregated: Candle[] = [];
  let start = 0;
  while (start < candles.length) {
    const openTime = openTimeOf((candles[start] as Candle).openTime, timeframe);
    let end = start + 1;
    while (end < candles.length && openTimeOf((candles[end] as Candle).openTime, timeframe) === openTime) end++;
    aggregated.push(mergeCandles(openTime, candles, start, end));
    start = end;
  }
  return aggregated;
}

/**
 * As `aggregateCandles`, but only periods that are over: the last one is left out while one of its candles may still come.
 * A hole in the series leaves its periods in, made of what there is of them.
 * @param closedUntil end of the newest candle of the whole series, of which `candles` may be a part
 */
export function deriveClosedCandles(candles: readonly Candle[], timeframe: Timeframe, closedUntil: EpochMs): Candle[] {
  const derived = aggregateCandles(candles, timeframe);
  const newest = derived.at(-1);
  if (newest !== undefined && newest.openTime + TIMEFRAME_MS[timeframe] > closedUntil) derived.pop();
  return derived;
}

/**
 * The part before `liveFrom` of the candle that covers it, for `CandleBuilder.seed`: put together from closed finer
 * candles, each part from the coarsest that is closed. `finer` maps a timeframe to its candles, ascending, up to
 * `liveFrom`. The 1h candle at 10:42:17 is 10:00–10:42 from 1m candles and 10:42:00–10:42:17 from 1s candles.
 * Undefined when nothing was given for the period.
 */
export function partialCandle(
  timeframe: Timeframe,
  liveFrom: EpochMs,
  finer: Partial<Record<Timeframe, readonly Candle[]>>,
): Candle | undefined {
  const start = openTimeOf(liveFrom, timeframe);
  const parts: Candle[] = [];
  let from = start;
  for (const step of FINER[timeframe]) {
    const to = openTimeOf(liveFrom, step);
    for (const candle of finer[step] ?? []) if (candle.openTime >= from && candle.openTime < to) parts.push(candle);
    from = to;
  }
  return parts.length === 0 ? undefined : mergeCandles(start, parts, 0, parts.length);
}

/** Coarsest first. */
const FINER: Readonly<Record<Timeframe, readonly Timeframe[]>> = {
  '1s': [],
  '1m': ['1s'],
  '5m': ['1m', '1s'],
  '15m': ['1m', '1s'],
  '1h': ['1m', '1s'],
  '4h': ['1h', '1m', '1s'],
  '1d': ['1h', '1m', '1s'],
};

function mergeCandles(openTime: EpochMs, candles: readonly Candle[], start: number, end: number): Candle {
  let first: Candle | undefined;
  let high = Number.NEGATIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  let close = Number.NaN;
  let volume = 0;
  let buyVolume = 0;
  let tradeCount = 0;
  for (let i = start; i < end; i++) {
    const candle = candles[i] as Candle;
    if (candle.filled) continue;
    first ??= candle;
    if (candle.high > high) high = candle.high;
    if (candle.low < low) low = candle.low;
    close = candle.close;
    volume += candle.volume;
    buyVolume += candle.buyVolume;
    tradeCount += candle.tradeCount;
  }
  if (first === undefined) return filledCandle(openTime, (candles[end - 1] as Candle).close);
  return { openTime, open: first.open, high, low, close, volume, buyVolume, tradeCount, filled: false };
}
