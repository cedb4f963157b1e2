import { describe, expect, it } from 'vitest';
import { computeColumns } from '../../../core/analysis/indicators/batch.ts';
import { ema } from '../../../core/analysis/indicators/ema.ts';
import { indicatorOfText, indicatorText, type MarketTopics } from '../../../core/analysis/market-topics.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { CobView } from '../../../core/contracts/market-views.ts';
import type { LivePrice } from '../../../core/contracts/watchlist.ts';
import { type Candle, toColumns } from '../../../core/market/candle.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import { MemoryMarket } from '../data/fixtures/memory-market.ts';
import { createFollowBars } from './bars.ts';
import { createMarketSubscriptions } from './market-subscriptions.ts';

const START = 1_700_000_040_000;
const MINUTE = 60_000;

function minutes(count: number): Candle[] {
  const rng = new SplitMix32(5);
  let close = 2_000;
  return Array.from({ length: count }, (_, i) => {
    const open = close;
    close += rng.next() - 0.5;
    const [high, low] = [Math.max(open, close) + 0.1, Math.min(open, close) - 0.1];
    return { openTime: START + i * MINUTE, open, high, low, close, volume: 1, buyVolume: 0.5, tradeCount: 3, filled: false };
  });
}

function setUp() {
  const clock = new ManualClock(START);
  const market = new MemoryMarket();
  const closed = new Emitter<{ timeframe: Timeframe; candle: Candle }>();
  let release = (): void => {};
  const stored = new Promise<void>((resolve) => {
    release = resolve;
  });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const onCandleClosed = (_symbol: string, timeframe: Timeframe, listener: (candle: Candle) => void) =>
    closed.on((event) => {
      if (event.timeframe === timeframe) listener(event.candle);
    });
  const bars = createFollowBars({ market, clock, stored: () => stored, onCandleClosed, log });
  const views = new Emitter<CobView>();
  const trades = new Emitter<{ symbol: string; trade: MarketTopics['trades']['event'] }>();
  const topics = createMarketSubscriptions({
    data: { trades, candles: new Emitter(), onCandleClosed },
    flow: { trades: new Emitter() },
    cob: { events: views, snapshots: new Emitter(), columns: new Emitter(), latest: () => undefined },
    prices: { events: new Emitter<LivePrice>(), latest: () => undefined },
    structure: { views: new Emitter(), events: new Emitter(), view: () => undefined, want: () => {} },
    bars,
    log,
  });
  const close = (candle: Candle): void => {
    clock.advanceTo(candle.openTime + MINUTE);
    market.appendCandle('binance', 'ETH/USDT', '1m', candle);
    closed.emit({ timeframe: '1m', candle });
  };
  return { clock, market, closed, release, bars, topics, views, trades, close };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('bars', () => {
  it('tells stored candles and those that closed meanwhile once each, in order, and then live ones', async () => {
    const { bars, close, release, market } = setUp();
    const candles = minutes(30);
    for (const candle of candles.slice(0, 20)) close(candle);
    const heard: number[] = [];
    let readyAt = -1;
    bars(
      { symbol: 'ETH/USDT', timeframe: '1m' },
      15,
      (bar) => heard.push(bar.openTime),
      () => {
        readyAt = heard.length;
      },
    );
    // While the first history is fetched, and again while the store is read.
    close(candles[20] as Candle);
    await settle();
    expect(heard).toEqual([]);
    release();
    await Promise.resolve();
    close(candles[21] as Candle);
    await settle();
    expect(readyAt).toBe(heard.length);
    for (const candle of candles.slice(22)) close(candle);
    expect(heard).toEqual(candles.slice(6).map((candle) => candle.openTime));
    expect(market.candles('ETH/USDT', '1m')).toHaveLength(30);
  });

  it('goes on with live candles when the store cannot be read, and tells nothing after its end', async () => {
    const { bars, close, release, market } = setUp();
    const candles = minutes(6);
    close(candles[0] as Candle);
    market.broken = true;
    release();
    const heard: number[] = [];
    const end = bars({ symbol: 'ETH/USDT', timeframe: '1m' }, 10, (bar) => heard.push(bar.openTime));
    await settle();
    close(candles[1] as Candle);
    end();
    close(candles[2] as Candle);
    expect(heard).toEqual([START + MINUTE]);
  });
});

describe('the market subscriptions', () => {
  it('tell of one symbol only, from the first subscriber to the last', () => {
    const { topics, views, trades } = setUp();
    const heard: string[] = [];
    const leave = topics.subscribe('cob', { symbol: 'ETH/USDT' }, (view) => void heard.push(view.symbol));
    expect(views.listenerCount).toBe(1);
    views.emit({ symbol: 'BTC/USDT' } as CobView);
    views.emit({ symbol: 'ETH/USDT' } as CobView);
    leave();
    expect(views.listenerCount).toBe(0);
    expect(trades.listenerCount).toBe(0);
    expect(heard).toEqual(['ETH/USDT']);
  });

  it('computes an indicator once for all who want it, as over the whole history', async () => {
    const { topics, close, release, closed } = setUp();
    const candles = minutes(120);
    for (const candle of candles.slice(0, 100)) close(candle);
    release();
    const key = { symbol: 'ETH/USDT', timeframe: '1m', indicator: indicatorText('ema', { period: 9 }) } as const;
    const told: number[] = [];
    topics.subscribe('indicators', key, ({ values }) => void told.push(values[0] as number));
    topics.subscribe('indicators', key, () => {});
    await settle();
    expect(closed.listenerCount).toBe(1);
    expect(told).toHaveLength(1);
    for (const candle of candles.slice(100)) close(candle);
    const [expected] = computeColumns(ema.create({ period: 9 }), toColumns(candles));
    // Seeded 72 candles back instead of 100: what is left of that is (1 − 2/10)⁷².
    told.forEach((value, i) => expect(value).toBeCloseTo(expected?.[99 + i] as number, 4));
    expect(topics.latest('indicators', key)).toEqual({ openTime: candles.at(-1)?.openTime, values: [told.at(-1)] });
  });

  it('refuses an indicator that there is not', () => {
    const { topics } = setUp();
    const subscribe = (): unknown =>
      topics.subscribe('indicators', { symbol: 'ETH/USDT', timeframe: '1m', indicator: 'magic' }, () => {});
    expect(subscribe).toThrow('magic');
    expect(topics.counters().every(({ topics: count }) => count === 0)).toBe(true);
    expect(indicatorOfText('rsi')?.params).toEqual({ period: 14 });
    expect(indicatorText('macd', { slow: 26, fast: 12 })).toBe('macd:fast=12,slow=26');
  });
});
