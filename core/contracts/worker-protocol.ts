import type { Failure } from '../base/result.ts';
import type { CandleColumns } from '../market/candle.ts';
import type { CheckpointManifest, MetricPoint } from './learning.ts';

/**
 * Messages between the host and its compute workers. Plain data and typed arrays only; both ends ship together,
 * so shapes are trusted, but every failure is answered as a value and never as silence.
 */

/** One training example before tensors are built: the last candle it may see, and what the trader marked there. */
export interface TrainingSample {
  /** Open time of the newest 1m candle in the window. */
  readonly openTime: number;
  /** Index into ACTIONS. */
  readonly action: number;
}

export interface TrainingJob {
  readonly jobId: string;
  readonly checkpointId: string;
  readonly modelId: string;
  readonly symbol: string;
  readonly trainedOn: 'SIM' | 'LIVE';
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly heldOutShare: number;
  /** 1m candles without holes that cover every sample's window and its 60-minute future. */
  readonly candles: CandleColumns;
  readonly samples: readonly TrainingSample[];
  readonly annotationIds: readonly string[];
  /** Folder that receives `<checkpointId>/` when the job ends; written to a temporary name and renamed. */
  readonly checkpointFolder: string;
  readonly createdAt: number;
}

export type ToTrainingWorker =
  | { readonly kind: 'start'; readonly job: TrainingJob }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Ends after the step in progress. With `keep` a checkpoint of what was learnt so far is written. */
  | { readonly kind: 'stop'; readonly keep: boolean };

export type FromTrainingWorker =
  | { readonly kind: 'ready'; readonly device: string }
  | {
      readonly kind: 'prepared';
      readonly jobId: string;
      readonly totalSteps: number;
      readonly annotated: number;
      readonly hold: number;
      readonly heldOut: number;
      /** Of `heldOut`. */
      readonly heldOutAnnotated: number;
    }
  | { readonly kind: 'progress'; readonly jobId: string; readonly point: MetricPoint; readonly samplesPerSecond: number }
  | { readonly kind: 'paused' | 'resumed'; readonly jobId: string; readonly step: number }
  /** The end of a job, whole or stopped. Without a manifest nothing was kept. */
  | {
      readonly kind: 'ended';
      readonly jobId: string;
      readonly step: number;
      readonly stopped: boolean;
      readonly manifest?: CheckpointManifest;
    }
  | { readonly kind: 'failed'; readonly jobId: string; readonly error: Failure };

export type ToInferenceWorker =
  /** Verifies and loads `folder` (manifest, hash, schema) and makes it the one that answers for `symbol`. */
  | { readonly kind: 'load'; readonly requestId: number; readonly symbol: string; readonly folder: string }
  | { readonly kind: 'unload'; readonly symbol: string }
  /** `candles`: at least the window's length of closed 1m candles without holes, the newest last. */
  | { readonly kind: 'predict'; readonly requestId: number; readonly symbol: string; readonly candles: CandleColumns };

export type FromInferenceWorker =
  | { readonly kind: 'ready'; readonly device: string }
  | { readonly kind: 'loaded'; readonly requestId: number; readonly manifest: CheckpointManifest; readonly loadMs: number }
  | {
      readonly kind: 'predicted';
      readonly requestId: number;
      readonly checkpointId: string;
      /** P(SELL), P(HOLD), P(BUY). */
      readonly action: readonly [number, number, number];
      /** Per horizon of HORIZONS_MIN: P(down), P(flat), P(up). */
      readonly directions: readonly (readonly [number, number, number])[];
      /** Per horizon, as a fraction. */
      readonly expectedReturns: readonly number[];
      readonly normParams: readonly { readonly name: string; readonly mean: number; readonly std: number }[];
      readonly latencyMs: number;
    }
  | { readonly kind: 'failed'; readonly requestId: number; readonly error: Failure };

/** The practice market's process. */
export interface LabOptions {
  readonly port: number;
  readonly seed: number;
  /** Market seconds per wall second, 1–60. */
  readonly speed: number;
  /** Market time to begin at; the recording's configured start when absent. */
  readonly startAt?: number;
  /** Folder of `<BASE><QUOTE>-1m.parquet` files. */
  readonly dataFolders: readonly string[];
  /** Venue symbols: `ETHUSDT`. */
  readonly symbols: readonly string[];
  /** Venues to serve, each below a path of its name; all that the practice market speaks when absent. */
  readonly venues?: readonly string[];
}

export type ToLab = { readonly kind: 'setSpeed'; readonly speed: number };

export type FromLab =
  | {
      readonly kind: 'listening';
      readonly port: number;
      readonly marketTime: number;
      readonly speed: number;
      readonly dataEnd: number;
      /** What is served at `http://127.0.0.1:PORT/<venue>` and `ws://127.0.0.1:PORT/<venue>`. */
      readonly venues?: readonly string[];
    }
  | { readonly kind: 'speedChanged'; readonly marketTime: number; readonly speed: number }
  /** The recording is played to its end; said once, nothing moves afterwards. */
  | { readonly kind: 'dataEnd'; readonly marketTime: number }
  | { readonly kind: 'failed'; readonly error: Failure };
