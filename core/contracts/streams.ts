import { z } from 'zod';
import type { AnalysisView } from './analysis.ts';
import type { InputQuality } from './base-input.ts';
import type { HeatmapEvent } from './heatmap.ts';
import type { Annotation } from './annotations.ts';
import type { DataQuality } from './data-quality.ts';
import type { HistoryJob } from './history-jobs.ts';
import type { ImportJob } from './import.ts';
import type { CheckpointSummary, MetricPoint, Prediction, TrainingStatus } from './learning.ts';
import type { LargeTradesEvent } from './large-trades.ts';
import type { CandleUpdate, CobView } from './market-views.ts';
import type { OptionChain } from './options.ts';
import type { OrderFlowEvent } from './order-flow.ts';
import type { Account, Fill, Order } from './orders.ts';
import type { RecordingJob, StorageUse } from './recording.ts';
import type { ReplayStatus } from './replay.ts';
import type { StructureView } from './structure.ts';
import { symbolSchema, timeframeSchema } from './primitives.ts';
import type { SystemStatus } from './system.ts';
import type { LivePrice, Watchlist } from './watchlist.ts';

const none = z.object({}).strict();
const ofSymbol = z.object({ symbol: symbolSchema }).strict();

/**
 * How a stream behaves when its reader is slow.
 * - `latest`: only the newest event per key is kept, flushed at most once a frame.
 * - `every`: nothing is dropped; a reader that falls behind the bound is sent a fresh `snapshot` instead.
 */
export type Delivery = 'latest' | 'every';

export const STREAMS = {
  status: { params: none, delivery: 'latest' },
  /** Newest wins per open time, so a slow reader still gets every candle's last state; on `gap`, ask getCandles again. */
  candles: { params: z.object({ symbol: symbolSchema, timeframe: timeframeSchema }).strict(), delivery: 'latest' },
  /** The price to show, at most every 100 ms, with where it comes from. */
  livePrice: { params: ofSymbol, delivery: 'latest' },
  /** The followed symbols, whenever they change. */
  watchlist: { params: none, delivery: 'latest' },
  cob: { params: ofSymbol, delivery: 'latest' },
  /** The book of every second by venue; the newest one ten times a second. On `gap`, subscribe again. */
  heatmap: { params: ofSymbol, delivery: 'latest' },
  /** Trades of the primary by second and price, and each second's order flow imbalance. On `gap`, subscribe again. */
  orderFlow: { params: ofSymbol, delivery: 'latest' },
  /** Trades that were large when they came, of all sources. */
  largeTrades: { params: ofSymbol, delivery: 'every' },
  /** The newest quotes of the followed options, at most four times a second. */
  options: { params: none, delivery: 'latest' },
  /** Trends and newest pivots by level, after each change; ask getPivots for the pivots themselves. */
  structure: { params: z.object({ symbol: symbolSchema, timeframe: timeframeSchema }).strict(), delivery: 'latest' },
  /** Every analysis module, and what the loaded ones know of the symbol; twice a second. */
  analysis: { params: ofSymbol, delivery: 'latest' },
  dataQuality: { params: none, delivery: 'latest' },
  /** How whole the models' input is and whether one may run on it, once a second. */
  inputQuality: { params: ofSymbol, delivery: 'latest' },
  /** Downloads of history: those under way and the newest that are over, newest first. */
  historyJobs: { params: none, delivery: 'latest' },
  /** Imports of files, newest first. */
  imports: { params: none, delivery: 'latest' },
  annotations: { params: none, delivery: 'every' },
  training: { params: none, delivery: 'every' },
  predictions: { params: ofSymbol, delivery: 'every' },
  checkpoints: { params: ofSymbol, delivery: 'every' },
  orders: { params: none, delivery: 'every' },
  account: { params: none, delivery: 'latest' },
  /** What this market takes on the disk, every half minute. */
  storageUse: { params: none, delivery: 'latest' },
  /** Recordings being moved to an archive or back. */
  recordingJob: { params: none, delivery: 'latest' },
  /** REPLAY only: ten times a second. */
  replay: { params: none, delivery: 'latest' },
  /** Sent when the services behind this connection were replaced (mode switch): everything must be asked for again. */
  session: { params: none, delivery: 'every' },
} as const satisfies Record<string, { params: z.ZodType; delivery: Delivery }>;

export type AnnotationsEvent =
  | { kind: 'snapshot'; annotations: Annotation[] }
  | { kind: 'saved'; annotation: Annotation }
  | { kind: 'deleted'; id: string };

export type TrainingEvent =
  | { kind: 'snapshot'; status: TrainingStatus; metrics: MetricPoint[] }
  | { kind: 'status'; status: TrainingStatus }
  | { kind: 'metric'; point: MetricPoint };

/** The snapshot is the newest 200 predictions; older ones come from getPredictions. */
export type PredictionsEvent = { kind: 'snapshot'; predictions: Prediction[] } | { kind: 'updated'; prediction: Prediction };

/** The snapshot is every open order and the newest 200 others, newest first, and the newest 200 fills. */
export type OrdersEvent =
  | { kind: 'snapshot'; orders: Order[]; fills: Fill[] }
  | { kind: 'order'; order: Order }
  | { kind: 'fill'; fill: Fill };

export interface StreamEvents {
  status: SystemStatus;
  candles: CandleUpdate;
  livePrice: LivePrice;
  watchlist: Watchlist;
  cob: CobView;
  heatmap: HeatmapEvent;
  orderFlow: OrderFlowEvent;
  largeTrades: LargeTradesEvent;
  options: OptionChain;
  structure: StructureView;
  analysis: AnalysisView;
  dataQuality: DataQuality;
  inputQuality: InputQuality;
  historyJobs: { jobs: HistoryJob[] };
  imports: { jobs: ImportJob[] };
  annotations: AnnotationsEvent;
  training: TrainingEvent;
  predictions: PredictionsEvent;
  checkpoints: { kind: 'snapshot'; checkpoints: CheckpointSummary[] };
  orders: OrdersEvent;
  account: Account;
  storageUse: StorageUse;
  recordingJob: RecordingJob;
  replay: ReplayStatus;
  session: { kind: 'restarted' };
}

export type StreamName = keyof typeof STREAMS;
export type StreamParams<N extends StreamName> = z.infer<(typeof STREAMS)[N]['params']>;
