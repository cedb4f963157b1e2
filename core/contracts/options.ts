import { z } from 'zod';
import { epochMsSchema, priceSchema } from './primitives.ts';

/** Coins whose options are listed; their premiums are in the coin itself. */
export const OPTION_UNDERLYINGS = ['BTC', 'ETH'] as const;
export const optionUnderlyingSchema = z.enum(OPTION_UNDERLYINGS);
export type OptionUnderlying = z.infer<typeof optionUnderlyingSchema>;

/** Options that can be followed at once. */
export const FOLLOWED_OPTIONS_MAX = 80;

/** The venue's name: `BTC-27DEC24-100000-C`. */
export const optionNameSchema = z
  .string()
  .max(40)
  .regex(/^[A-Z0-9]{1,10}-\d{1,2}[A-Z]{3}\d{2}-\d{1,9}(d\d{1,6})?-[CP]$/, 'an option such as BTC-27DEC24-100000-C');

export const optionContractSchema = z.object({
  name: optionNameSchema,
  underlying: optionUnderlyingSchema,
  /** Market time. */
  expiresAt: epochMsSchema,
  /** USD. */
  strike: z.number().positive(),
  right: z.enum(['call', 'put']),
});
export type OptionContract = z.infer<typeof optionContractSchema>;

/** What a venue lists of one underlying; strikes rise, expiries come in their order. */
export const optionListingSchema = z.object({
  underlying: optionUnderlyingSchema,
  /** USD: the middle of the underlying's perpetual when it was asked for. */
  underlyingMid: priceSchema,
  expiries: z.array(
    z.object({
      expiresAt: epochMsSchema,
      /** A strike may lack one of the two. */
      strikes: z.array(
        z.object({ strike: z.number().positive(), call: optionNameSchema.optional(), put: optionNameSchema.optional() }),
      ),
    }),
  ),
});
export type OptionListing = z.infer<typeof optionListingSchema>;

export const optionSideSchema = z.object({
  /** Coins of the underlying. */
  price: z.number().positive(),
  /** USD by the middle of the underlying's perpetual; absent while that is not known. */
  usd: z.number().positive().optional(),
  /** Coins of the underlying. */
  amount: z.number().positive(),
});
export type OptionSide = z.infer<typeof optionSideSchema>;

/** Best bid and ask of one option. A side without an order is absent, and so are both while it is stale and was never quoted. */
export const optionQuoteSchema = optionContractSchema.extend({
  bid: optionSideSchema.optional(),
  ask: optionSideSchema.optional(),
  /** Stale: `bid` and `ask` are the last that were seen, not to be traded on. */
  state: z.enum(['live', 'stale']),
  reason: z.string(),
  /** The venue's stamp of the quote. An option may rest for long and still be live. */
  quotedAt: epochMsSchema.optional(),
  /** Market milliseconds since then. */
  ageMs: z.number().nonnegative().optional(),
});
export type OptionQuote = z.infer<typeof optionQuoteSchema>;

/** The newest of every followed option, by expiry, strike and right. */
export const optionChainSchema = z.object({
  t: epochMsSchema,
  /** Whether this market has a venue with options. */
  available: z.boolean(),
  /** USD; only underlyings that are followed and whose perpetual is quoted right now. */
  underlyingMids: z.partialRecord(optionUnderlyingSchema, priceSchema),
  quotes: z.array(optionQuoteSchema).max(FOLLOWED_OPTIONS_MAX),
});
export type OptionChain = z.infer<typeof optionChainSchema>;
