import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { BookSync } from '../session/book-sync.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { bookChecksum } from './book-checksum.ts';
import {
  VET_BTC,
  VET_BTC_CHECKSUM,
  VET_BTC_UPDATES,
  XRP_BTC,
  XRP_BTC_CHECKSUM,
  XRP_BTC_UPDATES,
} from './fixtures/published-books.ts';
import { checksumFromJson, depthFromJson } from './parse.ts';
import { BITFINEX_RULE } from './sync.ts';

const STEP = decimalStep('0.00000001') as DecimalStep;
type Entry = readonly [price: number, count: number, amount: number];

function bookOf(
  snapshot: readonly Entry[],
  updates: readonly Entry[] = [],
): { book: L2Book; sync: BookSync; check: (value: number) => void } {
  const book = new L2Book({ tickSize: 1e-8, lotSize: 1e-8, bucketWidth: 1 });
  const sync = new BookSync(book, BITFINEX_RULE, () => {});
  sync.connected();
  const delta = emptyDelta();
  let sequence = 0;
  const stamp = (): { sequence: number; tsEvent: number } => ({ sequence: ++sequence, tsEvent: 0 });
  for (const content of [snapshot, ...updates]) {
    const parsed = depthFromJson(content, stamp(), STEP, STEP, delta);
    if (!parsed.ok) throw new Error(parsed.error.message);
    sync.onDelta(delta);
  }
  const check = (value: number): void => {
    expect(checksumFromJson(value, stamp(), delta).ok).toBe(true);
    sync.onDelta(delta);
  };
  return { book, sync, check };
}

describe('Bitfinex’s book checksum', () => {
  it('is the one of the published books, with prices below a millionth too', () => {
    expect(bookChecksum(bookOf(XRP_BTC, XRP_BTC_UPDATES).book)).toBe(XRP_BTC_CHECKSUM);
    expect(bookChecksum(bookOf(VET_BTC, VET_BTC_UPDATES).book)).toBe(VET_BTC_CHECKSUM);
    expect(bookChecksum(bookOf(XRP_BTC, XRP_BTC_UPDATES.slice(0, 2)).book)).not.toBe(XRP_BTC_CHECKSUM);
  });

  it('is believed with and without exponents, and nothing else is', () => {
    const { sync, check } = bookOf([
      [6000, 1, 1],
      [1.7e-7, 1, 2],
      [6100, 1, -3],
      [6200, 1, -4],
    ]);
    check(crc32('6000:1:6100:-3:1.7e-7:2:6200:-4') | 0);
    check(crc32('6000:1:6100:-3:0.00000017:2:6200:-4') | 0);
    expect(sync.state).toBe('live');
    check(crc32('6000:1:6100:-3:5900:2:6200:-4') | 0);
    expect([sync.state, sync.wantsSnapshot]).toEqual(['resyncing', true]);
    expect(sync.reason).toMatch(/^checksum -?\d+, Bitfinex says -?\d+$/);
  });

  it('is the one of the numbers as they were sent, of the 25 best levels a side in turn', () => {
    const levels = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: -8, max: 2 }), fc.integer({ min: 1, max: 9e12 })),
      { selector: ([digits, exponent]) => Number(`${digits}e${exponent}`), maxLength: 40 },
    );
    fc.assert(
      fc.property(levels, levels, (low, high) => {
        // Asks stand above every bid.
        const bids = low.map(([digits, exponent, lots]): Entry => [Number(`${digits}e${exponent}`), 1, lots / 1e8]);
        const asks = high.map(([digits, , lots]): Entry => [20_000_000 + digits, 1, -lots / 1e8]);
        const unique = asks.filter(([price], i) => asks.findIndex(([other]) => other === price) === i);
        const sortedBids = bids.toSorted((a, b) => b[0] - a[0]);
        const sortedAsks = unique.toSorted((a, b) => a[0] - b[0]);
        const parts: number[] = [];
        for (let i = 0; i < 25; i++) {
          for (const entry of [sortedBids[i], sortedAsks[i]]) if (entry !== undefined) parts.push(entry[0], entry[2]);
        }
        const { book } = bookOf([...bids, ...unique]);
        expect(bookChecksum(book)).toBe(crc32(parts.map(String).join(':')) | 0);
      }),
      { numRuns: 200 },
    );
  });
});
