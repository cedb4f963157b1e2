import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { StoredTimeframe } from '../../../core/market/timeframe.ts';
import { ETH } from './fixtures/instruments.ts';
import { MemoryMarket } from './fixtures/memory-market.ts';
import { MemoryQuality } from './fixtures/memory-quality.ts';
import { markedCandle, MinuteVenue } from './fixtures/minute-venue.ts';
import { CandleHistory } from './history.ts';
import { Maintenance } from './maintenance.ts';

const MINUTE = 60_000;
const NOW = 30_000_000 * MINUTE + 30_000;
const at = (minute: number): number => NOW - 30_000 + minute * MINUTE;
const SYMBOL = ETH.symbol;

function setUp({ secondary = false } = {}) {
  const clock = new ManualClock(NOW);
  const market = new MemoryMarket();
  const quality = new MemoryQuality();
  const binance = new MinuteVenue('binance', 0);
  const bybit = new MinuteVenue('bybit', 50, ['1s']);
  const sources = [binance, ...(secondary ? [bybit] : [])].map((venue) => ({ venue, instrument: ETH }));
  const history = new CandleHistory({ sources: () => sources, market });
  const corrected: { timeframe: StoredTimeframe; candles: readonly Candle[] }[] = [];
  const warnings: unknown[] = [];
  const maintenance = new Maintenance({
    symbols: () => [SYMBOL],
    history: () => history,
    store: { market, quality },
    onCorrected: async (_symbol, timeframe, candles) => void corrected.push({ timeframe, candles }),
    isBusy: () => false,
    clock,
    wall: clock,
    log: { debug: () => {}, info: () => {}, warn: (fields) => warnings.push(fields), error: (fields) => warnings.push(fields) },
  });
  const store = (from: number, to: number, mark = 0, venue: 'binance' | 'bybit' = 'binance'): void => {
    for (let minute = from; minute < to; minute++) market.appendCandle(venue, SYMBOL, '1m', markedCandle(at(minute), mark));
  };
  const minutes = () => maintenance.snapshot().series.find((series) => series.timeframe === '1m');
  const stored = () => market.candles(SYMBOL, '1m').map((candle) => (candle.openTime - at(0)) / MINUTE);
  return { clock, market, quality, binance, bybit, history, maintenance, corrected, warnings, store, minutes, stored };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Maintenance', () => {
  it('fills the holes that the venue can fill, and says which it cannot', async () => {
    const desk = setUp();
    desk.store(-100, -80);
    desk.store(-70, -40);
    desk.store(-30, 0);
    desk.binance.gaps.push({ from: at(-37), to: at(-33) });
    await desk.maintenance.run();
    expect(desk.stored()).toEqual([...range(-100, -37), ...range(-33, 0)]);
    expect(desk.minutes()).toMatchObject({ holes: 4, unavailable: 4, repaired: 16, differences: 0, from: at(-100), to: at(0) });
    expect(desk.corrected.flatMap(({ candles }) => candles).map((candle) => (candle.openTime - at(0)) / MINUTE)).toEqual([
      ...range(-80, -70),
      ...range(-40, -37),
      ...range(-33, -30),
    ]);
    const timeline = await desk.maintenance.timeline(SYMBOL, at(-90), at(0));
    expect(
      timeline.ok && timeline.value.candles.map(({ state, from, to }) => [state, (from - at(0)) / MINUTE, (to - at(0)) / MINUTE]),
    ).toEqual([
      ['complete', -90, -80],
      ['repaired', -80, -70],
      ['complete', -70, -40],
      ['repaired', -40, -37],
      ['venueOutage', -37, -33],
      ['repaired', -33, -30],
      ['complete', -30, 0],
    ]);
  });

  it('takes the venue’s candle where the stored one differs, keeps the difference, and finds none the next time', async () => {
    const desk = setUp();
    desk.store(-50, 0);
    desk.market.appendCandle('binance', SYMBOL, '1m', { ...markedCandle(at(-20), 0), high: 140, volume: 6 });
    // Neither count nor taker-buy part told: not compared.
    desk.market.appendCandle('binance', SYMBOL, '1m', { ...markedCandle(at(-10), 0), buyVolume: 0, tradeCount: 0 });
    await desk.maintenance.run();
    expect(
      desk.quality.saved.map(({ openTime, field, stored, told, venue }) => ({ openTime, field, stored, told, venue })),
    ).toEqual([
      { openTime: at(-20), field: 'high', stored: 140, told: 102, venue: 'binance' },
      { openTime: at(-20), field: 'volume', stored: 6, told: 5, venue: 'binance' },
    ]);
    expect(desk.market.candles(SYMBOL, '1m').find((candle) => candle.openTime === at(-20))).toEqual(markedCandle(at(-20), 0));
    expect(desk.corrected).toEqual([{ timeframe: '1m', candles: [markedCandle(at(-20), 0)] }]);
    expect(desk.minutes()).toMatchObject({ differences: 1, compared: 50, holes: 0 });
    await desk.maintenance.run();
    expect(desk.minutes()).toMatchObject({ differences: 1, compared: 50 });
  });

  it('compares what the venue streams as soon as it is settled', async () => {
    const desk = setUp();
    desk.store(-3, 0);
    desk.market.appendCandle('binance', SYMBOL, '1m', { ...markedCandle(at(-1), 0), tradeCount: 6 });
    desk.maintenance.start();
    await desk.maintenance.run();
    desk.corrected.length = 0;
    desk.market.appendCandle('binance', SYMBOL, '1m', { ...markedCandle(at(0), 0), close: 99.5 });
    for (const closed of [false, true]) {
      desk.maintenance.onKline({ symbol: SYMBOL, timeframe: '1m', candle: markedCandle(at(0), 0), closed });
    }
    for (let passed = 0; passed < 40_000; passed += 5_000) {
      desk.clock.advanceBy(5_000);
      await settle();
    }
    expect(desk.corrected).toEqual([{ timeframe: '1m', candles: [markedCandle(at(0), 0)] }]);
    expect(desk.quality.saved.map(({ openTime, field }) => [openTime, field])).toEqual([
      [at(-1), 'tradeCount'],
      [at(0), 'close'],
    ]);
    await desk.maintenance.close();
  });

  it('fills from the next venue while the primary is away, and puts the primary’s own back afterwards', async () => {
    const desk = setUp({ secondary: true });
    desk.store(-30, -20);
    desk.store(-10, 0);
    desk.binance.isDown = true;
    await desk.maintenance.run();
    expect(desk.stored()).toEqual(range(-30, 0));
    expect(desk.market.candles(SYMBOL, '1m').filter((candle) => candle.open === 150)).toHaveLength(10);
    expect(desk.minutes()?.problem).toContain('binance is away');
    desk.binance.isDown = false;
    // Of these the primary has none: the other venue's stay.
    desk.binance.gaps.push({ from: at(-15), to: at(-12) });
    await desk.maintenance.run();
    const foreign = desk.market.candles(SYMBOL, '1m').filter((candle) => candle.open === 150);
    expect(foreign.map((candle) => (candle.openTime - at(0)) / MINUTE)).toEqual([-15, -14, -13]);
    expect(desk.minutes()?.problem).toBeUndefined();
    expect(desk.quality.saved).toEqual([]);
  });

  it('tells when the book could not be believed, and nothing of when nobody followed it', async () => {
    const desk = setUp();
    const state = (to: 'live' | 'stale' | 'syncing', reason = ''): void =>
      desk.maintenance.onBookState({ symbol: SYMBOL, venue: 'binance', state: to, reason });
    state('syncing');
    desk.clock.advanceBy(10_000);
    state('live');
    desk.clock.advanceBy(20_000);
    state('stale', 'a gap');
    desk.clock.advanceBy(1_000);
    state('syncing');
    desk.clock.advanceBy(2_000);
    state('live');
    desk.clock.advanceBy(5_000);
    const timeline = await desk.maintenance.timeline(SYMBOL, NOW - 60_000, NOW + 60_000);
    expect(
      timeline.ok && timeline.value.book.map(({ state: each, from, to, reason }) => [each, from - NOW, to - NOW, reason]),
    ).toEqual([
      ['complete', 10_000, 30_000, ''],
      ['staleBook', 30_000, 33_000, 'a gap'],
      ['complete', 33_000, 38_000, ''],
    ]);
  });

  it('knows nothing of the book while its symbol is not followed', async () => {
    const desk = setUp();
    const state = (to: 'live' | 'stale'): void =>
      desk.maintenance.onBookState({ symbol: SYMBOL, venue: 'binance', state: to, reason: 'a gap' });
    state('live');
    desk.clock.advanceBy(10_000);
    state('stale');
    desk.clock.advanceBy(1_000);
    desk.maintenance.onUnfollowed(SYMBOL);
    desk.clock.advanceBy(20_000);
    state('live');
    desk.clock.advanceBy(5_000);
    const timeline = await desk.maintenance.timeline(SYMBOL, NOW - 60_000, NOW + 60_000);
    expect(timeline.ok && timeline.value.book.map(({ state: each, from, to }) => [each, from - NOW, to - NOW])).toEqual([
      ['staleBook', 10_000, 11_000],
      ['complete', 31_000, 36_000],
    ]);
  });
});
