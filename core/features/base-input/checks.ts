import type { CandleSeries } from './candle-series.ts';
import type { CobSeries } from './cob-series.ts';
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
    if (Number.isNaN(minutes.price(minute, CLOSE))) continue;
    let high = Number.NEGATIVE_INFINITY;
    let low = Number.POSITIVE_INFINITY;
    let volume = 0;
    for (let s = minute * MINUTE_S; s < (minute + 1) * MINUTE_S; s++) {
      // One that is not known makes the sums NaN, too.
      high = Math.max(high, seconds.price(s, HIGH));
      low = Math.min(low, seconds.price(s, LOW));
      volume += seconds.volume(s);
    }
    if (Number.isNaN(high)) continue;
    count(
      quality,
      seconds.price(minute * MINUTE_S, OPEN) === minutes.price(minute, OPEN) &&
        high === minutes.price(minute, HIGH) &&
        low === minutes.price(minute, LOW) &&
        seconds.price(minute * MINUTE_S + MINUTE_S - 1, CLOSE) === minutes.price(minute, CLOSE) &&
        Math.abs(volume - minutes.volume(minute)) <= VOLUME_TOLERANCE * Math.max(1, volume),
    );
  }
}

/**
 * No known second's merged book is crossed, and its mid lies in the range of the minute around it where that is known; widened by the
 * spread, since a minute's trades may all have been on one side of the book.
 */
export function checkBook(cob: CobSeries, minutes: CandleSeries, newest: number, quality: BlockQuality): void {
  for (let slot = newest - FRAMES + 1; slot <= newest; slot++) {
    const mid = cob.mid(slot);
    if (Number.isNaN(mid)) continue;
    const spreadBps = cob.spreadBps(slot);
    count(quality, spreadBps > 0);
    const minute = Math.floor(slot / MINUTE_S);
    const low = minutes.price(minute, LOW);
    if (Number.isNaN(low)) continue;
    const spread = (Math.abs(spreadBps) / 10_000) * mid;
    count(quality, mid >= low - spread && mid <= minutes.price(minute, HIGH) + spread);
  }
}

/** 1 while a datum of `ageMs` is younger than its period, 0 from ten periods on, linear in between. */
export function freshnessOf(ageMs: number, periodMs: number): number {
  if (!(ageMs < 10 * periodMs)) return 0;
  return ageMs <= periodMs ? 1 : 1 - (ageMs - periodMs) / (9 * periodMs);
}
