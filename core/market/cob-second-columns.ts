import { COB_BUCKETS } from '../contracts/market-views.ts';
import type { CobColumn, VenueBuckets } from './cob-column.ts';
import type { VenueId } from './instrument.ts';

/** Figures with one number a second. */
export const COB_SECOND_FIGURES = [
  'second',
  't',
  'samples',
  'bestBid',
  'bestAsk',
  'bestBidQuantity',
  'bestAskQuantity',
  'mid',
  'spreadBps',
  'microprice',
  'anchor',
  'bucketWidth',
  'imbalance',
  'imbalanceMa1s',
  'imbalanceMa5s',
  'imbalanceMa15s',
  'imbalanceMa60s',
  'buyVolume',
  'sellVolume',
  'buyNotional',
  'sellNotional',
  'ofi',
  'tradeCount',
  'vwap',
  'vpin',
  'largeShare',
] as const;
export type CobSecondFigure = (typeof COB_SECOND_FIGURES)[number];

/**
 * Consolidated-book seconds as columns, oldest first: the second's last snapshot, means over it and its flow. Volumes and OFI in base
 * units, notional in quote units. NaN in the flow: not known (and vwap: nothing traded). `vpin` and `largeShare` are not known either in
 * the first minutes that a market is watched.
 */
export type CobSecondColumns = Readonly<Record<CobSecondFigure, Float64Array>> & {
  /** n × 41, bucket i of row r at r · 41 + i. */
  readonly bidQuantity: Float32Array;
  readonly askQuantity: Float32Array;
  readonly bidNotional: Float32Array;
  readonly askNotional: Float32Array;
  readonly meanBidNotional: Float32Array;
  readonly meanAskNotional: Float32Array;
  /** Venues merged into the last snapshot. */
  readonly venues: readonly (readonly VenueId[])[];
  /** Notional of the last snapshot by venue; undefined where it was not kept. */
  readonly splits: readonly (VenueBuckets | undefined)[];
};

/** No seconds at all. */
export function noCobSeconds(): CobSecondColumns {
  const figures = Object.fromEntries(COB_SECOND_FIGURES.map((name) => [name, new Float64Array(0)])) as Record<
    CobSecondFigure,
    Float64Array
  >;
  const none = new Float32Array(0);
  return {
    ...figures,
    bidQuantity: none,
    askQuantity: none,
    bidNotional: none,
    askNotional: none,
    meanBidNotional: none,
    meanAskNotional: none,
    venues: [],
    splits: [],
  };
}

/** The heatmap's columns of those rows whose buckets have this width. */
export function columnsOfSeconds(seconds: CobSecondColumns, bucketWidth: number): CobColumn[] {
  const columns: CobColumn[] = [];
  for (let row = 0; row < seconds.second.length; row++) {
    if (seconds.bucketWidth[row] !== bucketWidth) continue;
    const [from, to] = [row * COB_BUCKETS, (row + 1) * COB_BUCKETS];
    columns.push({
      time: seconds.second[row] as number,
      venues: seconds.venues[row] as readonly VenueId[],
      anchorIndex: Math.round((seconds.anchor[row] as number) / bucketWidth),
      mid: seconds.mid[row] as number,
      spreadBps: seconds.spreadBps[row] as number,
      bid: seconds.bidNotional.slice(from, to),
      ask: seconds.askNotional.slice(from, to),
      split: seconds.splits[row],
      flow: flowOf(seconds, row),
    });
  }
  return columns;
}

function flowOf({ buyVolume, sellVolume, buyNotional, sellNotional }: CobSecondColumns, row: number): CobColumn['flow'] {
  const volume = buyVolume[row] as number;
  if (Number.isNaN(volume)) return undefined;
  return {
    buyVolume: volume,
    sellVolume: sellVolume[row] as number,
    buyNotional: buyNotional[row] as number,
    sellNotional: sellNotional[row] as number,
  };
}
