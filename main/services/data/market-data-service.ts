import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { err, fail, ok, reasonOf, type Result } from '../../../core/base/result.ts';
import type { BookState, CandlePage, CandleUpdate } from '../../../core/contracts/market-views.ts';
import type { VenueHealth } from '../../../core/contracts/system.ts';
import type { FollowedSymbol, Watchlist } from '../../../core/contracts/watchlist.ts';
import { suitableBucketWidth } from '../../../core/market/bucket-width.ts';
import type { Candle, CandleColumns } from '../../../core/market/candle.ts';
import type { Instrument, SourceName, VenueId } from '../../../core/market/instrument.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import { openTimeOf, type StoredTimeframe, type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import type { VenueMarketData } from '../../ports/venue.ts';
import type { Followed, Source } from './followed-symbol.ts';
import { ClosedCandles } from './closed-candles.ts';
import { CandleHistory, type HistorySource } from './history.ts';
import { loadInstruments } from './instruments.ts';
import { noVenue, problemWith, unknownSymbol } from './follow-rules.ts';
import type { BookStateEvent, KlineEvent } from './market-events.ts';
import { marketListener, type MarketRecorder } from './market-listener.ts';
import { NOT_CONNECTED, sourceHealth } from './source-health.ts';
import { SourceRouting } from './source-routing.ts';
import { SymbolFeed } from './symbol-feed.ts';
import { VenueLink } from './venue-link.ts';
import { type FollowRequest, saveWatchlist } from './watchlist-store.ts';

/** Wall time between two looks at the connection and two pushes of running candles. */
const TICK_WALL_MS = 50;
const NEVER_HEARD = { state: 'empty', reason: 'not connected yet' } as const;
const RETRY_BACKFILL_WALL_MS = 3_000;
const RETRY_BACKFILL_WALL_MS_MAX = 60_000;
/** The last price of a symbol is looked for in its newest closed hours: two days. */
const HOURS_FOR_A_PRICE = 48;

export interface MarketDataServiceDeps {
  readonly venues: ReadonlyMap<VenueId, VenueMarketData>;
  readonly requests: readonly FollowRequest[];
  /** Bucket width of a source's book by `sourceText`: filled here before a source is followed, read by the venues. */
  readonly bucketWidths: Map<string, number>;
  readonly store: Pick<Store, 'market' | 'settings'>;
  readonly clock: Clock;
  readonly wall: Clock;
  /** Market seconds per wall second: latency is measured in market time and told in wall milliseconds. */
  readonly speed: () => number;
  readonly silenceMs: number;
  readonly backfillMinutes: number;
  readonly memoryCandles: number;
  readonly log: Log;
  readonly recorder?: MarketRecorder;
}

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
  readonly #instruments = new Map<string, Instrument>();
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
    this.history = new CandleHistory({ sources: (symbol) => this.#historySources(symbol), market: deps.store.market });
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

  /** Connects to everything that is to be followed. Fails when a primary's metadata cannot be had; other sources may come later. */
  async start(): Promise<Result<void>> {
    const followed = await this.#followAll(this.#deps.requests);
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
      const others = [...this.#followed.values()].filter((entry) => entry !== before).map((entry) => entry.request);
      const problem = problemWith(symbol, sources, this.#links, others);
      if (problem !== undefined) return err(problem);
      const width = await this.#widthFor(sources[0] as SourceName, bucketWidth ?? before?.request.bucketWidth);
      if (!width.ok) return width;
      const done = await this.#followAll([...others, { symbol, sources, bucketWidth: width.value }]);
      if (!done.ok) return done;
      const entry = this.#followed.get(symbol) as Followed;
      if (entry.feed !== before?.feed) void this.#backfill(entry);
      const saved = await this.#save();
      return saved.ok ? ok(describe(entry)) : saved;
    });
  }

  unfollow(symbol: string): Promise<Result<void>> {
    return this.#inOrder(async () => {
      if (!this.#followed.has(symbol)) return err(unknownSymbol(symbol));
      if (this.#followed.size === 1)
        return fail('LAST_SYMBOL', `${symbol} is the only symbol that is followed. Follow another one first.`);
      const done = await this.#followAll(
        [...this.#followed.values()].map((entry) => entry.request).filter((request) => request.symbol !== symbol),
      );
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
    if (before === undefined) await entry.feed.started;
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

  /** How the primary's book stands. */
  bookStatus(symbol: string): { readonly state: BookState; readonly reason: string } {
    return this.#followed.get(symbol)?.primary.status() ?? NEVER_HEARD;
  }

  /** Of every source of every followed symbol. */
  health(): VenueHealth[] {
    const speed = this.#deps.speed();
    const wallNow = this.#deps.wall.now();
    return [...this.#followed.values()].flatMap((entry) =>
      entry.sources.map((source) => sourceHealth(entry, source, speed, wallNow)),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTick();
    for (const { feed } of this.#followed.values()) feed.close();
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }

  /** Makes `requests` what is followed. On failure everything stays as it was. */
  async #followAll(requests: readonly FollowRequest[]): Promise<Result<void>> {
    const before = new Map(this.#followed);
    const running = new Map([...before].map(([symbol, { sources }]) => [symbol, sources]));
    const sourcesOf = new Map(
      requests.map((request) => {
        const old = before.get(request.symbol);
        return [request.symbol, old?.request === request ? old.sources : this.#routing.sourcesOf(request, old)];
      }),
    );
    await this.#routing.ask(requests, sourcesOf, running);
    if (this.#closed) return fail('MARKET_CLOSED', 'The market was closed before this was done. Try again when it is open.');
    const missing = requests.flatMap(({ symbol }) => {
      const primary = sourcesOf.get(symbol)?.[0];
      return primary?.instrument === undefined ? [{ symbol, failure: primary?.link.failure(symbol) }] : [];
    })[0];
    if (missing !== undefined) {
      const old = [...before.values()].map((entry) => entry.request);
      this.#routing.settle(old, running, running);
      return err(missing.failure ?? noVenue(missing.symbol));
    }
    // Links tell of their changes while the list is half the old one and half the new.
    this.#settling = true;
    this.#routing.settle(requests, sourcesOf, running);
    this.#settling = false;
    for (const [symbol, entry] of before) {
      if (sourcesOf.has(symbol)) continue;
      entry.feed.close();
      this.#followed.delete(symbol);
      this.#instruments.delete(symbol);
      this.changes.emit({ symbol, followed: undefined });
    }
    for (const request of requests) {
      const sources = sourcesOf.get(request.symbol) as readonly Source[];
      const old = before.get(request.symbol);
      if (old?.request !== request) this.#settle(request, sources, old);
    }
    this.watchlists.emit(this.watchlist());
    return ok(undefined);
  }

  #settle(request: FollowRequest, sources: readonly Source[], old: Followed | undefined): void {
    const { symbol } = request;
    const primary = sources[0] as Source;
    const instrument = primary.instrument as Instrument;
    const keepsFeed = old !== undefined && old.primary.key === primary.key;
    if (!keepsFeed) old?.feed.close();
    else if (old.primary !== primary) old.feed.startOver('its books are made anew');
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

  async #widthFor(primary: SourceName, given: number | undefined): Promise<Result<number>> {
    if (given !== undefined) return ok(given);
    const venue = this.#deps.venues.get(primary.venue) as VenueMarketData;
    const { clock, store, log } = this.#deps;
    const listed = await loadInstruments(venue, [primary.symbol], store.settings, log);
    if (!listed.ok) return listed;
    const instrument = listed.value[0] as Instrument;
    const to = openTimeOf(clock.now(), '1h');
    const hours = await venue.candles(instrument, '1h', to - HOURS_FOR_A_PRICE * TIMEFRAME_MS['1h'], to, HOURS_FOR_A_PRICE);
    if (!hours.ok) return hours;
    const price = hours.value.at(-1)?.close;
    if (price !== undefined) return ok(suitableBucketWidth(price, Number(instrument.tickSize)));
    return fail('NO_PRICE', `${primary.symbol} did not trade on ${primary.venue} lately: give a bucket width.`);
  }

  #save(): Promise<Result<void>> {
    return saveWatchlist(
      this.#deps.store.settings,
      [...this.#followed.values()].map((entry) => entry.request),
    );
  }

  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(change);
    this.#changing = done.catch(() => undefined);
    return done;
  }
}

function describe({ request, instrument }: Followed): FollowedSymbol {
  const { tickSize, lotSize, minNotional } = instrument;
  return {
    symbol: request.symbol,
    tickSize,
    lotSize,
    minNotional,
    bucketWidth: request.bucketWidth,
    sources: [...request.sources],
  };
}
