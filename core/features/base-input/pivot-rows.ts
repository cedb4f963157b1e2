import { PIVOT_LEVELS, type MarketStructure } from '../../analysis/pivots/market-structure.ts';
import type { PivotLevel } from '../../analysis/pivots/pivot-level.ts';
import { dayOf } from './candle-series.ts';
import { blockNamed, PIVOTS_PER_LEVEL } from './schema.ts';

const COLUMNS = blockNamed('pivots').columns.length;
const CONTEXT_MS = 7 * 86_400_000;
const LABELS = { HH: 1, HL: 0.5, LH: -0.5, LL: -1 } as const;

/**
 * Open time of the first minute of the market structure at `t`. What a structure says depends a little on where it begins, so it begins
 * at the same minute for everybody: at 00:00 UTC seven days before t's day.
 */
export function structureStart(t: number): number {
  return dayOf(t) - CONTEXT_MS;
}

/** Pivots kept of level 1: seven to eight days of minutes have fewer than 2,900 fractals, of which the newest are wanted. */
export const STRUCTURE_CAPACITY = 1_024;

/**
 * The newest pivots of every level as known at `t`, the newest first, and each level's trend. A pivot that there is not is 0 throughout.
 * @param lastClose what prices are compared with; NaN makes them unknown
 * @throws when the structure knows of candles that closed after `t`: it cannot be asked what it said before
 */
export function writePivots(
  structure: MarketStructure,
  t: number,
  lastClose: number,
  pivots: Float64Array,
  trends: Float64Array,
): void {
  const { asOf } = structure;
  if (asOf !== undefined && asOf > t) throw new RangeError(`a market structure as of ${asOf} is asked about ${t}`);
  pivots.fill(0);
  for (let l = 0; l < PIVOT_LEVELS; l++) {
    const level = structure.levels[l] as PivotLevel;
    const { trend } = level;
    trends[2 * l] = trend === 'up' ? 1 : trend === 'down' ? -1 : 0;
    trends[2 * l + 1] = level.trendStrength;
    const known = Math.min(PIVOTS_PER_LEVEL, level.count - level.first);
    for (let k = 0; k < known; k++) {
      const index = level.count - 1 - k;
      const at = (l * PIVOTS_PER_LEVEL + k) * COLUMNS;
      const label = level.label(index);
      pivots[at] = Math.log(level.price(index) / lastClose);
      pivots[at + 1] = Math.log1p((t - level.confirmedAt(index)) / 60_000);
      pivots[at + 2] = level.isHigh(index) ? 1 : -1;
      pivots[at + 3] = label === undefined ? 0 : LABELS[label];
      pivots[at + 4] = level.strength(index);
    }
  }
}
