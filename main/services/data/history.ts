import { Emitter } from '../../../core/base/emitter.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument, VenueId } from '../../../core/market/instrument.ts';
import { holesIn, inside, joined, outside, runsOf, type Span } from '../../../core/market/spans.ts';
import {
  openTimeOf,
  storedTimeframeOf,
  type StoredTimeframe,
  type Timeframe,
  TIMEFRAME_MS,
} from '../../../core/market/timeframe.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { VenueFailure, VenueMarketData } from '../../ports/venue.ts';

/** The venues' most per request. */
const PAGE = 1_000;

/** A venue that tells candles of a symbol, under its own instrument. */
export interface HistorySource {
  readonly venue: Pick<VenueMarketData, 'candles' | 'venue'>;
  readonly instrument: Instrument;
}

export interface CandleHistoryDeps {
  /** The venues that have a symbol, in the order in which they are asked: the primary first. */
  readonly sources: (symbol: string) => readonly HistorySource[];
  readonly market: MarketRepository;
  /** Told when a listener of `stored` failed; it is thrown when absent. */
  readonly onListenerError?: (thrown: unknown) => void;
}

export interface CandlesStored extends Span {
  readonly symbol: string;
  readonly timeframe: StoredTimeframe;
}

export interface EnsureOptions {
  /** Asks the primary venue alone: another one's candles would not add up with the primary's trades. */
  readonly onlyPrimary?: boolean;
}

interface Page {
  readonly candles: readonly Candle[];
  readonly venue: VenueId;
  /** Whether every venue that offers the timeframe was heard, so that what is missing is missing for good. */
  readonly certain: boolean;
}

/**
 * Makes sure that the store holds every closed candle of a span that the venues have, fetching what is missing.
 * The first venue in order that can be reached, offers the timeframe and has anything of the page tells it; each candle
 * is stored under the name of the venue that told it. A derived timeframe means what it is made of.
 * Spans that the venues were asked for and have nothing in (outages, the time before they existed) are remembered for
 * this run, so that they are not asked for again.
 */
export class CandleHistory {
  /** Candles of [from, to) were stored, in place of what was there. */
  readonly stored: Emitter<CandlesStored>;
  readonly #deps: CandleHistoryDeps;
  /** By symbol and timeframe: ascending, apart from each other. */
  readonly #empty = new Map<string, readonly Span[]>();
  readonly #beginnings = new Map<string, number>();
  /** One back-fill per symbol and timeframe at a time: two would fetch the same candles. */
  readonly #running = new Map<string, Promise<unknown>>();
  /** By venue, symbol and timeframe: whether it tells such candles, as far as that is known. */
  readonly #offers = new Map<string, boolean>();

  constructor(deps: CandleHistoryDeps) {
    this.#deps = deps;
    this.stored = new Emitter(deps.onListenerError);
  }

  sources(symbol: string): readonly HistorySource[] {
    return this.#deps.sources(symbol);
  }

  /**
   * @param from open time of the first candle wanted
   * @param to end of the last candle wanted; only candles that end at or before it are fetched
   * @returns the stored candles that were fetched, oldest first; a timeframe that no venue offers is fetched from none
   */
  async ensure(
    symbol: string,
    timeframe: Timeframe,
    from: number,
    to: number,
    options: EnsureOptions = {},
  ): Promise<Result<Candle[]>> {
    const stored = storedTimeframeOf(timeframe);
    const start = stored === timeframe ? from : openTimeOf(from, timeframe);
    return this.#oneAtATime(symbol, stored, (key) => this.#ensure(key, symbol, stored, start, to, options));
  }

  /** The parts of a span that are known to be had by no venue. */
  unavailable(symbol: string, timeframe: StoredTimeframe, span: Span): readonly Span[] {
    return inside(this.#empty.get(keyOf(symbol, timeframe)) ?? [], span);
  }

  /** Open time of the oldest candle that the venues have; undefined when they have none before `to`. Asked for once. */
  async beginning(symbol: string, timeframe: Timeframe, to: number): Promise<Result<number | undefined>> {
    const stored = storedTimeframeOf(timeframe);
    const key = keyOf(symbol, stored);
    const known = this.#beginnings.get(key);
    if (known !== undefined) return ok(known);
    const oldest = await this.#ask(symbol, stored, 0, to, 1, {});
    if (!oldest.ok) return oldest;
    const openTime = oldest.value.candles[0]?.openTime;
    if (openTime !== undefined && oldest.value.certain) this.#beginnings.set(key, openTime);
    return ok(openTime);
  }

  /** Whether the primary venue tells such candles by request; asked with one candle before `at` when it is not known. */
  async offeredByPrimary(symbol: string, timeframe: StoredTimeframe, at: number): Promise<Result<boolean>> {
    const primary = this.#deps.sources(symbol)[0];
    if (primary === undefined) return noVenue(symbol);
    const known = this.#offers.get(offerKey(primary, timeframe));
    if (known !== undefined) return ok(known);
    const asked = await this.#askOne(primary, timeframe, at - 10 * TIMEFRAME_MS[timeframe], at, 1);
    if (asked.ok) return ok(true);
    return isRefusal(asked.error) ? ok(false) : asked;
  }

  /** The primary venue's own candles of [from, to), at most a page; nothing is stored. */
  askPrimary(
    symbol: string,
    timeframe: StoredTimeframe,
    from: number,
    to: number,
  ): Promise<Result<readonly Candle[], VenueFailure>> {
    const primary = this.#deps.sources(symbol)[0];
    if (primary === undefined) return Promise.resolve(noVenue(symbol));
    return this.#askOne(primary, timeframe, from, to, PAGE);
  }

  /** Stores candles (oldest first) that the primary venue told, in place of what is stored at their open times. */
  correct(symbol: string, timeframe: StoredTimeframe, candles: readonly Candle[]): Promise<Result<void>> {
    const primary = this.#deps.sources(symbol)[0];
    if (primary === undefined) return Promise.resolve(noVenue(symbol));
    return this.#oneAtATime(symbol, timeframe, async () => {
      // Run by run: what another venue told of the periods between them stays.
      const openTimes = candles.map((candle) => candle.openTime);
      for (const run of runsOf(openTimes, TIMEFRAME_MS[timeframe])) {
        const part = candles.filter((candle) => candle.openTime >= run.from && candle.openTime < run.to);
        const stored = await this.#deps.market.replaceCandles(primary.venue.venue, symbol, timeframe, part);
        if (!stored.ok) return stored;
        this.stored.emit({ symbol, timeframe, ...run });
      }
      return ok(undefined);
    });
  }

  /** Runs `task` when no back-fill of the same candles runs, and holds them up meanwhile. */
  async #oneAtATime<T>(symbol: string, timeframe: StoredTimeframe, task: (key: string) => Promise<T>): Promise<T> {
    const key = keyOf(symbol, timeframe);
    const before = this.#running.get(key) ?? Promise.resolve();
    const run = before.then(() => task(key));
    this.#running.set(
      key,
      run.catch(() => {}),
    );
    return run;
  }

  async #ensure(
    key: string,
    symbol: string,
    timeframe: StoredTimeframe,
    from: number,
    to: number,
    options: EnsureOptions,
  ): Promise<Result<Candle[]>> {
    const { market } = this.#deps;
    const length = TIMEFRAME_MS[timeframe];
    const first = openTimeOf(from + length - 1, timeframe);
    const end = openTimeOf(to, timeframe);
    if (first >= end) return ok([]);
    const stored = await market.candleColumns(symbol, timeframe, first, end);
    if (!stored.ok) return stored;
    const fetched: Candle[] = [];
    for (const missing of holesIn(stored.value.openTime, first, end, length)) {
      for (const hole of outside(this.#empty.get(key) ?? [], missing)) {
        const filled = await this.#fill(symbol, timeframe, hole, length, options);
        if (!filled.ok) return filled;
        for (const candle of filled.value.candles) fetched.push(candle);
        if (!filled.value.certain) continue;
        // What is still missing now, the venues do not have; or, after their newest candle, not yet.
        const bounds = await market.candleBounds(symbol, timeframe);
        if (!bounds.ok) return bounds;
        const newest = bounds.value?.last ?? Number.NEGATIVE_INFINITY;
        const times = Float64Array.from(filled.value.candles, (candle) => candle.openTime);
        for (const rest of holesIn(times, hole.from, hole.to, length)) {
          if (rest.to <= newest) this.#empty.set(key, joined(this.#empty.get(key) ?? [], rest));
        }
      }
    }
    return ok(fetched);
  }

  async #fill(
    symbol: string,
    timeframe: StoredTimeframe,
    hole: Span,
    length: number,
    options: EnsureOptions,
  ): Promise<Result<{ candles: Candle[]; certain: boolean }>> {
    const filled: Candle[] = [];
    let certain = options.onlyPrimary !== true;
    for (let from = hole.from; from < hole.to; from += PAGE * length) {
      const to = Math.min(hole.to, from + PAGE * length);
      const page = await this.#ask(symbol, timeframe, from, to, PAGE, options);
      if (!page.ok) return page;
      certain &&= page.value.certain;
      const candles = page.value.candles.filter((candle) => candle.openTime >= from && candle.openTime + length <= hole.to);
      if (candles.length === 0) continue;
      const stored = await this.#deps.market.replaceCandles(page.value.venue, symbol, timeframe, candles);
      if (!stored.ok) return stored;
      for (const candle of candles) filled.push(candle);
      const [first, last] = [candles[0], candles.at(-1)];
      if (first !== undefined && last !== undefined)
        this.stored.emit({ symbol, timeframe, from: first.openTime, to: last.openTime + length });
    }
    return ok({ candles: filled, certain });
  }

  /** One page from the first venue that has any of it. Fails when nobody has and somebody could not be asked. */
  async #ask(
    symbol: string,
    timeframe: StoredTimeframe,
    from: number,
    to: number,
    limit: number,
    { onlyPrimary = false }: EnsureOptions,
  ): Promise<Result<Page>> {
    const sources = this.#deps.sources(symbol);
    const [primary] = sources;
    if (primary === undefined) return noVenue(symbol);
    let failure: VenueFailure | undefined;
    for (const source of onlyPrimary ? [primary] : sources) {
      if (this.#offers.get(offerKey(source, timeframe)) === false) continue;
      const page = await this.#askOne(source, timeframe, from, to, limit);
      if (page.ok && page.value.length > 0) {
        return ok({ candles: page.value, venue: source.venue.venue, certain: failure === undefined });
      }
      // What the first one says is what helps the user; a timeframe that it does not offer is no failure.
      if (!page.ok && !isRefusal(page.error)) failure ??= page.error;
    }
    if (failure !== undefined) return { ok: false, error: failure };
    return ok({ candles: [], venue: primary.venue.venue, certain: true });
  }

  async #askOne(
    source: HistorySource,
    timeframe: StoredTimeframe,
    from: number,
    to: number,
    limit: number,
  ): Promise<Result<readonly Candle[], VenueFailure>> {
    const page = await source.venue.candles(source.instrument, timeframe, from, to, limit);
    if (page.ok) this.#offers.set(offerKey(source, timeframe), true);
    else if (isRefusal(page.error) && !this.#offers.has(offerKey(source, timeframe))) {
      this.#offers.set(offerKey(source, timeframe), false);
    }
    return page;
  }
}

/** The venue was reached and does not tell such candles. */
function isRefusal({ code }: VenueFailure): boolean {
  return code === 'VENUE_REFUSED' || code === 'VENUE_UNKNOWN_SYMBOL';
}

function noVenue(symbol: string) {
  return fail('VENUE_UNKNOWN_SYMBOL', `No connected venue tells candles of ${symbol}. Add one that lists it.`);
}

function offerKey({ venue, instrument }: HistorySource, timeframe: Timeframe): string {
  return `${venue.venue} ${instrument.venueSymbol} ${timeframe}`;
}

function keyOf(symbol: string, timeframe: Timeframe): string {
  return `${symbol} ${timeframe}`;
}
