import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { mkdir, rm } from 'node:fs/promises';
import type { Clock } from '../../core/base/clock.ts';
import { fromNumber } from '../../core/base/decimal.ts';
import { createIdGen } from '../../core/base/ids.ts';
import { fail, ok, reasonOf, type Failure, type Result } from '../../core/base/result.ts';
import { SplitMix32 } from '../../core/base/rng.ts';
import type { Config, ModelsConfig } from '../../core/contracts/config.ts';
import type { DataMode } from '../../core/contracts/primitives.ts';
import type { ReadyBootstrap } from '../../core/contracts/system.ts';
import { BookDepth } from '../../core/execution/book-depth.ts';
import { feeRateFromPct } from '../../core/execution/matching.ts';
import { TIMEFRAMES } from '../../core/market/timeframe.ts';
import type { Instrument } from '../../core/market/instrument.ts';
import type { Log } from '../ports/log.ts';
import type { WorkerLauncher } from '../ports/worker-host.ts';
import { createAnnotationService } from '../services/annotations/annotation-service.ts';
import { createCobService } from '../services/cob/cob-service.ts';
import { createMarketDataService } from '../services/data/market-data-service.ts';
import { createExecutionService } from '../services/execution/execution-service.ts';
import { createPredictionService } from '../services/prediction/prediction-service.ts';
import { createSystemService } from '../services/system/system-service.ts';
import { createTrainingService } from '../services/training/training-service.ts';
import { openStore } from '../storage/duckdb-store.ts';
import { createBinanceMarketData } from '../venues/binance/market-data.ts';
import { createPaperBroker } from '../venues/paper/broker.ts';
import type { DeskPaths } from './desk-paths.ts';
import { keepInSync } from './clock-sync.ts';
import { watchEventLoopDelay } from './event-loop-delay.ts';
import { loadInstruments } from './instruments.ts';
import { openMarketSource } from './market-source.ts';
import type { CommandHandlers, StreamSources } from './connection.ts';
import { superviseWorker } from './supervisor.ts';
import { bindCommands, bindStreams } from './workstation-reach.ts';

export interface WorkstationPorts {
  readonly config: Config;
  readonly models: ModelsConfig;
  readonly mode: DataMode;
  readonly paths: DeskPaths;
  readonly recordingFolders: readonly string[];
  readonly launcher: WorkerLauncher;
  readonly processMemory: () => Promise<Record<string, number>>;
  readonly wall: Clock;
  readonly log: Log;
}

/** One market's services, assembled. Commands and streams that belong to the desk itself are not among these. */
export interface Workstation {
  readonly commands: Omit<CommandHandlers, 'getBootstrap' | 'setMode' | 'savePreferences' | 'reportPaint'>;
  readonly streams: Omit<StreamSources, 'session'>;
  bootstrap(): Omit<ReadyBootstrap, 'version' | 'preferences'>;
  describe(): string;
  /** In the reverse order of start: orders first, the store last. */
  close(): Promise<void>;
}

/**
 * Assembles one workstation. The only function that knows every service; both hosts and every test of the whole call it.
 * On failure everything that was opened is closed again.
 */
export async function createWorkstation(ports: WorkstationPorts): Promise<Result<Workstation>> {
  const { config, mode, paths, wall, log, launcher } = ports;
  const closers: (() => void | Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  const stop = async <T extends Failure>(failure: T): Promise<Result<never>> => {
    await closeAll();
    return { ok: false, error: failure };
  };
  const rng = new SplitMix32(randomInt(2 ** 31));
  const jitter = (): number => rng.next();
  const ids = createIdGen(wall, rng);

  const opened = await openStore({
    path: paths.store(mode),
    wall,
    flushMs: config.storage.flushMs,
    batchRows: config.storage.batchRows,
    log: (level, message) => log[level]({}, message),
  });
  if (!opened.ok) return opened;
  const store = opened.value;
  closers.push(() => store.close());

  // Workers need seconds to load their runtime; they start while the market is being connected.
  const worker = (name: 'inference' | 'training') => {
    const isReady = (message: unknown): boolean => (message as { kind?: unknown }).kind === 'ready';
    const supervised = superviseWorker({ name, launcher, wall, jitter, log, isReady, args: () => [] });
    closers.push(() => supervised.stop());
    return supervised;
  };
  const inferenceWorker = worker('inference');
  const trainingWorker = worker('training');

  const source = await openMarketSource({ mode, config, store, launcher, recordingFolders: ports.recordingFolders, wall, jitter, log });
  if (!source.ok) return stop(source.error);
  const market = source.value;
  closers.push(() => market.close());

  const model = ports.models.models.find((candidate) => candidate.enabled);
  if (model === undefined) {
    return stop({ code: 'NO_MODEL', message: 'No model is enabled. Set enabled: true for one in models.yaml.', retryable: false });
  }
  const symbols = Object.keys(config.symbols);
  const widthOf = (symbol: string): number => (config.symbols[symbol] as Config['symbols'][string]).bucketWidth;
  const venue = createBinanceMarketData({
    restUrl: market.restUrl,
    streamUrl: market.streamUrl,
    requestTimeoutMs: config.binance.requestTimeoutMs,
    silenceMs: config.binance.silenceMs,
    clock: market.clock,
    wall,
    rng,
    log,
    bucketWidthOf: (instrument) => widthOf(instrument.symbol),
  });
  closers.push(await keepInSync(market.clock, wall, () => venue.serverTime()));
  const instruments = await loadInstruments(venue, symbols, store.settings, log);
  if (!instruments.ok) return stop(instruments.error);

  const data = createMarketDataService({
    venue,
    instruments: instruments.value,
    store,
    clock: market.clock,
    wall,
    speed: () => market.speed(),
    silenceMs: config.binance.silenceMs,
    backfillMinutes: config.history.backfillMinutes,
    memoryCandles: config.history.memoryCandles,
    log,
  });
  closers.push(() => data.close());

  const cob = createCobService({
    symbols: instruments.value.map((instrument) => ({
      symbol: instrument.symbol,
      bucketWidth: widthOf(instrument.symbol),
      sources: [
        {
          venue: instrument.venue,
          book: data.session.book(instrument),
          status: () => data.bookStatus(instrument.symbol),
        },
      ],
    })),
    market: store.market,
    clock: market.clock,
    log,
  });
  closers.push(() => cob.close());

  const eventLoop = watchEventLoopDelay();
  closers.push(() => eventLoop.stop());
  const workers = market.practice === undefined ? [inferenceWorker, trainingWorker] : [inferenceWorker, trainingWorker, market.practice.worker];
  const system = createSystemService({
    mode,
    market: market.clock,
    wall,
    speed: () => market.speed(),
    venues: () => data.health(),
    workers,
    store,
    processMemory: ports.processMemory,
    eventLoop,
  });
  closers.push(() => system.close());
  const report = (failure: Failure, where: string): void => {
    log.warn({ where, code: failure.code, reason: failure.message }, 'a failure that nobody waits for');
    system.notify(`${where}.${failure.code}`, 'warning', failure.message);
  };

  const annotations = createAnnotationService({ store: store.annotations, clock: market.clock, symbols });
  const annotationsStarted = await annotations.start();
  if (!annotationsStarted.ok) return stop(annotationsStarted.error);

  const checkpointFolder = paths.checkpoints(mode);
  await mkdir(checkpointFolder, { recursive: true });
  const prediction = createPredictionService({
    clock: market.clock,
    ids,
    mode,
    symbols,
    store,
    worker: inferenceWorker,
    recentMinutes: (symbol, count) => data.recentMinutes(symbol, count),
    ensureHistory: (symbol, timeframe, from, to) => data.ensureHistory(symbol, timeframe, from, to),
    checkpointFolderOf: (id) => join(checkpointFolder, id),
    report,
  });
  closers.push(() => prediction.close());
  const training = createTrainingService({
    clock: market.clock,
    ids,
    mode,
    symbols,
    models: ports.models.models,
    learning: store.learning,
    market: store.market,
    worker: trainingWorker,
    annotationsOf: (symbol) => annotations.list(symbol),
    ensureHistory: (symbol, timeframe, from, to) => data.ensureHistory(symbol, timeframe, from, to),
    checkpointFolder,
    removeCheckpointFiles: (id) => removeFolder(join(checkpointFolder, id)),
    activeCheckpoint: (symbol) => prediction.active(symbol)?.id,
    checkpointsChanged: (symbol) => prediction.reload(symbol),
    report,
  });
  closers.push(() => training.close());

  const takerFee = feeRateFromPct(config.paper.takerFeePct);
  const depths = new Map(
    instruments.value.map((instrument) => [instrument.symbol, new BookDepth(data.session.book(instrument), instrument)]),
  );
  const broker = createPaperBroker({
    clock: market.clock,
    latencyMs: config.paper.latencyMs,
    fees: { maker: feeRateFromPct(config.paper.makerFeePct), taker: takerFee },
    instruments: instruments.value,
    depthOf: (symbol) => (data.liveBook(symbol) === undefined ? undefined : depths.get(symbol)),
    idGen: ids,
  });
  closers.push(() => broker.close());
  const execution = createExecutionService({
    store,
    broker,
    limits: {
      maxOrderNotional: config.risk.maxOrderNotional,
      maxPosition: config.risk.maxPosition,
      maxOpenOrders: config.risk.maxOpenOrders,
      priceCollarPct: fromNumber(config.risk.priceCollarPct, 6),
    },
    account: { currency: config.paper.currency, startingBalance: config.paper.startingBalance },
    takerFee,
    instruments: instruments.value,
    mid: (symbol) => data.liveBook(symbol)?.mid,
    clock: market.clock,
    idGen: ids,
    log: { warn: (text) => log.warn({}, text), error: (text) => log.error({}, text) },
  });
  closers.push(() => execution.close());
  const recovered = await execution.recover();
  if (!recovered.ok) return stop(recovered.error);

  data.books.on(({ symbol }) => broker.onBook(symbol));
  data.trades.on(({ symbol, trade }) => broker.onTrade(symbol, trade));
  data.minutes.on(({ symbol, candle }) => void prediction.onMinuteClosed(symbol, candle.openTime + 60_000));
  prediction.events.refusals.on(({ symbol, failure }) => {
    const notice = `prediction.${symbol}`;
    // Having no model yet is where everybody starts, not something to be warned of.
    if (failure === undefined || failure.code === 'NO_MODEL') system.withdraw(notice);
    else system.notify(notice, 'warning', `No prediction for ${symbol}: ${failure.message}`);
  });
  // Predictions look back over history, so they begin when it is there.
  void data.started.then(() => prediction.start()).then((started) => {
    if (!started.ok) report(started.error, 'predictions');
  });
  market.practice?.onEnd((marketTime) => {
    const day = new Date(marketTime).toISOString().slice(0, 10);
    const text = `The practice market's recording ended on ${day}: nothing moves any more. Import the whole of 2020 with "npm run data:sample-year" and start again.`;
    system.notify('practice.ended', 'warning', text);
  });

  const services = { data, cob, system, annotations, prediction, training, execution, market, workers };
  return ok({
    commands: bindCommands(services),
    streams: bindStreams(services),
    bootstrap: () => ({
      state: 'ready',
      mode,
      symbols: instruments.value.map((instrument: Instrument) => ({
        symbol: instrument.symbol,
        tickSize: instrument.tickSize,
        lotSize: instrument.lotSize,
        minNotional: instrument.minNotional,
        bucketWidth: widthOf(instrument.symbol),
      })),
      primarySymbol: config.market.primarySymbol,
      timeframes: [...TIMEFRAMES],
      minAnnotations: model.training.minAnnotations,
      defaultEpochs: model.training.epochs,
      riskLimits: {
        maxOrderNotional: config.risk.maxOrderNotional,
        maxPosition: config.risk.maxPosition,
        priceCollarPct: config.risk.priceCollarPct,
      },
    }),
    describe: () => JSON.stringify({ mode, venues: data.health(), workers: workers.map((entry) => entry.health()) }),
    close: closeAll,
  });
}

async function removeFolder(folder: string): Promise<Result<void>> {
  try {
    await rm(folder, { recursive: true, force: true });
    return ok(undefined);
  } catch (thrown) {
    return fail('CHECKPOINT_NOT_REMOVED', `${folder} could not be deleted: ${reasonOf(thrown)}. Delete it by hand to free its space.`);
  }
}
