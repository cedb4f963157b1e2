import { z } from 'zod';
import { epochMsSchema, symbolSchema } from './primitives.ts';

const share = z.number().min(0).max(1);

/** One block of the models' input: how much of it there is and how far it can be trusted (DOMAIN section 6). */
export const inputBlockQualitySchema = z.object({
  name: z.string(),
  expectedShape: z.array(z.number().int().nonnegative()),
  actualShape: z.array(z.number().int().nonnegative()),
  /** Of what the block is made: frames; minutes of context; figures; models. */
  unit: z.enum(['frames', 'minutes', 'figures', 'models']),
  frames: z.number().int().nonnegative(),
  expected: z.number().int().nonnegative(),
  completeness: share,
  freshness: share,
  consistency: share,
  score: share,
  /** Whether it counts in the whole's. */
  counts: z.boolean(),
  /** When the newest datum was complete. */
  newest: epochMsSchema.optional(),
});
export type InputBlockQuality = z.infer<typeof inputBlockQualitySchema>;

/** The newest input of a symbol, judged. */
export const inputQualitySchema = z.object({
  symbol: symbolSchema,
  t: epochMsSchema,
  schemaHash: z.string(),
  blocks: z.array(inputBlockQualitySchema),
  completeness: share,
  freshness: share,
  consistency: share,
  score: share,
  /** Why no model that takes this input may run; absent when one may. */
  refusal: z.string().optional(),
  /** The last check that an input built live is rebuilt from the store bit for bit; with a difference, what is not the same. */
  rebuilt: z.object({ t: epochMsSchema, wallMs: z.number().nonnegative(), difference: z.string().optional() }).optional(),
});
export type InputQuality = z.infer<typeof inputQualitySchema>;

const accountStateSchema = z.object({
  at: epochMsSchema,
  side: z.number(),
  size: z.number(),
  unrealised: z.number(),
  ageMs: z.number(),
  drawdown: z.number(),
});

/**
 * Enough to rebuild an input bit for bit from the store: spans, parameters, and what the store does not hold. No market data is copied;
 * the digest tells whether what was rebuilt is what was seen.
 */
export const baseInputReferenceSchema = z.object({
  symbol: symbolSchema,
  t: epochMsSchema,
  inputSchemaHash: z.string(),
  /** Open times of the first and last known row of each block. */
  blocks: z.array(z.object({ name: z.string(), from: epochMsSchema, to: epochMsSchema, count: z.number().int() })),
  normParams: z.array(z.object({ name: z.string(), mean: z.number(), std: z.number() })),
  account: accountStateSchema.optional(),
  outputs: z.array(z.object({ model: z.string(), at: epochMsSchema, figures: z.array(z.number()) })),
  /** Of the float32 values, 16 hex digits. */
  digest: z.string().length(16),
});
export type BaseInputReference = z.infer<typeof baseInputReferenceSchema>;
