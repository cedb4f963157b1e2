import { z } from 'zod';
import { bookStateSchema } from './market-views.ts';
import { symbolInfoSchema } from './watchlist.ts';
import { dataModeSchema, epochMsSchema, symbolSchema, timeframeSchema, venueSchema } from './primitives.ts';

export const WORKER_NAMES = ['inference', 'training', 'lab'] as const;
export const workerNameSchema = z.enum(WORKER_NAMES);
export type WorkerName = z.infer<typeof workerNameSchema>;

/** Health of one supervised child process. */
export const workerHealthSchema = z.object({
  name: workerNameSchema,
  state: z.enum(['starting', 'ready', 'restarting', 'stopped', 'failed']),
  pid: z.number().int().optional(),
  restarts: z.number().int(),
  rssMb: z.number().optional(),
  lastError: z.string().optional(),
});
export type WorkerHealth = z.infer<typeof workerHealthSchema>;

/** One instrument on one venue. */
export const venueHealthSchema = z.object({
  venue: venueSchema,
  /** The followed symbol whose consolidated book it is merged into. */
  followed: symbolSchema,
  /** The instrument's own unified symbol on that venue. */
  symbol: symbolSchema,
  /** Its trades make the symbol's candles, its book fills paper orders. */
  primary: z.boolean(),
  connection: z.enum(['connecting', 'open', 'reconnecting', 'closed']),
  book: bookStateSchema,
  bookReason: z.string(),
  /** Wall-clock milliseconds between the venue's stamp and our receipt, clock offset removed. */
  latencyMsP50: z.number().optional(),
  latencyMsP99: z.number().optional(),
  /** Wall-clock milliseconds since the last message. */
  dataAgeMs: z.number().optional(),
  messagesPerSecond: z.number(),
  resyncs: z.number().int(),
  gaps: z.number().int(),
  /** Times that a fresh connection took over from an ageing one. */
  rotations: z.number().int(),
  /** Trades missed on the stream and fetched by REST. */
  backfilledTrades: z.number().int(),
  /** Trades known to be missing for good. */
  missedTrades: z.number().int(),
  /** The last hole in the trades that could not be closed. */
  tradeHole: z.string().optional(),
  /** The venue's clock minus ours in wall milliseconds; absent until it was measured. */
  clockOffsetMs: z.number().optional(),
  lastError: z.string().optional(),
});
export type VenueHealth = z.infer<typeof venueHealthSchema>;

export const systemStatusSchema = z.object({
  mode: dataModeSchema,
  account: z.literal('PAPER'),
  /** Market time: the practice market's in SIM. */
  now: epochMsSchema,
  /** Practice-market seconds per wall second; 1 when live. */
  speed: z.number(),
  venues: z.array(venueHealthSchema),
  workers: z.array(workerHealthSchema),
  mainProcess: z.object({ eventLoopDelayMsP99: z.number(), rssMb: z.number(), uptimeS: z.number() }),
  store: z.object({
    path: z.string(),
    bytes: z.number(),
    pendingRows: z.number(),
    /** Wall milliseconds: market data that came longer ago is on the disk. */
    waitingMs: z.number().optional(),
    lastError: z.string().optional(),
  }),
  /** Data subscriptions by kind, see `TopicCounters`. */
  subscriptions: z.array(
    z.object({
      kind: z.string(),
      topics: z.number().int(),
      subscribers: z.number().int(),
      events: z.number().int(),
      conflated: z.number().int(),
      dropped: z.number().int(),
      waiting: z.number().int(),
      failures: z.number().int(),
    }),
  ),
  notices: z.array(
    z.object({ id: z.string(), level: z.enum(['info', 'warning', 'error']), text: z.string(), at: epochMsSchema }),
  ),
});
export type SystemStatus = z.infer<typeof systemStatusSchema>;

export const configProblemSchema = z.object({
  file: z.string(),
  line: z.number().int().optional(),
  key: z.string(),
  expected: z.string(),
  actual: z.string(),
});
export type ConfigProblem = z.infer<typeof configProblemSchema>;

export const uiPreferencesSchema = z.object({
  theme: z.enum(['dark', 'light']),
  /** dockview's serialised layout; opaque to everything but the renderer. */
  layout: z.unknown().optional(),
  /** Small per-panel settings (chart timeframe, snap, …), by panel name. */
  panels: z.record(z.string(), z.unknown()),
});
export type UiPreferences = z.infer<typeof uiPreferencesSchema>;

/** Everything that the window needs before it can draw itself. */
export const bootstrapSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('configInvalid'), version: z.string(), problems: z.array(configProblemSchema) }),
  z.object({ state: z.literal('startFailed'), version: z.string(), message: z.string() }),
  z.object({
    state: z.literal('ready'),
    version: z.string(),
    mode: dataModeSchema,
    symbols: z.array(symbolInfoSchema),
    primarySymbol: symbolSchema,
    timeframes: z.array(timeframeSchema),
    minAnnotations: z.number().int(),
    /** What the epochs field of a new training starts with. */
    defaultEpochs: z.number().int(),
    riskLimits: z.object({ maxOrderNotional: z.string(), maxPosition: z.string(), priceCollarPct: z.number() }),
    preferences: uiPreferencesSchema,
  }),
]);
export type Bootstrap = z.infer<typeof bootstrapSchema>;
export type ReadyBootstrap = Extract<Bootstrap, { state: 'ready' }>;
