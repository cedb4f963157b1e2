import { type PriceRows, totalOf } from './price-rows.ts';

export interface ImbalanceRule {
  /** How many times the volume that it is compared with. */
  readonly ratio: number;
  /** Least share of the candle's volume: next to nothing against nothing is no imbalance. */
  readonly minShare: number;
}

/** 3:1 is the customary threshold. */
export const USUAL_IMBALANCE: ImbalanceRule = { ratio: 3, minShare: 0.02 };

export interface FootprintFigures {
  readonly buyVolume: number;
  readonly sellVolume: number;
  /** Bought less sold. */
  readonly delta: number;
  /** Row with the most volume, of several the one nearest to the middle, then the lower; undefined without volume. */
  readonly poc: number | undefined;
  /** By position in `rows`: whether buying at the ask outweighs the selling at the bid one row below. */
  readonly buyImbalance: readonly boolean[];
  /** Whether selling at the bid outweighs the buying at the ask one row above. */
  readonly sellImbalance: readonly boolean[];
}

/**
 * What a footprint tells of one candle. Imbalances are diagonal: who bought at the ask of a row met those who sold at the bid one row
 * below, so these two volumes are compared. A row in which nothing was traded counts as 0; beyond the candle's own rows there is nothing
 * to compare with.
 */
export function footprintFigures(cells: PriceRows, { ratio, minShare }: ImbalanceRule = USUAL_IMBALANCE): FootprintFigures {
  const { rows, buy, sell } = cells;
  const { buy: buyVolume, sell: sellVolume } = totalOf(cells);
  const least = minShare * (buyVolume + sellVolume);
  const outweighs = (volume: number, other: number): boolean => volume > 0 && volume >= least && volume >= ratio * other;
  const last = rows.length - 1;
  return {
    buyVolume,
    sellVolume,
    delta: buyVolume - sellVolume,
    poc: pocOf(cells),
    buyImbalance: rows.map((row, i) => {
      const below = rows[i - 1] === row - 1 ? (sell[i - 1] as number) : 0;
      return i > 0 && outweighs(buy[i] as number, below);
    }),
    sellImbalance: rows.map((row, i) => {
      const above = rows[i + 1] === row + 1 ? (buy[i + 1] as number) : 0;
      return i < last && outweighs(sell[i] as number, above);
    }),
  };
}

/** Point of control: the row with the most volume, of several the one nearest to the middle of all, then the lower. */
export function pocOf({ rows, buy, sell }: PriceRows): number | undefined {
  const middle = ((rows[0] ?? 0) + (rows.at(-1) ?? 0)) / 2;
  let poc: number | undefined;
  let most = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const volume = (buy[i] as number) + (sell[i] as number);
    if (volume > most || (volume === most && poc !== undefined && Math.abs(row - middle) < Math.abs(poc - middle))) {
      most = volume;
      poc = row;
    }
  }
  return poc;
}
