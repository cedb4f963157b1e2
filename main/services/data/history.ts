import { ok, type Result } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { openTimeOf, type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { VenueMarketData } from '../../ports/venue.ts';

/** The venue's most per request. */
const PAGE = 1_000;

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Makes sure that the store holds every closed candle of a span that the venue has, fetching what is missing.
 * Spans that the venue was asked for and has nothing in (its outages, the time before it existed) are remembered for
 * this run, so that they are not asked for again.
 */
export class CandleHistory {
  readonly #venue: Pick<VenueMarketData, 'candles' | 'venue'>;
  readonly #market: MarketRepository;
  readonly #empty = new Map<string, Span[]>();
  /** One back-fill per symbol and timeframe at a time: two would fetch the same candles. */
  readonly #running = new Map<string, Promise<unknown>>();

  constructor(venue: Pick<VenueMarketData, 'candles' | 'venue'>, market: MarketRepository) {
    this.#venue = venue;
    this.#market = market;
  }

  /**
   * @param from open time of the first candle wanted
   * @param to end of the last candle wanted; only candles that end at or before it are fetched
   * @returns the candles that were fetched, oldest first
   */
  async ensure(instrument: Instrument, timeframe: Timeframe, from: number, to: number): Promise<Result<Candle[]>> {
    const key = `${instrument.symbol} ${timeframe}`;
    const before = this.#running.get(key) ?? Promise.resolve();
    const run = before.then(() => this.#ensure(key, instrument, timeframe, from, to));
    this.#running.set(
      key,
      run.catch(() => {}),
    );
    return run;
  }

  async #ensure(key: string, instrument: Instrument, timeframe: Timeframe, from: number, to: number): Promise<Result<Candle[]>> {
    const length = TIMEFRAME_MS[timeframe];
    const first = openTimeOf(from + length - 1, timeframe);
    const end = openTimeOf(to, timeframe);
    if (first >= end) return ok([]);
    const stored = await this.#market.candleColumns(instrument.symbol, timeframe, first, end);
    if (!stored.ok) return stored;
    const fetched: Candle[] = [];
    for (const hole of holesIn(stored.value.openTime, first, end, length)) {
      if (this.#isKnownEmpty(key, hole)) continue;
      const filled = await this.#fill(instrument, timeframe, hole, length);
      if (!filled.ok) return filled;
      for (const candle of filled.value) fetched.push(candle);
      // What is still missing now, the venue does not have.
      const times = Float64Array.from(filled.value, (candle) => candle.openTime);
      for (const rest of holesIn(times, hole.from, hole.to, length)) this.#remember(key, rest);
    }
    return ok(fetched);
  }

  async #fill(instrument: Instrument, timeframe: Timeframe, hole: Span, length: number): Promise<Result<Candle[]>> {
    const filled: Candle[] = [];
    for (let from = hole.from; from < hole.to; from += PAGE * length) {
      const to = Math.min(hole.to, from + PAGE * length);
      const page = await this.#venue.candles(instrument, timeframe, from, to, PAGE);
      if (!page.ok) return page;
      const candles = page.value.filter((candle) => candle.openTime >= from && candle.openTime + length <= hole.to);
      if (candles.length === 0) continue;
      const stored = await this.#market.replaceCandles(this.#venue.venue, instrument.symbol, timeframe, candles);
      if (!stored.ok) return stored;
      for (const candle of candles) filled.push(candle);
    }
    return ok(filled);
  }

  #isKnownEmpty(key: string, hole: Span): boolean {
    return (this.#empty.get(key) ?? []).some((span) => span.from <= hole.from && hole.to <= span.to);
  }

  #remember(key: string, span: Span): void {
    const spans = this.#empty.get(key) ?? [];
    spans.push(span);
    this.#empty.set(key, spans);
  }
}

/** Spans of [from, to) in which `openTimes` (ascending, on the grid) has nothing. */
export function holesIn(openTimes: Float64Array, from: number, to: number, length: number): Span[] {
  const holes: Span[] = [];
  let expected = from;
  for (const openTime of openTimes) {
    if (openTime >= to) break;
    if (openTime > expected) holes.push({ from: expected, to: openTime });
    expected = Math.max(expected, openTime + length);
  }
  if (expected < to) holes.push({ from: expected, to });
  return holes;
}
