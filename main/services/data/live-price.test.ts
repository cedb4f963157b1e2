import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { LivePrice } from '../../../core/contracts/watchlist.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { filledCandle } from '../../../core/market/candle-builder.ts';
import type { Instrument, VenueId } from '../../../core/market/instrument.ts';
import type { VenueFailure } from '../../ports/venue.ts';
import type { Followed, Source } from './followed-symbol.ts';
import { LivePrices } from './live-price.ts';

const MINUTE_MS = 60_000;
const NOW = 1_000_000 * MINUTE_MS;
const TTL_MS = 2_000;
const SYMBOL = 'ETH/USDT';
const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** The prices are looked at every so often. */
const LOOK_MS = 100;

type Candles = Result<Candle[], VenueFailure>;
const NO_ANSWER: Candles = fail('VENUE_TIMEOUT', 'no answer', { retryable: true });

/** A source with a book of a given mid, and a venue that answers for candles as it is told to. */
class FakeSource {
  state: Source['state'] = 'empty';
  mid: number | undefined;
  answer: () => Candles = () => NO_ANSWER;
  asked: number[] = [];
  readonly #venue: VenueId;
  readonly #wall: ManualClock;

  constructor(venue: VenueId, wall: ManualClock) {
    this.#venue = venue;
    this.#wall = wall;
  }

  get source(): Source {
    const candles = async (): Promise<Candles> => {
      this.asked.push(this.#wall.now());
      return this.answer();
    };
    const link = { venue: { candles } };
    const live = {
      state: { get: () => this.state },
      book: { get: () => (this.mid === undefined ? undefined : { mid: this.mid }) },
    };
    const fixed = { name: { venue: this.#venue, symbol: SYMBOL }, instrument: { symbol: SYMBOL } as Instrument, link };
    return Object.defineProperties(fixed, live) as unknown as Source;
  }
}

function setUp(speed = 1) {
  const wall = new ManualClock(0);
  const clock = { now: () => NOW + wall.now() * speed, after: () => () => {}, every: () => () => {} };
  const primary = new FakeSource('binance', wall);
  const second = new FakeSource('bybit', wall);
  const sources = [primary.source, second.source];
  const followed = { request: { symbol: SYMBOL }, sources, primary: sources[0] } as unknown as Followed;
  const state: { candle: Candle | undefined } = { candle: undefined };
  const prices = new LivePrices({
    followed: (symbol) => (symbol === SYMBOL ? followed : undefined),
    symbols: () => [SYMBOL],
    lastCandle: () => state.candle,
    clock,
    wall,
    speed: () => speed,
    ttlMs: TTL_MS,
    log: LOG,
  });
  const emitted: LivePrice[] = [];
  prices.events.on((price) => emitted.push(price));
  const trade = (price: number): void =>
    prices.onTrade(SYMBOL, { id: 1, price, quantity: 1, side: 'buy', tsEvent: clock.now(), tsReceived: clock.now() });
  /** Wall time passes; whoever was asked answers. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += LOOK_MS) {
      wall.advanceBy(LOOK_MS);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** As REST has it: of the running minute. */
  const running = (close: number): (() => Candles) => {
    return () => ok([filledCandle(Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS, close)]);
  };
  return { wall, clock, primary, second, prices, emitted, state, trade, pass, running };
}

describe('LivePrices', () => {
  it('takes the primary’s live book first, then the other sources’, then the last trade', async () => {
    const { primary, second, prices, trade, pass } = setUp();
    Object.assign(primary, { state: 'live', mid: 100 });
    Object.assign(second, { state: 'live', mid: 101 });
    trade(99);
    await pass(LOOK_MS);
    expect(prices.latest(SYMBOL)).toMatchObject({ price: 100, source: 'book', venue: 'binance', expired: false });
    primary.state = 'resyncing';
    await pass(LOOK_MS);
    expect(prices.latest(SYMBOL)).toMatchObject({ price: 101, source: 'book', venue: 'bybit' });
    // A book with one side has no mid.
    second.mid = Number.NaN;
    await pass(LOOK_MS);
    expect(prices.latest(SYMBOL)).toMatchObject({ price: 99, source: 'trade', venue: 'binance', expired: false });
    expect([primary.asked, second.asked]).toEqual([[], []]);
  });

  it('asks REST of one source after the other once the trade is too old, and falls back to the last candle', async () => {
    const { primary, second, prices, state, clock, trade, pass, running } = setUp();
    state.candle = filledCandle(NOW - MINUTE_MS, 90);
    await pass(LOOK_MS);
    expect(prices.latest(SYMBOL)).toMatchObject({ price: 90, source: 'candle', venue: 'binance', t: NOW, expired: false });
    trade(99);
    second.answer = running(95);
    await pass(TTL_MS);
    expect(prices.latest(SYMBOL)).toMatchObject({ source: 'trade', expired: false });
    await pass(2 * TTL_MS);
    expect(prices.latest(SYMBOL)).toMatchObject({ price: 95, source: 'rest', venue: 'bybit', expired: false });
    expect(clock.now() - (prices.latest(SYMBOL)?.t ?? 0)).toBeLessThanOrEqual(TTL_MS);
    primary.answer = running(96);
    await pass(2 * TTL_MS);
    expect(prices.latest(SYMBOL)).toMatchObject({ price: 96, source: 'rest', venue: 'binance' });
  });

  it('takes no candle of a minute that has ended for the price of now', async () => {
    const { primary, prices, clock, pass } = setUp();
    primary.answer = () => ok([filledCandle(Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS, 95)]);
    await pass(1_000);
    expect(primary.asked).not.toEqual([]);
    expect(prices.latest(SYMBOL)).toBeUndefined();
  });

  it('passes on what is too old as expired, and says so once', async () => {
    const { prices, emitted, trade, pass } = setUp();
    trade(99);
    await pass(TTL_MS);
    expect(emitted).toEqual([expect.objectContaining({ price: 99, source: 'trade', expired: false })]);
    await pass(5_000);
    expect(prices.latest(SYMBOL)).toMatchObject({ price: 99, source: 'trade', t: NOW, expired: true });
    expect(emitted.slice(1)).toEqual([expect.objectContaining({ price: 99, expired: true })]);
  });

  it('of what is too old passes on the newest', async () => {
    const { prices, state, trade, pass } = setUp();
    trade(99);
    await pass(TTL_MS + 60_000);
    state.candle = filledCandle(NOW, 90);
    await pass(LOOK_MS);
    // The candle closed a minute after the trade.
    expect(prices.latest(SYMBOL)).toMatchObject({ price: 90, source: 'candle', t: NOW + MINUTE_MS, expired: true });
  });

  it('counts the time to live in wall time, also where the market runs faster', async () => {
    const { prices, trade, pass } = setUp(60);
    trade(99);
    await pass(TTL_MS);
    expect(prices.latest(SYMBOL)).toMatchObject({ expired: false });
    await pass(LOOK_MS);
    expect(prices.latest(SYMBOL)).toMatchObject({ expired: true });
  });

  it('asks again with growing pauses, never longer than thirty seconds, and begins anew after an answer', async () => {
    const { primary, second, pass, running } = setUp();
    await pass(200_000);
    const pauses = (asked: readonly number[]): number[] => asked.slice(1).map((at, i) => at - (asked[i] as number));
    expect(pauses(primary.asked).slice(0, 5)).toEqual([4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(second.asked).toEqual(primary.asked);
    primary.answer = running(95);
    await pass(30_000);
    primary.asked = [];
    await pass(10_000);
    expect(new Set(pauses(primary.asked))).toEqual(new Set([TTL_MS]));
  });

  it('asks nobody and tells nothing once it is closed', async () => {
    const { primary, prices, emitted, trade, pass } = setUp();
    prices.close();
    trade(99);
    await pass(10_000);
    expect([primary.asked, emitted]).toEqual([[], []]);
  });
});
