import { type DecimalStep, pow10 } from '../../../core/market/decimal-parse.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';

/** Levels a side that the checksum covers, however deep the subscription. */
const CHECKED_LEVELS = 10;

/** CRC-32 as in zlib: reflected polynomial 0x04C11DB7. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});
const ZERO = 48;
const DIGITS = new Uint8Array(24);

/** Decimals with which the venue writes an instrument's prices and quantities. */
export interface WireDecimals {
  price: number;
  quantity: number;
}

/**
 * Kraken's checksum of a book: the CRC-32 over the ten best asks, then the ten best bids, each price and quantity written
 * as sent but without point and leading zeros. What is left is a whole number of the last decimal, so the digits come
 * straight from ticks and lots. Source: Kraken docs, "Book checksum (v2)".
 */
export function bookChecksum(book: L2Book, decimals: WireDecimals): number {
  const priceScale = scaleOf(book.tick, decimals.price);
  const quantityScale = scaleOf(book.lot, decimals.quantity);
  let crc = 0xffffffff;
  for (const side of ['ask', 'bid'] as const) {
    const count = Math.min(CHECKED_LEVELS, book.depth(side));
    for (let rank = 0; rank < count; rank++) {
      crc = addDigits(crc, scaled(book.ticksAt(side, rank) * book.tick.units, priceScale));
      crc = addDigits(crc, scaled(book.lotsAt(side, rank) * book.lot.units, quantityScale));
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Decimal places to add, or to take away where they are zeros. */
function scaleOf(step: DecimalStep, decimals: number): number {
  return decimals - step.decimals;
}

function scaled(units: number, scale: number): number {
  return scale >= 0 ? units * pow10(scale) : units / pow10(-scale);
}

function addDigits(crc: number, whole: number): number {
  let count = 0;
  let rest = whole;
  while (rest >= 1 && count < DIGITS.length) {
    const quotient = Math.floor(rest / 10);
    DIGITS[count++] = ZERO + (rest - quotient * 10);
    rest = quotient;
  }
  let next = crc;
  while (count > 0) next = (TABLE[(next ^ (DIGITS[--count] as number)) & 0xff] as number) ^ (next >>> 8);
  return next;
}
