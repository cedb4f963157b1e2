import { z } from 'zod';
import { epochMsSchema, symbolSchema, timeframeSchema } from './primitives.ts';

/** The most that one answer holds. */
export const FOOTPRINT_BARS_MAX = 1_500;
export const FOOTPRINT_CELLS_MAX = 60_000;
export const FLOW_BARS_MAX = 5_000;

/** Volume by price row, base units; row r covers [r, r + 1) · rowTicks · tickSize of the price. Only rows with volume, ascending. */
const rowsSchema = {
  rows: z.array(z.number().int()),
  /** Bought by takers, at the ask. */
  buy: z.array(z.number()),
  /** Sold by takers, at the bid. */
  sell: z.array(z.number()),
};

export const getFootprintSchema = {
  /** Candles that opened in [from, to), both on the timeframe's grid or not: trades of [from, to) count. */
  input: z
    .object({
      symbol: symbolSchema,
      timeframe: timeframeSchema,
      from: epochMsSchema,
      to: epochMsSchema,
      /** Height of a row in whole ticks of the primary instrument. */
      rowTicks: z.number().int().min(1).max(1e9),
    })
    .strict(),
  output: z.object({
    tickSize: z.number().positive(),
    /** Candles with stored trades of the primary venue, ascending. Of others no trade is stored. */
    bars: z.array(z.object({ openTime: epochMsSchema, ...rowsSchema })),
    /** The venue's time of the oldest stored trade; absent when none is. */
    firstTrade: epochMsSchema.optional(),
  }),
};
export type Footprint = z.infer<typeof getFootprintSchema.output>;
export type FootprintBar = Footprint['bars'][number];

export const getFlowBarsSchema = {
  /** Bars that opened in [from, to). */
  input: z.object({ symbol: symbolSchema, timeframe: timeframeSchema, from: epochMsSchema, to: epochMsSchema }).strict(),
  output: z.object({
    /** Bars with at least one second whose order flow imbalance is known, ascending. */
    bars: z.array(
      z.object({
        openTime: epochMsSchema,
        /** Sum over the known seconds, base units: above 0 the bids gained. */
        ofi: z.number(),
        /** How many seconds are known. */
        seconds: z.number().int().positive(),
      }),
    ),
  }),
};
export type FlowBar = z.infer<typeof getFlowBarsSchema.output>['bars'][number];

/** One second of the primary's trades, rows one tick high, and the order flow imbalance over all sources once it is known. */
export interface FlowSecond {
  /** Start of the second; it is told again as it goes on. */
  readonly time: number;
  readonly rows: readonly number[];
  readonly buy: readonly number[];
  readonly sell: readonly number[];
  readonly ofi?: number;
}

/**
 * `snapshot`: the newest seconds. Of the time from `since` on the stream tells every trade, and what is stored tells of the time before.
 * `older`: trades from before `since` were stored just now: what was asked for may have to be asked for again.
 */
export type OrderFlowEvent =
  | {
      readonly kind: 'snapshot';
      readonly tickSize: number;
      readonly since: number;
      readonly seconds: readonly FlowSecond[];
    }
  | { readonly kind: 'second'; readonly second: FlowSecond }
  | { readonly kind: 'older' };
