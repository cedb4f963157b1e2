import { ok, reasonOf, type Result } from '../../../core/base/result.ts';
import type { CandlePage } from '../../../core/contracts/market-views.ts';
import { partialCandle } from '../../../core/market/candle-aggregation.ts';
import { CandleBuilder, type CandleSeed } from '../../../core/market/candle-builder.ts';
import { type Candle, type CandleColumns, toColumns } from '../../../core/market/candle.ts';
import { MinuteRollup } from '../../../core/market/minute-rollup.ts';
import {
  DERIVED_FROM,
  type DerivedTimeframe,
  isDerived,
  openTimeOf,
  STORED_TIMEFRAMES,
  type StoredTimeframe,
  storedTimeframeOf,
  type Timeframe,
  TIMEFRAME_MS,
  TIMEFRAMES,
} from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { FirstTries } from './first-tries.ts';
import { type CandleCache, candleCaches } from './candle-cache.ts';
import { readPage } from './candle-page.ts';
import { type ClosedSequence, closedSequences } from './closed-sequence.ts';
import type { SymbolFeedDeps } from './feed-deps.ts';
import { coarserStart, firstCandleAt, KLINE_DELAY_MS, MINUTE_KLINE_DELAY_MS, MOST_RESEED_CANDLES } from './first-candles.ts';
import { PendingTimers } from './pending-timers.ts';
import { heardUntilOf } from './heard-until.ts';

/** Wall time after a period's end within which its last trades may still be under way, and within which clocks agree. */
const CLOSE_DELAY_WALL_MS = 250;
const RETRY_SEED_WALL_MS = 1_000;
const DERIVED = Object.keys(DERIVED_FROM) as DerivedTimeframe[];
/** Trades held back while the running candles are put together. */
const MOST_HELD_TRADES = 200_000;
/**
 * Candles of one symbol: back-filled from the venues, then built from the primary one's trades.
 * `waiting` until the venue is heard, `seeding` while the running candles are put together from the venue's finer ones,
 * `live` from then on. Whenever the venue falls silent it starts over, so that a silence never becomes quiet candles.
 */
export class SymbolFeed {
  readonly #deps: SymbolFeedDeps;
  readonly #builder: CandleBuilder;
  /** In the builder's place where the primary tells closed minutes and no trades. */
  readonly #rollup: MinuteRollup | undefined;
  readonly #klineDelayMs: number;
  readonly #caches: Readonly<Record<Timeframe, CandleCache>>;
  #phase: 'waiting' | 'seeding' | 'live' = 'waiting';
  /** Counts the seedings: an earlier one that is still waiting must not end in a later one's place. */
  #seeding = 0;
  #held: Trade[] = [];
  /** Open time of the newest closed candle that was told of. */
  readonly #shownUntil: Record<Timeframe, number> = { '1s': 0, '1m': 0, '5m': 0, '15m': 0, '1h': 0, '4h': 0, '1d': 0 };
  /** From here on memory may hold what is stored: what lies before was not looked through for holes. */
  readonly #knownFrom = new Map<StoredTimeframe, number>();
  #closedSequences: ReadonlyMap<Timeframe, ClosedSequence> = new Map();
  readonly #timers = new PendingTimers();
  /** Resolves when the first history was tried, or when it was closed before that. */
  readonly started: Promise<void>;
  readonly firstTries = new FirstTries();
  #begin = (): void => {};
  #begun = false;
  #fetching = 0;
  #dirty = false;
  #closed = false;
  #lateReported = 0;

  constructor(deps: SymbolFeedDeps) {
    this.#deps = deps;
    this.started = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.#rollup = deps.candlesOnly === true ? new MinuteRollup() : undefined;
    this.#klineDelayMs = this.#rollup === undefined ? KLINE_DELAY_MS : 0;
    this.#caches = candleCaches(deps.memoryCandles);
    this.#builder = new CandleBuilder({
      // The delay is wall time and its market length changes with the speed, so `tick` takes it off.
      closeDelayMs: 0,
      listener: {
        onClosed: (timeframe, candle) => this.#onClosed(timeframe, candle),
        onSkipped: (timeframe, from, to) => void this.#refill(storedTimeframeOf(timeframe), from, to),
      },
    });
  }

  get live(): boolean {
    return this.#phase === 'live';
  }

  /** Whether history that live data needs is being fetched. */
  get fetching(): boolean {
    return this.#fetching > 0;
  }

  /** Loads what the store has, then fetches what is missing up to now. */
  async start(): Promise<Result<void>> {
    const { clock, backfillMinutes } = this.#deps;
    const now = clock.now();
    if (this.#closedSequences.size === 0) this.#closedSequences = closedSequences(this.#deps, now, this.#timers);
    const results = await Promise.all(
      STORED_TIMEFRAMES.map((timeframe) =>
        this.#backfill(timeframe, firstCandleAt(timeframe, now, backfillMinutes), now - this.#klineDelayMs).finally(() => {
          // Of a rollup, all timeframes are seeded together first.
          if (this.#rollup === undefined) this.firstTries.done(timeframe);
        }),
      ),
    );
    if (this.#rollup !== undefined) {
      const seeds = await this.#seedsAt(openTimeOf(now, '1m'), false);
      results.push(seeds.ok ? ok(undefined) : seeds);
      const partials = seeds.ok ? seeds.value : {};
      this.#rollup.seed(Object.fromEntries(TIMEFRAMES.map((timeframe) => [timeframe, partials[timeframe]?.partial])));
      this.#phase = 'live';
    }
    this.#begun = true;
    this.firstTries.allDone();
    this.#begin();
    return results.find((result) => !result.ok) ?? ok(undefined);
  }

  onTrade(trade: Trade): void {
    if (this.#phase === 'live') {
      this.#builder.addTrade(trade);
      this.#dirty = true;
    } else if (this.#phase === 'seeding') {
      if (this.#held.length < MOST_HELD_TRADES) this.#held.push(trade);
      else this.#waitAgain('too many trades came while the running candles were put together');
    }
  }

  /** The venue's own running candle: shown while ours cannot be built yet. Where nothing else is told, closed minutes are the candles. */
  onKline(timeframe: Timeframe, candle: Candle, closed: boolean): void {
    if (this.#rollup !== undefined) {
      if (timeframe === '1m' && closed && this.#phase === 'live') this.#onMinuteTold(this.#rollup, candle);
      return;
    }
    if (this.#phase === 'live' || closed || !this.#begun) return;
    if (candle.openTime > this.#shownUntil[timeframe])
      this.#deps.onUpdate({ symbol: this.#deps.instrument.symbol, timeframe, candle, closed });
  }

  /** Candles of the store were replaced by the venue's own: takes them over and shows them. Of a stored timeframe, oldest first. */
  async onCorrected(timeframe: StoredTimeframe, candles: readonly Candle[]): Promise<void> {
    for (const candle of candles) {
      this.#caches[timeframe].put(candle);
      this.#show(timeframe, candle);
    }
    for (const derived of DERIVED) if (DERIVED_FROM[derived] === timeframe) await this.#derive(derived, candles);
  }

  /** What was built may lack trades: the running candles are put together anew. */
  startOver(reason: string): void {
    if (this.#phase !== 'waiting') this.#waitAgain(reason);
  }

  /** Runs `task` later, unless it was closed by then. */
  later(delayWallMs: number, task: () => void): void {
    this.#timers.after(this.#deps.wall, delayWallMs, task);
  }

  /**
   * Called many times a second: moves the clock of the candles and follows the connection. Running candles are seeded on top
   * of history, so the first of that comes first.
   */
  tick(): void {
    if (!this.#begun || this.#closed || this.#rollup !== undefined) return;
    const { onUpdate, instrument } = this.#deps;
    const heardUntil = heardUntilOf(this.#deps);
    if (heardUntil === undefined) {
      this.startOver('the venue fell silent');
      return;
    }
    if (this.#phase === 'waiting') {
      this.#phase = 'seeding';
      void this.#seed(++this.#seeding);
      return;
    }
    if (this.#phase !== 'live') return;
    // No further than the venue was heard: a silence that is not yet known for one must not close quiet candles.
    this.#builder.advanceTo(heardUntil - this.#marginMs());
    if (this.#builder.lateTrades > this.#lateReported) {
      this.#deps.log.warn(
        { symbol: instrument.symbol, count: this.#builder.lateTrades - this.#lateReported },
        'trades came after their candle had closed',
      );
      this.#lateReported = this.#builder.lateTrades;
    }
    if (!this.#dirty) return;
    this.#dirty = false;
    for (const timeframe of TIMEFRAMES) {
      const candle = this.#builder.forming(timeframe);
      if (candle !== undefined) onUpdate({ symbol: instrument.symbol, timeframe, candle, closed: false });
    }
  }

  /** Up to `limit` candles before `before`; the running one is the last of the newest page. */
  page(timeframe: Timeframe, before: number | undefined, limit: number): Promise<Result<CandlePage>> {
    const { instrument, clock, history, market } = this.#deps;
    return readPage(
      {
        symbol: instrument.symbol,
        history,
        market,
        closedUntil: () => clock.now() - this.#klineDelayMs,
        now: () => clock.now(),
        cached: this.#caches[timeframe].candles,
        forming: this.#phase === 'live' ? (this.#rollup ?? this.#builder).forming(timeframe) : undefined,
      },
      timeframe,
      before,
      limit,
    );
  }

  /** Makes sure of the closed candles in [from, to), for training and outcomes. */
  async ensure(timeframe: Timeframe, from: number, to: number): Promise<Result<void>> {
    const { history, instrument, clock } = this.#deps;
    const fetched = await history.ensure(instrument.symbol, timeframe, from, Math.min(to, clock.now() - this.#klineDelayMs));
    return fetched.ok ? ok(undefined) : fetched;
  }

  get newestMinute(): Candle | undefined {
    return this.#caches['1m'].newest;
  }

  /** The newest `count` closed minutes, or fewer when memory holds fewer. */
  recentMinutes(count: number): CandleColumns {
    return toColumns(this.#caches['1m'].candles.slice(-count));
  }

  close(): void {
    this.#closed = true;
    this.#held = [];
    this.#timers.close();
    this.firstTries.allDone();
    this.#begin();
    for (const sequence of this.#closedSequences.values()) sequence.close();
  }

  #onMinuteTold(rollup: MinuteRollup, minute: Candle): void {
    const { onUpdate, instrument } = this.#deps;
    for (const { timeframe, candle } of rollup.add(minute)) this.#onClosed(timeframe, candle);
    for (const timeframe of TIMEFRAMES) {
      const candle = rollup.forming(timeframe);
      if (candle !== undefined) onUpdate({ symbol: instrument.symbol, timeframe, candle, closed: false });
    }
  }

  #marginMs(): number {
    const { speed, tradeLagMs } = this.#deps;
    return Math.max(CLOSE_DELAY_WALL_MS * speed(), tradeLagMs?.() ?? 0);
  }

  #waitAgain(reason: string): void {
    this.#deps.log.info({ symbol: this.#deps.instrument.symbol, reason }, 'candles wait for the venue');
    this.#phase = 'waiting';
    this.#held = [];
  }

  /**
   * From one of the next whole seconds on every trade is seen; what came before is put together from the venue's candles.
   * Not from the very next: while the clocks differ, a trade of it may have come before the seeding began. A venue that
   * tells no candles shorter than a minute is joined at the next minute: nothing tells what came before within this one.
   */
  async #seed(seeding: number): Promise<void> {
    const { clock, instrument, log, history } = this.#deps;
    const isOver = (): boolean => this.#closed || this.#phase !== 'seeding' || this.#seeding !== seeding;
    const tryAgain = (reason: string): void => {
      log.warn({ symbol: instrument.symbol, reason }, 'the running candles could not be put together yet');
      this.later(RETRY_SEED_WALL_MS, () => {
        if (!isOver()) this.#waitAgain('trying again');
      });
    };
    try {
      const finest = await history.offeredByPrimary(instrument.symbol, '1s', clock.now());
      if (isOver()) return;
      if (!finest.ok) {
        tryAgain(finest.error.message);
        return;
      }
      const step = finest.value ? '1s' : '1m';
      const liveFrom = openTimeOf(clock.now() + this.#marginMs(), step) + TIMEFRAME_MS[step];
      const delay = finest.value ? KLINE_DELAY_MS : MINUTE_KLINE_DELAY_MS;
      await new Promise<void>((resolve) => this.#timers.after(clock, liveFrom + delay - clock.now(), resolve));
      if (isOver()) return;
      const seeds = await this.#seedsAt(liveFrom, finest.value);
      if (isOver()) return;
      if (!seeds.ok) {
        tryAgain(seeds.error.message);
        return;
      }
      this.#builder.seed(liveFrom, seeds.value);
      this.#phase = 'live';
      for (const trade of this.#held) this.#builder.addTrade(trade);
      this.#held = [];
      this.#dirty = true;
    } catch (thrown) {
      log.error({ symbol: instrument.symbol, reason: reasonOf(thrown) }, 'putting the running candles together failed');
      if (!isOver()) this.#waitAgain('it failed');
    }
  }

  async #seedsAt(liveFrom: number, withSeconds: boolean): Promise<Result<Partial<Record<Timeframe, CandleSeed>>>> {
    const { market, instrument } = this.#deps;
    const finer: Partial<Record<Timeframe, readonly Candle[]>> = {};
    const seeds: Partial<Record<Timeframe, CandleSeed>> = {};
    for (const timeframe of TIMEFRAMES) {
      if (!isDerived(timeframe) && (timeframe !== '1s' || withSeconds)) {
        const length = TIMEFRAME_MS[timeframe];
        const known = this.#caches[timeframe].newest;
        // Back to the last candle that is known, but at least over the coarser period that runs now.
        const since = Math.min(coarserStart(timeframe, liveFrom), known === undefined ? liveFrom : known.openTime + length);
        const filled = await this.#backfill(
          timeframe,
          Math.max(since, liveFrom - MOST_RESEED_CANDLES * length) - length,
          liveFrom,
          timeframe === '1s',
        );
        if (!filled.ok) return filled;
      }
      const stored = await market.candlesBefore(instrument.symbol, timeframe, openTimeOf(liveFrom, timeframe), 120);
      if (!stored.ok) return stored;
      if (!isDerived(timeframe)) finer[timeframe] = stored.value;
      const partial = partialCandle(timeframe, liveFrom, finer);
      seeds[timeframe] = { partial, previous: stored.value.at(-1) };
    }
    // The newest stored second may be hours old: the minute that has just closed ends with the price that is filled with.
    if (!withSeconds) seeds['1s'] = { previous: finer['1m']?.at(-1) };
    return ok(seeds);
  }

  /** Fetches what is missing, then remembers and shows it, and what is derived from it. */
  async #backfill(timeframe: StoredTimeframe, from: number, to: number, onlyPrimary = false): Promise<Result<void>> {
    const { history, market, instrument, memoryCandles, clock } = this.#deps;
    this.#fetching++;
    const fetched = await history.ensure(instrument.symbol, timeframe, from, to, { onlyPrimary }).finally(() => this.#fetching--);
    if (fetched.ok) {
      const known = this.#knownFrom.get(timeframe) ?? Number.POSITIVE_INFINITY;
      const newest = this.#caches[timeframe].newest?.openTime ?? Number.POSITIVE_INFINITY;
      this.#knownFrom.set(timeframe, from > newest + TIMEFRAME_MS[timeframe] ? from : Math.min(known, from));
    }
    const until = openTimeOf(clock.now(), timeframe) + 1;
    const stored = await market.candlesBefore(instrument.symbol, timeframe, until, memoryCandles);
    if (!stored.ok) return stored;
    this.#takeOver(timeframe, stored.value, fetched.ok ? fetched.value : undefined);
    for (const derived of DERIVED) {
      if (DERIVED_FROM[derived] !== timeframe) continue;
      const made = await this.#derive(derived, fetched.ok ? fetched.value : undefined);
      if (!made.ok) return made;
    }
    return fetched.ok ? ok(undefined) : fetched;
  }

  /** Puts the candles of a derived timeframe together again after its source's `changed`. */
  async #derive(timeframe: DerivedTimeframe, changed: readonly Candle[] | undefined): Promise<Result<void>> {
    const { market, instrument, memoryCandles, clock } = this.#deps;
    const stored = await market.candlesBefore(instrument.symbol, timeframe, openTimeOf(clock.now(), timeframe), memoryCandles);
    if (!stored.ok) return stored;
    const periods = changed && new Set(changed.map((candle) => openTimeOf(candle.openTime, timeframe)));
    this.#takeOver(timeframe, stored.value, periods && stored.value.filter((candle) => periods.has(candle.openTime)));
    return ok(undefined);
  }

  /** Remembers what the store has, and shows of it what is new or was fetched just now; only that after a failure to fetch. */
  #takeOver(timeframe: Timeframe, stored: readonly Candle[], fetched: readonly Candle[] | undefined): void {
    const knownFrom = this.#knownFrom.get(storedTimeframeOf(timeframe)) ?? Number.NEGATIVE_INFINITY;
    this.#caches[timeframe].refresh(stored.filter((candle) => candle.openTime >= knownFrom));
    if (fetched === undefined) return;
    // Not only what was fetched now: an outage's candles may have been fetched already, for a page or a prediction.
    const shownUntil = this.#shownUntil[timeframe];
    for (const candle of fetched) if (candle.openTime <= shownUntil) this.#show(timeframe, candle);
    for (const candle of stored) if (candle.openTime > shownUntil) this.#show(timeframe, candle);
  }

  /** Tells of a closed candle. Before the first history was tried nobody can have asked for any. */
  #show(timeframe: Timeframe, candle: Candle): void {
    this.#shownUntil[timeframe] = Math.max(this.#shownUntil[timeframe], candle.openTime);
    this.#closedSequences.get(timeframe)?.offer(candle);
    if (this.#begun) this.#deps.onUpdate({ symbol: this.#deps.instrument.symbol, timeframe, candle, closed: true });
  }

  async #refill(timeframe: StoredTimeframe, from: number, to: number): Promise<void> {
    const filled = await this.#backfill(timeframe, from, to);
    if (!filled.ok)
      this.#deps.log.warn(
        { symbol: this.#deps.instrument.symbol, timeframe, reason: filled.error.message },
        'a hole in the candles could not be filled yet',
      );
  }

  #onClosed(timeframe: Timeframe, candle: Candle): void {
    const { instrument, market, onMinuteClosed } = this.#deps;
    const newest = this.#caches[timeframe].newest;
    // The seed may already have brought the candle that closes right after it.
    if (newest !== undefined && candle.openTime <= newest.openTime) return;
    this.#caches[timeframe].put(candle);
    if (!isDerived(timeframe)) market.appendCandle(instrument.venue, instrument.symbol, timeframe, candle);
    this.#show(timeframe, candle);
    if (timeframe === '1m') onMinuteClosed(candle);
  }
}
