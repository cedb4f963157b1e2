import { pocOf } from './footprint.ts';
import { type PriceRows, totalOf } from './price-rows.ts';

/** The customary share of the volume, about one standard deviation to each side. */
export const VALUE_AREA_SHARE = 0.7;

export interface ValueArea {
  readonly poc: number;
  /** Highest and lowest row of the value area. */
  readonly high: number;
  readonly low: number;
  /** Share of the volume that is within. */
  readonly share: number;
}

/**
 * Point of control and value area by the usual rule (CBOT Market Profile Handbook; Dalton, Jones & Dalton 1990, "Mind over Markets",
 * appendix 1): from the point of control on, the two rows above are compared with the two rows below, and the pair with more volume is
 * taken in, until `share` of the volume is. Of equal pairs the one above. At an end there may be one row left, or none. Undefined
 * without volume.
 */
export function valueArea(cells: PriceRows, share: number = VALUE_AREA_SHARE): ValueArea | undefined {
  const poc = pocOf(cells);
  const [first, last] = [cells.rows[0], cells.rows.at(-1)];
  if (poc === undefined || first === undefined || last === undefined) return undefined;
  const byRow = new Map(cells.rows.map((row, i) => [row, (cells.buy[i] as number) + (cells.sell[i] as number)]));
  const at = (row: number): number => byRow.get(row) ?? 0;
  const { buy, sell } = totalOf(cells);
  const total = buy + sell;
  let [high, low, within] = [poc, poc, at(poc)];
  while (within < share * total && (high < last || low > first)) {
    const above = at(high + 1) + at(high + 2);
    const below = at(low - 1) + at(low - 2);
    if (low === first || (high < last && above >= below)) {
      within += above;
      high = Math.min(last, high + 2);
    } else {
      within += below;
      low = Math.max(first, low - 2);
    }
  }
  return { poc, high, low, share: Math.min(1, within / total) };
}
