import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { CandleUpdate } from '../../../core/contracts/market-views.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { openTimeOf, type Timeframe, TIMEFRAME_MS, TIMEFRAMES } from '../../../core/market/timeframe.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Log } from '../../ports/log.ts';
import { FakeVenue, naiveCandles, type Trouble } from './fixtures/fake-venue.ts';
import { ETH } from './fixtures/instruments.ts';
import { MemoryMarket } from './fixtures/memory-market.ts';
import { ScaledClock } from './fixtures/scaled-clock.ts';
import { CandleHistory } from './history.ts';
import { SymbolFeed } from './symbol-feed.ts';

const HOUR = 3_600_000;
/** An hour ends 40 s into the session. */
const START = Date.UTC(2024, 7, 8, 12) - 40_000;
const TICK_MS = 50;
const SILENCE_MS = 1_000;

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Session {
  readonly seed: number;
  readonly speed: number;
  readonly wallMs: number;
  /** How far our market time is ahead of the venue's. */
  readonly aheadMs: number;
  readonly troubles: readonly Trouble[];
  readonly failingRequests: ReadonlySet<number>;
  /** The venue tells no candles shorter than a minute. */
  readonly minutesOnly?: boolean;
}

/** Bursts and quiet seconds, from two and a half minutes before the session to its end; quantities that add up exactly. */
function randomTrades(seed: number, until: number): Trade[] {
  const rng = new SplitMix32(seed);
  const trades: Trade[] = [];
  let time = START - 150_000;
  let price = 2_000;
  for (let id = 1; time < until; id++) {
    price += Math.floor(rng.next() * 7) - 3;
    trades.push({
      id,
      price,
      quantity: (1 + Math.floor(rng.next() * 8)) / 8,
      side: rng.next() < 0.5 ? 'buy' : 'sell',
      tsEvent: time,
      tsReceived: time,
    });
    const roll = rng.next();
    time += roll < 0.3 ? Math.floor(rng.next() * 3) : roll < 0.95 ? Math.floor(rng.next() * 900) : Math.floor(rng.next() * 9_000);
  }
  return trades;
}

function begin({ seed, speed, wallMs, aheadMs, troubles, failingRequests, minutesOnly = false }: Session) {
  const wall = new ManualClock(1_000_000);
  const venueClock = new ScaledClock(wall, START, speed);
  const clock = new ScaledClock(wall, START + aheadMs, speed);
  const trades = randomTrades(seed, START + wallMs * speed);
  const refusals = new Set(failingRequests);
  const market = new MemoryMarket();
  const updates: CandleUpdate[] = [];
  const minutes: Candle[] = [];
  const closed: { timeframe: Timeframe; candle: Candle }[] = [];
  const warn = vi.fn<Log['warn']>();
  const error = vi.fn<Log['error']>();
  const venue = new FakeVenue({
    wall,
    marketNow: () => venueClock.now(),
    trades,
    wallOf: (time) => 1_000_000 + Math.ceil((time - START) / speed),
    troubles: troubles.map(({ kind, fromWall, toWall }) => ({
      kind,
      fromWall: 1_000_000 + fromWall,
      toWall: 1_000_000 + toWall,
    })),
    silenceMs: SILENCE_MS,
    onTrade: (trade) => feed.onTrade(trade),
    refuses: () => refusals.delete(venue.requests.length),
    lacks: minutesOnly ? ['1s'] : [],
  });
  const feed: SymbolFeed = new SymbolFeed({
    instrument: ETH,
    history: new CandleHistory({ sources: () => [{ venue, instrument: ETH }], market }),
    market,
    clock,
    wall,
    health: () => venue.health(),
    speed: () => speed,
    silenceMs: SILENCE_MS,
    backfillMinutes: 120,
    memoryCandles: 1_000,
    onUpdate: (update) => updates.push(update),
    onMinuteClosed: (candle) => minutes.push(candle),
    onClosed: (timeframe, candle) => closed.push({ timeframe, candle }),
    log: { debug: () => {}, info: () => {}, warn, error },
  });
  const pass = async (ms: number, each: () => void = () => {}): Promise<void> => {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      wall.advanceBy(TICK_MS);
      each();
      await settle();
    }
  };
  return { wall, clock, trades, market, updates, minutes, closed, warn, error, venue, refusals, feed, pass };
}

/** Starts the feed as the service does: history first, again after a failure, then a look 20 times a second. */
async function open(session: Session) {
  const desk = begin(session);
  let started = false;
  const start = (): void =>
    void desk.feed
      .start()
      .then((result) => (result.ok ? undefined : desk.wall.after(3_000, start)))
      .then(() => (started = true));
  start();
  return { ...desk, run: (ms: number) => desk.pass(ms, () => started && desk.feed.tick()) };
}

async function play(session: Session) {
  const desk = await open(session);
  await desk.run(session.wallMs);
  // Until it has settled: every trouble is over and the last candles are closed.
  await desk.run(6_000);
  for (let more = 0; more < 20 && !desk.feed.live; more++) await desk.run(1_000);
  await desk.run(6_000);
  desk.refusals.clear();
  return desk;
}

const byOpenTime = (candles: readonly Candle[]): Map<number, Candle> =>
  new Map(candles.map((candle) => [candle.openTime, candle]));

const troubles = (wallMs: number): fc.Arbitrary<Trouble[]> =>
  fc
    .array(
      fc.oneof(
        fc.record({
          kind: fc.constant('drop' as const),
          pause: fc.integer({ min: 0, max: wallMs / 2 }),
          length: fc.integer({ min: 150, max: 4_000 }),
        }),
        fc.record({
          kind: fc.constant('cut' as const),
          pause: fc.integer({ min: 0, max: wallMs / 2 }),
          length: fc.integer({ min: SILENCE_MS + 150, max: 5_000 }),
        }),
        fc.record({
          kind: fc.constant('stall' as const),
          pause: fc.integer({ min: 0, max: wallMs / 2 }),
          length: fc.integer({ min: 60, max: SILENCE_MS - 150 }),
        }),
      ),
      { maxLength: 4 },
    )
    .map((list) => {
      let at = 0;
      return list.flatMap(({ kind, pause, length }) => {
        const fromWall = at + pause;
        at = fromWall + length;
        return at < wallMs ? [{ kind, fromWall, toWall: at }] : [];
      });
    });

const sessions = fc.constantFrom({ speed: 1, wallMs: 60_000 }, { speed: 10, wallMs: 12_000 }).chain(({ speed, wallMs }) =>
  fc.record({
    seed: fc.integer(),
    speed: fc.constant(speed),
    wallMs: fc.constant(wallMs),
    aheadMs: fc.integer({ min: -100 * speed, max: Math.min(200 * speed, 400) }),
    troubles: troubles(wallMs),
    failingRequests: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }).map((list) => new Set(list)),
  }),
);

describe('candles of a symbol over a stream that breaks', () => {
  it('hold every trade once, whatever was lost, late or could not be fetched', async () => {
    await fc.assert(
      fc.asyncProperty(sessions, async (session) => {
        const { feed, market, trades, clock, updates, minutes, closed, error, pass } = await play(session);
        expect(error).not.toHaveBeenCalled();
        expect(feed.live).toBe(true);
        for (const timeframe of TIMEFRAMES) {
          const truth = byOpenTime(naiveCandles(trades, timeframe, clock.now() + 60_000));
          const stored = market.candles(ETH.symbol, timeframe);
          for (const candle of stored) expect([timeframe, candle]).toEqual([timeframe, truth.get(candle.openTime)]);

          // Without a hole, from the first trade to the candle that runs.
          const asked = feed.page(timeframe, undefined, 1_000);
          // Nothing comes any more but the answers of requests.
          await pass(500);
          const page = await asked;
          const candles = page.ok ? page.value.candles : [];
          const times = [...truth.keys()].filter((openTime) => openTime <= (candles.at(-1)?.openTime ?? 0));
          expect(candles.map((candle) => candle.openTime)).toEqual(times);
          expect(candles).toEqual(times.map((openTime) => truth.get(openTime)));
          expect(clock.now() - (times.at(-1) ?? 0) - TIMEFRAME_MS[timeframe]).toBeLessThan(3_000 * session.speed);

          // Whoever follows the updates has the same in the end.
          const followed = new Map<number, CandleUpdate>();
          for (const update of updates) if (update.timeframe === timeframe) followed.set(update.candle.openTime, update);
          for (const { candle, closed } of followed.values()) {
            expect([timeframe, candle]).toEqual([timeframe, truth.get(candle.openTime)]);
            expect(closed).toBe(candle.openTime !== times.at(-1));
          }

          // Closed candles are told once each, in order, without a hole from the one that ran at the start.
          const told = closed.filter((each) => each.timeframe === timeframe).map((each) => each.candle);
          const first = openTimeOf(START + session.aheadMs, timeframe);
          expect(told).toEqual(times.slice(0, -1).flatMap((openTime) => (openTime < first ? [] : [truth.get(openTime)])));
        }
        const truth = byOpenTime(naiveCandles(trades, '1m', clock.now() + 60_000));
        for (const [i, minute] of minutes.entries()) {
          expect(minute).toEqual(truth.get(minute.openTime));
          if (i > 0) expect(minute.openTime).toBeGreaterThan((minutes[i - 1] as Candle).openTime);
        }
      }),
      { numRuns: 60 },
    );
  });
});

const calm: Session = { seed: 5, speed: 1, wallMs: 60_000, aheadMs: 0, troubles: [], failingRequests: new Set() };

describe('SymbolFeed', () => {
  it('joins a venue without seconds at the next minute, and shows the venue’s own running candle until then', async () => {
    const session = { ...calm, wallMs: 150_000, minutesOnly: true };
    const desk = await open(session);
    await desk.run(10_000);
    expect(desk.feed.live).toBe(false);
    const own = { ...(naiveCandles(desk.trades, '1m', desk.clock.now()).at(-1) as Candle), close: 1 };
    desk.updates.length = 0;
    desk.feed.onKline('1m', own, false);
    expect(desk.updates).toEqual([{ symbol: ETH.symbol, timeframe: '1m', candle: own, closed: false }]);
    await desk.run(70_000);
    expect(desk.feed.live).toBe(true);
    await desk.run(75_000);
    const from = desk.closed.find((each) => each.timeframe === '1s')?.candle.openTime ?? 0;
    expect(from % 60_000).toBe(0);
    for (const timeframe of TIMEFRAMES) {
      const truth = byOpenTime(naiveCandles(desk.trades, timeframe, desk.clock.now()));
      const told = desk.closed.filter((each) => each.timeframe === timeframe).map((each) => each.candle);
      expect(told).toEqual(told.map((candle) => truth.get(candle.openTime)));
      for (const candle of desk.market.candles(ETH.symbol, timeframe)) expect(candle).toEqual(truth.get(candle.openTime));
    }
    const minutes = desk.closed.filter((each) => each.timeframe === '1m').map((each) => each.candle.openTime);
    expect(minutes).toEqual([START - 20_000, START + 40_000]);
  });

  it('is live within three seconds, and then closes candles from trades alone', async () => {
    const desk = await open(calm);
    await desk.run(3_500);
    expect(desk.feed.live).toBe(true);
    const requests = desk.venue.requests.length;
    await desk.run(50_000);
    expect(desk.venue.requests).toHaveLength(requests);
    expect(desk.minutes.map((candle) => candle.openTime)).toEqual([START + 40_000 - 60_000]);
    expect(desk.warn).not.toHaveBeenCalled();
  });

  it('waits while the venue is silent, closes nothing meanwhile, and starts over', async () => {
    const cut: Trouble = { kind: 'cut', fromWall: 20_000, toWall: 35_000 };
    const desk = await open({ ...calm, troubles: [cut] });
    await desk.run(20_000);
    expect(desk.feed.live).toBe(true);
    await desk.run(SILENCE_MS + 100);
    expect(desk.feed.live).toBe(false);
    await desk.run(13_000);
    const newest = desk.market.candles(ETH.symbol, '1s').at(-1)?.openTime ?? 0;
    expect(newest).toBeLessThanOrEqual(START + 19_000);
    expect(newest).toBeGreaterThanOrEqual(START + 18_000);
    await desk.run(6_000);
    expect(desk.feed.live).toBe(true);
    expect(desk.market.candles(ETH.symbol, '1s').at(-1)?.openTime).toBeGreaterThan(START + 35_000);
  });

  it('takes no earlier seeding for a later one', async () => {
    // The connection is lost for a moment while the first seeding waits for the venue's candles.
    const desk = await open({ ...calm, troubles: [{ kind: 'drop', fromWall: 1_500, toWall: 1_700 }] });
    await desk.run(20_000);
    const truth = byOpenTime(naiveCandles(desk.trades, '1s', desk.clock.now()));
    for (const candle of desk.market.candles(ETH.symbol, '1s')) expect(candle).toEqual(truth.get(candle.openTime));
  });

  it('stores no candle that the venue had not finished when it was asked', async () => {
    const desk = begin(calm);
    const started = desk.feed.start();
    await desk.pass(500);
    await started;
    const truth = naiveCandles(desk.trades, '1s', START);
    const stored = desk.market.candles(ETH.symbol, '1s');
    expect(stored.length).toBeGreaterThan(100);
    for (const candle of stored) expect(candle).toEqual(byOpenTime(truth).get(candle.openTime));
    expect(stored.at(-1)?.openTime).toBe(START - 3_000);
  });

  it('says nothing more once closed', async () => {
    const desk = await open(calm);
    await desk.run(1_000);
    desk.feed.close();
    await desk.pass(10_000);
    expect(desk.feed.live).toBe(false);
  });
});

describe('pages of candles', () => {
  const page = async (
    desk: Awaited<ReturnType<typeof open>>,
    timeframe: Timeframe,
    before: number | undefined,
    limit: number,
  ) => {
    const answer = desk.feed.page(timeframe, before, limit);
    await desk.run(2_000);
    const result = await answer;
    if (!result.ok) throw new Error(result.error.message);
    return result.value;
  };

  it('follow each other back to the beginning without a gap or a candle twice', async () => {
    const desk = await open(calm);
    await desk.run(10_000);
    const seen: Candle[] = [];
    let before: number | undefined;
    for (let pages = 0; pages < 20; pages++) {
      const { candles, exhausted } = await page(desk, '1s', before, 60);
      seen.unshift(...candles);
      before = candles[0]?.openTime ?? before;
      if (exhausted) break;
      expect(candles.length).toBeGreaterThanOrEqual(60);
    }
    const truth = naiveCandles(desk.trades, '1s', desk.clock.now()).filter(
      (candle) => candle.openTime <= (seen.at(-1)?.openTime ?? 0),
    );
    expect(seen.map((candle) => candle.openTime)).toEqual(truth.map((candle) => candle.openTime));
    // Closed before it was seen as running, the newest may have grown since.
    expect(seen.slice(0, -1)).toEqual(truth.slice(0, -1));
  });

  it('end with the running candle only when the newest are asked for', async () => {
    const desk = await open(calm);
    await desk.run(10_000);
    const hour = START + 40_000 - HOUR;
    expect((await page(desk, '1h', undefined, 5)).candles.map((candle) => candle.openTime)).toEqual([hour]);
    expect(await page(desk, '1h', hour, 5)).toMatchObject({ candles: [], exhausted: true });
    const minutes = await page(desk, '1m', undefined, 2);
    expect(minutes.candles.map((candle) => candle.openTime)).toEqual(
      [START - 140_000, START - 80_000, START - 20_000].slice(-minutes.candles.length),
    );
  });
});

describe('pages beyond an outage of the venue', () => {
  const MINUTE = 60_000;
  const now = 1_000_000 * MINUTE;
  const candle = (minute: number): Candle =>
    ({ ...(naiveCandles([], '1m', 0)[0] as unknown as Candle), openTime: now + minute * MINUTE }) as Candle;

  function pagesOf(has: readonly number[]) {
    const clock = new ManualClock(now);
    const market = new MemoryMarket();
    let down = false;
    const venue = {
      venue: 'binance' as const,
      candles: async (_instrument: unknown, _timeframe: unknown, from: number, to: number, limit: number) =>
        down
          ? ({ ok: false, error: { code: 'VENUE_UNREACHABLE', message: 'no network', retryable: true } } as const)
          : ({
              ok: true,
              value: has
                .map(candle)
                .filter((each) => each.openTime >= from && each.openTime < to)
                .slice(0, limit),
            } as const),
    };
    const feed = new SymbolFeed({
      instrument: ETH,
      history: new CandleHistory({ sources: () => [{ venue, instrument: ETH }], market }),
      market,
      clock,
      wall: clock,
      health: () => ({ connection: 'closed' }) as never,
      speed: () => 1,
      silenceMs: SILENCE_MS,
      backfillMinutes: 120,
      memoryCandles: 1_000,
      onUpdate: () => {},
      onMinuteClosed: () => {},
      onClosed: () => {},
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    });
    const minutesBefore = async (minute: number, limit: number) => {
      const page = await feed.page('1m', now + minute * MINUTE, limit);
      return page.ok
        ? { minutes: page.value.candles.map((each) => (each.openTime - now) / MINUTE), exhausted: page.value.exhausted }
        : page.error.code;
    };
    return { minutesBefore, breakDown: () => (down = true) };
  }

  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

  it('reach over it, however much longer than a page it was', async () => {
    const { minutesBefore } = pagesOf([...range(-2_000, -1_500), ...range(-500, 0)]);
    expect(await minutesBefore(-490, 20)).toEqual({
      minutes: [...range(-1_510, -1_500), ...range(-500, -490)],
      exhausted: false,
    });
    expect(await minutesBefore(-500, 10)).toEqual({ minutes: range(-1_510, -1_500), exhausted: false });
  });

  it('are exhausted at the first candle of the market, not before', async () => {
    const { minutesBefore } = pagesOf(range(-100, 0));
    expect(await minutesBefore(-70, 30)).toEqual({ minutes: range(-100, -70), exhausted: false });
    expect(await minutesBefore(-71, 30)).toEqual({ minutes: range(-100, -71), exhausted: true });
    expect(await minutesBefore(-100, 30)).toEqual({ minutes: [], exhausted: true });
    expect(await pagesOf([]).minutesBefore(0, 30)).toEqual({ minutes: [], exhausted: true });
  });

  it('show what is stored when the venue is out of reach, and fail when that is nothing', async () => {
    const { minutesBefore, breakDown } = pagesOf(range(-500, 0));
    await minutesBefore(-100, 50);
    breakDown();
    expect(await minutesBefore(-100, 50)).toEqual({ minutes: range(-150, -100), exhausted: false });
    expect(await minutesBefore(-120, 50)).toEqual({ minutes: range(-150, -120), exhausted: false });
    expect(await minutesBefore(-300, 50)).toBe('VENUE_UNREACHABLE');
  });
});
