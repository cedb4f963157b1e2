import { describe, expect, it } from 'vitest';
import { L2Book } from '../market/l2-book.ts';
import { BookDepth } from './book-depth.ts';

const bookOn = (lotSize: number): L2Book => {
  const book = new L2Book({ tickSize: 0.01, lotSize, bucketWidth: 1 });
  // 1.5 base units at 100.00, and a remainder of 0.000004 at 100.01.
  book.setLevel('ask', 10_000, Math.round(1.5 / lotSize));
  book.setLevel('ask', 10_001, Math.round(0.000004 / lotSize));
  return book;
};

describe('BookDepth', () => {
  it('counts in the instrument’s lots, whatever the book counts in', () => {
    for (const bookLot of [1e-8, 1e-6]) {
      const depth = new BookDepth(bookOn(bookLot), { symbol: 'ETH/USDT', lotSize: '0.00001' });
      expect(depth.ticksAt('ask', 0)).toBe(10_000);
      expect(depth.lotsAt('ask', 0)).toBe(150_000);
      expect(depth.lotsAtPrice('ask', 10_000)).toBe(150_000);
    }
  });

  it('does not offer less than a lot', () => {
    const depth = new BookDepth(bookOn(1e-8), { symbol: 'ETH/USDT', lotSize: '0.00001' });
    expect(depth.ticksAt('ask', 1)).toBe(10_001);
    expect(depth.lotsAt('ask', 1)).toBe(0);
    expect(depth.lotsAtPrice('ask', 10_001)).toBe(0);
  });

  it('ends where the book ends', () => {
    const depth = new BookDepth(bookOn(1e-8), { symbol: 'ETH/USDT', lotSize: '0.00001' });
    expect(depth.ticksAt('ask', 2)).toBeNaN();
    expect(depth.lotsAt('ask', 2)).toBe(0);
  });

  it('refuses a book that is coarser than the instrument', () => {
    expect(() => new BookDepth(bookOn(1e-6), { symbol: 'ETH/USDT', lotSize: '0.0000001' })).toThrow(/ETH\/USDT/);
  });
});
