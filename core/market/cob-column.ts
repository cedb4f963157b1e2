import { COB_BUCKETS } from '../contracts/market-views.ts';
import type { CobSnapshot, CobSplit } from './consolidated-book.ts';
import type { VenueId } from './instrument.ts';
import type { SecondFlow } from './order-flow.ts';

/** Notional of each venue, in float32 as it is stored: bucket i (k = i − 20) of venue v is at v · 41 + i. USD. */
export interface VenueBuckets {
  readonly venues: readonly VenueId[];
  readonly bid: Float32Array;
  readonly ask: Float32Array;
  readonly bestBid: Float64Array;
  readonly bestAsk: Float64Array;
}

/** What is kept of the consolidated book at one time. Without a live venue `venues` is empty and nothing is known of it. */
export interface CobColumn {
  /** Start of its second, ms. */
  readonly time: number;
  readonly venues: readonly VenueId[];
  /** The anchor in bucket widths: bucket i covers prices [(anchorIndex + i − 20)·width, …). */
  readonly anchorIndex: number;
  /** NaN without a live venue, as is the spread. */
  readonly mid: number;
  readonly spreadBps: number;
  /** Notional of all live venues by bucket, in float32 as it is stored. USD. */
  readonly bid: Float32Array;
  readonly ask: Float32Array;
  /** Undefined in what was stored before it was kept by venue. */
  readonly split: VenueBuckets | undefined;
  /** What was traded in the second so far; undefined when that is not known. */
  readonly flow?: Pick<SecondFlow, 'buyVolume' | 'sellVolume' | 'buyNotional' | 'sellNotional'> | undefined;
}

const NOTHING = new Float32Array(COB_BUCKETS);

export function secondOf(t: number): number {
  return Math.floor(t / 1_000) * 1_000;
}

/** The column of a snapshot: its numbers are those that the store keeps, so that both make the same picture. */
export function columnOf({ view, split }: CobSnapshot, flow?: CobColumn['flow']): CobColumn {
  const time = secondOf(view.t);
  if (view.venues.length === 0) return unknownColumn(time);
  return {
    time,
    venues: view.venues,
    anchorIndex: Math.round(view.anchor / view.bucketWidth),
    mid: view.mid,
    spreadBps: view.spreadBps,
    bid: Float32Array.from(view.bidNotional),
    ask: Float32Array.from(view.askNotional),
    split: venueBuckets(split),
    flow,
  };
}

export function venueBuckets({ venues, bidNotional, askNotional, bestBid, bestAsk }: CobSplit): VenueBuckets {
  return { venues, bid: Float32Array.from(bidNotional), ask: Float32Array.from(askNotional), bestBid, bestAsk };
}

/** A second of which nothing is known. */
export function unknownColumn(time: number): CobColumn {
  return {
    time,
    venues: [],
    anchorIndex: 0,
    mid: Number.NaN,
    spreadBps: Number.NaN,
    bid: NOTHING,
    ask: NOTHING,
    split: undefined,
  };
}
