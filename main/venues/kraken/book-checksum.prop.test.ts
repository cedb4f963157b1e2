import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookColumns } from '../../../core/market/book-columns.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { bookChecksum } from './book-checksum.ts';
import { checksumOfText } from './fixtures/messages.ts';

const ASKS = [
  ['45285.2', '0.00100000'],
  ['45286.4', '1.54571953'],
  ['45286.6', '1.54571109'],
  ['45289.6', '1.54560911'],
  ['45290.2', '0.15890660'],
  ['45291.8', '1.54553491'],
  ['45294.7', '0.04454749'],
  ['45296.1', '0.35380000'],
  ['45297.5', '0.09945542'],
  ['45299.5', '0.18772827'],
] as const;
const BIDS = [
  ['45283.5', '0.10000000'],
  ['45283.4', '1.54582015'],
  ['45282.1', '0.10000000'],
  ['45281.0', '0.10000000'],
  ['45280.3', '1.54592586'],
  ['45279.0', '0.07990000'],
  ['45277.6', '0.03310103'],
  ['45277.5', '0.30000000'],
  ['45277.3', '1.54602737'],
  ['45276.6', '0.15445238'],
] as const;

describe('Kraken’s book checksum', () => {
  it('is the one of the documented example', () => {
    const book = new L2Book({ tickSize: 0.1, lotSize: 1e-8, bucketWidth: 1 });
    for (const [price, quantity] of ASKS)
      book.setLevel('ask', Math.round(Number(price) * 10), Math.round(Number(quantity) * 1e8));
    for (const [price, quantity] of BIDS)
      book.setLevel('bid', Math.round(Number(price) * 10), Math.round(Number(quantity) * 1e8));
    expect(bookChecksum(book, { price: 1, quantity: 8 })).toBe(3310070434);
    expect(bookChecksum(book, { price: 5, quantity: 8 })).not.toBe(3310070434);
    book.setLevel('bid', 452766, 15445239);
    expect(bookChecksum(book, { price: 1, quantity: 8 })).not.toBe(3310070434);
  });

  it('is the one of the text, whatever the grid and the decimals on the wire', () => {
    const levels = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 1, max: 9e9 })), {
      selector: ([ticks]) => ticks,
      maxLength: 14,
    });
    fc.assert(
      fc.property(
        levels,
        levels,
        fc.nat(4),
        fc.constantFrom(1, 5),
        fc.nat(4),
        fc.nat(5),
        (bids, asks, tickDecimals, units, more, lotDecimals) => {
          const lot = lotDecimals + 3;
          const book = new L2Book({ tickSize: units / 10 ** tickDecimals, lotSize: 1 / 10 ** lot, bucketWidth: 1_000 });
          // Bids and asks may overlap: the checksum does not care.
          for (const [ticks, lots] of bids) book.setLevel('bid', ticks, lots);
          for (const [ticks, lots] of asks) book.setLevel('ask', ticks, lots);
          const text = (side: [number, number][], sign: number): (readonly [string, string])[] =>
            [...side]
              .sort(([a], [b]) => sign * (a - b))
              .map(
                ([ticks, lots]) =>
                  [decimal(ticks * units, tickDecimals) + zeros(tickDecimals, more), decimal(lots, lot)] as const,
              );
          expect(bookChecksum(book, { price: tickDecimals === 0 ? 0 : tickDecimals + more, quantity: lot })).toBe(
            checksumOfText(text(asks, 1), text(bids, -1)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the book', () => {
  it('is cut to the depth on both sides, the worst levels first', () => {
    const book = new L2Book({ tickSize: 1, lotSize: 1, bucketWidth: 10 });
    for (let i = 1; i <= 8; i++) {
      book.setLevel('bid', 100 - i, i);
      book.setLevel('ask', 100 + i, i);
    }
    new BookColumns().cutBelow(book, 5);
    expect([book.depth('bid'), book.depth('ask')]).toEqual([5, 5]);
    expect([book.bestBidTicks, book.ticksAt('bid', 4), book.bestAskTicks, book.ticksAt('ask', 4)]).toEqual([99, 95, 101, 105]);
  });
});

/** Without a float in between. */
function decimal(units: number, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function zeros(decimals: number, count: number): string {
  return decimals === 0 ? '' : '0'.repeat(count);
}
