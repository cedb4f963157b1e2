import { z } from 'zod';
import { epochMsSchema, symbolSchema, timeframeSchema, venueSchema } from './primitives.ts';

/**
 * What a stretch of one symbol's data is. `hole`: candles are missing and may still be had. `venueOutage`: no venue has
 * any. `repaired`: they were missing and were fetched. `staleBook`: the book could not be believed. Else `complete`.
 */
export const QUALITY_STATES = ['complete', 'hole', 'venueOutage', 'repaired', 'staleBook'] as const;
export const qualityStateSchema = z.enum(QUALITY_STATES);
export type QualityState = z.infer<typeof qualityStateSchema>;

/** [from, to) in market time. */
export const qualitySpanSchema = z.object({
  state: qualityStateSchema,
  from: epochMsSchema,
  to: epochMsSchema,
  venue: venueSchema.optional(),
  /** For people: why. */
  reason: z.string(),
});
export type QualitySpan = z.infer<typeof qualitySpanSchema>;

/** One track of the timeline: spans of one symbol in time order, without overlap. Candles and book have a track each. */
export const qualityTimelineSchema = z.object({
  symbol: symbolSchema,
  from: epochMsSchema,
  to: epochMsSchema,
  candles: z.array(qualitySpanSchema),
  book: z.array(qualitySpanSchema),
});
export type QualityTimeline = z.infer<typeof qualityTimelineSchema>;

/** The stored candles of one symbol and timeframe. Counts are of candles. */
export const seriesQualitySchema = z.object({
  symbol: symbolSchema,
  timeframe: timeframeSchema,
  /** Open time of the oldest and end of the newest stored candle; absent when there is none. */
  from: epochMsSchema.optional(),
  to: epochMsSchema.optional(),
  /** Missing in what the last run looked at. */
  holes: z.number().int(),
  /** Of those, the ones that no venue has. */
  unavailable: z.number().int(),
  /** Fetched by maintenance, since the store was made. */
  repaired: z.number().int(),
  /** Built candles in which the venue's own differed, since the store was made; the venue's was taken. */
  differences: z.number().int(),
  /** Candles compared with the venue's, since the program started. */
  compared: z.number().int(),
  lastRunAt: epochMsSchema.optional(),
  /** Why the last run could not do all. */
  problem: z.string().optional(),
});
export type SeriesQuality = z.infer<typeof seriesQualitySchema>;

export const dataQualitySchema = z.object({ running: z.boolean(), series: z.array(seriesQualitySchema) });
export type DataQuality = z.infer<typeof dataQualitySchema>;

export const CANDLE_FIELDS = ['open', 'high', 'low', 'close', 'volume', 'buyVolume', 'tradeCount'] as const;
export type CandleField = (typeof CANDLE_FIELDS)[number];

/** A field in which the stored candle was not the venue's own. */
export const candleDifferenceSchema = z.object({
  symbol: symbolSchema,
  timeframe: timeframeSchema,
  openTime: epochMsSchema,
  venue: venueSchema,
  field: z.enum(CANDLE_FIELDS),
  stored: z.number(),
  told: z.number(),
  foundAt: epochMsSchema,
});
export type CandleDifference = z.infer<typeof candleDifferenceSchema>;
