import { type CandleSeries, VOLUME } from './candle-series.ts';
import { COB_COLUMNS, type CobSeries } from './cob-series.ts';
import type { BlockQuality } from './base-input.ts';
import { FRAMES } from './schema.ts';

const OPEN = 0;
const HIGH = 1;
const LOW = 2;
const CLOSE = 3;
const MINUTE_S = 60;
/** Sums in another order differ by rounding. */
const VOLUME_TOLERANCE = 1e-9;

function count(quality: BlockQuality, holds: boolean): void {
  quality.checks++;
  if (holds) quality.held++;
}

/** OHLC order of the known frames. That time is monotone holds by construction: a row is found by its period. */
export function checkCandles(series: CandleSeries, newest: number, quality: BlockQuality): void {
  const { cells } = series.window;
  for (let slot = newest - FRAMES + 1; slot <= newest; slot++) {
    const at = series.window.at(slot);
    if (at < 0 || !series.isKnown(at)) continue;
    const open = cells[at + OPEN] as number;
    const close = cells[at + CLOSE] as number;
    const high = cells[at + HIGH] as number;
    const low = cells[at + LOW] as number;
    count(quality, low > 0 && low <= open && low <= close && high >= open && high >= close);
  }
}

/** Each minute whose sixty seconds are known frames, too, is made of them. */
export function checkMinutes(minutes: CandleSeries, seconds: CandleSeries, newestSecond: number, quality: BlockQuality): void {
  const first = newestSecond - FRAMES + 1;
  for (let minute = Math.ceil(first / MINUTE_S); (minute + 1) * MINUTE_S <= newestSecond + 1; minute++) {
    const at = minutes.window.at(minute);
    if (at < 0 || !minutes.isKnown(at)) continue;
    const verdict = isMadeOf(minutes, at, seconds, minute * MINUTE_S);
    if (verdict !== undefined) count(quality, verdict);
  }
}

/** Undefined when one of the sixty seconds from `from` on is not known. */
function isMadeOf(minutes: CandleSeries, minute: number, seconds: CandleSeries, from: number): boolean | undefined {
  const { cells } = seconds.window;
  const first = seconds.window.at(from);
  const last = seconds.window.at(from + MINUTE_S - 1);
  if (first < 0 || last < 0) return undefined;
  let high = Number.NEGATIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  let volume = 0;
  for (let at = first; at <= last; at += seconds.window.stride) {
    if (!seconds.isKnown(at)) return undefined;
    if ((cells[at + HIGH] as number) > high) high = cells[at + HIGH] as number;
    if ((cells[at + LOW] as number) < low) low = cells[at + LOW] as number;
    volume += cells[at + VOLUME] as number;
  }
  const of = minutes.window.cells;
  return (
    cells[first + OPEN] === of[minute + OPEN] &&
    high === of[minute + HIGH] &&
    low === of[minute + LOW] &&
    cells[last + CLOSE] === of[minute + CLOSE] &&
    Math.abs(volume - (of[minute + VOLUME] as number)) <= VOLUME_TOLERANCE * Math.max(1, volume)
  );
}

/**
 * No known second's merged book is crossed, and its mid lies in the range of the minute around it where that is known; widened by the
 * spread, since a minute's trades may all have been on one side of the book.
 */
export function checkBook(cob: CobSeries, minutes: CandleSeries, newest: number, quality: BlockQuality): void {
  const { cells } = cob.window;
  const of = minutes.window.cells;
  for (let slot = newest - FRAMES + 1; slot <= newest; slot++) {
    const at = cob.window.at(slot);
    if (at < 0 || !cob.isKnown(at)) continue;
    const mid = cells[at + COB_COLUMNS.mid] as number;
    const spreadBps = cells[at + COB_COLUMNS.spread] as number;
    count(quality, spreadBps > 0);
    const minute = minutes.window.at(Math.floor(slot / MINUTE_S));
    if (minute < 0 || !minutes.isKnown(minute)) continue;
    const spread = (Math.abs(spreadBps) / 10_000) * mid;
    count(quality, mid >= (of[minute + LOW] as number) - spread && mid <= (of[minute + HIGH] as number) + spread);
  }
}

/** 1 while a datum of `ageMs` is younger than its period, 0 from ten periods on, linear in between. */
export function freshnessOf(ageMs: number, periodMs: number): number {
  if (!(ageMs < 10 * periodMs)) return 0;
  return ageMs <= periodMs ? 1 : 1 - (ageMs - periodMs) / (9 * periodMs);
}
