import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../base/rng.ts';
import { COB_BUCKETS, type CobView } from '../contracts/market-views.ts';
import type { StructureLevelView, StructureView } from '../contracts/structure.ts';
import type { CobSnapshot } from '../market/consolidated-book.ts';
import { concentration, depthSlope, venueShares } from './cob/depth.ts';
import { create as createCob } from './cob/module.ts';
import { create as createCorrelation } from './correlation/module.ts';
import { create as createExtrema } from './extrema/module.ts';
import { indicatorText } from './market-topics.ts';
import { ModuleBench } from './module-bench.fixture.ts';
import { create as createMicrostructure } from './microstructure/module.ts';
import { create as createPivots } from './pivots/module.ts';
import { create as createRegime } from './regime/module.ts';
import { create as createTimeframes } from './timeframes/module.ts';

const ETH = 'ETH/USDT';
const BTC = 'BTC/USDT';
const MINUTE = 60_000;

describe('the regime module', () => {
  it('calls a rising hour up, and is as sure as its rule was right', () => {
    const bench = new ModuleBench(createRegime(), [ETH]);
    const rng = new SplitMix32(3);
    let close = 2_000;
    for (let i = 0; i < 1_500; i++) {
      close *= 1 + 0.001 * (rng.next() - 0.3);
      bench.close(ETH, '1m', i * MINUTE, close);
    }
    expect(bench.feature(ETH, 'trend')).toMatchObject({ value: 1, text: 'up' });
    expect(bench.feature(ETH, 'volatility')).toMatchObject({ value: 0, text: 'usual' });
    expect(bench.features(ETH)['ratio']).toBeCloseTo(1, 0);
    // 0.2 per mille a minute up: nine quarters of an hour in ten rise.
    const [view] = bench.predictions(ETH);
    expect(view).toMatchObject({ direction: 'up', horizonMs: 15 * MINUTE });
    expect(view?.confidence).toBeGreaterThan(0.85);
    expect(view?.basis).toContain('up');
  });

  it('knows nothing before an hour, and nothing of what is usual before a day', () => {
    const bench = new ModuleBench(createRegime(), [ETH]);
    for (let i = 0; i < 60; i++) bench.close(ETH, '1m', i * MINUTE, 2_000 + (i % 2));
    expect(Object.values(bench.features(ETH)).every((value) => value === null)).toBe(true);
    bench.close(ETH, '1m', 60 * MINUTE, 2_000);
    expect(bench.features(ETH)).toMatchObject({ trend: 0, year: null, ratio: null, volatility: null });
  });
});

describe('the extrema module', () => {
  it('tells the place in the range, and calls a return from two deviations', () => {
    const bench = new ModuleBench(createExtrema(), [ETH]);
    // A price that leaps up every half hour and is back at once.
    for (let i = 0; i < 3_000; i++) bench.close(ETH, '1m', i * MINUTE, i % 30 === 29 ? 2_020 : 2_000 + (i % 2), 1);
    bench.close(ETH, '1m', 3_000 * MINUTE, 2_020, 1);
    const features = bench.features(ETH);
    expect(features).toMatchObject({ highAgo: 0 });
    expect(features['placeHour']).toBeCloseTo((100 * (2_020 - 1_999)) / (2_021 - 1_999), 6);
    expect(features['high']).toBeCloseTo((1e4 * 1) / 2_020, 6);
    expect(features['dayLow']).toBeCloseTo((1e4 * (1_999 - 2_020)) / 2_020, 6);
    expect(features['z']).toBeGreaterThan(2);
    const [view] = bench.predictions(ETH);
    expect(view).toMatchObject({ direction: 'down', horizonMs: 15 * MINUTE });
    expect(view?.confidence).toBeGreaterThan(0.9);
  });
});

describe('the correlation module', () => {
  it('matches seconds by their time, and leaves out those that one symbol lacks', () => {
    const bench = new ModuleBench(createCorrelation(), [ETH, BTC]);
    const rng = new SplitMix32(11);
    let btc = 40_000;
    for (let i = 0; i < 400; i++) {
      btc *= 1 + 0.0005 * (rng.next() - 0.5);
      bench.close(BTC, '1s', i * 1_000, btc);
      // Missing seconds of one symbol take nothing from the match of the others.
      if (i % 17 !== 3) bench.close(ETH, '1s', i * 1_000, 2_000 * (btc / 40_000) ** 1.2);
    }
    const features = bench.features(ETH);
    for (const seconds of [60, 300]) {
      expect(features[`correlation${seconds}`]).toBeCloseTo(1, 9);
      expect(features[`beta${seconds}`]).toBeCloseTo(1.2, 9);
      expect(features[`residual${seconds}`]).toBeCloseTo(0, 6);
    }
    expect(bench.predictions(ETH)).toEqual([]);
    expect(bench.features(BTC)).toEqual({});
  });

  it('knows nothing while the reference is not followed', () => {
    const bench = new ModuleBench(createCorrelation(), [ETH]);
    for (let i = 0; i < 400; i++) bench.close(ETH, '1s', i * 1_000, 2_000 + (i % 7));
    expect(new Set(Object.values(bench.features(ETH)))).toEqual(new Set([null]));
  });
});

describe('the timeframes module', () => {
  it('tells how many timeframes agree, of those that are known', () => {
    const bench = new ModuleBench(createTimeframes(), [ETH]);
    const set = (timeframe: '1m' | '1h' | '1d', fast: number, slow: number, adx: number): void => {
      for (const [indicator, value] of [
        [indicatorText('ema', { period: 20 }), fast],
        [indicatorText('ema', { period: 50 }), slow],
        [indicatorText('adx'), adx],
      ] as const)
        bench.tell('indicators', { symbol: ETH, timeframe, indicator }, { openTime: 0, values: [value] });
    };
    expect(bench.features(ETH)).toMatchObject({ '1m': null, alignment: null, trending: null });
    set('1m', 2_001, 2_000, 30);
    set('1h', 2_010, 2_000, 10);
    set('1d', 1_900, 2_000, 26);
    expect(bench.features(ETH)).toMatchObject({ '1m': 1, '5m': null, '1h': 1, '1d': -1 });
    expect(bench.features(ETH)['alignment']).toBeCloseTo(1 / 3, 12);
    expect(bench.features(ETH)['trending']).toBeCloseTo(200 / 3, 9);
    expect(bench.feature(ETH, '1m').text).toBe('up, trending');
    set('1d', 2_100, 2_000, 26);
    for (let i = 0; i < 600; i++) bench.close(ETH, '1m', i * MINUTE, 2_000 + i);
    expect(bench.predictions(ETH)).toMatchObject([{ direction: 'up', basis: '3 of 3 timeframes lean that way' }]);
  });
});

describe('the pivots module', () => {
  const level = (
    number: 1 | 2 | 3,
    trend: StructureLevelView['trend'],
    high: number,
    low: number,
    count = 8,
  ): StructureLevelView => {
    const pivot = { level: number, time: 0, confirmedAt: 1, strength: 0.5 };
    return {
      level: number,
      trend,
      trendStrength: trend === 'sideways' ? 0 : 0.5,
      count,
      high: { ...pivot, kind: 'high', price: high },
      low: { ...pivot, kind: 'low', price: low },
    };
  };
  const view = (...levels: StructureLevelView[]): StructureView => ({
    symbol: ETH,
    timeframe: '1m',
    ready: true,
    revision: 1,
    candles: 100,
    levels,
  });

  it('tells trends by level, the nearest swings from level 2 up, and calls where levels 2 and 3 agree', () => {
    const bench = new ModuleBench(createPivots(), [ETH]);
    const series = { symbol: ETH, timeframe: '1m' } as const;
    bench.close(ETH, '1m', 0, 2_000);
    bench.tell(
      'structure',
      series,
      view(level(1, 'down', 2_001, 1_999), level(2, 'up', 2_010, 1_990), level(3, 'up', 2_004, 1_900)),
    );
    bench.tell(
      'structure',
      { symbol: ETH, timeframe: '1s' },
      { ...view(level(1, 'up', 1, 1), level(2, 'down', 1, 1)), timeframe: '1s' },
    );
    const features = bench.features(ETH);
    expect(features).toMatchObject({ frame1s: -1, frame1m: 1, frame1h: null });
    expect(features).toMatchObject({ level1: -1, level2: 1, level3: 1 });
    expect(features['resistance']).toBeCloseTo(20, 9);
    expect(features['support']).toBeCloseTo(-50, 9);
    expect(features['bias']).toBeCloseTo((0.5 * (-1 + 2 + 3)) / 6, 12);
    for (let i = 1; i < 600; i++) bench.close(ETH, '1m', i * MINUTE, 2_000 + i);
    expect(bench.predictions(ETH)).toMatchObject([{ direction: 'up', horizonMs: 15 * MINUTE }]);
    bench.tell(
      'structure',
      series,
      view(level(1, 'up', 2_001, 1_999), level(2, 'up', 2_010, 1_990), level(3, 'down', 2_004, 1_900)),
    );
    expect(bench.predictions(ETH)).toEqual([]);
    // Two highs and two lows make a trend.
    bench.tell('structure', series, view(level(1, 'up', 1, 1, 3)));
    expect(bench.features(ETH)).toMatchObject({ level1: null, bias: null, support: null });
  });
});

describe('the microstructure module', () => {
  it('tells flow over a minute in the symbol’s currencies, and calls the way it leaned', () => {
    const bench = new ModuleBench(createMicrostructure(), [ETH]);
    const buckets = Array.from({ length: COB_BUCKETS }, () => 1);
    const book = (t: number, mid: number): CobView => ({
      symbol: ETH,
      t,
      venues: ['binance'],
      excluded: [],
      bestBid: mid - 0.1,
      bestAsk: mid + 0.1,
      bestBidQuantity: 3,
      bestAskQuantity: 1,
      mid,
      spreadBps: 2_000 / mid,
      microprice: mid + 0.05,
      anchor: Math.floor(mid),
      bucketWidth: 1,
      bidQuantity: buckets,
      askQuantity: buckets,
      bidNotional: buckets,
      askNotional: buckets,
      imbalance: 0,
      imbalanceMa: { s1: 0, s5: 0, s15: 0, s60: 0 },
    });
    expect(bench.features(ETH)).toMatchObject({ flowImbalance: null, spreadBps: null });
    for (let i = 0; i < 20_000; i++) {
      bench.now = 1_700_000_000_000 + 100 * i;
      const mid = 2_000 + i / 1_000;
      bench.tell('cob', { symbol: ETH }, book(bench.now, mid));
      const trade = { id: i, price: mid, quantity: i % 4 === 0 ? 1 : 0.5, tsEvent: bench.now, tsReceived: bench.now };
      bench.tell('allTrades', { symbol: ETH }, { ...trade, side: i % 4 === 0 ? 'sell' : 'buy' });
    }
    const features = bench.features(ETH);
    // In four trades 1.5 bought and 1 sold.
    expect(features['flowImbalance']).toBeCloseTo(0.2, 6);
    expect(features['buyRate']).toBeCloseTo(3.75, 6);
    expect(features['touchImbalance']).toBeCloseTo(0.5, 12);
    expect(bench.feature(ETH, 'buyRate').unit).toBe('ETH/s');
    expect(bench.feature(ETH, 'meanTradeNotional').unit).toBe('USDT');
    expect(bench.predictions(ETH)).toEqual([]);
    for (let i = 20_000; i < 30_000; i++) {
      bench.now = 1_700_000_000_000 + 100 * i;
      const mid = 2_000 + i / 1_000;
      bench.tell('cob', { symbol: ETH }, book(bench.now, mid));
      const trade = { id: i, price: mid, quantity: 1, tsEvent: bench.now, tsReceived: bench.now };
      bench.tell('allTrades', { symbol: ETH }, { ...trade, side: 'buy' });
    }
    const [view] = bench.predictions(ETH);
    expect(view).toMatchObject({ direction: 'up', horizonMs: 30_000 });
    expect(view?.confidence).toBeGreaterThan(0.9);
  });
});

describe('the order-book module', () => {
  function snapshot(t: number, mid: number, s5: number, bid: number[], ask: number[]): CobSnapshot {
    const venues = ['binance', 'bybit'] as const;
    const [bidNotional, askNotional] = [new Float64Array(2 * COB_BUCKETS), new Float64Array(2 * COB_BUCKETS)];
    bidNotional.set(bid.map((value) => 0.75 * value));
    bidNotional.set(
      bid.map((value) => 0.25 * value),
      COB_BUCKETS,
    );
    askNotional.set(ask.map((value) => 0.75 * value));
    askNotional.set(
      ask.map((value) => 0.25 * value),
      COB_BUCKETS,
    );
    const none = new Float64Array(2 * COB_BUCKETS);
    const view = {
      symbol: ETH,
      t,
      venues: [...venues],
      excluded: [],
      bestBid: mid - 0.5,
      bestAsk: mid + 0.5,
      bestBidQuantity: 1,
      bestAskQuantity: 1,
      mid,
      spreadBps: 1e4 / mid,
      microprice: mid,
      anchor: Math.floor(mid),
      bucketWidth: 1,
      bidQuantity: [],
      askQuantity: [],
      bidNotional: bid,
      askNotional: ask,
      imbalance: s5,
      imbalanceMa: { s1: s5, s5, s15: s5, s60: s5 },
    } satisfies CobView;
    const split = { venues, bidQuantity: none, askQuantity: none, bidNotional, askNotional, bestBid: none, bestAsk: none };
    return { view, split };
  }
  const flat = (side: 'bid' | 'ask', amount: number): number[] =>
    Array.from({ length: COB_BUCKETS }, (_, i) => ((side === 'bid' ? i <= 20 : i >= 20) ? amount : 0));

  it('tells depth as the slope of a line through the origin, and whose orders they are', () => {
    const { view, split } = snapshot(0, 2_000, 0, flat('bid', 300), flat('ask', 100));
    // Bids: after k + 1 buckets 300 · (k + 1) at a distance of k · 5 bps; asks 100 · (k + 1) at (k + 1) · 5.
    let [products, squares] = [0, 0];
    for (let k = 0; k <= 20; k++) {
      products += 300 * (k + 1) * 5 * k;
      squares += (5 * k) ** 2;
    }
    expect(depthSlope(view, 'bid')).toBeCloseTo(products / squares, 9);
    expect(depthSlope(view, 'ask')).toBeCloseTo(20, 9);
    expect(depthSlope({ ...view, venues: [] }, 'ask')).toBeNaN();
    expect(venueShares(split)).toEqual([
      { venue: 'binance', share: 0.75 },
      { venue: 'bybit', share: 0.25 },
    ]);
    expect(concentration(venueShares(split))).toBeCloseTo(0.625, 12);
    expect(concentration([])).toBeNaN();
  });

  it('calls the way the book leaned, judged ten seconds later', () => {
    const bench = new ModuleBench(createCob(), [ETH]);
    expect(bench.module.features(ETH)).toEqual([]);
    for (let i = 0; i < 4_000; i++) {
      // The book leans up before each rise of the mid, in turns of ten seconds.
      const rising = Math.floor(i / 100) % 2 === 0;
      bench.tell(
        'cobSnapshots',
        { symbol: ETH },
        snapshot(i * 100, 2_000 + (rising ? i % 100 : 0), rising ? 0.5 : 0, flat('bid', 1), flat('ask', 1)),
      );
    }
    expect(bench.features(ETH)).toMatchObject({ imbalance5: 0, 'share.binance': 75, concentration: 0.625 });
    expect(bench.features(ETH)['slopes']).toBeGreaterThan(0);
    expect(bench.predictions(ETH)).toEqual([]);
    const away = snapshot(400_000, 2_000, 0.5, flat('bid', 1), flat('ask', 1));
    bench.tell('cobSnapshots', { symbol: ETH }, { ...away, view: { ...away.view, venues: [] } });
    expect(bench.features(ETH)).toMatchObject({ imbalance: null, spread: null, bidSlope: null });
    expect(bench.predictions(ETH)).toEqual([]);
  });
});
