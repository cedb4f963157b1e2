import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { L2Book } from './l2-book.ts';
import { FlowSums, type SecondFlow, TouchFlow, vwapOf } from './order-flow.ts';

function bookAt(bid: readonly [number, number], ask: readonly [number, number]): L2Book {
  const book = new L2Book({ tickSize: 0.01, lotSize: 1, bucketWidth: 1 });
  book.applySnapshot([bid], [ask]);
  return book;
}

/** Best bid and its quantity, best ask and its quantity; one lot is one unit. */
type Touch = readonly [bid: number, bidQuantity: number, ask: number, askQuantity: number];

function flows(states: readonly Touch[]): number[] {
  const flow = new TouchFlow();
  return states.map(([bid, q, ask, r]) => flow.change(bookAt([bid, q], [ask, r])));
}

describe('TouchFlow', () => {
  it('says nothing over its first state', () => {
    expect(flows([[100, 5, 101, 7]])).toEqual([0]);
  });

  it('counts quantity that comes and goes at standing prices', () => {
    // Bid 5 → 8: +3. Ask 7 → 4: +3. Both at once: bid −2, ask +1 → −3.
    expect(
      flows([
        [100, 5, 101, 7],
        [100, 8, 101, 7],
        [100, 8, 101, 4],
        [100, 6, 101, 5],
      ]),
    ).toEqual([0, 3, 3, -3]);
  });

  it('counts a whole new best level, and the whole one that is gone', () => {
    // A better bid of 2: +2. It goes, 5 below shows: −2. A better ask of 4: −4. It goes, 7 above shows: +4.
    expect(
      flows([
        [100, 5, 105, 7],
        [101, 2, 105, 7],
        [100, 5, 105, 7],
        [100, 5, 104, 4],
        [100, 5, 105, 7],
      ]),
    ).toEqual([0, 2, -2, -4, 4]);
  });

  it('adds both sides when the whole touch moves', () => {
    // Up by one: new bid 3 counts in full (+3), old ask 7 is gone in full (+7).
    expect(
      flows([
        [100, 5, 101, 7],
        [101, 3, 102, 9],
      ]),
    ).toEqual([0, 10]);
    // Down by one: old bid −5, new ask −9.
    expect(
      flows([
        [100, 5, 101, 7],
        [99, 3, 100, 9],
      ]),
    ).toEqual([0, -14]);
  });

  it('begins anew after an empty side, a crossed book or a doubt', () => {
    const flow = new TouchFlow();
    flow.change(bookAt([100, 5], [101, 7]));
    const empty = new L2Book({ tickSize: 0.01, lotSize: 1, bucketWidth: 1 });
    expect(flow.change(empty)).toBe(0);
    expect(flow.change(bookAt([100, 50], [101, 7]))).toBe(0);
    expect(flow.change(bookAt([102, 50], [101, 7]))).toBe(0);
    expect(flow.change(bookAt([100, 1], [101, 7]))).toBe(0);
    flow.forget();
    expect(flow.change(bookAt([100, 9], [101, 7]))).toBe(0);
    expect(flow.change(bookAt([100, 10], [101, 7]))).toBe(1);
  });

  it('counts an inverse book in base units', () => {
    const book = new L2Book({ tickSize: 0.5, lotSize: 10, bucketWidth: 1, quantityUnit: 'quote' });
    book.applySnapshot([[4_000, 100]], [[4_002, 100]]);
    const flow = new TouchFlow();
    flow.change(book);
    // 1,000 USD more bid at 2,000: half an ETH.
    book.setLevel('bid', 4_000, 200);
    expect(flow.change(book)).toBeCloseTo(0.5, 12);
  });

  it('is the indicator formula, written out, for any states', () => {
    const touch = fc
      .tuple(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
      )
      .map(([bid, q, gap, r]): Touch => [bid, q, bid + gap, r]);
    fc.assert(
      fc.property(fc.array(touch, { minLength: 1, maxLength: 30 }), (states) => {
        const naive = states.map(([p, q, a, r], i) => {
          const before = states[i - 1];
          if (before === undefined) return 0;
          const [p0, q0, a0, r0] = before;
          return q * Number(p >= p0) - q0 * Number(p <= p0) - r * Number(a <= a0) + r0 * Number(a >= a0);
        });
        expect(flows(states)).toEqual(naive);
      }),
    );
  });
});

describe('FlowSums', () => {
  it('tells each second once it is over: volumes, OFI, count, VWAP', () => {
    const sums = new FlowSums();
    expect(sums.roll(0)).toBeUndefined();
    sums.addTrade({ price: 1, quantity: 1, side: 'buy' });
    // The first second was not watched from its start.
    expect(sums.roll(1_000)).toBeUndefined();
    sums.addTrade({ price: 100, quantity: 3, side: 'buy' });
    sums.addTrade({ price: 104, quantity: 1, side: 'sell' });
    sums.addOfi(5);
    sums.addOfi(-7);
    expect(sums.roll(1_000)).toBeUndefined();
    const ended = sums.roll(2_000);
    expect(ended).toEqual({
      second: 1_000,
      buyVolume: 3,
      sellVolume: 1,
      buyNotional: 300,
      sellNotional: 104,
      ofi: -2,
      tradeCount: 2,
      vpin: Number.NaN,
      largeShare: Number.NaN,
    });
    expect(ended && vwapOf(ended)).toBe(101);
    const quiet = sums.roll(3_000);
    expect(quiet).toMatchObject({ second: 2_000, buyVolume: 0, ofi: 0, tradeCount: 0 });
    expect(quiet && vwapOf(quiet)).toBeNaN();
    // Seconds that nobody looked at are not one second.
    expect(sums.roll(9_000)).toBeUndefined();
    expect(sums.roll(10_000)).toBeUndefined();
    expect(sums.roll(11_000)).toMatchObject({ second: 10_000 });
  });

  /** Ten trades a second, of 1 each at 100, from `from` on; the ninth sells. Answers what the last second told. */
  function trade(sums: FlowSums, from: number, seconds: number): SecondFlow | undefined {
    let ended: SecondFlow | undefined;
    for (let second = from; second < from + 1_000 * seconds; second += 1_000) {
      ended = sums.roll(second) ?? ended;
      for (let i = 0; i < 10; i++) sums.addTrade({ price: 100, quantity: 1, side: i === 8 ? 'sell' : 'buy' });
    }
    return ended;
  }

  it('tells VPIN and the share of large trades once it has seen enough', () => {
    const sums = new FlowSums();
    // 500 trades are there at 50 s: the first whole second from then on is told at 52 s.
    expect(trade(sums, 0, 51)?.largeShare).toBeNaN();
    expect(trade(sums, 51_000, 2)?.largeShare).toBe(1);
    // Two minutes, then fifty buckets of 12 s: V = 120, of which 12 are sold.
    expect(trade(sums, 53_000, 60 * 12 - 53)?.vpin).toBeNaN();
    expect(trade(sums, 720_000, 13)).toMatchObject({ second: 731_000, vpin: expect.closeTo(0.8, 12) });
    // A trade of 99 is below all of the others, one of 98,901 above; of nothing traded nothing is large.
    sums.roll(733_000);
    for (const quantity of [1, 999]) sums.addTrade({ price: 99, quantity, side: 'buy' });
    expect(sums.roll(734_000)).toMatchObject({ largeShare: 0.999 });
    expect(sums.roll(735_000)).toMatchObject({ buyVolume: 0, largeShare: 0 });
  });

  it('forgets both over a long pause, and keeps them over a short one', () => {
    const sums = new FlowSums();
    trade(sums, 0, 800);
    expect(trade(sums, 859_000, 3)).toMatchObject({ vpin: expect.closeTo(0.8, 1), largeShare: 1 });
    expect(trade(sums, 922_000, 3)).toMatchObject({ second: 923_000, vpin: Number.NaN, largeShare: Number.NaN });
  });
});
