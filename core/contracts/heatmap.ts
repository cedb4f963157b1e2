import type { VenueId } from '../market/instrument.ts';

/** Notional in USD of one side from bucket `from` on, 0 being k = −20; what is beside it is empty. */
export interface SideRun {
  readonly from: number;
  readonly notional: readonly number[];
}

/** One second of a symbol's consolidated book by venue, as the heatmap draws it. Without venues nothing is known of it. */
export interface HeatmapColumn {
  /** Start of the second, ms. The newest one is sent again as it goes on, and once more when it is over. */
  readonly time: number;
  /** The anchor in bucket widths. */
  readonly anchorIndex: number;
  /** 0 without venues. */
  readonly mid: number;
  readonly spreadBps: number;
  readonly venues: readonly VenueId[];
  /** In the order of `venues`; absent where it was not kept by venue. */
  readonly split?: readonly {
    readonly bid: SideRun;
    readonly ask: SideRun;
    readonly bestBid: number;
    readonly bestAsk: number;
  }[];
  /** Of all venues, where there is no split. */
  readonly total?: { readonly bid: SideRun; readonly ask: SideRun };
  /** What was traded, base units and quote units; absent when that is not known. */
  readonly flow?: {
    readonly buyVolume: number;
    readonly sellVolume: number;
    readonly buyNotional: number;
    readonly sellNotional: number;
  };
}

/** The snapshot is the newest 300 seconds that are known, oldest first. */
export type HeatmapEvent =
  | { kind: 'snapshot'; bucketWidth: number; columns: HeatmapColumn[] }
  | { kind: 'column'; bucketWidth: number; column: HeatmapColumn };
