import { randomInt } from 'node:crypto';
import { createIdGen } from '../../../core/base/ids.ts';
import { fail, ok, reasonOf, type Failure, type Result } from '../../../core/base/result.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { DataMode } from '../../../core/contracts/primitives.ts';
import type { ReadyBootstrap } from '../../../core/contracts/system.ts';
import { TIMEFRAMES } from '../../../core/market/timeframe.ts';
import type { Store } from '../../ports/store.ts';
import type { MarketDataService } from '../../services/data/market-data-service.ts';
import { PickedFolders } from '../../services/recording/picked-folders.ts';
import { createSystemService } from '../../services/system/system-service.ts';
import { openStore } from '../../storage/duckdb-store.ts';
import { watchEventLoopDelay } from '../event-loop-delay.ts';
import { openMarketSource } from '../market-source.ts';
import type { Replay } from '../replay/replay-source.ts';
import { removeReplayStore } from '../replay/replay-store.ts';
import { superviseWorker } from '../supervisor.ts';
import { assembleAnalysis } from './analysis-part.ts';
import { assembleExecution } from './execution-part.ts';
import type { Frame, WorkstationPorts } from './frame.ts';
import { assembleHistory } from './history-part.ts';
import { assembleInput } from './input-part.ts';
import { assembleLearning } from './learning-part.ts';
import { assembleMarket, configuredRequests } from './market-part.ts';
import { assembleOptions } from './options-part.ts';
import { assembleOrderFlow } from './order-flow-part.ts';
import { assembleRecording, showStorageAlerts } from './recording-part.ts';
import { assembleStructure } from './structure-part.ts';
import { assembleSubscriptions } from './subscriptions-part.ts';
import { bindCommands, bindStreams, type MarketCommands, type MarketStreams } from './reach.ts';

const REPLAY_SEED = 1;
/** A replay's store is thrown away, so that a kill may lose more of it; at 1000× small batches would cost more than the market. */
const REPLAY_BATCHES = { flushMs: 5_000, batchRows: 20_000 };

/** One market's services, assembled. */
export interface Workstation {
  readonly commands: MarketCommands;
  readonly streams: MarketStreams;
  bootstrap(): Omit<ReadyBootstrap, 'version' | 'preferences'>;
  /** Market time. */
  now(): number;
  /** REPLAY only. */
  readonly replay?: Replay;
  /** The store of this market, if it is open: in REPLAY that of the recorded market. */
  storeOf(market: DataMode): Store | undefined;
  /** One line on where it stands, for a person who waits. */
  describe(): string;
  /** In the reverse order of start: orders first, the store last. */
  close(): Promise<void>;
}

/**
 * Assembles one workstation; both hosts and every test of the whole call it. The parts beside this file each compose
 * the services of one life: market, learning, execution. On failure everything that was opened is closed again.
 */
export async function createWorkstation(ports: WorkstationPorts): Promise<Result<Workstation>> {
  const closers: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  const assembled = await assemble(ports, close, (closer) => closers.push(closer));
  if (!assembled.ok) await close();
  return assembled;
}

async function assemble(
  ports: WorkstationPorts,
  close: () => Promise<void>,
  onClose: (closer: () => void | Promise<void>) => void,
): Promise<Result<Workstation>> {
  const { config, models, mode, paths, wall, log, launcher, recordingFolders } = ports;
  const model = models.models.find((candidate) => candidate.enabled);
  if (model === undefined) return fail('NO_MODEL', 'No model is enabled. Set enabled: true for one in models.yaml.');
  // A replay's own ids are the same each time.
  const rng = new SplitMix32(mode === 'REPLAY' ? REPLAY_SEED : randomInt(2 ** 31));
  const restarts = new SplitMix32(randomInt(2 ** 31));
  const jitter = (): number => restarts.next();

  if (mode === 'REPLAY') await removeReplayStore(paths.store(mode));
  const store = await (ports.openStore ?? openStore)({
    path: paths.store(mode),
    wall,
    ...(mode === 'REPLAY' ? REPLAY_BATCHES : { flushMs: config.storage.flushMs, batchRows: config.storage.batchRows }),
    log: (level, message) => log[level]({}, message),
  });
  if (!store.ok) return store;
  onClose(() => store.value.close());

  // Workers need seconds to load their runtime; they start while the market is being connected.
  const worker = (name: 'inference' | 'training') => {
    const isReady = (message: unknown): boolean => (message as { kind?: unknown }).kind === 'ready';
    const supervised = superviseWorker({ name, launcher, wall, jitter, log, isReady, args: () => [] });
    onClose(() => supervised.stop());
    return supervised;
  };
  const inferenceWorker = worker('inference');
  const trainingWorker = worker('training');

  const source = await openMarketSource({
    mode,
    config,
    replay: ports.replay && { ...ports.replay, paths, configured: configuredRequests(config) },
    store: store.value,
    launcher,
    recordingFolders,
    wall,
    jitter,
    log,
  });
  if (!source.ok) return source;
  const market = source.value;
  onClose(() => market.close());
  const { replay } = market;

  const frame: Frame = {
    ...ports,
    store: replay?.heldStore(store.value) ?? store.value,
    market,
    inferenceWorker: replay?.heldWorker(inferenceWorker) ?? inferenceWorker,
    trainingWorker,
    rng,
    ids: createIdGen(replay?.clock ?? wall, rng),
    onClose,
    report(failure: Failure, where: string) {
      log.warn({ where, code: failure.code, reason: failure.message }, 'a failure that nobody waits for');
      system.notify(`${where}.${failure.code}`, 'warning', failure.message);
    },
  };
  const recording = assembleRecording(frame);
  const marketPart = await assembleMarket(frame, recording.listener);
  if (!marketPart.ok) return marketPart;
  const { data } = marketPart.value;
  const structure = assembleStructure(frame, data);
  const subscriptions = assembleSubscriptions(frame, marketPart.value, structure);

  const eventLoop = watchEventLoopDelay();
  onClose(() => eventLoop.stop());
  const workers = [inferenceWorker, trainingWorker, ...(market.practice === undefined ? [] : [market.practice.worker])];
  const system = createSystemService({
    mode,
    market: market.clock,
    wall,
    speed: () => market.speed(),
    venues: () => data.health(),
    workers,
    store: store.value,
    subscriptions: () => subscriptions.topics.counters(),
    processMemory: ports.processMemory,
    eventLoop,
  });
  onClose(() => system.close());
  showStorageAlerts(recording, system);

  const options = await assembleOptions(frame);
  const orderFlow = assembleOrderFlow(frame, marketPart.value);
  const history = assembleHistory(frame, data);
  const analysis = assembleAnalysis(frame, data, subscriptions, system);
  const learning = await assembleLearning(frame, data);
  if (!learning.ok) return learning;
  const trading = await assembleExecution(frame, data);
  if (!trading.ok) return trading;
  const input = await assembleInput(frame, marketPart.value, learning.value.prediction, trading.value.execution);
  if (!input.ok) return input;

  learning.value.prediction.events.refusals.on(({ symbol, failure }) => {
    const notice = `prediction.${symbol}`;
    // Having no model yet is where everybody starts, not something to be warned of.
    if (failure === undefined || failure.code === 'NO_MODEL') system.withdraw(notice);
    else system.notify(notice, 'warning', `No prediction for ${symbol}: ${failure.message}`);
  });
  market.practice?.onEnd((marketTime) => {
    const day = new Date(marketTime).toISOString().slice(0, 10);
    const text = `The practice market's recording ended on ${day}: nothing moves any more. Import the whole of 2020 with "npm run data:sample-year" and start again.`;
    system.notify('practice.ended', 'warning', text);
  });

  const folders = new PickedFolders(frame);
  const services = {
    ...marketPart.value,
    structure,
    topics: subscriptions.topics,
    orderFlow,
    analysis,
    input: input.value,
    history,
    options,
    system,
    recording,
    folders,
    market,
    workers,
    ...learning.value,
    ...trading.value,
  };
  if (replay !== undefined) {
    const { cob, prices } = marketPart.value;
    const show = (): void => {
      cob.sample();
      prices.look();
    };
    void replay.begin(inferenceWorker, data.started, show).catch((thrown: unknown) => {
      const detail = thrown instanceof Error ? thrown.stack : reasonOf(thrown);
      log.error({ detail }, 'the replay could not begin');
    });
  }
  return ok({
    commands: bindCommands(services),
    streams: bindStreams(services),
    bootstrap: () => ({
      state: 'ready',
      mode,
      symbols: data.watchlist().symbols.map(({ sources: _, ...info }) => info),
      primarySymbol: primarySymbolOf(data, config.market.primarySymbol),
      timeframes: [...TIMEFRAMES],
      minAnnotations: model.training.minAnnotations,
      defaultEpochs: model.training.epochs,
      riskLimits: {
        maxOrderNotional: config.risk.maxOrderNotional,
        maxPosition: config.risk.maxPosition,
        priceCollarPct: config.risk.priceCollarPct,
      },
    }),
    now: () => market.clock.now(),
    storeOf: (of) => (of === mode ? store.value : of === replay?.market ? replay.source : undefined),
    ...(replay === undefined ? {} : { replay }),
    describe: () => JSON.stringify({ mode, venues: data.health(), workers: workers.map((entry) => entry.health()) }),
    close,
  });
}

/** The configured one, or the first when the trader does not follow it any more. */
function primarySymbolOf(data: MarketDataService, configured: string): string {
  return data.instruments.has(configured) ? configured : (data.watchlist().symbols[0]?.symbol ?? configured);
}
