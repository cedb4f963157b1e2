import { decimalStep, pow10 } from '../market/decimal-parse.ts';
import type { Instrument } from '../market/instrument.ts';
import type { BookSide, L2Book } from '../market/l2-book.ts';
import type { Depth } from './liquidity.ts';

/**
 * A venue's book as matching reads it: in the instrument's lots. Books count on a finer grid than orders may
 * (venues keep odd remainders that no new order could have), so what is less than a whole lot does not count.
 */
export class BookDepth implements Depth {
  readonly #book: L2Book;
  /** Book lots in one lot of the instrument. */
  readonly #ratio: number;

  constructor(book: L2Book, instrument: Pick<Instrument, 'symbol' | 'lotSize'>) {
    const lot = decimalStep(instrument.lotSize);
    const ratio = lot === undefined ? Number.NaN : ratioOf(lot.units, lot.decimals, book.lot.units, book.lot.decimals);
    if (!Number.isInteger(ratio) || ratio < 1) {
      throw new RangeError(`${instrument.symbol}: lot ${instrument.lotSize} is not a multiple of its book's lot`);
    }
    this.#book = book;
    this.#ratio = ratio;
  }

  ticksAt(side: BookSide, rank: number): number {
    return this.#book.ticksAt(side, rank);
  }

  lotsAt(side: BookSide, rank: number): number {
    return Math.floor(this.#book.lotsAt(side, rank) / this.#ratio);
  }

  lotsAtPrice(side: BookSide, priceTicks: number): number {
    return Math.floor(this.#book.lotsAtPrice(side, priceTicks) / this.#ratio);
  }
}

/** (units / 10^decimals) ÷ (bookUnits / 10^bookDecimals), in whole numbers as far as it is one. */
function ratioOf(units: number, decimals: number, bookUnits: number, bookDecimals: number): number {
  const shift = bookDecimals - decimals;
  return shift >= 0 ? (units * pow10(shift)) / bookUnits : units / (bookUnits * pow10(-shift));
}
