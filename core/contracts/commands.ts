import { z } from 'zod';
import { setAnalysisModuleSchema } from './analysis.ts';
import { annotationSchema } from './annotations.ts';
import { candleDifferenceSchema, qualityTimelineSchema } from './data-quality.ts';
import { getHeatmapSchema } from './heatmap.ts';
import { startHistoryDownloadSchema } from './history-jobs.ts';
import { importFileSchema, importPreviewSchema, importSpecSchema } from './import.ts';
import { candlePageSchema } from './market-views.ts';
import { checkpointSummarySchema, predictionSchema } from './learning.ts';
import { getFlowBarsSchema, getFootprintSchema } from './order-flow.ts';
import { FOLLOWED_OPTIONS_MAX, optionListingSchema, optionNameSchema, optionUnderlyingSchema } from './options.ts';
import { orderIntentSchema, orderSchema } from './orders.ts';
import {
  archiveRecordingsSchema,
  listSegmentsSchema,
  pickRecordingFolderSchema,
  restoreRecordingsSchema,
  storageUseSchema,
} from './recording.ts';
import { getPivotsSchema } from './structure.ts';
import { dataModeSchema, epochMsSchema, idSchema, symbolSchema, timeframeSchema } from './primitives.ts';
import { followedSymbolSchema, sourceSchema, symbolSearchSchema } from './watchlist.ts';
import { historySummarySchema, recordingSummarySchema, replayControlSchema, replayRequestSchema } from './replay.ts';
import { bootstrapSchema, uiPreferencesSchema, workerNameSchema } from './system.ts';

const nothing = z.object({}).strict();

/**
 * Every request that a window may make: name → what goes in and what comes out.
 * Input is validated by the router on arrival; failures come back as a `Failure`.
 */
export const COMMANDS = {
  getBootstrap: { input: nothing, output: bootstrapSchema },
  savePreferences: { input: uiPreferencesSchema, output: nothing },
  /** Restarts the services on the other market. Each market has a store of its own. REPLAY replays what the configuration says. */
  setMode: { input: z.object({ mode: dataModeSchema }).strict(), output: nothing },
  /** What can be replayed, newest first. */
  listReplays: {
    input: nothing,
    output: z.object({ recordings: z.array(recordingSummarySchema), histories: z.array(historySummarySchema) }),
  },
  /** Restarts the services on a recording. When it cannot be read, they are restarted on the market from before. */
  openReplay: { input: replayRequestSchema, output: nothing },
  /** REPLAY only. */
  replayControl: { input: replayControlSchema, output: nothing },
  /** Practice market only: market seconds per wall second. */
  setPracticeSpeed: { input: z.object({ speed: z.number().min(1).max(60) }).strict(), output: nothing },
  restartWorker: { input: z.object({ name: workerNameSchema }).strict(), output: nothing },
  /** The page tells when it first painted candles and when it became usable (milliseconds since navigation start). */
  reportPaint: { input: z.object({ firstCandleMs: z.number(), interactiveMs: z.number() }).strict(), output: nothing },

  /** Up to `limit` candles that opened before `before` (newest when absent). Missing history is fetched from the venue. */
  getCandles: {
    input: z
      .object({
        symbol: symbolSchema,
        timeframe: timeframeSchema,
        before: epochMsSchema.optional(),
        limit: z.number().int().min(1).max(5000),
      })
      .strict(),
    output: candlePageSchema,
  },

  /** The consolidated book of the past, as it was recorded. */
  getHeatmap: getHeatmapSchema,
  /** Swing highs and lows, each known by its confirmation. */
  getPivots: getPivotsSchema,
  /** Stored trades of the primary venue by candle and price row; what is traded from now on comes by the stream `orderFlow`. */
  getFootprint: getFootprintSchema,
  /** Order flow imbalance over all sources by candle, from the stored seconds of the consolidated book. */
  getFlowBars: getFlowBarsSchema,
  /** Spans of complete, missing, repaired and doubtful data between two market times. */
  getQualityTimeline: {
    input: z.object({ symbol: symbolSchema, from: epochMsSchema, to: epochMsSchema }).strict(),
    output: qualityTimelineSchema,
  },
  /** Candles that were not the venue's own, newest first. */
  listCandleDifferences: {
    input: z.object({ symbol: symbolSchema, limit: z.number().int().min(1).max(1000) }).strict(),
    output: z.object({ differences: z.array(candleDifferenceSchema) }),
  },
  /** Looks for holes and compares with the venues now instead of at the next turn. Answers when that is begun. */
  repairCandles: { input: nothing, output: nothing },

  startHistoryDownload: { input: startHistoryDownloadSchema, output: z.object({ jobId: idSchema }) },
  /** What was downloaded stays. A job that is over is taken off the list. */
  cancelHistoryJob: { input: z.object({ id: idSchema }).strict(), output: nothing },

  /** Opens the host's dialog; `file` is absent when the user chose none. Only the desktop app has one. */
  pickImportFile: { input: nothing, output: z.object({ file: importFileSchema.optional() }) },
  /** Without a spec: what the file looks like. With one: also every row checked by it. */
  previewImport: {
    input: z.object({ token: idSchema, spec: importSpecSchema.optional() }).strict(),
    output: importPreviewSchema,
  },
  /** All good rows or none are stored. With bad rows nothing is, unless `skipBadRows`. */
  startImport: {
    input: z.object({ token: idSchema, spec: importSpecSchema, skipBadRows: z.boolean() }).strict(),
    output: z.object({ jobId: idSchema }),
  },
  /** Nothing of it is stored. A job that is over is taken off the list. */
  cancelImport: { input: z.object({ id: idSchema }).strict(), output: nothing },

  /** Symbols that contain the text, on any venue of this market. */
  searchSymbols: {
    input: z.object({ query: z.string().max(40), limit: z.number().int().min(1).max(200) }).strict(),
    output: symbolSearchSchema,
  },
  /** Follows a symbol, or changes what it is merged from; the first source is its primary. Kept across restarts. */
  followSymbol: {
    input: z
      .object({
        symbol: symbolSchema,
        sources: z.array(sourceSchema).min(1).max(40),
        /** Quote units; a width that suits the price when absent. */
        bucketWidth: z.number().positive().optional(),
      })
      .strict(),
    output: followedSymbolSchema,
  },
  /** Stops following a symbol. What is stored of it stays. Refused for one with open orders or a position, and for the last one. */
  unfollowSymbol: { input: z.object({ symbol: symbolSchema }).strict(), output: nothing },

  /** The expiries and strikes that the venue of options lists. Fails with NO_OPTIONS where this market has none. */
  listOptions: { input: z.object({ underlying: optionUnderlyingSchema }).strict(), output: optionListingSchema },
  /** Follows exactly these options from now on, none for an empty list. Kept across restarts. */
  followOptions: {
    input: z.object({ names: z.array(optionNameSchema).max(FOLLOWED_OPTIONS_MAX) }).strict(),
    output: nothing,
  },

  /** Creates the annotation or replaces the one with its id. Answers when it is on disk. */
  saveAnnotation: { input: z.object({ annotation: annotationSchema }).strict(), output: nothing },
  deleteAnnotation: { input: z.object({ id: idSchema }).strict(), output: nothing },

  /** Loads an analysis module, or gives it up. Kept across restarts, before what is configured. */
  setAnalysisModule: setAnalysisModuleSchema,

  startTraining: {
    input: z
      .object({ symbol: symbolSchema, epochs: z.number().int().min(1).max(500), seed: z.number().int().optional() })
      .strict(),
    output: z.object({ jobId: idSchema }),
  },
  pauseTraining: { input: nothing, output: nothing },
  resumeTraining: { input: nothing, output: nothing },
  stopTraining: { input: nothing, output: nothing },
  listCheckpoints: {
    input: z.object({ symbol: symbolSchema }).strict(),
    output: z.object({ checkpoints: z.array(checkpointSummarySchema) }),
  },
  /** Uses this checkpoint for predictions from now on and after every restart. */
  promoteCheckpoint: { input: z.object({ id: idSchema }).strict(), output: nothing },

  getPredictions: {
    input: z.object({ symbol: symbolSchema, from: epochMsSchema, to: epochMsSchema }).strict(),
    output: z.object({ predictions: z.array(predictionSchema) }),
  },

  /** Measured anew. */
  getStorageUse: { input: nothing, output: storageUseSchema },
  /** Recorded segments that overlap the range, all when it is open. */
  listRecordings: listSegmentsSchema,
  pickRecordingFolder: pickRecordingFolderSchema,
  archiveRecordings: archiveRecordingsSchema,
  restoreRecordings: restoreRecordingsSchema,
  /** What was moved so far stays moved. */
  cancelRecordingJob: { input: z.object({ jobId: idSchema }).strict(), output: nothing },

  submitOrder: { input: z.object({ intent: orderIntentSchema }).strict(), output: z.object({ order: orderSchema }) },
  cancelOrder: { input: z.object({ orderId: idSchema }).strict(), output: nothing },
  cancelAllOrders: { input: nothing, output: z.object({ cancelled: z.number().int() }) },
  /** Engaged: cancels every open order and refuses new ones until released. */
  setKillSwitch: { input: z.object({ engaged: z.boolean(), reason: z.string().max(200) }).strict(), output: nothing },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export type CommandName = keyof typeof COMMANDS;
export type CommandInput<N extends CommandName> = z.infer<(typeof COMMANDS)[N]['input']>;
export type CommandOutput<N extends CommandName> = z.infer<(typeof COMMANDS)[N]['output']>;
