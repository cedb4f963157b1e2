import { z } from 'zod';
import { epochMsSchema, idSchema, priceSchema, symbolSchema, timeframeSchema } from './primitives.ts';

/** One end of an annotated trade. `time` is the open time of the candle it sits on. */
export const annotationPointSchema = z.object({ time: epochMsSchema, price: priceSchema });

/**
 * A trade that the trader marked as worth taking: from `entry` to `exit`, which is later.
 * Drawn on `timeframe`, but shown on every one.
 */
export const annotationSchema = z
  .object({
    id: idSchema,
    symbol: symbolSchema,
    timeframe: timeframeSchema,
    direction: z.enum(['long', 'short']),
    entry: annotationPointSchema,
    exit: annotationPointSchema,
    note: z.string().max(500),
    createdAt: epochMsSchema,
    updatedAt: epochMsSchema,
  })
  .refine((annotation) => annotation.exit.time > annotation.entry.time, {
    path: ['exit', 'time'],
    message: 'the exit must be later than the entry',
  });

export type AnnotationPoint = z.infer<typeof annotationPointSchema>;
export type Annotation = z.infer<typeof annotationSchema>;

/** Profit of the annotated trade in percent of the entry price, before fees. */
export function annotationProfitPct(annotation: Pick<Annotation, 'direction' | 'entry' | 'exit'>): number {
  const change = (annotation.exit.price - annotation.entry.price) / annotation.entry.price;
  return 100 * (annotation.direction === 'long' ? change : -change);
}
