import { isZero } from '../../../core/base/decimal.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import { isFinal } from '../../../core/execution/order-machine.ts';
import { toWire } from '../../../core/market/heatmap-wire.ts';
import { sourceText } from '../../../core/market/instrument.ts';
import type { SupervisedWorker } from '../../ports/worker-host.ts';
import type { AnalysisHost } from '../../services/analysis/analysis-host.ts';
import type { AnnotationService } from '../../services/annotations/annotation-service.ts';
import type { CobService } from '../../services/cob/cob-service.ts';
import type { SymbolDirectory } from '../../services/data/symbol-directory.ts';
import type { InputService } from '../../services/input/input-service.ts';
import type { OptionService } from '../../services/options/option-service.ts';
import type { MarketDataService } from '../../services/data/market-data-service.ts';
import type { ExecutionService } from '../../services/execution/execution-service.ts';
import type { LargeTradeJournal } from '../../services/flow/large-trade-journal.ts';
import type { OrderFlowService } from '../../services/flow/order-flow-service.ts';
import type { PickedFolders } from '../../services/recording/picked-folders.ts';
import type { RecordingService } from '../../services/recording/recording-service.ts';
import type { PredictionService } from '../../services/prediction/prediction-service.ts';
import type { StructureService } from '../../services/structure/structure-service.ts';
import type { SystemService } from '../../services/system/system-service.ts';
import type { TrainingService } from '../../services/training/training-service.ts';
import type { MarketSource } from '../market-source.ts';
import type { CommandHandlers, StreamSources } from '../connection.ts';
import type { MarketSubscriptions } from '../../services/subscriptions/market-subscriptions.ts';
import type { HistoryPart } from './history-part.ts';

/** Commands and streams of one market; the desk's own are not among them. */
export type MarketCommands = Omit<CommandHandlers, DeskCommand>;
export type DeskCommand =
  | 'getBootstrap'
  | 'setMode'
  | 'savePreferences'
  | 'reportPaint'
  | 'listReplays'
  | 'openReplay'
  | 'replayControl';
export type MarketStreams = Omit<StreamSources, 'session'>;

interface Services {
  readonly data: MarketDataService;
  readonly cob: CobService;
  readonly structure: StructureService;
  readonly orderFlow: OrderFlowService;
  readonly largeTrades: LargeTradeJournal;
  readonly history: HistoryPart;
  readonly topics: MarketSubscriptions;
  readonly analysis: AnalysisHost;
  readonly input: InputService;
  readonly directory: SymbolDirectory;
  readonly options: OptionService;
  readonly system: SystemService;
  readonly annotations: AnnotationService;
  readonly prediction: PredictionService;
  readonly training: TrainingService;
  readonly execution: ExecutionService;
  readonly recording: RecordingService;
  readonly folders: PickedFolders;
  readonly market: MarketSource;
  readonly workers: readonly SupervisedWorker[];
}

const done = (result: Result<unknown>): Result<Record<string, never>> => (result.ok ? ok({}) : result);

/** Why a symbol must stay as it is; undefined when nothing hangs on it. */
function exposureOf(execution: ExecutionService, symbol: string): string | undefined {
  if (execution.snapshot().orders.some((order) => order.intent.symbol === symbol && !isFinal(order.state))) return 'open orders';
  return execution.account().positions.some((position) => position.symbol === symbol && !isZero(position.quantity))
    ? 'an open position'
    : undefined;
}

/** Each command to the service that answers it. */
export function bindCommands(services: Services): MarketCommands {
  const {
    data,
    cob,
    directory,
    options,
    structure,
    orderFlow,
    history,
    analysis,
    annotations,
    prediction,
    training,
    execution,
    recording,
    folders,
    market,
    workers,
  } = services;
  return {
    setPracticeSpeed: ({ speed }) =>
      done(
        market.practice?.setSpeed(speed) ?? fail('NOT_PRACTICE', 'Only the practice market has a speed; this is the live one.'),
      ),
    restartWorker({ name }) {
      const worker = workers.find((candidate) => candidate.name === name);
      if (worker === undefined) return fail('UNKNOWN_WORKER', `There is no ${name} process on this market.`);
      worker.restart();
      return ok({});
    },
    async searchSymbols({ query, limit }) {
      return ok(await directory.search(query, limit, (symbol) => data.instruments.has(symbol)));
    },
    async followSymbol({ symbol, sources, bucketWidth }) {
      const before = data.followed(symbol)?.primary.key;
      const [primary] = sources;
      if (before !== undefined && primary !== undefined && sourceText(primary) !== before) {
        const exposure = exposureOf(execution, symbol);
        if (exposure !== undefined) return fail('SYMBOL_IN_USE', `${symbol} has ${exposure}: its primary cannot change now.`);
      }
      return data.follow(symbol, sources, bucketWidth);
    },
    async unfollowSymbol({ symbol }) {
      const exposure = exposureOf(execution, symbol);
      if (exposure !== undefined)
        return fail('SYMBOL_IN_USE', `${symbol} has ${exposure}: close it first, then take it off the list.`);
      return done(await data.unfollow(symbol));
    },
    listOptions: ({ underlying }) => options.list(underlying),
    followOptions: async ({ names }) => done(await options.follow(names)),
    getCandles: ({ symbol, timeframe, before, limit }) => data.getCandles(symbol, timeframe, before, limit),
    async getHeatmap({ symbol, from, to, stepSec }) {
      const recorded = await cob.recorded(symbol, from, to, stepSec);
      return recorded.ok ? ok({ ...recorded.value, columns: recorded.value.columns.map(toWire) }) : recorded;
    },
    getPivots({ symbol, timeframe, level, from, to }) {
      const pivots = structure.pivots(symbol, timeframe, level, from, to);
      return pivots === undefined
        ? fail('UNKNOWN_SYMBOL', `${symbol} is not followed, so its swings are not known.`)
        : ok({ pivots });
    },
    getFootprint: (input) => orderFlow.footprint(input),
    getFlowBars: (input) => orderFlow.flowBars(input),
    getQualityTimeline: ({ symbol, from, to }) => history.maintenance.timeline(symbol, from, to),
    async listCandleDifferences({ symbol, limit }) {
      const listed = await history.maintenance.differences(symbol, limit);
      return listed.ok ? ok({ differences: listed.value }) : listed;
    },
    repairCandles() {
      void history.maintenance.run();
      return ok({});
    },
    startHistoryDownload: (input) => history.downloads.start(input),
    cancelHistoryJob: async ({ id }) => done(await history.downloads.cancel(id)),
    pickImportFile: () => history.imports.pick(),
    previewImport: ({ token, spec }) => history.imports.preview(token, spec),
    startImport: ({ token, spec, skipBadRows }) => history.imports.start(token, spec, skipBadRows),
    cancelImport: async ({ id }) => done(await history.imports.cancel(id)),
    setAnalysisModule: async ({ id, loaded }) => done(await analysis.set(id, loaded)),
    saveAnnotation: async ({ annotation }) => done(await annotations.save(annotation)),
    deleteAnnotation: async ({ id }) => done(await annotations.delete(id)),
    startTraining: (input) => training.startTraining(input),
    pauseTraining: () => done(training.pause()),
    resumeTraining: () => done(training.resume()),
    stopTraining: () => done(training.stop()),
    async listCheckpoints({ symbol }) {
      const listed = await prediction.listCheckpoints(symbol);
      return listed.ok ? ok({ checkpoints: listed.value }) : listed;
    },
    promoteCheckpoint: async ({ id }) => done(await prediction.promoteCheckpoint(id)),
    async getPredictions({ symbol, from, to }) {
      const listed = await prediction.list(symbol, from, to);
      return listed.ok ? ok({ predictions: listed.value }) : listed;
    },
    getStorageUse: async () => ok(await recording.usage()),
    async listRecordings(range) {
      const listed = await recording.segments(range);
      return listed.ok ? ok({ segments: listed.value }) : listed;
    },
    pickRecordingFolder: ({ purpose }) => folders.pick(purpose),
    archiveRecordings({ folder, ...range }) {
      const path = folders.path(folder);
      return path.ok ? recording.archive(range, path.value) : path;
    },
    restoreRecordings({ folder, ...range }) {
      const path = folders.path(folder);
      return path.ok ? recording.restore(range, path.value) : path;
    },
    cancelRecordingJob: ({ jobId }) => done(recording.cancelJob(jobId)),
    async submitOrder({ intent }) {
      const submitted = await execution.submit(intent);
      return submitted.ok ? ok({ order: submitted.value }) : submitted;
    },
    cancelOrder: ({ orderId }) => done(execution.cancel(orderId)),
    cancelAllOrders: () => ok({ cancelled: execution.cancelAll() }),
    setKillSwitch: async ({ engaged, reason }) => done(await execution.setKillSwitch(engaged, reason)),
  };
}

/** Each stream to the events behind it. */
export function bindStreams(services: Services): MarketStreams {
  const {
    data,
    cob,
    topics,
    analysis,
    input,
    options,
    orderFlow,
    largeTrades,
    history,
    system,
    annotations,
    prediction,
    training,
    execution,
    recording,
    market,
  } = services;
  return {
    status: { snapshot: () => system.snapshot(), on: (_params, listener) => system.events.on(listener) },
    candles: {
      on: (series, listener) => topics.subscribe('candles', series, listener),
      keyOf: (update) => update.candle.openTime,
    },
    livePrice: {
      snapshot: (symbol) => topics.latest('livePrice', symbol),
      on: (symbol, listener) => topics.subscribe('livePrice', symbol, listener),
    },
    watchlist: { snapshot: () => data.watchlist(), on: (_params, listener) => data.watchlists.on(listener) },
    cob: {
      snapshot: (symbol) => topics.latest('cob', symbol),
      on: (symbol, listener) => topics.subscribe('cob', symbol, listener),
    },
    heatmap: {
      snapshot({ symbol }) {
        const kept = cob.heatmap(symbol);
        if (kept === undefined) return undefined;
        return { kind: 'snapshot', bucketWidth: kept.bucketWidth, columns: kept.columns().map(toWire) };
      },
      on: (symbol, listener) =>
        topics.subscribe('heatmap', symbol, ({ bucketWidth, column }) =>
          listener({ kind: 'column', bucketWidth, column: toWire(column) }),
        ),
      keyOf: (event) => (event.kind === 'snapshot' ? -1 : event.column.time),
    },
    orderFlow: {
      snapshot: ({ symbol }) => orderFlow.snapshot(symbol),
      on: ({ symbol }, listener) =>
        orderFlow.events.on((update) => {
          if (update.symbol === symbol) listener(update.event);
        }),
      keyOf: (event) => (event.kind === 'second' ? event.second.time : event.kind),
    },
    largeTrades: {
      snapshot: ({ symbol }) => largeTrades.snapshot(symbol),
      on: ({ symbol }, listener) =>
        largeTrades.events.on((update) => {
          if (update.symbol === symbol) listener(update.event);
        }),
    },
    options: { snapshot: () => options.chain(), on: (_params, listener) => options.events.on(listener) },
    structure: {
      snapshot: (series) => topics.latest('structure', series),
      on: (series, listener) => topics.subscribe('structure', series, listener),
    },
    analysis: {
      snapshot: ({ symbol }) => analysis.view(symbol),
      on: ({ symbol }, listener) => analysis.onView(symbol, listener),
    },
    storageUse: { snapshot: () => recording.latestUsage(), on: (_params, listener) => recording.events.on(listener) },
    recordingJob: { snapshot: () => recording.latestJob(), on: (_params, listener) => recording.jobs.on(listener) },
    dataQuality: {
      snapshot: () => history.maintenance.snapshot(),
      on: (_params, listener) => history.maintenance.events.on(listener),
    },
    inputQuality: {
      snapshot: ({ symbol }) => input.quality(symbol),
      on: ({ symbol }, listener) => input.onQuality(symbol, listener),
    },
    historyJobs: {
      snapshot: () => history.downloads.snapshot(),
      on: (_params, listener) => history.downloads.events.on(listener),
    },
    imports: { snapshot: () => history.imports.snapshot(), on: (_params, listener) => history.imports.events.on(listener) },
    annotations: { snapshot: () => annotations.snapshot(), on: (_params, listener) => annotations.events.on(listener) },
    training: { snapshot: () => training.snapshot(), on: (_params, listener) => training.events.on(listener) },
    predictions: {
      snapshot: ({ symbol }) => prediction.snapshot(symbol),
      on: ({ symbol }, listener) =>
        prediction.events.predictions.on((update) => {
          if (update.symbol === symbol) listener(update.event);
        }),
    },
    checkpoints: {
      on: ({ symbol }, listener) => {
        // The list is read from the store, so the first one follows a moment after the subscription.
        void prediction.listCheckpoints(symbol).then((listed) => {
          if (listed.ok) listener({ kind: 'snapshot', checkpoints: listed.value });
        });
        return prediction.events.checkpoints.on((update) => {
          if (update.symbol === symbol) listener({ kind: 'snapshot', checkpoints: update.checkpoints });
        });
      },
    },
    orders: { snapshot: () => execution.snapshot(), on: (_params, listener) => execution.onOrders(listener) },
    replay: {
      snapshot: () => market.replay?.driver.status(),
      on: (_params, listener) => market.replay?.driver.events.on(listener) ?? (() => {}),
    },
    account: { snapshot: () => execution.account(), on: (_params, listener) => execution.onAccount(listener) },
  };
}
