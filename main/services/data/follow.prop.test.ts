import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import { filledCandle } from '../../../core/market/candle-builder.ts';
import {
  type Instrument,
  type SourceName,
  sourceText,
  type VenueId,
  VENUES as ALL_VENUES,
} from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { MarketListener, MarketSession, VenueFailure, VenueMarketData } from '../../ports/venue.ts';
import { MemoryMarket } from './fixtures/memory-market.ts';
import { MemorySettings } from './fixtures/memory-settings.ts';
import { MarketDataService } from './market-data-service.ts';
import type { FollowRequest } from './watchlist-store.ts';

const NOW = 1_000_000 * 60_000;
const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const VENUES = ['binance', 'bybit', 'okx'] as const;
const SYMBOLS = ['ETH/USDT', 'BTC/USDT', 'SOL/USDT'] as const;
const TIMEOUT_MS = 1_000;

function instrumentOf(venue: VenueId, symbol: string): Instrument {
  return {
    ...{ venue, symbol, venueSymbol: symbol, kind: 'spot', base: 'X', quote: 'USDT' },
    ...{ tickSize: '0.01', lotSize: '0.001', minNotional: '5', contractMultiplier: '1' },
  };
}

/** A venue that answers late, or not at all, and refuses what no caller may do. */
class MoodyVenue {
  timeoutMs = TIMEOUT_MS;
  mood: 'well' | 'slow' | 'away' | 'mute' = 'well';
  readonly sessions: { readonly books: Map<string, L2Book>; listener: MarketListener; isClosed: boolean }[] = [];
  readonly #id: VenueId;
  readonly #clock: ManualClock;
  readonly #widths: ReadonlyMap<string, number>;
  readonly #rng: SplitMix32;

  constructor(id: VenueId, clock: ManualClock, widths: ReadonlyMap<string, number>, rng: SplitMix32) {
    this.#id = id;
    this.#clock = clock;
    this.#widths = widths;
    this.#rng = rng;
  }

  get open() {
    return this.sessions.filter(({ isClosed }) => !isClosed);
  }

  get followed(): string[] {
    return this.open.flatMap(({ books }) => [...books.keys()]).sort();
  }

  get marketData(): VenueMarketData {
    return {
      venue: this.#id,
      serverTime: () => this.#answer(() => ok(this.#clock.now())),
      symbols: () => this.#answer(() => ok([...SYMBOLS])),
      instruments: (symbols) => this.#answer(() => ok(symbols.map((symbol) => instrumentOf(this.#id, symbol)))),
      candles: (_instrument, timeframe, from, to, limit) =>
        this.#answer(() => {
          const length = TIMEFRAME_MS[timeframe];
          const count = Math.min(limit, Math.ceil((to - from) / length));
          return ok(Array.from({ length: count }, (_, i) => filledCandle(from + i * length, 150)));
        }),
      open: (instruments, listener) => this.#open(instruments, listener),
    };
  }

  #open(instruments: readonly Instrument[], listener: MarketListener): MarketSession {
    const session = { books: new Map<string, L2Book>(), listener, isClosed: false };
    const follow = (next: readonly Instrument[]): void => {
      if (session.isClosed) throw new Error('a closed session was changed');
      for (const symbol of session.books.keys()) if (!next.some((one) => one.symbol === symbol)) session.books.delete(symbol);
      for (const { symbol } of next) {
        if (session.books.has(symbol)) continue;
        const bucketWidth = this.#widths.get(`${this.#id}:${symbol}`) as number;
        session.books.set(symbol, new L2Book({ tickSize: 0.01, lotSize: 0.001, bucketWidth }));
      }
    };
    const bookOf = ({ symbol }: Instrument): L2Book => {
      const book = session.books.get(symbol);
      if (book === undefined) throw new Error(`${symbol} is not part of this session`);
      return book;
    };
    follow(instruments);
    this.sessions.push(session);
    return {
      health: (instrument) => {
        bookOf(instrument);
        return {
          ...{ connection: 'open', book: 'live', bookReason: '', latencyMsP50: 1, lastMessageWallMs: this.#clock.now() },
          ...{ messagesPerSecond: 1, resyncs: 0, gaps: 0, lastError: undefined },
        };
      },
      book: bookOf,
      change: follow,
      close: async () => {
        session.isClosed = true;
      },
    };
  }

  async #answer<T>(make: () => Result<T, VenueFailure>): Promise<Result<T, VenueFailure>> {
    const { mood } = this;
    const delayMs = mood === 'mute' ? this.timeoutMs : mood === 'slow' ? this.#rng.next() * TIMEOUT_MS * 0.9 : 0;
    if (delayMs > 0) await new Promise<void>((resolve) => this.#clock.after(delayMs, resolve));
    if (mood === 'away') return fail('VENUE_UNREACHABLE', `${this.#id} is away`, { retryable: true });
    return mood === 'mute' ? fail('VENUE_TIMEOUT', `${this.#id} said nothing`, { retryable: true }) : make();
  }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

function setUp(seed: number, requests: readonly FollowRequest[], ids: readonly VenueId[] = VENUES) {
  const clock = new ManualClock(NOW);
  const bucketWidths = new Map<string, number>();
  const rng = new SplitMix32(seed);
  const venues = new Map(ids.map((id) => [id, new MoodyVenue(id, clock, bucketWidths, rng)]));
  const settings = new MemorySettings();
  const service = new MarketDataService({
    venues: new Map([...venues].map(([id, venue]) => [id, venue.marketData])),
    requests,
    bucketWidths,
    store: { market: new MemoryMarket(), settings },
    clock,
    wall: clock,
    speed: () => 1,
    silenceMs: 5_000,
    backfillMinutes: 5,
    memoryCandles: 50,
    log: LOG,
  });
  const pass = async (ms: number, stepMs = 250): Promise<void> => {
    for (let t = 0; t < ms; t += stepMs) {
      clock.advanceBy(stepMs);
      await turns();
    }
  };
  return { clock, venues, settings, service, bucketWidths, pass };
}

const own = (symbol: string, venues: readonly VenueId[]): SourceName[] => venues.map((venue) => ({ venue, symbol }));

const acts = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        follow: fc.constantFrom(...SYMBOLS),
        venues: fc.shuffledSubarray([...VENUES], { minLength: 1 }),
        width: fc.constantFrom(1, 2, 5),
      }),
    },
    { weight: 2, arbitrary: fc.record({ unfollow: fc.constantFrom(...SYMBOLS) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        venue: fc.constantFrom(...VENUES),
        mood: fc.constantFrom('well' as const, 'slow' as const, 'away' as const, 'mute' as const),
      }),
    },
    { weight: 3, arbitrary: fc.record({ pass: fc.constantFrom(0, 250, 2_000) }) },
  ),
  { minLength: 1, maxLength: 12 },
);

const FIRST: FollowRequest = { symbol: 'ETH/USDT', bucketWidth: 1, sources: own('ETH/USDT', ['binance', 'bybit']) };

it('follows what was asked for and granted, whatever the venues did meanwhile, and leaves nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(acts, fc.nat(1_000), fc.boolean(), async (list, seed, closesEarly) => {
      const { clock, venues, settings, service, pass } = setUp(seed, [FIRST]);
      expect((await service.start()).ok).toBe(true);
      /** Naive: what is followed is what was granted, one after the other. */
      const model = new Map<string, FollowRequest>([[FIRST.symbol, FIRST]]);
      let granted = 0;
      let pending = 0;
      for (const act of list) {
        if ('mood' in act) (venues.get(act.venue) as MoodyVenue).mood = act.mood;
        else if ('pass' in act) await pass(act.pass);
        else {
          pending++;
          const done =
            'follow' in act ? service.follow(act.follow, own(act.follow, act.venues), act.width) : service.unfollow(act.unfollow);
          void done.then((answer) => {
            pending--;
            if (!answer.ok) return;
            granted++;
            if ('unfollow' in act) model.delete(act.unfollow);
            else model.set(act.follow, { symbol: act.follow, bucketWidth: act.width, sources: own(act.follow, act.venues) });
          });
        }
      }
      if (closesEarly) await service.close();
      for (const venue of venues.values()) venue.mood = 'well';
      for (let i = 0; i < 100 && pending > 0; i++) await pass(250);
      expect(pending).toBe(0);
      if (!closesEarly) {
        await pass(70_000, 1_000);
        expect([...service.instruments.keys()].sort()).toEqual([...model.keys()].sort());
        if (granted > 0) {
          const kept = settings.values.get('market.watchlist') as readonly FollowRequest[];
          expect(new Map(kept.map((request) => [request.symbol, request]))).toEqual(model);
        }
        const wanted = [...model.values()].flatMap(({ sources }) => sources.map(sourceText)).sort();
        const followed = [...venues].flatMap(([id, venue]) => venue.followed.map((symbol) => `${id}:${symbol}`)).sort();
        expect(followed).toEqual(wanted);
        await expectEvents(service, venues, model);
      }
      await service.close();
      expect([...venues.values()].flatMap((venue) => venue.open)).toEqual([]);
      await pass(2 * TIMEOUT_MS);
      expect(clock.timerCount).toBe(0);
      expect([...venues.values()].flatMap((venue) => venue.open)).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 120_000);

/** Each book has its symbol's bucket width, each primary's trades reach its symbol once and its candles, others' do not. */
async function expectEvents(
  service: MarketDataService,
  venues: ReadonlyMap<VenueId, MoodyVenue>,
  model: ReadonlyMap<string, FollowRequest>,
): Promise<void> {
  const heard: string[] = [];
  const stop = service.trades.on(({ symbol, trade }) => heard.push(`${symbol} ${trade.id}`));
  const expected: string[] = [];
  let id = 0;
  for (const symbol of SYMBOLS) {
    const request = model.get(symbol);
    for (const [venue, { open }] of venues) {
      const [session] = open;
      const trade = { id: ++id, price: 150, quantity: 1, side: 'buy', tsEvent: NOW, tsReceived: NOW } as const;
      session?.listener.onTrade(instrumentOf(venue, symbol), trade);
      session?.listener.onBookState(instrumentOf(venue, symbol), 'live', 'in step');
      if (session !== undefined && request?.sources[0]?.venue === venue) expected.push(`${symbol} ${id}`);
    }
    const followed = service.followed(symbol);
    expect(followed?.feed.live).toBe(request === undefined ? undefined : true);
    for (const source of followed?.sources ?? []) {
      expect([source.state, source.book?.grid.width.units]).toEqual(['live', request?.bucketWidth]);
    }
  }
  stop();
  expect(heard).toEqual(expected);
  expect(service.health().every(({ book }) => book === 'live')).toBe(true);
}

it('leaves no timer and no listener behind, however often symbols come and go', async () => {
  const { clock, service, pass } = setUp(1, [FIRST]);
  await service.start();
  // Every venue's clock was looked at for the first time.
  await pass(10_000);
  const emitters = [service.candles, service.minutes, service.trades, service.books, service.klines, service.bookStateChanges];
  const count = (): number[] => [clock.timerCount, ...emitters.map(({ listenerCount }) => listenerCount)];
  const before = count();
  for (let i = 0; i < 30; i++) {
    expect(await service.follow('SOL/USDT', own('SOL/USDT', ['okx', 'bybit']), 1)).toMatchObject({ ok: true });
    await pass(500 * (i % 4));
    expect(await service.follow('SOL/USDT', own('SOL/USDT', ['bybit']), 2)).toMatchObject({ ok: true });
    expect(await service.unfollow('SOL/USDT')).toMatchObject({ ok: true });
  }
  await pass(500);
  expect(count()).toEqual(before);
  await service.close();
  expect(clock.timerCount).toBe(0);
});

describe('a start with eleven venues of which one answers', () => {
  const others = ALL_VENUES.filter((id) => id !== 'kraken');
  const both = (symbol: string): FollowRequest => ({ symbol, bucketWidth: 1, sources: own(symbol, [...others, 'kraken']) });
  const only: FollowRequest = { symbol: 'SOL/USDT', bucketWidth: 1, sources: own('SOL/USDT', ['binance']) };

  it.each(['mute', 'away'] as const)(
    'is ready within seconds while the others are %s, and takes them in when they come',
    async (mood) => {
      const requests = [both('ETH/USDT'), both('BTC/USDT'), only];
      const { venues, service, settings, pass } = setUp(1, requests, ALL_VENUES);
      for (const id of others) Object.assign(venues.get(id) as MoodyVenue, { mood, timeoutMs: 10_000 });
      let started: boolean | undefined;
      void service.start().then((answer) => (started = answer.ok));
      await pass(4_500);
      expect(started).toBe(true);
      await pass(4_000);
      expect([...service.instruments.keys()]).toEqual(['ETH/USDT', 'BTC/USDT']);
      const page = await service.getCandles('ETH/USDT', '1m', undefined, 5);
      expect(page.ok && page.value.candles.length).toBeGreaterThanOrEqual(5);
      expect(service.followed('BTC/USDT')?.feed.live).toBe(true);
      // What waits is not forgotten: it says why, and a change of the list keeps it.
      await pass(6_000);
      expect(service.health().find(({ followed }) => followed === 'SOL/USDT')).toMatchObject({
        ...{ connection: 'closed', primary: true },
        lastError: mood === 'mute' ? 'binance said nothing' : 'binance is away',
      });
      expect(await service.unfollow('BTC/USDT')).toMatchObject({ ok: true });
      expect(settings.values.get('market.watchlist')).toMatchObject([{ symbol: 'SOL/USDT' }, { symbol: 'ETH/USDT' }]);

      for (const venue of venues.values()) venue.mood = 'well';
      await pass(70_000, 500);
      expect([...service.instruments.keys()]).toEqual(['ETH/USDT', 'SOL/USDT']);
      expect(service.followed('SOL/USDT')?.feed.live).toBe(true);
      // Candles go on from the venue that they began with.
      expect(service.followed('ETH/USDT')?.primary.key).toBe('kraken:ETH/USDT');
      expect([...venues.values()].flatMap(({ followed }) => followed).filter((symbol) => symbol === 'ETH/USDT')).toHaveLength(11);
      await service.close();
    },
  );

  it('fails, saying why, when nothing at all can be followed', async () => {
    const { venues, service, pass } = setUp(1, [both('ETH/USDT')], ALL_VENUES);
    for (const venue of venues.values()) Object.assign(venue, { mood: 'mute', timeoutMs: 10_000 });
    let message = '';
    void service.start().then((answer) => {
      if (!answer.ok) ({ message } = answer.error);
    });
    await pass(11_000);
    expect(message).toBe('binance said nothing');
    await service.close();
  });
});
