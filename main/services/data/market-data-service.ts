import type { Cancel } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { err, fail, ok, reasonOf, type Result } from '../../../core/base/result.ts';
import type { CandlePage, CandleUpdate } from '../../../core/contracts/market-views.ts';
import type { VenueHealth } from '../../../core/contracts/system.ts';
import type { FollowedSymbol, Watchlist } from '../../../core/contracts/watchlist.ts';
import type { Candle, CandleColumns } from '../../../core/market/candle.ts';
import { type Instrument, type SourceName, sourceText, type VenueId } from '../../../core/market/instrument.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import { type StoredTimeframe, storedTimeframeOf, type Timeframe } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { describe, type Followed, type Source, type Waiting } from './followed-symbol.ts';
import { ClosedCandles } from './closed-candles.ts';
import { CandleHistory, type HistorySource } from './history.ts';
import { loadInstruments } from './instruments.ts';
import { widthFor } from './first-width.ts';
import { noVenue, problemWith, unknownSymbol } from './follow-rules.ts';
import type { MarketDataServiceDeps } from './market-data-deps.ts';
import type { BookStateEvent, KlineEvent } from './market-events.ts';
import { marketListener } from './market-listener.ts';
import { NOT_CONNECTED, sourceHealth } from './source-health.ts';
import { isKnownSource, knownFirst, SourceRouting } from './source-routing.ts';
import { SymbolFeed } from './symbol-feed.ts';
import { VenueLink } from './venue-link.ts';
import { type FollowRequest, saveWatchlist } from './watchlist-store.ts';

/** Wall time between two looks at the connection and two pushes of running candles. */
const TICK_WALL_MS = 50;
const RETRY_BACKFILL_WALL_MS = 3_000;
const RETRY_BACKFILL_WALL_MS_MAX = 60_000;
/** So long the start waits for a primary before another source stands in for it. */
const PATIENCE_WALL_MS = 4_000;

/** A followed symbol whose sources changed, for whoever merges their books. */
export interface FollowChange {
  readonly symbol: string;
  /** Undefined when it is not followed any more. */
  readonly followed: Followed | undefined;
}

/**
 * Market data of every followed symbol: books of all its sources, trades and candles of its primary.
 * Symbols and sources come and go while it runs; those that stay lose nothing by it.
 */
export class MarketDataService {
  readonly candles: Emitter<CandleUpdate>;
  readonly minutes: Emitter<{ symbol: string; candle: Candle }>;
  /** Of primaries. */
  readonly trades: Emitter<{ symbol: string; trade: Trade }>;
  /** Of primaries, after each change. */
  readonly books: Emitter<{ symbol: string; book: L2Book }>;
  /** Of primaries, as they stream them. */
  readonly klines: Emitter<KlineEvent>;
  /** Of primaries. */
  readonly bookStateChanges: Emitter<BookStateEvent>;
  readonly watchlists: Emitter<Watchlist>;
  readonly changes: Emitter<FollowChange>;
  readonly history: CandleHistory;
  readonly #closedCandles: ClosedCandles;
  readonly #deps: MarketDataServiceDeps;
  readonly #links: ReadonlyMap<VenueId, VenueLink>;
  readonly #followed = new Map<string, Followed>();
  /** Wanted, but none of its venues could be reached yet: kept on the list, and followed as soon as one can. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #instruments = new Map<string, Instrument>();
  /** Market seconds per wall second at which latencies were measured. */
  #latencySpeed = 1;
  readonly #routing: SourceRouting;
  /** One change at a time. */
  #changing: Promise<unknown> = Promise.resolve();
  #cancelTick = (): void => {};
  #settling = false;
  #closed = false;
  #started: Promise<unknown> = Promise.resolve();

  constructor(deps: MarketDataServiceDeps) {
    this.#deps = deps;
    const emitter = <T>(what: string): Emitter<T> =>
      new Emitter<T>((thrown) => deps.log.error({ detail: String(thrown) }, `a ${what} listener failed`));
    this.candles = emitter('candle');
    this.minutes = emitter('minute');
    this.trades = emitter('trade');
    this.books = emitter('book');
    this.klines = emitter('kline');
    this.bookStateChanges = emitter('book-state');
    this.watchlists = emitter('watchlist');
    this.changes = emitter('watchlist');
    this.#closedCandles = new ClosedCandles((thrown) =>
      deps.log.error({ detail: String(thrown) }, 'a closed-candle listener failed'),
    );
    this.history = new CandleHistory({
      sources: (symbol) => this.#historySources(symbol),
      market: deps.store.market,
      onListenerError: (thrown) => deps.log.error({ detail: String(thrown) }, 'a listener of stored candles failed'),
    });
    const { clock, wall, log, store } = deps;
    this.#links = new Map(
      [...deps.venues].map(([id, venue]) => [
        id,
        new VenueLink({
          venue,
          load: (of, symbols) => loadInstruments(of, symbols, store.settings, log),
          listener: marketListener(this, (instrument) => this.#routing.of(instrument), deps),
          onChange: () => this.#onLinkChange(id),
          clock,
          wall,
          log,
        }),
      ]),
    );
    this.#routing = new SourceRouting(this.#links, deps.bucketWidths);
  }

  /**
   * Connects to everything that is to be followed. For a primary that cannot be had within seconds the next source of the very
   * symbol stands in until the next start; a symbol without any is followed later. Fails when not one can be followed.
   */
  async start(): Promise<Result<void>> {
    let cancel = (): void => {};
    const patience = new Promise<void>((resolve) => {
      cancel = this.#deps.wall.after(PATIENCE_WALL_MS, resolve);
    });
    const followed = await this.#followAll(this.#deps.requests, patience);
    cancel();
    if (!followed.ok) return followed;
    this.#started = Promise.all([...this.#followed.values()].map((entry) => this.#backfill(entry)));
    this.#cancelTick = this.#deps.wall.every(TICK_WALL_MS, () => {
      for (const { feed } of this.#followed.values()) feed.tick();
    });
    return ok(undefined);
  }

  /** Resolves when history was tried for every symbol followed at the start, whether or not its venue could be reached. */
  get started(): Promise<unknown> {
    return this.#started;
  }

  /** The followed symbols' primary instruments by symbol; changes as they do. */
  get instruments(): ReadonlyMap<string, Instrument> {
    return this.#instruments;
  }

  get venues(): ReadonlyMap<VenueId, VenueLink> {
    return this.#links;
  }

  followed(symbol: string): Followed | undefined {
    return this.#followed.get(symbol);
  }

  watchlist(): Watchlist {
    return { symbols: [...this.#followed.values()].map(describe), venues: [...this.#links.keys()] };
  }

  /**
   * Follows a symbol or changes its sources. Answers when its primary is known and the change is kept for the next start.
   * @param bucketWidth quote units; as it is, or one that suits the price, when undefined
   */
  follow(symbol: string, sources: readonly SourceName[], bucketWidth?: number): Promise<Result<FollowedSymbol>> {
    return this.#inOrder(async () => {
      const before = this.#followed.get(symbol);
      const others = this.#requests(this.#followed).filter((request) => request !== before?.request);
      const waiting = this.#requests(this.#waiting).filter((request) => request.symbol !== symbol);
      const problem = problemWith(symbol, sources, this.#links, [...others, ...waiting]);
      if (problem !== undefined) return err(problem);
      const width = await widthFor(sources[0] as SourceName, bucketWidth ?? before?.request.bucketWidth, this.#deps);
      if (!width.ok) return width;
      const done = await this.#followAll([
        ...others,
        { symbol, sources, bucketWidth: width.value, imbalanceRange: before?.request.imbalanceRange },
      ]);
      if (!done.ok) return done;
      const entry = this.#followed.get(symbol) as Followed;
      if (entry.feed !== before?.feed) void this.#backfill(entry);
      const saved = await this.#save();
      return saved.ok ? ok(describe(entry)) : saved;
    });
  }

  unfollow(symbol: string): Promise<Result<void>> {
    return this.#inOrder(async () => {
      if (!this.#followed.has(symbol) && !this.#waiting.delete(symbol)) return err(unknownSymbol(symbol));
      const others = this.#requests(this.#followed).filter((request) => request.symbol !== symbol);
      if (others.length === 0)
        return fail('LAST_SYMBOL', `${symbol} is the only symbol that is followed. Follow another one first.`);
      const done = await this.#followAll(others);
      return done.ok ? this.#save() : done;
    });
  }

  /** Whether live data is being fetched: what can wait, waits. */
  isFetching(): boolean {
    return [...this.#followed.values()].some(({ feed }) => feed.fetching);
  }

  /** Stored candles were replaced by the venue's: the chart and the memory follow. */
  async onCorrected(symbol: string, timeframe: StoredTimeframe, corrected: readonly Candle[]): Promise<void> {
    await this.#followed.get(symbol)?.feed.onCorrected(timeframe, corrected);
  }

  /** Closed candles of one symbol and timeframe: once each, in time order, also over outages. */
  onCandleClosed(symbol: string, timeframe: Timeframe, listener: (candle: Candle) => void): Cancel {
    return this.#closedCandles.on(symbol, timeframe, listener);
  }

  async getCandles(symbol: string, timeframe: Timeframe, before: number | undefined, limit: number): Promise<Result<CandlePage>> {
    const entry = this.#followed.get(symbol);
    if (entry === undefined) return err(unknownSymbol(symbol));
    // Of this symbol only: another one's venue may be out of reach.
    if (before === undefined) await entry.feed.firstTries.of(storedTimeframeOf(timeframe));
    return entry.feed.page(timeframe, before, limit);
  }

  async ensureHistory(symbol: string, timeframe: Timeframe, from: number, to: number): Promise<Result<void>> {
    return this.#followed.get(symbol)?.feed.ensure(timeframe, from, to) ?? err(unknownSymbol(symbol));
  }

  recentMinutes(symbol: string, count: number): CandleColumns | undefined {
    return this.#followed.get(symbol)?.feed.recentMinutes(count);
  }

  /** The primary's live book, or undefined while it cannot be believed. */
  liveBook(symbol: string): L2Book | undefined {
    const primary = this.#followed.get(symbol)?.primary;
    return primary?.state === 'live' ? primary.book : undefined;
  }

  /** Of every source of every followed symbol. */
  health(): VenueHealth[] {
    const speed = this.#deps.speed();
    const wallNow = this.#deps.wall.now();
    // Latencies of another pace of market time, told at this one, would be wrong by as much as the paces differ.
    if (speed !== this.#latencySpeed) for (const link of this.#links.values()) link.forgetLatencies();
    this.#latencySpeed = speed;
    return [...this.#followed.values(), ...this.#waiting.values()].flatMap((entry) =>
      entry.sources.map((source) => sourceHealth(entry, source, speed, wallNow)),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTick();
    for (const { feed } of this.#followed.values()) feed.close();
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }

  /**
   * Makes `requests` what is followed. On failure everything stays as it was.
   * @param patience given where another source may stand in for a primary that is not known by then
   */
  async #followAll(requests: readonly FollowRequest[], patience?: Promise<void>): Promise<Result<void>> {
    const before = new Map(this.#followed);
    const known = new Map<string, Waiting>([...this.#waiting, ...before]);
    const running = new Map([...known].map(([symbol, { sources }]) => [symbol, sources]));
    const waiting = [...this.#waiting.values()].filter((entry) =>
      requests.every(({ symbol }) => symbol !== entry.request.symbol),
    );
    const sourcesOf = new Map(waiting.map(({ request, sources }) => [request.symbol, sources]));
    const choose = (request: FollowRequest): void => {
      const old = known.get(request.symbol);
      const sources =
        sourcesOf.get(request.symbol) ?? (old?.request === request ? old.sources : this.#routing.sourcesOf(request, old));
      const isSettled = patience === undefined || before.get(request.symbol)?.request === request;
      sourcesOf.set(request.symbol, isSettled ? sources : knownFirst(request.symbol, sources));
    };
    for (const request of requests) choose(request);
    await this.#routing.ask(requests, sourcesOf, running, patience);
    if (this.#closed) return fail('MARKET_CLOSED', 'The market was closed before this was done. Try again when it is open.');
    for (const request of requests) choose(request);
    const missing = requests.filter(({ symbol }) => !isKnownSource(symbol, sourcesOf.get(symbol)?.[0]));
    const [first] = missing;
    if (first !== undefined && (patience === undefined || missing.length === requests.length)) {
      const failure = sourcesOf.get(first.symbol)?.[0]?.link.failure(first.symbol);
      this.#routing.settle(this.#requests(known), running, running);
      return err(failure ?? noVenue(first.symbol));
    }
    this.#waiting.clear();
    for (const request of [...waiting.map((entry) => entry.request), ...missing]) {
      this.#waiting.set(request.symbol, { request, sources: sourcesOf.get(request.symbol) ?? [] });
    }
    // Links tell of their changes while the list is half the old one and half the new.
    this.#settling = true;
    this.#routing.settle([...requests, ...waiting.map((entry) => entry.request)], sourcesOf, running);
    this.#settling = false;
    for (const [symbol, entry] of before) {
      if (requests.some((request) => request.symbol === symbol)) continue;
      entry.feed.close();
      this.#followed.delete(symbol);
      this.#instruments.delete(symbol);
      this.changes.emit({ symbol, followed: undefined });
    }
    for (const request of requests) {
      const sources = sourcesOf.get(request.symbol) as readonly Source[];
      const old = before.get(request.symbol);
      if (this.#waiting.has(request.symbol)) this.#sayThatItWaits(request, sources);
      else if (old?.request !== request) this.#settle(request, sources, old);
    }
    this.watchlists.emit(this.watchlist());
    return ok(undefined);
  }

  #sayThatItWaits({ symbol }: FollowRequest, sources: readonly Source[]): void {
    const reason = sources[0]?.link.failure(symbol)?.message ?? noVenue(symbol).message;
    this.#deps.log.warn({ symbol, reason }, 'a symbol cannot be followed yet; it is when one of its venues can be reached');
  }

  /** One of the venues of a symbol that waits can be reached now. */
  async #takeUp(symbol: string): Promise<void> {
    const waiting = this.#waiting.get(symbol);
    if (waiting === undefined || this.#closed) return;
    await this.#followAll([...this.#requests(this.#followed), waiting.request], Promise.resolve());
    const entry = this.#followed.get(symbol);
    if (entry !== undefined) void this.#backfill(entry);
  }

  #requests(of: ReadonlyMap<string, Waiting>): FollowRequest[] {
    return [...of.values()].map(({ request }) => request);
  }

  #settle(request: FollowRequest, sources: readonly Source[], old: Followed | undefined): void {
    const { symbol } = request;
    const primary = sources[0] as Source;
    const instrument = primary.instrument as Instrument;
    const keepsFeed = old !== undefined && old.primary.key === primary.key;
    if (!keepsFeed) old?.feed.close();
    else if (old.primary !== primary) old.feed.startOver('its books are made anew');
    const [wished] = request.sources;
    if (wished !== undefined && sourceText(wished) !== primary.key)
      this.#deps.log.warn(
        { symbol, primary: primary.key, wished: sourceText(wished) },
        'another source stands in for the primary',
      );
    const feed = keepsFeed ? old.feed : this.#newFeed(symbol, primary, instrument);
    const followed: Followed = { request, sources, primary, instrument, feed };
    this.#followed.set(symbol, followed);
    this.#instruments.set(symbol, instrument);
    this.changes.emit({ symbol, followed });
  }

  #onLinkChange(venue: VenueId): void {
    if (this.#settling) return;
    for (const [symbol, followed] of this.#followed) {
      if (followed.sources.some((source) => source.name.venue === venue)) this.changes.emit({ symbol, followed });
    }
    for (const [symbol, { sources }] of this.#waiting) {
      if (sources.some((source) => isKnownSource(symbol, source))) void this.#inOrder(() => this.#takeUp(symbol));
    }
  }

  #newFeed(symbol: string, primary: Source, instrument: Instrument): SymbolFeed {
    const { store, clock, wall, speed, silenceMs, backfillMinutes, memoryCandles, log } = this.#deps;
    return new SymbolFeed({
      instrument,
      history: this.history,
      market: store.market,
      clock,
      wall,
      health: () => primary.link.health(instrument) ?? NOT_CONNECTED,
      speed,
      ...(this.#deps.tradeLagMs === undefined ? {} : { tradeLagMs: this.#deps.tradeLagMs }),
      candlesOnly: primary.link.venue.tellsCandlesOnly ?? false,
      silenceMs,
      backfillMinutes,
      memoryCandles,
      onUpdate: (update) => this.candles.emit(update),
      onMinuteClosed: (candle) => this.minutes.emit({ symbol, candle }),
      onClosed: (timeframe, candle) => this.#closedCandles.tell(symbol, timeframe, candle),
      log,
    });
  }

  async #backfill({ feed, request }: Pick<Followed, 'feed' | 'request'>, attempt = 0): Promise<void> {
    const { symbol } = request;
    const isOver = (): boolean => this.#closed || this.#followed.get(symbol)?.feed !== feed;
    if (isOver()) return;
    const started = await feed.start().catch((thrown: unknown) => fail('BACKFILL_FAILED', reasonOf(thrown)));
    if (started.ok || isOver()) return;
    this.#deps.log.warn({ symbol, reason: started.error.message }, 'history could not be fetched; trying again');
    const delayMs = Math.min(RETRY_BACKFILL_WALL_MS * 2 ** attempt, RETRY_BACKFILL_WALL_MS_MAX);
    feed.later(delayMs, () => void this.#backfill({ feed, request }, Math.min(attempt + 1, 10)));
  }

  /** Venues that trade the very symbol, the primary first: another symbol's candles would be another price. */
  #historySources(symbol: string): readonly HistorySource[] {
    return (this.#followed.get(symbol)?.sources ?? []).flatMap(({ name, link, instrument }) =>
      name.symbol === symbol && instrument !== undefined ? [{ venue: link.venue, instrument }] : [],
    );
  }

  #save(): Promise<Result<void>> {
    return saveWatchlist(this.#deps.store.settings, this.#requests(new Map([...this.#waiting, ...this.#followed])));
  }

  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(change);
    this.#changing = done.catch(() => undefined);
    return done;
  }
}
