import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { fail, type Result } from '../../../core/base/result.ts';
import type { BookState, CandlePage, CandleUpdate } from '../../../core/contracts/market-views.ts';
import type { VenueHealth } from '../../../core/contracts/system.ts';
import type { Candle, CandleColumns } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import type { StoredTimeframe, Timeframe } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import type { MarketListener, MarketSession, VenueMarketData } from '../../ports/venue.ts';
import { CandleHistory } from './history.ts';
import type { BookStateEvent, KlineEvent } from './market-events.ts';
import { ClosedCandles } from './closed-candles.ts';
import { SymbolFeed } from './symbol-feed.ts';

/** Wall time between two looks at the connection and two pushes of running candles. */
const TICK_WALL_MS = 50;
const NEVER_HEARD = { state: 'empty', reason: 'not connected yet' } as const;
const RETRY_BACKFILL_WALL_MS = 3_000;

/** Is told what sessions tell, before anybody else. */
export type MarketRecorder = Required<Pick<MarketListener, 'onTrade' | 'onDepth' | 'onBookState'>>;

export interface MarketDataServiceDeps {
  readonly venue: VenueMarketData;
  readonly instruments: readonly Instrument[];
  readonly store: Pick<Store, 'market'>;
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

/** Market data of every symbol: one venue session, its books, and candles of every timeframe. */
export function createMarketDataService(deps: MarketDataServiceDeps) {
  const { venue, instruments, store, clock, wall, log, recorder } = deps;
  const candles = new Emitter<CandleUpdate>((thrown) => log.error({ detail: String(thrown) }, 'a candle listener failed'));
  const minutes = new Emitter<{ symbol: string; candle: Candle }>((thrown) =>
    log.error({ detail: String(thrown) }, 'a minute listener failed'),
  );
  const trades = new Emitter<{ symbol: string; trade: Trade }>((thrown) =>
    log.error({ detail: String(thrown) }, 'a trade listener failed'),
  );
  const books = new Emitter<{ symbol: string; book: L2Book }>((thrown) =>
    log.error({ detail: String(thrown) }, 'a book listener failed'),
  );
  const instrumentOf = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
  const history = new CandleHistory({
    sources: (symbol) => {
      const instrument = instrumentOf.get(symbol);
      return instrument === undefined ? [] : [{ venue, instrument }];
    },
    market: store.market,
  });
  const klines = new Emitter<KlineEvent>((thrown) => log.error({ detail: String(thrown) }, 'a kline listener failed'));
  const bookStateChanges = new Emitter<BookStateEvent>((thrown) =>
    log.error({ detail: String(thrown) }, 'a book-state listener failed'),
  );
  const closedCandles = new ClosedCandles((thrown) => log.error({ detail: String(thrown) }, 'a closed-candle listener failed'));
  const feeds = new Map<string, SymbolFeed>();
  /** Kept from what the session tells: asked for on every trade, too often for `health`. */
  const bookStates = new Map<string, { readonly state: BookState; readonly reason: string }>();
  let closed = false;

  const session: MarketSession = venue.open(instruments, {
    onTrade(instrument, trade) {
      recorder?.onTrade(instrument, trade);
      store.market.appendTrade(instrument.venue, instrument.symbol, trade);
      feeds.get(instrument.symbol)?.onTrade(trade);
      trades.emit({ symbol: instrument.symbol, trade });
    },
    onBook: (instrument, book) => books.emit({ symbol: instrument.symbol, book }),
    onBookState(instrument, state, reason) {
      recorder?.onBookState(instrument, state, reason);
      bookStates.set(instrument.symbol, { state, reason });
      bookStateChanges.emit({ symbol: instrument.symbol, venue: instrument.venue, state, reason });
      log.info({ venue: instrument.venue, symbol: instrument.symbol, state, reason }, 'book state');
    },
    // The venue's own candles are the reference for reconciliation; candles are built from trades.
    onKline(instrument, candle, closed, timeframe) {
      feeds.get(instrument.symbol)?.onKline(timeframe, candle, closed);
      klines.emit({ symbol: instrument.symbol, timeframe, candle, closed });
    },
    ...(recorder === undefined ? {} : { onDepth: recorder.onDepth }),
  });

  for (const instrument of instruments) {
    feeds.set(
      instrument.symbol,
      new SymbolFeed({
        instrument,
        history,
        market: store.market,
        clock,
        wall,
        health: () => session.health(instrument),
        speed: deps.speed,
        silenceMs: deps.silenceMs,
        backfillMinutes: deps.backfillMinutes,
        memoryCandles: deps.memoryCandles,
        onUpdate: (update) => candles.emit(update),
        onMinuteClosed: (candle) => minutes.emit({ symbol: instrument.symbol, candle }),
        onClosed: (timeframe, candle) => closedCandles.tell(instrument.symbol, timeframe, candle),
        log,
      }),
    );
  }

  async function backfill(feed: SymbolFeed, symbol: string): Promise<void> {
    const started = await feed.start();
    if (started.ok || closed) return;
    log.warn({ symbol, reason: started.error.message }, 'history could not be fetched; trying again');
    wall.after(RETRY_BACKFILL_WALL_MS, () => void backfill(feed, symbol));
  }

  const started = Promise.all([...feeds].map(([symbol, feed]) => backfill(feed, symbol)));
  let cancelTick = (): void => {};
  // Running candles are seeded on top of history, so history comes first.
  void started.then(() => {
    if (closed) return;
    cancelTick = wall.every(TICK_WALL_MS, () => {
      for (const feed of feeds.values()) feed.tick();
    });
  });

  const unknownSymbol = (symbol: string) =>
    fail('UNKNOWN_SYMBOL', `${symbol} is not followed. Symbols are listed under "symbols" in config.yaml.`);

  return {
    candles,
    /** Closed candles of one symbol and timeframe: once each, in time order, also over outages. */
    onCandleClosed: (symbol: string, timeframe: Timeframe, listener: (candle: Candle) => void) =>
      closedCandles.on(symbol, timeframe, listener),
    minutes,
    trades,
    books,
    /** The primary venue's own candles as it streams them. */
    klines,
    /** Of the primary's book. */
    bookStateChanges,
    history,
    /** Whether live data is being fetched: what can wait, waits. */
    isFetching: (): boolean => [...feeds.values()].some((feed) => feed.fetching),
    /** Stored candles were replaced by the venue's: the chart and the memory follow. */
    onCorrected: async (symbol: string, timeframe: StoredTimeframe, corrected: readonly Candle[]): Promise<void> =>
      feeds.get(symbol)?.onCorrected(timeframe, corrected),
    session,
    instruments: instrumentOf,
    /** Resolves when history was tried for every symbol, whether or not the venue could be reached. */
    started,
    async getCandles(
      symbol: string,
      timeframe: Timeframe,
      before: number | undefined,
      limit: number,
    ): Promise<Result<CandlePage>> {
      const feed = feeds.get(symbol);
      if (feed === undefined) return unknownSymbol(symbol);
      if (before === undefined) await started;
      return feed.page(timeframe, before, limit);
    },
    async ensureHistory(symbol: string, timeframe: Timeframe, from: number, to: number): Promise<Result<void>> {
      return feeds.get(symbol)?.ensure(timeframe, from, to) ?? unknownSymbol(symbol);
    },
    recentMinutes(symbol: string, count: number): CandleColumns | undefined {
      return feeds.get(symbol)?.recentMinutes(count);
    },
    /** The live book, or undefined while it cannot be believed. */
    liveBook(symbol: string): L2Book | undefined {
      const instrument = instrumentOf.get(symbol);
      return instrument !== undefined && bookStates.get(symbol)?.state === 'live' ? session.book(instrument) : undefined;
    },
    bookStatus(symbol: string): { readonly state: BookState; readonly reason: string } {
      return bookStates.get(symbol) ?? NEVER_HEARD;
    },
    health(): VenueHealth[] {
      return instruments.map((instrument) => {
        const { lastMessageWallMs, latencyMsP50, lastError, ...health } = session.health(instrument);
        return {
          venue: instrument.venue,
          symbol: instrument.symbol,
          ...health,
          ...(latencyMsP50 === undefined ? {} : { latencyMsP50: latencyMsP50 / deps.speed() }),
          ...(lastMessageWallMs === undefined ? {} : { dataAgeMs: Math.max(0, wall.now() - lastMessageWallMs) }),
          ...(lastError === undefined ? {} : { lastError }),
        };
      });
    },
    async close(): Promise<void> {
      closed = true;
      cancelTick();
      for (const feed of feeds.values()) feed.close();
      await session.close();
    },
  };
}

export type MarketDataService = ReturnType<typeof createMarketDataService>;
