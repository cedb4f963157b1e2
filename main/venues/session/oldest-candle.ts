import { ok, type Result } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { VenueFailure } from '../../ports/venue.ts';

const DAY_MS = TIMEFRAME_MS['1d'];

/** A venue's candles that opened in [from, to), oldest first, at most `limit`. */
export type AskCandles = (
  timeframe: Timeframe,
  from: number,
  to: number,
  limit: number,
) => Promise<Result<Candle[], VenueFailure>>;

/**
 * The oldest candle before `to`, alone in a list; an empty one when there is none. For venues that answer for a short range only:
 * days are gone through in pages from `beginsAt`, before which no market of the venue has a candle, and then the first day in
 * pages of `timeframe`. Where that day has none (a venue may keep short candles for less long), the first page with one is found
 * by bisection. A handful of requests of `page` candles each.
 */
export async function oldestCandle(
  ask: AskCandles,
  timeframe: Timeframe,
  beginsAt: number,
  to: number,
  page: number,
): Promise<Result<Candle[], VenueFailure>> {
  const days = await firstPage(ask, '1d', beginsAt, to, page);
  if (!days.ok || timeframe === '1d') return days;
  const day = days.value[0]?.openTime;
  if (day === undefined) return days;
  const within = await firstPage(ask, timeframe, day, Math.min(to, day + DAY_MS), page);
  if (!within.ok || within.value.length > 0) return within;
  return bisected(ask, timeframe, day + DAY_MS, to, page);
}

/** The first candle of the first page of [from, to) that has one. */
async function firstPage(
  ask: AskCandles,
  timeframe: Timeframe,
  from: number,
  to: number,
  page: number,
): Promise<Result<Candle[], VenueFailure>> {
  const length = page * TIMEFRAME_MS[timeframe];
  for (let first = from; first < to; first += length) {
    const answer = await ask(timeframe, first, Math.min(to, first + length), page);
    if (!answer.ok || answer.value.length > 0) return answer.ok ? ok(answer.value.slice(0, 1)) : answer;
  }
  return ok([]);
}

/** The same for pages that all have candles from some page on. */
async function bisected(
  ask: AskCandles,
  timeframe: Timeframe,
  from: number,
  to: number,
  page: number,
): Promise<Result<Candle[], VenueFailure>> {
  const length = page * TIMEFRAME_MS[timeframe];
  let oldest: Candle[] = [];
  let low = 0;
  let high = Math.max(0, Math.ceil((to - from) / length));
  while (low < high) {
    const middle = (low + high) >> 1;
    const first = from + middle * length;
    const answer = await ask(timeframe, first, Math.min(to, first + length), page);
    if (!answer.ok) return answer;
    if (answer.value.length > 0) {
      oldest = answer.value.slice(0, 1);
      high = middle;
    } else low = middle + 1;
  }
  return ok(oldest);
}
