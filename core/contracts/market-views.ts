import { z } from 'zod';
import { epochMsSchema, symbolSchema, timeframeSchema, venueSchema } from './primitives.ts';

const candleSchema = z.object({
  openTime: epochMsSchema,
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number(),
  buyVolume: z.number(),
  tradeCount: z.number(),
  filled: z.boolean(),
});

/** Candles, oldest first. `exhausted` says that the store and the venue hold nothing older. */
export const candlePageSchema = z.object({
  symbol: symbolSchema,
  timeframe: timeframeSchema,
  candles: z.array(candleSchema),
  exhausted: z.boolean(),
});
export type CandlePage = z.infer<typeof candlePageSchema>;

export const candleUpdateSchema = z.object({
  symbol: symbolSchema,
  timeframe: timeframeSchema,
  candle: candleSchema,
  closed: z.boolean(),
});
export type CandleUpdate = z.infer<typeof candleUpdateSchema>;

/** DOMAIN section 3. Only a live book contributes to the consolidated book. */
export const BOOK_STATES = ['empty', 'syncing', 'live', 'stale', 'resyncing'] as const;
export const bookStateSchema = z.enum(BOOK_STATES);
export type BookState = z.infer<typeof bookStateSchema>;

/** Buckets −20 … +20. */
export const COB_RADIUS = 20;
export const COB_BUCKETS = 2 * COB_RADIUS + 1;

/**
 * A consolidated book snapshot. Bucket i of the arrays is bucket k = i − 20, covering
 * [anchor + k·w, anchor + (k+1)·w). Quantities in base units, notional in USD.
 */
export const cobViewSchema = z.object({
  symbol: symbolSchema,
  t: epochMsSchema,
  /** Venues whose books are live and merged here. Empty: there is nothing to show but `reason`. */
  venues: z.array(venueSchema),
  excluded: z.array(z.object({ venue: venueSchema, state: bookStateSchema, reason: z.string() })),
  bestBid: z.number(),
  bestAsk: z.number(),
  bestBidQuantity: z.number(),
  bestAskQuantity: z.number(),
  mid: z.number(),
  spreadBps: z.number(),
  microprice: z.number(),
  anchor: z.number(),
  bucketWidth: z.number(),
  bidQuantity: z.array(z.number()),
  askQuantity: z.array(z.number()),
  bidNotional: z.array(z.number()),
  askNotional: z.array(z.number()),
  /** (bid − ask)/(bid + ask) of notional within the symbol’s imbalance range; ±5 buckets by default. */
  imbalance: z.number(),
  imbalanceMa: z.object({ s1: z.number(), s5: z.number(), s15: z.number(), s60: z.number() }),
});
export type CobView = z.infer<typeof cobViewSchema>;
