import { z } from 'zod';
import { epochMsSchema, symbolSchema, venueSchema } from './primitives.ts';

/** Notional in USD of one side from bucket `from` on, 0 being k = −20; what is beside it is empty. */
const sideRunSchema = z.object({ from: z.number().int(), notional: z.array(z.number()).readonly() }).readonly();
export type SideRun = z.infer<typeof sideRunSchema>;

/** One second of a symbol's consolidated book by venue, as the heatmap draws it. Without venues nothing is known of it. */
const heatmapColumnSchema = z
  .object({
    /** Start of the second, ms. The newest one is sent again as it goes on, and once more when it is over. */
    time: epochMsSchema,
    /** The anchor in bucket widths. */
    anchorIndex: z.number().int(),
    /** 0 without venues. */
    mid: z.number(),
    spreadBps: z.number(),
    venues: z.array(venueSchema).readonly(),
    /** In the order of `venues`; absent where it was not kept by venue. */
    split: z
      .array(z.object({ bid: sideRunSchema, ask: sideRunSchema, bestBid: z.number(), bestAsk: z.number() }).readonly())
      .readonly()
      .optional(),
    /** Of all venues, where there is no split. */
    total: z.object({ bid: sideRunSchema, ask: sideRunSchema }).readonly().optional(),
    /** What was traded, base units and quote units; absent when that is not known. */
    flow: z
      .object({ buyVolume: z.number(), sellVolume: z.number(), buyNotional: z.number(), sellNotional: z.number() })
      .readonly()
      .optional(),
  })
  .readonly();
export type HeatmapColumn = z.infer<typeof heatmapColumnSchema>;

/** The most columns that one request may ask for. */
export const HEATMAP_COLUMNS_MAX = 600;

export const getHeatmapSchema = {
  /**
   * The recorded seconds that began in [from, to). In steps of more than a second: of each step its last recorded second as it was, with
   * the flow of the whole step.
   */
  input: z
    .object({ symbol: symbolSchema, from: epochMsSchema, to: epochMsSchema, stepSec: z.number().int().min(1).max(86_400) })
    .strict()
    .refine(({ from, to, stepSec }) => to - from <= HEATMAP_COLUMNS_MAX * stepSec * 1_000, {
      message: `a heatmap has at most ${HEATMAP_COLUMNS_MAX} columns: ask for a shorter time or longer steps`,
    }),
  /** Oldest first; steps of which nothing was recorded at the present bucket width are left out. */
  output: z.object({ bucketWidth: z.number(), columns: z.array(heatmapColumnSchema) }),
};

/** The snapshot is the newest 300 seconds that are known, oldest first. */
export type HeatmapEvent =
  | { kind: 'snapshot'; bucketWidth: number; columns: HeatmapColumn[] }
  | { kind: 'column'; bucketWidth: number; column: HeatmapColumn };
