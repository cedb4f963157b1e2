import { z } from 'zod';
import type { Timeframe } from '../market/timeframe.ts';
import { epochMsSchema, symbolSchema, timeframeSchema } from './primitives.ts';

export const PIVOT_LEVEL_NUMBERS = [1, 2, 3, 4, 5] as const;
export const pivotLevelSchema = z.literal(PIVOT_LEVEL_NUMBERS);
export type PivotLevelNumber = z.infer<typeof pivotLevelSchema>;

/** A confirmed swing high or low, DOMAIN section 5. */
export const pivotSchema = z.object({
  level: z.number().int().min(1).max(5),
  kind: z.enum(['high', 'low']),
  price: z.number(),
  /** Open time of the candle with the high or low. */
  time: epochMsSchema,
  /** Close time of the candle that confirmed it. */
  confirmedAt: epochMsSchema,
  /** 0 … 1. Settles with the pivot after it. */
  strength: z.number().min(0).max(1),
  /** Against the pivot of its kind before; absent for the first. */
  label: z.enum(['HH', 'HL', 'LH', 'LL']).optional(),
});
export type PivotView = z.infer<typeof pivotSchema>;

const levelSchema = z.object({
  level: pivotLevelSchema,
  trend: z.enum(['up', 'down', 'sideways']),
  /** Share of the last six steps that agree with the trend; 0 sideways. */
  trendStrength: z.number().min(0).max(1),
  /** Pivots since the first analysed candle. With fewer than four there is no trend to tell. */
  count: z.number().int().nonnegative(),
  high: pivotSchema.optional(),
  low: pivotSchema.optional(),
});
export type StructureLevelView = z.infer<typeof levelSchema>;

/** A pivot became known, or gave way to a more extreme one. */
export interface PivotEvent {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** `L1H` … `L5L`. */
  readonly name: PivotName;
  /**
   * - `confirmed`: it is known from now on.
   * - `retracted`: a more extreme one of its kind takes its place, and is told of next.
   */
  readonly change: 'confirmed' | 'retracted';
  readonly pivot: PivotView;
  /** Market time at which it may be known: the close of the candle that brought it. */
  readonly at: number;
}
export type PivotName = `L${PivotLevelNumber}${'H' | 'L'}`;

/** Market structure of one symbol and timeframe as it is known now. */
export const structureViewSchema = z.object({
  symbol: symbolSchema,
  timeframe: timeframeSchema,
  /** False while stored candles are analysed for the first time. */
  ready: z.boolean(),
  /** Changes whenever a pivot does. */
  revision: z.number().int(),
  candles: z.number().int().nonnegative(),
  /** Open time of the first analysed candle. */
  from: epochMsSchema.optional(),
  /** Close time of the candle that changed it last. */
  asOf: epochMsSchema.optional(),
  levels: z.array(levelSchema),
  /** Highest high and lowest low of the context. */
  bounds: z.object({ high: z.number(), highTime: epochMsSchema, low: z.number(), lowTime: epochMsSchema }).optional(),
});
export type StructureView = z.infer<typeof structureViewSchema>;

export const getPivotsSchema = {
  /** Pivots of `level` and above whose candle opened in [from, to], ascending within each level. */
  input: z
    .object({
      symbol: symbolSchema,
      timeframe: timeframeSchema,
      level: pivotLevelSchema,
      from: epochMsSchema,
      to: epochMsSchema,
    })
    .strict(),
  /** Of a level with more than 5,000 of them, the newest. */
  output: z.object({ pivots: z.array(pivotSchema) }),
};
