import { describe, expect, it } from 'vitest';
import { L2Book } from './l2-book.ts';

const ethBook = () => new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });

describe('L2Book', () => {
  it('is NaN where there is nothing', () => {
    const book = ethBook();
    expect([book.bestBid, book.bestAsk, book.mid]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect([book.bestBidQuantity, book.bestAskQuantity]).toEqual([0, 0]);
    expect(book.isCrossed).toBe(false);
    book.setLevel('bid', 200_000, 5);
    expect(book.mid).toBeNaN();
    expect(book.isCrossed).toBe(false);
    expect(book.ticksAt('bid', 1)).toBeNaN();
  });

  it('gives the doubles that the venue prints', () => {
    const book = ethBook();
    book.applySnapshot([[230_237, 12_345]], [[230_238, 1]]);
    expect([book.bestBid, book.bestAsk, book.mid]).toEqual([2302.37, 2302.38, 2302.375]);
    expect([book.bestBidQuantity, book.bestAskQuantity]).toEqual([1.2345, 0.0001]);
    expect(book.lotsAtPrice('bid', 230_237)).toBe(12_345);
    expect(book.lotsAtPrice('bid', 230_236)).toBe(0);
    const tenths = new L2Book({ tickSize: 0.1, lotSize: 0.001, bucketWidth: 10 });
    tenths.setLevel('bid', 3, 3);
    expect([tenths.bestBid, tenths.bestBidQuantity]).toEqual([0.3, 0.003]);
  });

  it('calls a locked and a crossed book crossed', () => {
    const book = ethBook();
    book.applySnapshot([[100, 1]], [[101, 1]]);
    expect(book.isCrossed).toBe(false);
    book.setLevel('bid', 101, 1);
    expect(book.isCrossed).toBe(true);
  });

  it('grows past its first capacity and leaves nothing behind when emptied', () => {
    const book = ethBook();
    const quantity = new Float64Array(41);
    const notional = new Float64Array(41);
    book.addBuckets('bid', 0, quantity, notional);
    for (let ticks = 1; ticks <= 5000; ticks++) book.setLevel('bid', ticks, ticks);
    expect(book.depth('bid')).toBe(5000);
    for (let ticks = 1; ticks <= 5000; ticks++) book.setLevel('bid', ticks, 0);
    expect(book.depth('bid')).toBe(0);
    book.addBuckets('bid', 0, quantity, notional);
    expect(quantity.every((value) => value === 0)).toBe(true);
    expect(notional.every((value) => value === 0)).toBe(true);
  });

  it('puts a price on a bucket edge into the bucket that begins there, also for widths that no double holds', () => {
    const book = new L2Book({ tickSize: 0.01, lotSize: 1, bucketWidth: 0.1 });
    // 0.7 / 0.1 is 6.999… in doubles.
    book.setLevel('ask', 70, 1);
    const quantity = new Float64Array(2);
    book.addBuckets('ask', 6, quantity, new Float64Array(2));
    expect([...quantity]).toEqual([0, 1]);
  });

  it('takes a width that is no multiple of the tick', () => {
    const book = new L2Book({ tickSize: 0.25, lotSize: 1, bucketWidth: 0.4 });
    // 0.25 | 0.5 0.75 | 1.0 in buckets of 0.4
    for (const ticks of [1, 2, 3, 4]) book.setLevel('bid', ticks, 1);
    const quantity = new Float64Array(3);
    const notional = new Float64Array(3);
    book.addBuckets('bid', 0, quantity, notional);
    expect([...quantity]).toEqual([1, 2, 1]);
    expect([...notional]).toEqual([0.25, 1.25, 1]);
  });

  it('counts an inverse book in quote: a level is worth its quantity, and is quantity ÷ price in base', () => {
    // Contracts of 10 USD at a tick of 0.5: 40,000 × 20 contracts and 50,000 × 5 contracts.
    const book = new L2Book({ tickSize: 0.5, lotSize: 10, bucketWidth: 20_000, quantityUnit: 'quote' });
    book.applySnapshot(
      [
        [100_000, 5],
        [80_000, 20],
      ],
      [[100_001, 1]],
    );
    expect([book.bestBid, book.bestBidQuantity]).toEqual([50_000, 0.001]);
    expect(book.bestAskQuantity).toBe(10 / 50_000.5);
    expect(book.quantityOf(book.lotsAt('bid', 0))).toBe(50);
    const quantity = new Float64Array(1);
    const notional = new Float64Array(1);
    book.addBuckets('bid', 2, quantity, notional);
    // 200 USD ÷ 40,000 + 50 USD ÷ 50,000
    expect(quantity[0]).toBeCloseTo(0.006, 15);
    expect(notional[0]).toBe(250);
    const [prices, quantities] = [new Float64Array(2), new Float64Array(2)];
    expect(book.copyTop('bid', 2, prices, quantities)).toBe(2);
    expect([...prices, ...quantities]).toEqual([50_000, 40_000, 0.001, 0.005]);
  });
});
