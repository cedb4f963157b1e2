import { crc32 } from 'node:zlib';
import type { L2Book } from '../../../core/market/l2-book.ts';

/** Levels a side that the checksum covers, however deep the subscription. */
const CHECKED_LEVELS = 25;

/**
 * Bitfinex's checksum of a book: the CRC-32, as a signed number, over price and amount of bid and ask in turn from the best
 * level down, asks with negative amounts, joined by colons. The numbers are written as JavaScript writes them, which is what
 * stands in the messages. Source: Bitfinex docs, "WebSocket checksum".
 * @param fixedPrices prices below 0.000001 without an exponent, as Bitfinex's own library for Node writes them
 */
export function bookChecksum(book: L2Book, fixedPrices = false): number {
  const parts: string[] = [];
  const priceText = (price: number): string =>
    fixedPrices && price < 1e-6 ? price.toFixed(book.tick.decimals).replace(/0+$/, '') : String(price);
  for (let rank = 0; rank < CHECKED_LEVELS; rank++) {
    if (rank < book.depth('bid')) {
      parts.push(priceText(book.priceOf(book.ticksAt('bid', rank))), String(book.quantityOf(book.lotsAt('bid', rank))));
    }
    if (rank < book.depth('ask')) {
      parts.push(priceText(book.priceOf(book.ticksAt('ask', rank))), String(-book.quantityOf(book.lotsAt('ask', rank))));
    }
  }
  return crc32(parts.join(':')) | 0;
}
