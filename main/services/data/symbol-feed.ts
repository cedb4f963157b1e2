import type { Clock } from '../../../core/base/clock.ts';
import { ok, reasonOf, type Result } from '../../../core/base/result.ts';
import type { CandlePage, CandleUpdate } from '../../../core/contracts/market-views.ts';
import { partialCandle } from '../../../core/market/candle-aggregation.ts';
import { CandleBuilder, type CandleSeed } from '../../../core/market/candle-builder.ts';
import { type Candle, type CandleColumns, toColumns } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { openTimeOf, type Timeframe, TIMEFRAME_MS, TIMEFRAMES } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Log } from '../../ports/log.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { SessionHealth } from '../../ports/venue.ts';
import { CandleCache } from './candle-cache.ts';
import type { CandleHistory } from './history.ts';

/** Candles had at start, per timeframe; 1m comes from the configuration. */
const FIRST_CANDLES: Readonly<Record<Timeframe, number>> = { '1s': 600, '1m': 0, '1h': 400, '1d': 400 };
/** Wall time after a period's end within which its last trades may still be under way. */
const CLOSE_DELAY_WALL_MS = 250;
/** Market time after which the venue's own candle of a second is complete. */
const KLINE_DELAY_MS = 1_500;
const RETRY_SEED_WALL_MS = 1_000;
/** Trades held back while the running candles are put together. */
const MOST_HELD_TRADES = 200_000;
const MOST_PAGES_BACK = 3;

export interface SymbolFeedDeps {
  readonly instrument: Instrument;
  readonly history: CandleHistory;
  readonly market: MarketRepository;
  readonly clock: Clock;
  readonly wall: Clock;
  readonly health: () => SessionHealth;
  /** Market seconds per wall second. */
  readonly speed: () => number;
  readonly silenceMs: number;
  readonly backfillMinutes: number;
  readonly memoryCandles: number;
  readonly onUpdate: (update: CandleUpdate) => void;
  readonly onMinuteClosed: (candle: Candle) => void;
  readonly log: Log;
}

/**
 * Candles of one symbol: back-filled from the venue, then built from its trades.
 * `waiting` until the venue is heard, `seeding` while the running candles are put together from the venue's finer ones,
 * `live` from then on. Whenever the venue falls silent it starts over, so that a silence never becomes quiet candles.
 */
export class SymbolFeed {
  readonly #deps: SymbolFeedDeps;
  readonly #builder: CandleBuilder;
  readonly #caches: Readonly<Record<Timeframe, CandleCache>>;
  #phase: 'waiting' | 'seeding' | 'live' = 'waiting';
  #held: Trade[] = [];
  #dirty = false;
  #closed = false;
  #lateReported = 0;

  constructor(deps: SymbolFeedDeps) {
    this.#deps = deps;
    const cache = (): CandleCache => new CandleCache(deps.memoryCandles);
    this.#caches = { '1s': cache(), '1m': cache(), '1h': cache(), '1d': cache() };
    this.#builder = new CandleBuilder({
      // The delay is wall time and its market length changes with the speed, so `tick` takes it off.
      closeDelayMs: 0,
      listener: {
        onClosed: (timeframe, candle) => this.#onClosed(timeframe, candle),
        onSkipped: (timeframe, from, to) => void this.#refill(timeframe, from, to),
      },
    });
  }

  get live(): boolean {
    return this.#phase === 'live';
  }

  /** Loads what the store has, then fetches what is missing up to now. */
  async start(): Promise<Result<void>> {
    const { clock, backfillMinutes } = this.#deps;
    const now = clock.now();
    const results = await Promise.all(
      TIMEFRAMES.map((timeframe) => {
        const count = timeframe === '1m' ? backfillMinutes : FIRST_CANDLES[timeframe];
        return this.#backfill(timeframe, now - count * TIMEFRAME_MS[timeframe], now);
      }),
    );
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

  /** Called many times a second: moves the clock of the candles and follows the connection. */
  tick(): void {
    const { clock, onUpdate, instrument } = this.#deps;
    if (!this.#isHeard()) {
      if (this.#phase !== 'waiting') this.#waitAgain('the venue fell silent');
      return;
    }
    if (this.#phase === 'waiting') {
      this.#phase = 'seeding';
      void this.#seed();
      return;
    }
    if (this.#phase !== 'live') return;
    // No further than the venue was heard: a silence that is not yet known for one must not close quiet candles.
    const delayWallMs = Math.max(CLOSE_DELAY_WALL_MS, this.#silentForWallMs());
    this.#builder.advanceTo(clock.now() - delayWallMs * this.#deps.speed());
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
  async page(timeframe: Timeframe, before: number | undefined, limit: number): Promise<Result<CandlePage>> {
    const { instrument, clock, history, market } = this.#deps;
    const symbol = instrument.symbol;
    const forming = before === undefined && this.#phase === 'live' ? this.#builder.forming(timeframe) : undefined;
    const end = before ?? Number.MAX_SAFE_INTEGER;
    const cached = this.#caches[timeframe].candles;
    const inCache = sliceBefore(cached, end, limit);
    if (inCache.length === limit || (before === undefined && inCache.length > 0)) {
      return ok({ symbol, timeframe, candles: withForming(inCache, forming), exhausted: false });
    }
    const to = Math.min(end, openTimeOf(clock.now(), timeframe));
    let candles: Candle[] = [];
    for (let pages = 1; pages <= MOST_PAGES_BACK; pages++) {
      const fetched = await history.ensure(instrument, timeframe, to - pages * limit * TIMEFRAME_MS[timeframe], to);
      const stored = await market.candlesBefore(symbol, timeframe, to, limit);
      if (!stored.ok) return stored;
      candles = stored.value;
      if (!fetched.ok) {
        // Out of reach, what the store has is still worth showing; more is asked for when the trader scrolls again.
        return candles.length === 0
          ? fetched
          : ok({ symbol, timeframe, candles: withForming(candles, forming), exhausted: false });
      }
      if (candles.length >= limit) break;
    }
    return ok({ symbol, timeframe, candles: withForming(candles, forming), exhausted: candles.length < limit });
  }

  /** Makes sure of the closed candles in [from, to), for training and outcomes. */
  async ensure(timeframe: Timeframe, from: number, to: number): Promise<Result<void>> {
    const { history, instrument, clock } = this.#deps;
    const fetched = await history.ensure(instrument, timeframe, from, Math.min(to, clock.now() - KLINE_DELAY_MS));
    return fetched.ok ? ok(undefined) : fetched;
  }

  /** The newest `count` closed minutes, or fewer when memory holds fewer. */
  recentMinutes(count: number): CandleColumns {
    return toColumns(this.#caches['1m'].candles.slice(-count));
  }

  close(): void {
    this.#closed = true;
    this.#held = [];
  }

  #isHeard(): boolean {
    return this.#deps.health().connection === 'open' && this.#silentForWallMs() < this.#deps.silenceMs;
  }

  #silentForWallMs(): number {
    const { lastMessageWallMs } = this.#deps.health();
    return lastMessageWallMs === undefined ? Number.POSITIVE_INFINITY : this.#deps.wall.now() - lastMessageWallMs;
  }

  #waitAgain(reason: string): void {
    this.#deps.log.info({ symbol: this.#deps.instrument.symbol, reason }, 'candles wait for the venue');
    this.#phase = 'waiting';
    this.#held = [];
  }

  /** From the next whole second on every trade is seen; what came before is put together from the venue's candles. */
  async #seed(): Promise<void> {
    const { clock, wall, instrument, log } = this.#deps;
    const liveFrom = openTimeOf(clock.now(), '1s') + 1_000;
    await new Promise<void>((resolve) => clock.after(liveFrom + KLINE_DELAY_MS - clock.now(), resolve));
    if (this.#closed || this.#phase !== 'seeding') return;
    try {
      const seeds = await this.#seedsAt(liveFrom);
      if (this.#closed || this.#phase !== 'seeding') return;
      if (!seeds.ok) {
        log.warn({ symbol: instrument.symbol, reason: seeds.error.message }, 'the running candles could not be put together yet');
        wall.after(RETRY_SEED_WALL_MS, () => {
          if (this.#phase === 'seeding') this.#waitAgain('trying again');
        });
        return;
      }
      this.#builder.seed(liveFrom, seeds.value);
      this.#phase = 'live';
      for (const trade of this.#held) this.#builder.addTrade(trade);
      this.#held = [];
      this.#dirty = true;
    } catch (thrown) {
      log.error({ symbol: instrument.symbol, reason: reasonOf(thrown) }, 'putting the running candles together failed');
      this.#waitAgain('it failed');
    }
  }

  async #seedsAt(liveFrom: number): Promise<Result<Partial<Record<Timeframe, CandleSeed>>>> {
    const { market, instrument } = this.#deps;
    const finer: Partial<Record<Timeframe, readonly Candle[]>> = {};
    const seeds: Partial<Record<Timeframe, CandleSeed>> = {};
    for (const timeframe of TIMEFRAMES) {
      const length = TIMEFRAME_MS[timeframe];
      const known = this.#caches[timeframe].newest;
      // Back to the last candle that is known, but at least over the coarser period that runs now.
      const since = Math.min(coarserStart(timeframe, liveFrom), known === undefined ? liveFrom : known.openTime + length);
      const filled = await this.#backfill(timeframe, Math.max(since, liveFrom - 2 * 86_400_000) - length, liveFrom);
      if (!filled.ok) return filled;
      const stored = await market.candlesBefore(instrument.symbol, timeframe, openTimeOf(liveFrom, timeframe), 120);
      if (!stored.ok) return stored;
      finer[timeframe] = stored.value;
      const partial = partialCandle(timeframe, liveFrom, finer);
      seeds[timeframe] = { partial, previous: stored.value.at(-1) };
    }
    return ok(seeds);
  }

  /** Fetches what is missing, then shows and remembers it. */
  async #backfill(timeframe: Timeframe, from: number, to: number): Promise<Result<void>> {
    const { history, market, instrument, memoryCandles, onUpdate, clock } = this.#deps;
    const fetched = await history.ensure(instrument, timeframe, from, to);
    const stored = await market.candlesBefore(
      instrument.symbol,
      timeframe,
      openTimeOf(clock.now(), timeframe) + 1,
      memoryCandles,
    );
    if (!stored.ok) return stored;
    this.#caches[timeframe].replaceAll(stored.value);
    if (!fetched.ok) return fetched;
    if (this.#phase !== 'waiting') {
      for (const candle of fetched.value) onUpdate({ symbol: instrument.symbol, timeframe, candle, closed: true });
    }
    return ok(undefined);
  }

  async #refill(timeframe: Timeframe, from: number, to: number): Promise<void> {
    const filled = await this.#backfill(timeframe, from, to);
    if (!filled.ok)
      this.#deps.log.warn(
        { symbol: this.#deps.instrument.symbol, timeframe, reason: filled.error.message },
        'a hole in the candles could not be filled yet',
      );
  }

  #onClosed(timeframe: Timeframe, candle: Candle): void {
    const { instrument, market, onUpdate, onMinuteClosed } = this.#deps;
    const newest = this.#caches[timeframe].newest;
    // The seed may already have brought the candle that closes right after it.
    if (newest !== undefined && candle.openTime <= newest.openTime) return;
    this.#caches[timeframe].put(candle);
    market.appendCandle(instrument.venue, instrument.symbol, timeframe, candle);
    onUpdate({ symbol: instrument.symbol, timeframe, candle, closed: true });
    if (timeframe === '1m') onMinuteClosed(candle);
  }
}

/** Start of the period, one timeframe coarser, that runs at `time`: the span whose finer candles a seed needs. */
function coarserStart(timeframe: Timeframe, time: number): number {
  const coarser: Record<Timeframe, Timeframe> = { '1s': '1m', '1m': '1h', '1h': '1d', '1d': '1d' };
  return openTimeOf(time, coarser[timeframe]);
}

function sliceBefore(candles: readonly Candle[], before: number, limit: number): Candle[] {
  let end = candles.length;
  while (end > 0 && (candles[end - 1] as Candle).openTime >= before) end--;
  return candles.slice(Math.max(0, end - limit), end);
}

function withForming(candles: Candle[], forming: Candle | undefined): Candle[] {
  const newest = candles.at(-1);
  return forming === undefined || (newest !== undefined && newest.openTime >= forming.openTime) ? candles : [...candles, forming];
}
