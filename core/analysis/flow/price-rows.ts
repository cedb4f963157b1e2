/**
 * Traded volume by price row. Row r covers [r · size, (r + 1) · size) of the price, `size` being a whole number of ticks; only rows in
 * which something was traded are named, ascending. Volumes in base units.
 */
export interface PriceRows {
  readonly rows: readonly number[];
  /** Bought by takers: at the ask. */
  readonly buy: readonly number[];
  /** Sold by takers: at the bid. */
  readonly sell: readonly number[];
}

export const NO_ROWS: PriceRows = { rows: [], buy: [], sell: [] };

/** The price in whole ticks: exact, where a division of the price itself would not be. */
export function ticksOf(price: number, tickSize: number): number {
  return Math.round(price / tickSize);
}

/** The row, `rowTicks` ticks high, that holds a price given in ticks. */
export function rowOfTicks(ticks: number, rowTicks: number): number {
  return Math.floor(ticks / rowTicks);
}

/** Sums volume by row, in whatever order it comes. */
export class RowSums {
  readonly #places = new Map<number, number>();
  readonly #rows: number[] = [];
  readonly #buy: number[] = [];
  readonly #sell: number[] = [];

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  add(row: number, buy: number, sell: number): void {
    const place = this.#places.get(row);
    if (place === undefined) {
      this.#places.set(row, this.#rows.length);
      this.#rows.push(row);
      this.#buy.push(buy);
      this.#sell.push(sell);
    } else {
      this.#buy[place] = (this.#buy[place] as number) + buy;
      this.#sell[place] = (this.#sell[place] as number) + sell;
    }
  }

  /** Adds rows whose height is a `factor`-th of this one's. */
  addRows({ rows, buy, sell }: PriceRows, factor = 1): void {
    for (let i = 0; i < rows.length; i++) this.add(rowOfTicks(rows[i] as number, factor), buy[i] as number, sell[i] as number);
  }

  toRows(): PriceRows {
    const order = this.#rows.map((_, i) => i).sort((a, b) => (this.#rows[a] as number) - (this.#rows[b] as number));
    return {
      rows: order.map((i) => this.#rows[i] as number),
      buy: order.map((i) => this.#buy[i] as number),
      sell: order.map((i) => this.#sell[i] as number),
    };
  }
}

/** The same volume in rows `factor` times as high. */
export function mergedRows(rows: PriceRows, factor: number): PriceRows {
  if (factor === 1) return rows;
  const sums = new RowSums();
  sums.addRows(rows, factor);
  return sums.toRows();
}

/** Bought and sold volume of all rows. */
export function totalOf({ buy, sell }: PriceRows): { readonly buy: number; readonly sell: number } {
  let bought = 0;
  let sold = 0;
  for (let i = 0; i < buy.length; i++) {
    bought += buy[i] as number;
    sold += sell[i] as number;
  }
  return { buy: bought, sell: sold };
}
