import { ok, type Result } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { openTimeOf, type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { VenueMarketData } from '../../ports/venue.ts';

/** The venue's most per request. */
const PAGE = 1_000;

export interface Span {
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
  /** By symbol and timeframe: ascending, apart from each other. */
  readonly #empty = new Map<string, readonly Span[]>();
  readonly #beginnings = new Map<string, number>();
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
    const key = keyOf(instrument, timeframe);
    const before = this.#running.get(key) ?? Promise.resolve();
    const run = before.then(() => this.#ensure(key, instrument, timeframe, from, to));
    this.#running.set(
      key,
      run.catch(() => {}),
    );
    return run;
  }

  /** Open time of the oldest candle that the venue has; undefined when it has none before `to`. Asked for once. */
  async beginning(instrument: Instrument, timeframe: Timeframe, to: number): Promise<Result<number | undefined>> {
    const key = keyOf(instrument, timeframe);
    const known = this.#beginnings.get(key);
    if (known !== undefined) return ok(known);
    const oldest = await this.#venue.candles(instrument, timeframe, 0, to, 1);
    if (!oldest.ok) return oldest;
    const openTime = oldest.value[0]?.openTime;
    if (openTime !== undefined) this.#beginnings.set(key, openTime);
    return ok(openTime);
  }

  async #ensure(key: string, instrument: Instrument, timeframe: Timeframe, from: number, to: number): Promise<Result<Candle[]>> {
    const length = TIMEFRAME_MS[timeframe];
    const first = openTimeOf(from + length - 1, timeframe);
    const end = openTimeOf(to, timeframe);
    if (first >= end) return ok([]);
    const stored = await this.#market.candleColumns(instrument.symbol, timeframe, first, end);
    if (!stored.ok) return stored;
    const fetched: Candle[] = [];
    for (const missing of holesIn(stored.value.openTime, first, end, length)) {
      for (const hole of outside(this.#empty.get(key) ?? [], missing)) {
        const filled = await this.#fill(instrument, timeframe, hole, length);
        if (!filled.ok) return filled;
        for (const candle of filled.value) fetched.push(candle);
        // What is still missing now, the venue does not have; or, after its newest candle, not yet.
        const bounds = await this.#market.candleBounds(instrument.symbol, timeframe);
        if (!bounds.ok) return bounds;
        const newest = bounds.value?.last ?? Number.NEGATIVE_INFINITY;
        const times = Float64Array.from(filled.value, (candle) => candle.openTime);
        for (const rest of holesIn(times, hole.from, hole.to, length)) {
          if (rest.to <= newest) this.#empty.set(key, joined(this.#empty.get(key) ?? [], rest));
        }
      }
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
}

function keyOf(instrument: Instrument, timeframe: Timeframe): string {
  return `${instrument.symbol} ${timeframe}`;
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

/** The parts of `span` that none of `spans` (ascending, apart) covers. */
export function outside(spans: readonly Span[], span: Span): Span[] {
  const parts: Span[] = [];
  let from = span.from;
  for (const known of spans) {
    if (known.to <= from) continue;
    if (known.from >= span.to) break;
    if (known.from > from) parts.push({ from, to: known.from });
    from = known.to;
  }
  if (from < span.to) parts.push({ from, to: span.to });
  return parts;
}

/** `spans` (ascending, apart) with `added`, joined to what it touches. */
export function joined(spans: readonly Span[], added: Span): Span[] {
  const touched = spans.filter((span) => span.from <= added.to && added.from <= span.to);
  const from = Math.min(added.from, ...touched.map((span) => span.from));
  const to = Math.max(added.to, ...touched.map((span) => span.to));
  return [...spans.filter((span) => span.to < added.from), { from, to }, ...spans.filter((span) => span.from > added.to)];
}
