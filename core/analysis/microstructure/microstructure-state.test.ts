import { describe, expect, it } from 'vitest';
import { SplitMix32 } from '../../base/rng.ts';
import { type BookSample, bookPressure, microOffsetBps, touchImbalance } from './book-pressure.ts';
import { LargeTrades } from './large-trades.ts';
import { MICROSTRUCTURE_FEATURES, MICROSTRUCTURE_INDEX, type MicrostructureFeature } from './microstructure-features.ts';
import { MicrostructureState } from './microstructure-state.ts';
import { Vpin } from './vpin.ts';

const START = 1_700_000_000_000;

function book(mid: number, more: Partial<BookSample> = {}): BookSample {
  const none = Array.from({ length: 41 }, () => 0);
  return {
    venues: ['binance'],
    mid,
    spreadBps: 1,
    microprice: mid,
    bestBidQuantity: 1,
    bestAskQuantity: 1,
    bidNotional: none,
    askNotional: none,
    ...more,
  };
}

function trade(t: number, side: 'buy' | 'sell', price: number, quantity: number) {
  return { price, quantity, side, tsEvent: t, tsReceived: t };
}

function read(state: MicrostructureState, t: number, name: MicrostructureFeature): number {
  return state.features(t)[MICROSTRUCTURE_INDEX[name]] as number;
}

/** A sample at the start of each second of [0, seconds), and what `each` does after it. */
function run(
  state: MicrostructureState,
  seconds: number,
  midOf: (i: number) => number,
  each: (i: number, t: number) => void = () => {},
) {
  for (let i = 0; i < seconds; i++) {
    state.onBook(START + 1_000 * i, book(midOf(i)));
    each(i, START + 1_000 * i + 500);
  }
}

describe('MicrostructureState', () => {
  it('names every value once', () => {
    expect(new MicrostructureState().features(START)).toHaveLength(MICROSTRUCTURE_FEATURES.length);
    expect(new Set(MICROSTRUCTURE_FEATURES).size).toBe(MICROSTRUCTURE_FEATURES.length);
    expect(MICROSTRUCTURE_FEATURES[MICROSTRUCTURE_INDEX.vpin]).toBe('vpin');
  });

  it('splits what a taker paid into what stayed and what the mid moved', () => {
    const state = new MicrostructureState();
    // One buy at 100.05 while the mid is 100; from the next second on the mid is 100.03.
    run(
      state,
      80,
      (i) => (i <= 20 ? 100 : 100.03),
      (i, t) => i === 20 && state.onTrade(trade(t, 'buy', 100.05, 7)),
    );
    const now = START + 79_000;
    expect(read(state, now, 'effectiveSpreadBps')).toBeCloseTo(10, 9);
    expect(read(state, now, 'impactBps')).toBeCloseTo(6, 9);
    expect(read(state, now, 'realisedSpreadBps')).toBeCloseTo(4, 9);
  });

  it('finds a planted impact: so many bps a million bought, with all of the variance explained', () => {
    const state = new MicrostructureState();
    const rng = new SplitMix32(3);
    let mid = 2_000;
    for (let i = 0; i < 200; i++) {
      const t = START + 1_000 * i;
      const notional = 1e6 * (rng.next() - 0.5);
      state.onTrade(trade(t + 100, notional > 0 ? 'buy' : 'sell', 2_000, Math.abs(notional) / 2_000));
      mid *= Math.exp((2.5 * notional) / 1e6 / 10_000);
      state.onBook(t + 900, book(mid));
    }
    const now = START + 200_000;
    expect(read(state, now, 'kyleLambda')).toBeCloseTo(2.5, 6);
    expect(read(state, now, 'kyleR2')).toBeCloseTo(1, 9);
    // Each second moved 2.5 bps a million, whichever way.
    expect(read(state, now, 'amihud')).toBeCloseTo(2.5, 6);
    expect(read(state, now, 'hasbrouckLambda')).toBeGreaterThan(0);
  });

  it('leaves open what nothing was traded for', () => {
    const state = new MicrostructureState();
    run(state, 100, () => 100);
    expect(read(state, START + 100_000, 'kyleLambda')).toBeNaN();
    expect(read(state, START + 100_000, 'amihud')).toBeNaN();
    expect(read(state, START + 100_000, 'flowImbalance')).toBe(0);
    expect(read(state, START + 100_000, 'effectiveSpreadBps')).toBeNaN();
  });

  it('weights the rate of trades by how new they are', () => {
    const state = new MicrostructureState();
    run(
      state,
      90,
      () => 100,
      (i, t) => {
        for (let k = 0; k < (i < 89 ? 2 : 20); k++) state.onTrade(trade(t, 'sell', 100, 1));
      },
    );
    const now = START + 90_000;
    expect(read(state, now, 'tradeRate')).toBeCloseTo((59 * 2 + 20) / 60, 12);
    // Two a second for long, and one second of twenty.
    const newest = 1 - Math.exp(-0.1);
    expect(read(state, now, 'tradeIntensity')).toBeCloseTo(2 + 18 * newest, 9);
    expect(read(state, now, 'tradeBurst')).toBeCloseTo((2 + 18 * newest) / 2.3, 9);
    expect(read(state, now, 'cvd')).toBe(-2 * 88 - 20);
  });

  it('begins the cumulative volume delta anew each day', () => {
    const state = new MicrostructureState();
    const midnight = Math.ceil(START / 86_400_000) * 86_400_000;
    const told: number[] = [];
    for (let t = midnight - 5_000; t <= midnight + 3_000; t += 1_000) {
      told.push(read(state, t, 'cvd'));
      state.onTrade(trade(t, 'buy', 100, 1));
    }
    // The first second was not watched from its start.
    expect(told).toEqual([Number.NaN, Number.NaN, 1, 2, 3, 4, 1, 2, 3]);
  });

  it('tells VPIN and large trades as their own states do', () => {
    const state = new MicrostructureState();
    const [vpin, large] = [new Vpin(), new LargeTrades()];
    const rng = new SplitMix32(5);
    let notional = 0;
    let largeNotional = 0;
    let signed = 0;
    run(
      state,
      900,
      () => 100,
      (i, t) => {
        vpin.advance(START + 1_000 * i);
        for (let k = 0; k < 10; k++) {
          const quantity = 10 * rng.next() ** 3;
          const side = rng.next() < 0.6 ? 'buy' : 'sell';
          vpin.add(quantity, side === 'buy');
          const isLarge = large.add(100 * quantity);
          expect(state.onTrade(trade(t, side, 100, quantity))).toBe(isLarge);
          if (i >= 840) notional += 100 * quantity;
          if (i >= 840 && isLarge) largeNotional += 100 * quantity;
          if (i >= 840 && isLarge) signed += side === 'buy' ? 100 * quantity : -100 * quantity;
        }
      },
    );
    const now = START + 900_000;
    vpin.advance(now);
    expect(read(state, now, 'vpin')).toBe(vpin.value);
    expect(vpin.value).toBeGreaterThan(0);
    expect(read(state, now, 'largeThreshold')).toBe(large.threshold);
    expect(read(state, now, 'largeShare')).toBeCloseTo(largeNotional / notional, 9);
    expect(read(state, now, 'largeImbalance')).toBeCloseTo(signed / notional, 9);
  });

  it('knows nothing before its window was watched, nor after a long pause; a short one is bridged', () => {
    const state = new MicrostructureState();
    const flow = (seconds: number, t: number) => {
      for (let i = 0; i < seconds; i++) state.onTrade(trade(t + 1_000 * i, 'buy', 100, 1));
    };
    flow(61, START);
    expect(read(state, START + 60_999, 'buyRate')).toBeNaN();
    expect(read(state, START + 61_000, 'buyRate')).toBe(1);
    // Sixteen seconds in which the process was too busy to look.
    flow(30, START + 77_000);
    expect(read(state, START + 107_000, 'buyRate')).toBeCloseTo((30 + 14) / 60, 12);
    flow(10, START + 200_000);
    expect([...state.features(START + 210_000)].filter((value) => !Number.isNaN(value))).toEqual([9]);
    expect(read(state, START + 210_000, 'cvd')).toBe(9);
  });

  it('counts no trade that was fetched to close a gap', () => {
    const state = new MicrostructureState();
    run(state, 70, () => 100);
    expect(state.onTrade({ ...trade(START + 69_500, 'buy', 100, 1e6), tsEvent: START })).toBe(false);
    expect(read(state, START + 70_000, 'signedVolume')).toBe(0);
  });

  it('tells the book of its newest sample, and nothing of one that is old or of no venue', () => {
    const state = new MicrostructureState();
    state.onBook(START, book(100, { microprice: 100.01, bestBidQuantity: 3, spreadBps: 2 }));
    const of = (t: number) =>
      (['spreadBps', 'microOffsetBps', 'touchImbalance', 'bookPressure'] as const).map((name) => read(state, t, name));
    expect(of(START + 1_000)).toEqual([2, expect.closeTo(1, 9), 0.5, 0]);
    expect(of(START + 1_001)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    state.onBook(START + 2_000, book(100));
    expect(of(START + 2_000)).toEqual([1, 0, 0, 0]);
    state.onBook(START + 2_100, book(0, { venues: [] }));
    expect(of(START + 2_100)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    expect(read(state, START + 2_100, 'meanSpreadBps')).toBeNaN();
  });
});

describe('pressure of the book', () => {
  it('weights buckets by how near they are', () => {
    const bidNotional = Array.from({ length: 41 }, (_, i) => (i === 20 ? 10 : i === 18 ? 30 : 0));
    const askNotional = Array.from({ length: 41 }, (_, i) => (i === 21 ? 10 : 0));
    // 10 + 30/3 against 10/2.
    expect(bookPressure({ bidNotional, askNotional })).toBeCloseTo(15 / 25, 12);
    expect(bookPressure({ bidNotional: [], askNotional: [] })).toBe(0);
  });

  it('leans to the side with less at its best', () => {
    expect(microOffsetBps({ mid: 100, microprice: 99.99 })).toBeCloseTo(-1, 9);
    expect(touchImbalance({ bestBidQuantity: 1, bestAskQuantity: 3 })).toBe(-0.5);
    expect(touchImbalance({ bestBidQuantity: 0, bestAskQuantity: 0 })).toBe(0);
  });
});
