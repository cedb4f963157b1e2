import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { ok, reasonOf, type Result } from '../../../core/base/result.ts';
import type { CandleDifference, DataQuality, QualityTimeline, SeriesQuality } from '../../../core/contracts/data-quality.ts';
import { differencesOf } from '../../../core/market/candle-difference.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import { runsOf, type Span } from '../../../core/market/spans.ts';
import { isDerived, openTimeOf, STORED_TIMEFRAMES, type StoredTimeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import type { CandleHistory } from './history.ts';
import type { BookStateEvent, KlineEvent } from './market-events.ts';
import { BookSpans, readTimeline } from './quality-timeline.ts';

/** Wall time between two runs, and between two looks at what the venues streamed. */
const RUN_WALL_MS = 300_000;
const STREAMED_WALL_MS = 5_000;
/** Wall time before work goes on while live data is being fetched. */
const YIELD_WALL_MS = 250;
/** Market time after which a venue changes a candle no more. */
const SETTLED_MS = 5_000;
/** A request's most candles. */
const PAGE = 1_000;
const MOST_STREAMED = 2_000;
/** How far back holes are looked for and other venues' candles replaced: what lies before is there to be downloaded. */
const LOOKBACK_MS: Readonly<Record<StoredTimeframe, number>> = {
  '1s': 86_400_000,
  '1m': 30 * 86_400_000,
  '1h': 2 * 365 * 86_400_000,
  '1d': Number.POSITIVE_INFINITY,
};

export interface MaintenanceDeps {
  readonly symbols: () => readonly string[];
  readonly history: (symbol: string) => CandleHistory | undefined;
  readonly store: Pick<Store, 'market' | 'quality'>;
  /** Stored candles were replaced by the venue's own or added, oldest first. */
  readonly onCorrected: (symbol: string, timeframe: StoredTimeframe, candles: readonly Candle[]) => Promise<void>;
  /** Live data is being fetched: maintenance waits. */
  readonly isBusy: () => boolean;
  readonly clock: Clock;
  readonly wall: Clock;
  readonly log: Log;
}

interface SeriesState {
  quality: SeriesQuality;
  /** Compared with the venue's by request up to here. */
  comparedUntil: number | undefined;
  readonly streamed: Map<number, Candle>;
}

/**
 * Keeps the stored candles whole and true: finds holes and has them filled, compares what was built from trades with the
 * venue's own candles and takes the venue's where they differ, and puts the primary venue's own in the place of what
 * others told while it was away. Runs at start, every five minutes and when asked.
 */
export class Maintenance {
  readonly events: Emitter<DataQuality>;
  readonly #deps: MaintenanceDeps;
  readonly #series = new Map<string, SeriesState>();
  readonly #books: BookSpans;
  #running: Promise<void> | undefined;
  #cancels: (() => void)[] = [];
  #closed = false;
  #comparing = false;

  constructor(deps: MaintenanceDeps) {
    this.#deps = deps;
    this.events = new Emitter((thrown) => deps.log.error({ detail: reasonOf(thrown) }, 'a data-quality listener failed'));
    this.#books = new BookSpans(deps.store.quality, deps.clock, deps.log);
  }

  /** Call it when the first history is there. */
  start(): void {
    if (this.#closed) return;
    const { wall } = this.#deps;
    this.#cancels.push(
      wall.every(RUN_WALL_MS, () => void this.run()),
      wall.every(STREAMED_WALL_MS, () => void this.#compareStreamed()),
    );
    void this.run();
  }

  /** Looks through every series once. One run at a time: asked for again, it is the one under way. */
  run(): Promise<void> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
      this.events.emit(this.snapshot());
    });
    return this.#running;
  }

  onKline({ symbol, timeframe, candle, closed }: KlineEvent): void {
    if (!closed || isDerived(timeframe)) return;
    const { streamed } = this.#stateOf(symbol, timeframe);
    streamed.set(candle.openTime, candle);
    if (streamed.size > MOST_STREAMED) streamed.delete(streamed.keys().next().value as number);
  }

  onBookState(event: BookStateEvent): void {
    this.#books.onState(event);
  }

  onUnfollowed(symbol: string): void {
    this.#books.forget(symbol);
  }

  snapshot(): DataQuality {
    return { running: this.#running !== undefined, series: [...this.#series.values()].map(({ quality }) => quality) };
  }

  timeline(symbol: string, from: number, to: number): Promise<Result<QualityTimeline>> {
    const unavailable = (span: Span): readonly Span[] => this.#deps.history(symbol)?.unavailable(symbol, '1m', span) ?? [];
    return readTimeline({ store: this.#deps.store, books: this.#books, unavailable, clock: this.#deps.clock }, symbol, from, to);
  }

  differences(symbol: string, limit: number): Promise<Result<CandleDifference[]>> {
    return this.#deps.store.quality.differences(symbol, limit);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#cancels.splice(0)) cancel();
    await this.#running;
    await this.#books.close();
  }

  async #runAll(): Promise<void> {
    const { symbols, store, log, wall } = this.#deps;
    const counts = await store.quality.counts();
    if (counts.ok) {
      for (const { symbol, timeframe, repaired, differences } of counts.value) {
        if (symbols().includes(symbol)) this.#note(symbol, timeframe, { repaired, differences });
      }
    }
    for (const key of [...this.#series.keys()]) {
      if (!symbols().includes(key.split(' ')[0] as string)) this.#series.delete(key);
    }
    for (const symbol of symbols()) {
      for (const timeframe of STORED_TIMEFRAMES) {
        if (this.#closed) return;
        try {
          const done = await this.#runSeries(symbol, timeframe);
          if (!done.ok) log.warn({ symbol, timeframe, reason: done.error.message }, 'candles could not be looked after yet');
          this.#note(symbol, timeframe, { lastRunAt: wall.now(), problem: done.ok ? undefined : done.error.message });
        } catch (thrown) {
          log.error({ symbol, timeframe, detail: reasonOf(thrown) }, 'looking after candles failed');
          this.#note(symbol, timeframe, { problem: reasonOf(thrown) });
        }
        this.events.emit(this.snapshot());
      }
    }
  }

  async #runSeries(symbol: string, timeframe: StoredTimeframe): Promise<Result<void>> {
    const history = this.#deps.history(symbol);
    if (history === undefined) return ok(undefined);
    const { market } = this.#deps.store;
    const length = TIMEFRAME_MS[timeframe];
    const bounds = await market.candleBounds(symbol, timeframe);
    if (!bounds.ok) return bounds;
    if (bounds.value === undefined) return ok(undefined);
    const settled = openTimeOf(this.#deps.clock.now() - SETTLED_MS, timeframe);
    const from = Math.max(bounds.value.first, openTimeOf(Math.max(0, settled - LOOKBACK_MS[timeframe]), timeframe));
    this.#note(symbol, timeframe, { from: bounds.value.first, to: bounds.value.last + length });
    const holes = await this.#repair(history, symbol, timeframe, from, settled);
    if (!holes.ok) return holes;
    const taken = await this.#takeBack(history, symbol, timeframe, from, settled);
    if (!taken.ok) return taken;
    return this.#compare(history, symbol, timeframe, from, settled);
  }

  /** Has every hole filled that any venue can fill. */
  async #repair(
    history: CandleHistory,
    symbol: string,
    timeframe: StoredTimeframe,
    from: number,
    to: number,
  ): Promise<Result<void>> {
    const { market, quality } = this.#deps.store;
    const length = TIMEFRAME_MS[timeframe];
    const venue = history.sources(symbol)[0]?.venue.venue;
    const holes = await market.candleHoles(symbol, timeframe, from, to);
    if (!holes.ok || venue === undefined) return holes.ok ? ok(undefined) : holes;
    let failure: Result<never> | undefined;
    for (const hole of holes.value) {
      for (let start = hole.from; start < hole.to && failure === undefined; start += PAGE * length) {
        await this.#whileBusy();
        if (this.#closed) return ok(undefined);
        const fetched = await history.ensure(symbol, timeframe, start, Math.min(hole.to, start + PAGE * length));
        if (!fetched.ok) failure = fetched;
        else await this.#onRepaired(symbol, timeframe, venue, fetched.value);
      }
    }
    const left = await market.candleHoles(symbol, timeframe, from, to);
    if (!left.ok) return left;
    const countOf = (spans: readonly Span[]): number => spans.reduce((sum, span) => sum + (span.to - span.from) / length, 0);
    const outages = left.value.flatMap((hole) => history.unavailable(symbol, timeframe, hole));
    for (const { from: start, to: end } of outages) {
      const saved = await quality.saveSpan({
        symbol,
        timeframe,
        state: 'venueOutage',
        from: start,
        to: end,
        venue,
        candles: (end - start) / length,
        reason: 'no venue has candles of it',
      });
      if (!saved.ok) return saved;
    }
    this.#note(symbol, timeframe, { holes: countOf(left.value), unavailable: countOf(outages) });
    return failure ?? ok(undefined);
  }

  async #onRepaired(symbol: string, timeframe: StoredTimeframe, venue: VenueId, candles: readonly Candle[]): Promise<void> {
    if (candles.length === 0) return;
    const { log, onCorrected, store } = this.#deps;
    const length = TIMEFRAME_MS[timeframe];
    log.info({ symbol, timeframe, candles: candles.length, from: candles[0]?.openTime }, 'a hole in the candles was filled');
    for (const run of runsOf(
      candles.map((candle) => candle.openTime),
      length,
    )) {
      const count = (run.to - run.from) / length;
      const saved = await store.quality.saveSpan({
        symbol,
        timeframe,
        state: 'repaired',
        ...run,
        venue,
        candles: count,
        reason: 'missing candles were fetched',
      });
      if (!saved.ok) log.warn({ symbol, timeframe, reason: saved.error.message }, 'a repair could not be recorded');
    }
    this.#note(symbol, timeframe, { repaired: this.#stateOf(symbol, timeframe).quality.repaired + candles.length });
    await onCorrected(symbol, timeframe, candles);
  }

  /** Puts the primary's own candles in the place of other venues', where it has them. */
  async #takeBack(
    history: CandleHistory,
    symbol: string,
    timeframe: StoredTimeframe,
    from: number,
    to: number,
  ): Promise<Result<void>> {
    const primary = history.sources(symbol)[0]?.venue.venue;
    if (primary === undefined) return ok(undefined);
    const offered = await history.offeredByPrimary(symbol, timeframe, to);
    if (!offered.ok) return offered;
    if (!offered.value) return ok(undefined);
    const foreign = await this.#deps.store.market.candlesOfOthers(primary, symbol, timeframe, from, to);
    if (!foreign.ok) return foreign;
    const length = TIMEFRAME_MS[timeframe];
    const isForeign = new Set(foreign.value);
    for (const run of runsOf(foreign.value, length)) {
      for (let start = run.from; start < run.to; start += PAGE * length) {
        await this.#whileBusy();
        if (this.#closed) return ok(undefined);
        const own = await history.askPrimary(symbol, timeframe, start, Math.min(run.to, start + PAGE * length));
        if (!own.ok) return own;
        const candles = own.value.filter((candle) => isForeign.has(candle.openTime));
        if (candles.length === 0) continue;
        const corrected = await history.correct(symbol, timeframe, candles);
        if (!corrected.ok) return corrected;
        await this.#deps.onCorrected(symbol, timeframe, candles);
      }
    }
    return ok(undefined);
  }

  /** Asks the primary for what it was not asked for yet, at first for the newest page, and compares. */
  async #compare(
    history: CandleHistory,
    symbol: string,
    timeframe: StoredTimeframe,
    first: number,
    to: number,
  ): Promise<Result<void>> {
    const offered = await history.offeredByPrimary(symbol, timeframe, to);
    if (!offered.ok) return offered;
    if (!offered.value) return ok(undefined);
    const state = this.#stateOf(symbol, timeframe);
    const length = TIMEFRAME_MS[timeframe];
    let from = Math.max(first, state.comparedUntil ?? to - PAGE * length);
    while (from < to) {
      await this.#whileBusy();
      if (this.#closed) return ok(undefined);
      const end = Math.min(to, from + PAGE * length);
      const told = await history.askPrimary(symbol, timeframe, from, end);
      if (!told.ok) return told;
      const compared = await this.#reconcile(history, symbol, timeframe, told.value);
      if (!compared.ok) return compared;
      from = end;
      state.comparedUntil = end;
    }
    return ok(undefined);
  }

  /** Compares what the venues streamed with what was built, as soon as both are there. */
  async #compareStreamed(): Promise<void> {
    if (this.#comparing || this.#closed) return;
    this.#comparing = true;
    try {
      const settledBefore = this.#deps.clock.now() - SETTLED_MS;
      for (const symbol of this.#deps.symbols()) {
        const history = this.#deps.history(symbol);
        for (const timeframe of STORED_TIMEFRAMES) {
          const { streamed } = this.#stateOf(symbol, timeframe);
          const told = [...streamed.values()]
            .filter((candle) => candle.openTime + TIMEFRAME_MS[timeframe] <= settledBefore)
            .sort((a, b) => a.openTime - b.openTime);
          if (told.length === 0 || history === undefined) continue;
          for (const candle of told) streamed.delete(candle.openTime);
          const compared = await this.#reconcile(history, symbol, timeframe, told);
          // By request they are compared in the next run anyway.
          if (!compared.ok)
            this.#deps.log.warn({ symbol, timeframe, reason: compared.error.message }, 'streamed candles were not compared');
        }
      }
    } finally {
      this.#comparing = false;
    }
  }

  /** Where the stored candle is not the venue's own, the venue's is taken, and the difference kept. `told`: oldest first. */
  async #reconcile(
    history: CandleHistory,
    symbol: string,
    timeframe: StoredTimeframe,
    told: readonly Candle[],
  ): Promise<Result<void>> {
    const [first, last] = [told[0], told.at(-1)];
    const venue = history.sources(symbol)[0]?.venue.venue;
    if (first === undefined || last === undefined || venue === undefined) return ok(undefined);
    const { store, log, clock, onCorrected } = this.#deps;
    const stored = await store.market.candlesIn(symbol, timeframe, first.openTime, last.openTime + 1);
    if (!stored.ok) return stored;
    const storedAt = new Map(stored.value.map((candle) => [candle.openTime, candle]));
    const differences: CandleDifference[] = [];
    const wrong: Candle[] = [];
    let compared = 0;
    for (const candle of told) {
      const ours = storedAt.get(candle.openTime);
      if (ours === undefined) continue;
      compared++;
      const found = differencesOf(ours, candle);
      if (found.length === 0) continue;
      wrong.push(candle);
      for (const difference of found) {
        differences.push({ symbol, timeframe, openTime: candle.openTime, venue, ...difference, foundAt: clock.now() });
      }
    }
    const before = this.#stateOf(symbol, timeframe).quality;
    this.#note(symbol, timeframe, { compared: before.compared + compared, differences: before.differences + wrong.length });
    if (wrong.length === 0) return ok(undefined);
    for (const { openTime, field, stored: ours, told: theirs } of differences.slice(0, 20)) {
      log.warn({ symbol, timeframe, openTime, field, stored: ours, told: theirs, venue }, 'a candle was not the venue’s own');
    }
    const saved = await store.quality.saveDifferences(differences);
    if (!saved.ok) return saved;
    const corrected = await history.correct(symbol, timeframe, wrong);
    if (!corrected.ok) return corrected;
    await onCorrected(symbol, timeframe, wrong);
    this.events.emit(this.snapshot());
    return ok(undefined);
  }

  async #whileBusy(): Promise<void> {
    while (this.#deps.isBusy() && !this.#closed) {
      await new Promise<void>((resolve) => this.#deps.wall.after(YIELD_WALL_MS, resolve));
    }
  }

  #stateOf(symbol: string, timeframe: StoredTimeframe): SeriesState {
    const key = `${symbol} ${timeframe}`;
    let state = this.#series.get(key);
    if (state === undefined) {
      const quality = { symbol, timeframe, holes: 0, unavailable: 0, repaired: 0, differences: 0, compared: 0 };
      state = { quality, comparedUntil: undefined, streamed: new Map() };
      this.#series.set(key, state);
    }
    return state;
  }

  #note(symbol: string, timeframe: StoredTimeframe, change: { [K in keyof SeriesQuality]?: SeriesQuality[K] | undefined }): void {
    const state = this.#stateOf(symbol, timeframe);
    const { problem, ...rest } = { ...state.quality, ...change };
    state.quality = (problem === undefined ? rest : { ...rest, problem }) as SeriesQuality;
  }
}
