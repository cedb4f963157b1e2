import { z } from 'zod';
import { FASTEST_REPLAY, SLOWEST_REPLAY } from '../recording/replay-pace.ts';
import { epochMsSchema, symbolSchema, venueSchema } from './primitives.ts';
import { IMPORT_KINDS } from './import.ts';

/** Markets that recordings are made on. */
export const RECORDED_MARKETS = ['SIM', 'LIVE'] as const;
export const recordedMarketSchema = z.enum(RECORDED_MARKETS);
export type RecordedMarket = z.infer<typeof recordedMarketSchema>;

export const replaySpeedSchema = z.number().min(SLOWEST_REPLAY).max(FASTEST_REPLAY);

const spanSchema = z.object({ from: epochMsSchema, to: epochMsSchema });

/** What is recorded of one market: an interval, and the spans in it of which nothing is. */
export const recordingSummarySchema = spanSchema.extend({
  market: recordedMarketSchema,
  instruments: z.array(z.object({ venue: venueSchema, symbol: symbolSchema })),
  gaps: z.array(spanSchema),
  bytes: z.number(),
});
export type RecordingSummary = z.infer<typeof recordingSummarySchema>;

/** An imported history by name: trades, or closed minutes without trades. Neither has a book. */
export const replayedHistorySchema = z
  .object({ venue: venueSchema, symbol: symbolSchema, content: z.enum(IMPORT_KINDS) })
  .strict();
export type ReplayedHistory = z.infer<typeof replayedHistorySchema>;

/** A history that was imported into a market's store, and how many trades or minutes of it are there. */
export const historySummarySchema = replayedHistorySchema.extend({
  market: recordedMarketSchema,
  from: epochMsSchema,
  to: epochMsSchema,
  count: z.number().int(),
});
export type HistorySummary = z.infer<typeof historySummarySchema>;

export const replayRequestSchema = z
  .object({
    market: recordedMarketSchema,
    /** Of that market's store, instead of what was recorded. */
    history: replayedHistorySchema.optional(),
    from: epochMsSchema,
    to: epochMsSchema,
    /** Where to begin; at `from` when absent. */
    at: epochMsSchema.optional(),
    speed: replaySpeedSchema.optional(),
  })
  .strict()
  .refine(({ from, to }) => from < to, 'a replay ends after it begins')
  .refine(({ from, to, at }) => at === undefined || (at >= from && at < to), 'a replay begins inside its interval');
export type ReplayRequest = z.infer<typeof replayRequestSchema>;

export const REPLAY_STEPS = ['event', '1s', '1m'] as const;
export type ReplayStep = (typeof REPLAY_STEPS)[number];

export const replayControlSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('play') }).strict(),
  z.object({ action: z.literal('pause') }).strict(),
  /** Pauses, then goes on by one recorded event, or by market time. */
  z.object({ action: z.literal('step'), by: z.enum(REPLAY_STEPS) }).strict(),
  /** Opens the replay anew at `t`: what was derived from the market is made again, annotations and models are kept. */
  z.object({ action: z.literal('seek'), t: epochMsSchema }).strict(),
  z.object({ action: z.literal('speed'), speed: replaySpeedSchema }).strict(),
]);
export type ReplayControl = z.infer<typeof replayControlSchema>;

/** Where a replay stands. `preparing`: services are starting and books are brought to `t`. */
export interface ReplayStatus {
  readonly state: 'preparing' | 'playing' | 'paused' | 'ended' | 'failed';
  readonly market: RecordedMarket;
  /** What was imported into that market, when that is replayed and not a recording. */
  readonly history?: ReplayedHistory;
  readonly t: number;
  readonly from: number;
  readonly to: number;
  /** As asked for; `reached` is what the machine keeps up with, in market seconds per wall second. */
  readonly speed: number;
  readonly reached: number;
  readonly eventsDelivered: number;
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Why it failed. */
  readonly problem?: string;
}
