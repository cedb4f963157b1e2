import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok } from '../../../core/base/result.ts';
import { filledCandle } from '../../../core/market/candle-builder.ts';
import type { Instrument, VenueId } from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { MarketListener, VenueMarketData } from '../../ports/venue.ts';
import { MemoryMarket } from './fixtures/memory-market.ts';
import { MemorySettings } from './fixtures/memory-settings.ts';
import { MarketDataService } from './market-data-service.ts';
import { loadWatchlist } from './watchlist-store.ts';

const NOW = 1_000_000 * 60_000;
const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

function instrumentOf(venue: VenueId, symbol: string): Instrument {
  const [base = '', quote = ''] = symbol.split(/[/:]/);
  return {
    ...{ venue, symbol, venueSymbol: base + quote, kind: 'spot', base, quote },
    ...{ tickSize: '0.01', lotSize: '0.001', minNotional: '5', contractMultiplier: '1' },
  };
}

/** A venue that lists what it is told to, and shows what it is asked to follow. */
class ListingVenue {
  readonly id: VenueId;
  readonly listed: Set<string>;
  reachable = true;
  now = (): number => NOW;
  followed: readonly string[] = [];
  listener: MarketListener | undefined;
  heardAt = NOW;
  opened = 0;
  closed = 0;
  readonly #books = new Map<string, L2Book>();
  readonly #widthOf: (instrument: Instrument) => number;

  constructor(id: VenueId, listed: readonly string[], widths: ReadonlyMap<string, number>) {
    this.id = id;
    this.listed = new Set(listed);
    this.#widthOf = ({ venue, symbol }) => widths.get(`${venue}:${symbol}`) as number;
  }

  get marketData(): VenueMarketData {
    return {
      venue: this.id,
      serverTime: async () => ok(this.now() + 40),
      instruments: async (symbols) => {
        if (!this.reachable) return fail('VENUE_UNREACHABLE', `${this.id} could not be reached`, { retryable: true });
        const unknown = symbols.filter((symbol) => !this.listed.has(symbol));
        if (unknown.length > 0) return fail('VENUE_UNKNOWN_SYMBOL', `${this.id} does not list ${unknown.join(', ')}`);
        return ok(symbols.map((symbol) => instrumentOf(this.id, symbol)));
      },
      symbols: async () => ok([...this.listed].sort()),
      candles: async (_instrument, timeframe, from, to, limit) => {
        const length = TIMEFRAME_MS[timeframe];
        const count = Math.min(limit, Math.ceil((to - from) / length));
        return ok(Array.from({ length: count }, (_, i) => filledCandle(from + i * length, 150)));
      },
      open: (instruments, listener) => {
        this.opened++;
        this.listener = listener;
        this.#follow(instruments);
        return {
          health: (instrument) => {
            if (!this.followed.includes(instrument.symbol)) throw new Error(`${instrument.symbol} is not part of this session`);
            return {
              ...{
                connection: 'open',
                book: 'live',
                bookReason: 'in step',
                latencyMsP50: 50,
                latencyMsP99: 90,
                gaps: 0,
                resyncs: 0,
              },
              ...{ lastMessageWallMs: this.heardAt, messagesPerSecond: 3, lastError: undefined },
            } as const;
          },
          book: (instrument) => this.#books.get(instrument.symbol) as L2Book,
          change: (next) => this.#follow(next),
          close: async () => void this.closed++,
        };
      },
    };
  }

  tell(symbol: string, state: 'live' | 'stale'): void {
    this.listener?.onBookState(instrumentOf(this.id, symbol), state, `is ${state}`);
  }

  #follow(instruments: readonly Instrument[]): void {
    for (const symbol of this.#books.keys()) if (!instruments.some((one) => one.symbol === symbol)) this.#books.delete(symbol);
    for (const instrument of instruments) {
      if (this.#books.has(instrument.symbol)) continue;
      const book = new L2Book({ tickSize: 0.01, lotSize: 0.001, bucketWidth: this.#widthOf(instrument) });
      this.#books.set(instrument.symbol, book);
    }
    this.followed = instruments.map(({ symbol }) => symbol);
  }
}

const source = (venue: VenueId, symbol: string) => ({ venue, symbol });
const ETH = { symbol: 'ETH/USDT', bucketWidth: 1, sources: [source('binance', 'ETH/USDT'), source('bybit', 'ETH/USDT')] };

async function setUp(requests = [ETH], prepare: (bybit: ListingVenue) => void = () => {}) {
  const clock = new ManualClock(NOW);
  const bucketWidths = new Map<string, number>();
  const binance = new ListingVenue('binance', ['ETH/USDT', 'BTC/USDT', 'SOL/USDT'], bucketWidths);
  const bybit = new ListingVenue('bybit', ['ETH/USDT', 'ETH/USDT:USDT', 'BTC/USDT'], bucketWidths);
  prepare(bybit);
  const settings = new MemorySettings();
  const market = new MemoryMarket();
  const service = new MarketDataService({
    venues: new Map([binance, bybit].map((venue) => [venue.id, venue.marketData])),
    requests,
    bucketWidths,
    store: { market, settings },
    clock,
    wall: clock,
    speed: () => 1,
    silenceMs: 5_000,
    backfillMinutes: 120,
    memoryCandles: 200,
    log: LOG,
  });
  const started = await service.start();
  await settle();
  const widthAt = (symbol: string): (number | undefined)[] =>
    (service.followed(symbol)?.sources ?? []).map(({ book }) => book && book.grid.width.units / 10 ** book.grid.width.decimals);
  return { clock, binance, bybit, settings, market, service, started, widthAt };
}

describe('following symbols on several venues', () => {
  it('follows every source; the first one makes the candles, trades of all are stored', async () => {
    const { service, binance, bybit, market, clock } = await setUp();
    binance.now = () => clock.now();
    clock.advanceBy(5_000);
    await settle();
    expect([binance.followed, bybit.followed]).toEqual([['ETH/USDT'], ['ETH/USDT']]);
    const heard: number[] = [];
    service.trades.on(({ trade }) => heard.push(trade.id));
    const trade = { price: 1, quantity: 1, side: 'buy', tsEvent: NOW, tsReceived: NOW } as const;
    binance.listener?.onTrade(instrumentOf('binance', 'ETH/USDT'), { ...trade, id: 1 });
    bybit.listener?.onTrade(instrumentOf('bybit', 'ETH/USDT'), { ...trade, id: 2 });
    bybit.listener?.onTrade(instrumentOf('bybit', 'XRP/USDT'), { ...trade, id: 3 });
    expect(heard).toEqual([1]);
    expect(market.trades.map(({ id }) => id)).toEqual([1, 2]);
    expect(service.health()).toMatchObject([
      {
        venue: 'binance',
        followed: 'ETH/USDT',
        primary: true,
        book: 'live',
        latencyMsP50: 90,
        latencyMsP99: 130,
        clockOffsetMs: 40,
      },
      { venue: 'bybit', primary: false, messagesPerSecond: 3 },
    ]);
  });

  it('leaves out what a venue does not list, saying so, and asks a venue out of reach again', async () => {
    const wanted = { ...ETH, sources: [...ETH.sources, source('bybit', 'ETH/USDC')] };
    const { service, bybit, clock, started } = await setUp([wanted], (venue) => {
      venue.reachable = false;
    });
    expect(started.ok).toBe(true);
    expect(bybit.followed).toEqual([]);
    expect(service.health()[1]).toMatchObject({ connection: 'closed', book: 'empty', lastError: 'bybit could not be reached' });
    bybit.reachable = true;
    clock.advanceBy(3_000);
    await settle();
    expect(bybit.followed).toEqual(['ETH/USDT']);
    expect(service.health()[2]).toMatchObject({ symbol: 'ETH/USDC', bookReason: 'bybit does not list ETH/USDC' });
  });

  it('does not start without the primary', async () => {
    const { started } = await setUp([{ symbol: 'DOGE/USDT', bucketWidth: 1, sources: [source('binance', 'DOGE/USDT')] }]);
    expect(started).toMatchObject({ ok: false, error: { message: 'binance does not list DOGE/USDT' } });
  });

  it('takes the next venue that has the very symbol where this market lacks the first one', async () => {
    const { service } = await setUp([
      { ...ETH, sources: [source('kraken', 'ETH/USDT'), source('bybit', 'ETH/USDT:USDT'), source('bybit', 'ETH/USDT')] },
    ]);
    expect(service.followed('ETH/USDT')?.sources.map(({ key }) => key)).toEqual(['bybit:ETH/USDT', 'bybit:ETH/USDT:USDT']);
    // What this market lacks is kept for the one that has it.
    expect(service.watchlist().symbols[0]?.sources).toHaveLength(3);
  });

  it('adds a symbol while it runs, with a bucket width that suits its price, and keeps it for the next start', async () => {
    const { service, binance, settings } = await setUp();
    const lists: string[][] = [];
    service.watchlists.on(({ symbols }) => lists.push(symbols.map(({ symbol }) => symbol)));
    binance.tell('ETH/USDT', 'live');
    const before = service.liveBook('ETH/USDT');
    expect(before).toBeDefined();
    const added = await service.follow('SOL/USDT', [source('binance', 'SOL/USDT')]);
    expect(added).toMatchObject({ ok: true, value: { symbol: 'SOL/USDT', bucketWidth: 0.1, tickSize: '0.01' } });
    expect(binance.followed).toEqual(['ETH/USDT', 'SOL/USDT']);
    expect([binance.opened, service.liveBook('ETH/USDT') === before]).toEqual([1, true]);
    expect(lists).toEqual([['ETH/USDT', 'SOL/USDT']]);
    const kept = await loadWatchlist(settings, [], LOG);
    expect(kept.ok && kept.value.map(({ symbol }) => symbol)).toEqual(['ETH/USDT', 'SOL/USDT']);
    await settle();
    const page = await service.getCandles('SOL/USDT', '1m', undefined, 10);
    expect(page.ok && page.value.candles).toHaveLength(10);
  });

  it('adds and removes a source, and goes on with the books that stay', async () => {
    const { service, binance, bybit } = await setUp();
    const changes: string[] = [];
    service.changes.on(({ symbol, followed }) =>
      changes.push(`${symbol} ${followed?.sources.filter((one) => one.book).length ?? 'gone'}`),
    );
    binance.tell('ETH/USDT', 'live');
    const book = service.liveBook('ETH/USDT');
    await service.follow('ETH/USDT', [...ETH.sources, source('bybit', 'ETH/USDT:USDT')]);
    await settle();
    expect(bybit.followed).toEqual(['ETH/USDT', 'ETH/USDT:USDT']);
    expect(changes.at(-1)).toBe('ETH/USDT 3');
    await service.follow('ETH/USDT', [source('binance', 'ETH/USDT')]);
    expect(bybit.followed).toEqual([]);
    expect(changes.at(-1)).toBe('ETH/USDT 1');
    expect(service.liveBook('ETH/USDT')).toBe(book);
  });

  it('makes the books anew for another bucket width', async () => {
    const { service, widthAt, binance } = await setUp();
    expect(widthAt('ETH/USDT')).toEqual([1, 1]);
    binance.tell('ETH/USDT', 'live');
    await service.follow('ETH/USDT', ETH.sources, 2);
    await settle();
    expect(widthAt('ETH/USDT')).toEqual([2, 2]);
    // What the old book was says nothing of the new one.
    expect(service.liveBook('ETH/USDT')).toBeUndefined();
  });

  it('goes on with the candles when the books are made anew', async () => {
    const { service, binance, clock } = await setUp();
    clock.advanceBy(50);
    await settle();
    clock.advanceBy(4_000);
    await settle();
    expect(service.followed('ETH/USDT')?.feed.live).toBe(true);
    expect(await service.follow('ETH/USDT', ETH.sources, 2)).toMatchObject({ ok: true });
    // Trades may have been lost while the books changed: the running candles begin anew, from the venue's own.
    expect(service.followed('ETH/USDT')?.feed.live).toBe(false);
    binance.heardAt = clock.now();
    clock.advanceBy(50);
    await settle();
    clock.advanceBy(4_000);
    await settle();
    expect(service.followed('ETH/USDT')?.feed.live).toBe(true);
    expect(binance.opened).toBe(1);
  });

  it('goes by the old primary until the new one is known, and loses none of its trades when that comes to nothing', async () => {
    const { service, binance, bybit, widthAt } = await setUp([{ ...ETH, sources: [source('binance', 'ETH/USDT')] }]);
    binance.tell('ETH/USDT', 'live');
    const book = service.liveBook('ETH/USDT');
    const heard: number[] = [];
    service.trades.on(({ trade }) => heard.push(trade.id));
    bybit.reachable = false;
    const change = service.follow('ETH/USDT', [source('bybit', 'ETH/USDT')], 5);
    await Promise.resolve();
    const trade = { price: 1, quantity: 1, side: 'buy', tsEvent: NOW, tsReceived: NOW } as const;
    binance.listener?.onTrade(instrumentOf('binance', 'ETH/USDT'), { ...trade, id: 1 });
    expect(await change).toMatchObject({ ok: false, error: { code: 'VENUE_UNREACHABLE' } });
    expect(heard).toEqual([1]);
    expect(service.liveBook('ETH/USDT')).toBe(book);
    expect(widthAt('ETH/USDT')).toEqual([1]);
  });

  it('changes nothing when the new symbol cannot be had', async () => {
    const { service, binance, settings } = await setUp();
    binance.tell('ETH/USDT', 'live');
    const refused = await service.follow('DOGE/USDT', [source('binance', 'DOGE/USDT')], 1);
    expect(refused).toMatchObject({ ok: false, error: { code: 'VENUE_UNKNOWN_SYMBOL' } });
    expect(service.watchlist().symbols.map(({ symbol }) => symbol)).toEqual(['ETH/USDT']);
    expect([binance.followed, settings.values.has('market.watchlist')]).toEqual([['ETH/USDT'], false]);
    expect(service.liveBook('ETH/USDT')).toBeDefined();
  });

  it.each([
    ['PRIMARY_MISMATCH', 'BTC/USDT', [source('binance', 'SOL/USDT')]],
    ['NO_VENUE', 'BTC/USDT', [source('kraken', 'BTC/USDT')]],
    ['SOURCE_TWICE', 'BTC/USDT', [source('binance', 'BTC/USDT'), source('binance', 'BTC/USDT')]],
    ['SOURCE_TAKEN', 'BTC/USDT', [source('binance', 'BTC/USDT'), source('bybit', 'ETH/USDT')]],
  ])('refuses with %s', async (code, symbol, sources) => {
    const { service } = await setUp();
    expect(await service.follow(symbol, sources)).toMatchObject({ ok: false, error: { code } });
  });

  it('unfollows all but the last symbol', async () => {
    const { service, binance } = await setUp();
    await service.follow('BTC/USDT', [source('binance', 'BTC/USDT')], 10);
    expect(await service.unfollow('ETH/USDT')).toMatchObject({ ok: true });
    expect([binance.followed, [...service.instruments.keys()]]).toEqual([['BTC/USDT'], ['BTC/USDT']]);
    expect(service.recentMinutes('ETH/USDT', 5)).toBeUndefined();
    expect(await service.unfollow('BTC/USDT')).toMatchObject({ ok: false, error: { code: 'LAST_SYMBOL' } });
    expect(await service.unfollow('ETH/USDT')).toMatchObject({ ok: false, error: { code: 'UNKNOWN_SYMBOL' } });
  });
});
