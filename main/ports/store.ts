import type { Annotation } from '../../core/contracts/annotations.ts';
import type { CandleDifference, QualityState } from '../../core/contracts/data-quality.ts';
import type { CheckpointManifest, InferenceReference, Prediction } from '../../core/contracts/learning.ts';
import type { CobView } from '../../core/contracts/market-views.ts';
import type { FlowBar, FootprintBar } from '../../core/contracts/order-flow.ts';
import type { Fill, Order } from '../../core/contracts/orders.ts';
import type { Candle, CandleColumns } from '../../core/market/candle.ts';
import type { CobSecondColumns } from '../../core/market/cob-second-columns.ts';
import type { CobSplit } from '../../core/market/consolidated-book.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import type { SecondFlow } from '../../core/market/order-flow.ts';
import type { Span } from '../../core/market/spans.ts';
import type { StoredTimeframe, Timeframe } from '../../core/market/timeframe.ts';
import type { Trade } from '../../core/market/trade.ts';
import type { HistoryRepository } from './history.ts';
import type { ImportRepository } from './import.ts';
import type { Stored } from './stored.ts';

export type { Stored, StoreFailure } from './stored.ts';

/** Market data is appended in batches: at most the last unflushed batch is lost when the process dies. */
export interface MarketRepository {
  appendTrade(venue: VenueId, symbol: string, trade: Trade): void;
  /** Closed candles only, in time order per symbol and timeframe. */
  appendCandle(venue: VenueId, symbol: string, timeframe: StoredTimeframe, candle: Candle): void;
  /**
   * A snapshot of a consolidated book and what each venue contributes to it. `ended` is the flow of the newest second that is over;
   * it is kept with that second's row, if this snapshot is the first of a later one.
   */
  appendCob(view: CobView, split?: CobSplit, ended?: SecondFlow): void;
  /**
   * Consolidated-book seconds that began in [from, to), oldest first; the one in progress is not among them. With `stepMs`, of each step
   * since the epoch only its last second, with the flow of all of its seconds.
   */
  cobSeconds(symbol: string, from: number, to: number, stepMs?: number): Stored<CobSecondColumns>;
  /** Replaces whatever any venue told of the candles' own span, then answers when it is durable. For back-fill. */
  replaceCandles(venue: VenueId, symbol: string, timeframe: StoredTimeframe, candles: readonly Candle[]): Stored<void>;
  /**
   * Newest `limit` candles with openTime < before, oldest first; appended but unflushed ones included. Of a derived
   * timeframe, those that are over, made of the stored candles of its source.
   */
  candlesBefore(symbol: string, timeframe: Timeframe, before: number, limit: number): Stored<Candle[]>;
  /** Candles that opened in [from, to), oldest first; of a derived timeframe as in `candlesBefore`. */
  candleColumns(symbol: string, timeframe: Timeframe, from: number, to: number): Stored<CandleColumns>;
  /** The same of several series, as they were stored at one moment; none of them derived. */
  candleColumnsOf(wanted: readonly SeriesSpan[]): Stored<CandleColumns[]>;
  /** Whole candles that opened in [from, to), oldest first. */
  candlesIn(symbol: string, timeframe: Timeframe, from: number, to: number): Stored<Candle[]>;
  /** Holes between the stored candles that opened in [from, to), ascending; none before the first or after the last. */
  candleHoles(symbol: string, timeframe: StoredTimeframe, from: number, to: number): Stored<Span[]>;
  /** How many candles that opened in [from, to) are stored. */
  candleCount(symbol: string, timeframe: StoredTimeframe, from: number, to: number): Stored<number>;
  /** Open times in [from, to) of the candles that another venue than `venue` told, ascending. */
  candlesOfOthers(venue: VenueId, symbol: string, timeframe: StoredTimeframe, from: number, to: number): Stored<number[]>;
  /** Open times of the oldest and newest stored candle. */
  candleBounds(symbol: string, timeframe: StoredTimeframe): Stored<{ first: number; last: number } | undefined>;
  /** The newest stored trade of each instrument that has one in [from, ∞). */
  newestTrades(from: number): Stored<NewestTrade[]>;
  flush(): Stored<void>;
}

/** Candles of one series that opened in [from, to). */
export interface SeriesSpan extends Span {
  readonly symbol: string;
  readonly timeframe: StoredTimeframe;
}

export interface NewestTrade {
  readonly venue: VenueId;
  /** The instrument's own unified symbol. */
  readonly symbol: string;
  readonly id: number;
  /** `tsEvent`, ms. */
  readonly time: number;
}

export interface FootprintQuery {
  readonly venue: VenueId;
  /** The instrument's own unified symbol. */
  readonly symbol: string;
  /** Length of a bar, ms. Bars lie on whole multiples of it. */
  readonly lengthMs: number;
  /** Trades of the venue's time in [from, to) count. */
  readonly from: number;
  readonly to: number;
  readonly tickSize: number;
  readonly rowTicks: number;
  readonly cellsMax: number;
}

/** What the order-flow views read, summed by the store. */
export interface FlowRepository {
  /** Volume by bar and price row; bars without a stored trade are left out. Undefined when there are more than `cellsMax` rows in all. */
  footprint(query: FootprintQuery): Stored<FootprintBar[] | undefined>;
  /** The venue's time of an instrument's oldest stored trade. */
  firstTrade(venue: VenueId, symbol: string): Stored<number | undefined>;
  /** Order flow imbalance of the consolidated-book seconds in [from, to), by bar. */
  flowBars(symbol: string, lengthMs: number, from: number, to: number): Stored<FlowBar[]>;
}

/** Each call answers when the row is durable. */
export interface AnnotationRepository {
  all(): Stored<Annotation[]>;
  save(annotation: Annotation): Stored<void>;
  delete(id: string): Stored<void>;
}

export interface LearningRepository {
  /** One transaction: the prediction, its reference and its model output. */
  savePrediction(prediction: Prediction, reference: InferenceReference): Stored<void>;
  /** Records what became of the horizon heads that have matured; `prediction` carries them all. */
  saveOutcomes(prediction: Prediction): Stored<void>;
  predictions(symbol: string, from: number, to: number): Stored<Prediction[]>;
  latestPredictions(symbol: string, limit: number): Stored<Prediction[]>;
  /** Predictions with at least one horizon whose outcome is not recorded. */
  unresolvedPredictions(symbol: string): Stored<Prediction[]>;
  saveCheckpoint(manifest: CheckpointManifest): Stored<void>;
  deleteCheckpoint(id: string): Stored<void>;
  checkpoints(symbol: string): Stored<{ manifest: CheckpointManifest; promoted: boolean }[]>;
  promote(id: string): Stored<void>;
}

/** Journal before action: every call is durable when it answers. */
export interface OrderRepository {
  saveOrder(order: Order): Stored<void>;
  /** One transaction: a fill and the order that it changed. */
  saveFill(fill: Fill, order: Order): Stored<void>;
  openOrders(): Stored<Order[]>;
  recentOrders(limit: number): Stored<Order[]>;
  /** Every fill, oldest first: positions are rebuilt from them. */
  fills(): Stored<Fill[]>;
}

/** What is remembered of a stretch of data: of candles with their timeframe, or of the book. */
export interface RecordedSpan extends Span {
  readonly symbol: string;
  readonly timeframe: StoredTimeframe | undefined;
  readonly state: QualityState;
  readonly venue: VenueId;
  /** How many, where it is of candles. */
  readonly candles: number;
  readonly reason: string;
}

export interface QualityRepository {
  saveDifferences(differences: readonly CandleDifference[]): Stored<void>;
  /** Newest first. */
  differences(symbol: string, limit: number): Stored<CandleDifference[]>;
  /** One with the same start, state and subject replaces the one before. */
  saveSpan(span: RecordedSpan): Stored<void>;
  /** Spans that touch [from, to), by start. */
  spans(symbol: string, from: number, to: number): Stored<RecordedSpan[]>;
  /** Candles repaired and candles that differed, by series, since the store was made. */
  counts(): Stored<{ symbol: string; timeframe: StoredTimeframe; repaired: number; differences: number }[]>;
}

/** Small durable values: the practice market's time, the kill switch, window preferences. JSON-serialisable. */
export interface SettingsRepository {
  get(key: string): Stored<unknown>;
  set(key: string, value: unknown): Stored<void>;
}

/** What the store takes on the disk, and how its bulky tables are kept small. */
export interface TableRetention {
  /** Of the file and of its write-ahead log. */
  files(): Promise<{ readonly bytes: number; readonly walBytes: number }>;
  /** Deletes trades and consolidated-book seconds from before this market time, a day at a time; answers how many rows. */
  deleteBefore(before: number): Stored<number>;
}

export interface Store {
  readonly market: MarketRepository;
  readonly flow: FlowRepository;
  readonly annotations: AnnotationRepository;
  readonly learning: LearningRepository;
  readonly orders: OrderRepository;
  readonly settings: SettingsRepository;
  readonly retention: TableRetention;
  readonly quality: QualityRepository;
  readonly imports: ImportRepository;
  readonly histories: HistoryRepository;
  /** `waitingMs`: market data that was appended longer ago is durable. */
  health(): { path: string; bytes: number; pendingRows: number; waitingMs: number; lastError: string | undefined };
  /** Flushes and closes. Idempotent. */
  close(): Promise<void>;
}
