import { z } from 'zod';
import { INSTRUMENT_KINDS } from '../market/instrument.ts';
import { epochMsSchema, symbolSchema, venueSchema } from './primitives.ts';

export const sourceSchema = z.object({ venue: venueSchema, symbol: symbolSchema }).strict();

/** What the window needs to know of a symbol that is followed. Sizes are decimal text of its primary instrument. */
export const symbolInfoSchema = z.object({
  symbol: symbolSchema,
  tickSize: z.string(),
  lotSize: z.string(),
  minNotional: z.string(),
  /** Of its primary instrument: paper orders are for spot only. */
  kind: z.enum(INSTRUMENT_KINDS),
  bucketWidth: z.number(),
  /** How far to each side of the anchor's bucket the imbalance counts, in quote units. */
  imbalanceRange: z.number().optional(),
});
export type SymbolInfo = z.infer<typeof symbolInfoSchema>;

/** A followed symbol and the instruments whose books are merged into its consolidated book. */
export const followedSymbolSchema = symbolInfoSchema.extend({
  /** The first is the primary: its trades make the candles, its book fills paper orders. */
  sources: z.array(sourceSchema).min(1),
});
export type FollowedSymbol = z.infer<typeof followedSymbolSchema>;

export const watchlistSchema = z.object({
  symbols: z.array(followedSymbolSchema),
  /** Venues that this market has; in SIM those that the practice market speaks for. */
  venues: z.array(venueSchema),
});
export type Watchlist = z.infer<typeof watchlistSchema>;

/** A symbol that venues list, found by the symbol picker. */
export const symbolMatchSchema = z.object({
  symbol: symbolSchema,
  venues: z.array(venueSchema),
  followed: z.boolean(),
});
export type SymbolMatch = z.infer<typeof symbolMatchSchema>;

export const symbolSearchSchema = z.object({
  matches: z.array(symbolMatchSchema),
  /** Matches beyond those listed. */
  more: z.number().int(),
  /** Venues that could not be asked, and why. */
  failures: z.array(z.object({ venue: venueSchema, message: z.string() })),
});
export type SymbolSearch = z.infer<typeof symbolSearchSchema>;

/** Where a price comes from, in the order in which they are tried. */
export const PRICE_SOURCES = ['book', 'trade', 'rest', 'candle'] as const;

export const livePriceSchema = z.object({
  symbol: symbolSchema,
  price: z.number().positive(),
  source: z.enum(PRICE_SOURCES),
  venue: venueSchema,
  /** Market time for which the price holds. */
  t: epochMsSchema,
  /** Older than the configured time to live: shown, but not to be traded on. */
  expired: z.boolean(),
});
export type LivePrice = z.infer<typeof livePriceSchema>;
