import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../core/base/result.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { filledCandle } from '../../../core/market/candle-builder.ts';
import { holesIn, joined, outside, type Span } from '../../../core/market/spans.ts';
import type { VenueMarketData } from '../../ports/venue.ts';
import { ETH } from './fixtures/instruments.ts';
import { MinuteVenue } from './fixtures/minute-venue.ts';
import { MemoryMarket } from './fixtures/memory-market.ts';
import { CandleHistory } from './history.ts';

const MINUTE = 60_000;
const START = 10_000 * MINUTE;
const at = (minute: number): number => START + minute * MINUTE;
const candle = (minute: number): Candle => filledCandle(at(minute), minute);

/** Open times that the venue has; it may fail, and it may be asked only for pages of a thousand. */
function fakeVenue(minutes: Iterable<number>) {
  const has = new Set(minutes);
  const asked: [number, number][] = [];
  let failAfter = Number.POSITIVE_INFINITY;
  const venue: Pick<VenueMarketData, 'candles' | 'venue'> = {
    venue: 'binance',
    async candles(_instrument, _timeframe, from, to, limit) {
      expect(limit).toBeLessThanOrEqual(1_000);
      if (failAfter-- <= 0) return fail('VENUE_TIMEOUT', 'no answer');
      asked.push([(from - START) / MINUTE, (to - START) / MINUTE]);
      const found = [...has].toSorted((a, b) => a - b).filter((minute) => at(minute) >= from && at(minute) < to);
      return ok(found.slice(0, limit).map(candle));
    },
  };
  return {
    venue,
    asked,
    /** Minutes asked for since the last call, each as often as it was asked. */
    minutesAsked(): number[] {
      return asked.splice(0).flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
    },
    failAfter(requests: number): void {
      failAfter = requests;
    },
    list: (minute: number) => has.add(minute),
  };
}

function setUp(venueHas: Iterable<number>, stored: Iterable<number> = []) {
  const market = new MemoryMarket();
  for (const minute of stored) market.appendCandle('binance', ETH.symbol, '1m', candle(minute));
  const exchange = fakeVenue(venueHas);
  const history = new CandleHistory({ sources: () => [{ venue: exchange.venue, instrument: ETH }], market });
  const storedMinutes = (): number[] => market.candles(ETH.symbol, '1m').map((each) => (each.openTime - START) / MINUTE);
  const ensure = (from: number, to: number) => history.ensure(ETH.symbol, '1m', at(from), at(to));
  return { market, ...exchange, history, storedMinutes, ensure };
}

const minutes = fc.uniqueArray(fc.nat(60), { maxLength: 40 });
const window = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

describe('what was stored', () => {
  it('is told by the spans of what was fetched or corrected', async () => {
    const { history, ensure, storedMinutes } = setUp([1, 2, 3, 7], [2]);
    const told: [number, number][] = [];
    history.stored.on(({ symbol, timeframe, from, to }) => {
      expect([symbol, timeframe]).toEqual([ETH.symbol, '1m']);
      told.push([(from - START) / MINUTE, (to - START) / MINUTE]);
    });
    expect((await ensure(0, 9)).ok).toBe(true);
    expect(told).toEqual([
      [1, 2],
      [3, 8],
    ]);
    expect((await ensure(0, 9)).ok).toBe(true);
    expect(told).toHaveLength(2);
    expect((await history.correct(ETH.symbol, '1m', [candle(1), candle(2), candle(7)])).ok).toBe(true);
    expect(told.slice(2)).toEqual([
      [1, 3],
      [7, 8],
    ]);
    expect(storedMinutes()).toEqual([1, 2, 3, 7]);
  });
});

describe('spans', () => {
  const cells = ({ from, to }: Span): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  const spansOf = (list: readonly Span[]): Span[] => list.reduce<Span[]>((all, span) => joined(all, span), []);

  it('holesIn finds the minutes that are missing, in as few spans as there are holes', () => {
    fc.assert(
      fc.property(minutes, window, (present, { from, to }) => {
        const sorted = present.toSorted((a, b) => a - b);
        const holes = holesIn(Float64Array.from(sorted), from, to, 1);
        expect(holes.flatMap(cells)).toEqual(cells({ from, to }).filter((minute) => !present.includes(minute)));
        for (const [i, hole] of holes.entries()) if (i > 0) expect(hole.from).toBeGreaterThan((holes[i - 1] as Span).to);
      }),
    );
  });

  it('joined and outside are union and difference', () => {
    fc.assert(
      fc.property(fc.array(window.filter((each) => each.to > each.from)), window, (list, span) => {
        const spans = spansOf(list);
        const covered = new Set(list.flatMap(cells));
        expect(spans.flatMap(cells)).toEqual([...covered].toSorted((a, b) => a - b));
        for (const [i, each] of spans.entries()) if (i > 0) expect(each.from).toBeGreaterThan((spans[i - 1] as Span).to);
        expect(outside(spans, span).flatMap(cells)).toEqual(cells(span).filter((cell) => !covered.has(cell)));
      }),
    );
  });
});

describe('CandleHistory.ensure', () => {
  it('stores all that the venue has, asks for no minute twice nor for one that is stored, over any requests', async () => {
    await fc.assert(
      fc.asyncProperty(minutes, minutes, fc.array(window, { minLength: 1, maxLength: 6 }), async (venueHas, stored, windows) => {
        const desk = setUp(venueHas, stored);
        const everAsked = new Set<number>();
        for (const { from, to } of windows) {
          const before = desk.storedMinutes();
          const fetched = await desk.ensure(from, to);
          const missing = venueHas.filter((minute) => minute >= from && minute < to && !before.includes(minute));
          expect(fetched.ok && fetched.value).toEqual(missing.toSorted((a, b) => a - b).map(candle));
          const newest = Math.max(...desk.storedMinutes());
          for (const minute of desk.minutesAsked()) {
            expect(everAsked.has(minute) || before.includes(minute) || minute < from || minute >= to).toBe(false);
            // After the newest candle the venue may have more by the next time.
            if (minute < newest) everAsked.add(minute);
          }
        }
      }),
    );
  });

  it('asks again for what the venue did not have yet', async () => {
    const desk = setUp([0, 1, 3]);
    await desk.ensure(0, 6);
    desk.list(4);
    desk.list(5);
    const fetched = await desk.ensure(0, 6);
    expect(fetched.ok && fetched.value).toEqual([candle(4), candle(5)]);
    expect(desk.asked).toEqual([
      [0, 6],
      [4, 6],
    ]);
  });

  it('fetches long holes in pages of a thousand', async () => {
    const desk = setUp(
      Array.from({ length: 2_500 }, (_, i) => i),
      [1_200],
    );
    const fetched = await desk.ensure(0, 2_500);
    expect(fetched.ok && fetched.value).toHaveLength(2_499);
    expect(desk.asked).toEqual([
      [0, 1_000],
      [1_000, 1_200],
      [1_201, 2_201],
      [2_201, 2_500],
    ]);
  });

  it('takes whole candles only: none that began before, none that is not over', async () => {
    const desk = setUp([0, 1, 2, 3, 4]);
    const fetched = await desk.history.ensure(ETH.symbol, '1m', at(1) + 1, at(4) - 1);
    expect(fetched.ok && fetched.value).toEqual([candle(2)]);
    expect(desk.storedMinutes()).toEqual([2]);
    expect(await desk.history.ensure(ETH.symbol, '1m', at(1) + 1, at(2) + 1)).toEqual(ok([]));
  });

  it('does not store the candle that runs, though the venue sends it', async () => {
    const market = new MemoryMarket();
    const generous: Pick<VenueMarketData, 'candles' | 'venue'> = {
      venue: 'binance',
      candles: async () => ok([0, 1, 2, 3].map(candle)),
    };
    const fetched = await new CandleHistory({ sources: () => [{ venue: generous, instrument: ETH }], market }).ensure(
      ETH.symbol,
      '1m',
      at(1),
      at(3) + 59_999,
    );
    expect(fetched.ok && fetched.value.map((each) => each.openTime)).toEqual([at(1), at(2)]);
    expect(market.candles(ETH.symbol, '1m')).toHaveLength(2);
  });

  it('asks again for what failed, but not for the pages before it', async () => {
    const desk = setUp(Array.from({ length: 2_000 }, (_, i) => i));
    desk.failAfter(1);
    expect(await desk.ensure(0, 2_000)).toMatchObject({ ok: false, error: { code: 'VENUE_TIMEOUT' } });
    expect(desk.storedMinutes()).toHaveLength(1_000);
    desk.failAfter(Number.POSITIVE_INFINITY);
    expect((await desk.ensure(0, 2_000)).ok).toBe(true);
    expect(desk.asked).toEqual([
      [0, 1_000],
      [1_000, 2_000],
    ]);
  });

  it('lets two that overlap fetch once, and one that fails not stop the next', async () => {
    const desk = setUp([0, 1, 2, 3]);
    const [first, second] = await Promise.all([desk.ensure(0, 3), desk.ensure(1, 4)]);
    expect([first.ok && first.value.length, second.ok && second.value.length]).toEqual([3, 1]);
    desk.market.broken = true;
    const [third, fourth] = await Promise.all([desk.ensure(0, 5), desk.ensure(0, 5)]);
    expect([third.ok, fourth.ok]).toEqual([false, false]);
    desk.market.broken = false;
    expect((await desk.ensure(0, 5)).ok).toBe(true);
  });

  it('keeps symbols and timeframes apart', async () => {
    const desk = setUp([]);
    await desk.ensure(0, 10);
    await desk.history.ensure('BTC/USDT', '1m', at(0), at(10));
    await desk.history.ensure(ETH.symbol, '1s', at(0), at(0) + 10_000);
    expect(desk.asked).toHaveLength(3);
  });
});

describe('CandleHistory.beginning', () => {
  it('is the oldest candle of the venue, asked for once it has one', async () => {
    const desk = setUp([]);
    expect(await desk.history.beginning(ETH.symbol, '1m', at(50))).toEqual(ok(undefined));
    desk.list(7);
    expect(await desk.history.beginning(ETH.symbol, '1m', at(50))).toEqual(ok(at(7)));
    desk.asked.length = 0;
    expect(await desk.history.beginning(ETH.symbol, '1m', at(50))).toEqual(ok(at(7)));
    expect(desk.asked).toEqual([]);
  });

  it('tells when it cannot be asked for', async () => {
    const desk = setUp([1]);
    desk.failAfter(0);
    expect(await desk.history.beginning(ETH.symbol, '1m', at(50))).toMatchObject({ ok: false });
  });
});

describe('CandleHistory over several venues', () => {
  function venues() {
    const market = new MemoryMarket();
    const kraken = new MinuteVenue('kraken', 0, ['1s']);
    const binance = new MinuteVenue('binance', 10);
    const history = new CandleHistory({ sources: () => [kraken, binance].map((venue) => ({ venue, instrument: ETH })), market });
    const opens = (timeframe: '1m' | '1s') => market.candles(ETH.symbol, timeframe).map((each) => each.open);
    return { market, kraken, binance, history, opens };
  }

  it('asks the next one where the first is away, lacks the timeframe or has nothing, and keeps who told', async () => {
    const { market, kraken, binance, history, opens } = venues();
    kraken.isDown = true;
    expect((await history.ensure(ETH.symbol, '1m', at(0), at(3))).ok).toBe(true);
    kraken.isDown = false;
    kraken.since = at(1_500);
    expect((await history.ensure(ETH.symbol, '1m', at(0), at(2_000))).ok).toBe(true);
    expect(opens('1m')).toEqual([...Array<number>(1_003).fill(110), ...Array<number>(500).fill(100)]);
    const others = await market.candlesOfOthers('kraken', ETH.symbol, '1m', 0, at(5_000));
    expect(others.ok && others.value).toHaveLength(1_003);
    kraken.requests.length = 0;
    await history.ensure(ETH.symbol, '1s', at(0), at(1));
    await history.ensure(ETH.symbol, '1s', at(0), at(2));
    expect(opens('1s')).toHaveLength(120);
    expect(kraken.requests, 'a refusal is believed').toHaveLength(1);
    expect(await history.offeredByPrimary(ETH.symbol, '1s', at(2))).toEqual(ok(false));
    binance.isDown = true;
    kraken.isDown = true;
    expect(await history.ensure(ETH.symbol, '1m', at(3_000), at(3_001))).toMatchObject({
      ok: false,
      error: { message: 'kraken is away' },
    });
  });

  it('asks the primary alone where another one’s candles would not add up, and takes a timeframe that nobody has for none', async () => {
    const { kraken, binance, history, opens } = venues();
    kraken.isDown = true;
    expect((await history.ensure(ETH.symbol, '1m', at(0), at(3), { onlyPrimary: true })).ok).toBe(false);
    expect(binance.requests).toEqual([]);
    const alone = new CandleHistory({
      sources: () => [{ venue: new MinuteVenue('kraken', 0, ['1s']), instrument: ETH }],
      market: new MemoryMarket(),
    });
    expect(await alone.ensure(ETH.symbol, '1s', at(0), at(1))).toEqual(ok([]));
    expect(opens('1m')).toEqual([]);
  });

  it('fetches what a derived timeframe is made of, from the start of its first period', async () => {
    const { history, kraken } = venues();
    await history.ensure(ETH.symbol, '15m', at(7), at(31));
    expect(kraken.requests).toEqual([{ timeframe: '1m', from: Math.floor(at(7) / 900_000) * 900_000, to: at(31) }]);
  });
});
