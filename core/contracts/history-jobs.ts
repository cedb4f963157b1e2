import { z } from 'zod';
import { epochMsSchema, idSchema, symbolSchema, timeframeSchema } from './primitives.ts';

export const startHistoryDownloadSchema = z
  .object({
    symbol: symbolSchema,
    /** Derived ones are downloaded as what they are made of. */
    timeframes: z.array(timeframeSchema).min(1).max(7),
    /** Market time; `to` may lie in the future and means "now" then. */
    from: epochMsSchema,
    to: epochMsSchema,
  })
  .strict()
  .refine(({ from, to }) => from < to, { message: 'from must lie before to', path: ['from'] });
export type HistoryDownload = z.infer<typeof startHistoryDownloadSchema>;

/** `waiting`: the venues cannot be reached, and it goes on by itself when they can. */
export const HISTORY_JOB_STATES = ['queued', 'running', 'waiting', 'done', 'cancelled', 'failed'] as const;

export const historyJobSchema = z.object({
  id: idSchema,
  symbol: symbolSchema,
  timeframes: z.array(timeframeSchema),
  from: epochMsSchema,
  to: epochMsSchema,
  state: z.enum(HISTORY_JOB_STATES),
  /** Candles gone through, whether fetched now, stored before, or had by no venue; of `totalCandles`. */
  doneCandles: z.number().int(),
  totalCandles: z.number().int(),
  /** Fetched by this job since it last started. */
  fetchedCandles: z.number().int(),
  /** Gone through that no venue has: before the market began, or while the venues were down. */
  unavailableCandles: z.number().int(),
  /** Wall time. */
  candlesPerSecond: z.number().optional(),
  remainingMs: z.number().optional(),
  message: z.string().optional(),
  createdAt: epochMsSchema,
});
export type HistoryJob = z.infer<typeof historyJobSchema>;
