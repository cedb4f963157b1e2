import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { Clock } from '../../../core/base/clock.ts';
import { type SourceName, sourceText, type VenueId } from '../../../core/market/instrument.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { Config } from '../../../core/contracts/config.ts';
import type { RecordedMarket, ReplayRequest } from '../../../core/contracts/replay.ts';
import type { RecordedInstrument } from '../../../core/recording/recorded-event.ts';
import { ReplayClock } from '../../../core/recording/replay-clock.ts';
import { ReplayEngine } from '../../../core/recording/replay-engine.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import type { SupervisedWorker } from '../../ports/worker-host.ts';
import type { VenueMarketData } from '../../ports/venue.ts';
import { type FollowRequest, loadWatchlist } from '../../services/data/watchlist-store.ts';
import { openStore } from '../../storage/duckdb-store.ts';
import { ReplayMarket } from '../../venues/replay/replay-market.ts';
import type { DeskPaths } from '../desk-paths.ts';
import { type OpenedReplay, openImported } from './imported-replay.ts';
import { recordedCandlesOf } from './recorded-candles.ts';
import type { RecordingLibrary } from './recording-library.ts';
import { ReplayDriver } from './replay-driver.ts';
import { ReplayGate } from './replay-gate.ts';
import { type Carried, carriedFrom, carryInto, promotedModels } from './replay-store.ts';

/** Predictions begin with the replay, so their process is waited for, but not for ever. */
const MOST_WORKER_START_WALL_MS = 15_000;

/** What is to be replayed, and how it begins. */
export interface ReplayOpening {
  readonly request: ReplayRequest;
  /** Plays as soon as it is ready. */
  readonly play: boolean;
  /** From before a seek. */
  readonly carried?: Carried | undefined;
  readonly library: RecordingLibrary;
}

/** A replay as one workstation has it. */
export interface Replay {
  readonly market: RecordedMarket;
  /** The recorded market's own store. Only reads. */
  readonly source: Store;
  readonly driver: ReplayDriver;
  /** What the recorded market followed, as far as it is recorded. */
  readonly requests: Result<readonly FollowRequest[]>;
  /** Its answers are waited for, too. */
  openVenues(bucketWidthOf: (source: SourceName) => number): ReadonlyMap<VenueId, VenueMarketData>;
  readonly clock: ReplayClock;
  /** Market time by which trades came late when they were recorded. */
  tradeLagMs(): number;
  /** The store whose answers market time waits for. */
  heldStore(store: Store): Store;
  heldWorker(worker: SupervisedWorker): SupervisedWorker;
  /** To be called when every service is there. `show`: what windows see of the market's state is told at once, before any time passes. */
  begin(inference: SupervisedWorker, history: Promise<unknown>, show: () => void): Promise<void>;
  carried(): Promise<Result<Carried>>;
  close(): Promise<void>;
}

export interface ReplayOptions extends ReplayOpening {
  readonly config: Config;
  readonly paths: DeskPaths;
  /** The replay's own, empty. */
  readonly store: Store;
  readonly wall: Clock;
  readonly log: Log;
  /** What the configuration says is to be followed. */
  readonly configured: readonly FollowRequest[];
}

/** Opens the recording, the recorded market's store for its candles and models, and the clock that they are played by. */
export async function openReplay(options: ReplayOptions): Promise<Result<Replay>> {
  const { request, library, config, paths, store, wall, log } = options;
  const { market, from, to, at = from } = request;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  const failed = async <T>(failure: Result<T>): Promise<Result<T>> => {
    await close();
    return failure;
  };

  const path = paths.store(market);
  if (!existsSync(path)) return failed(fail('NO_RECORDED_MARKET', `The store of the recorded market, ${path}, is not there.`));
  const source = await openStore({
    path,
    wall,
    flushMs: config.storage.flushMs,
    batchRows: config.storage.batchRows,
    log: (level, message) => log[level]({}, message),
  });
  if (!source.ok) return failed(source);
  closers.push(() => source.value.close());

  const followed = await loadWatchlist(source.value.settings, options.configured, log);
  if (!followed.ok) return failed(followed);
  const opened =
    request.history === undefined
      ? await openRecorded(library, request, source.value, followed.value)
      : await openImported(source.value, request.history, request, followed.value);
  if (!opened.ok) return failed(opened);
  const { recording, candles, requests } = opened.value;
  closers.push(() => recording.close());
  const symbols = requests.map(({ symbol }) => symbol);

  await mkdir(paths.checkpoints('REPLAY'), { recursive: true });
  const folders = { from: paths.checkpoints(market), to: paths.checkpoints('REPLAY') };
  const carried = await carryInto(store, options.carried ?? (await promotedModels(source.value, symbols, folders, log)));
  if (!carried.ok) return failed(carried);

  const clock = new ReplayClock(at);
  const gate = new ReplayGate();
  const { instruments, gaps, events } = recording;
  const venues = new ReplayMarket({ instruments, clock, candles, history: request.history?.content });
  const held = (): boolean => gate.held;
  const engine = new ReplayEngine({ clock, source: events, to, gaps, listener: venues, held });
  const speed = request.speed ?? config.replay.speed;
  const span = { market, history: request.history, from, to, gaps, speed };
  const driver = new ReplayDriver({ ...span, clock, engine, gate, wall, monotonicMs: () => performance.now() });
  closers.push(async () => {
    driver.close();
    clock.close();
  });

  return ok({
    market,
    source: source.value,
    driver,
    requests: ok(requests),
    openVenues: (bucketWidthOf) =>
      new Map(venues.venues.map((venue) => [venue, gate.through(venues.marketDataOf(venue, bucketWidthOf))])),
    clock,
    tradeLagMs: () => venues.tradeLagMs,
    heldStore: (own) => gate.throughParts(own),
    heldWorker: (worker) => gate.throughWorker(worker, wall),
    async begin(inference, history, show) {
      await Promise.all([history, settled(inference, wall)]);
      // What they set off (models are loaded, predictions taken up) is part of the beginning.
      await gate.idle();
      await driver.begin(options.play, show);
    },
    carried: () => carriedFrom(store, symbols),
    close,
  });
}

async function openRecorded(
  library: RecordingLibrary,
  { market, from, to, at = from }: ReplayRequest,
  store: Pick<Store, 'market'>,
  followed: readonly FollowRequest[],
): Promise<Result<OpenedReplay>> {
  const recording = await library.open(market, from, to, at);
  if (!recording.ok) return recording;
  const requests = recordedRequests(followed, recording.value.instruments);
  if (requests.length > 0) return ok({ recording: recording.value, candles: recordedCandlesOf(store.market), requests });
  await recording.value.close();
  return fail('NOTHING_FOLLOWED', 'None of the symbols that the recorded market follows is in this recording.');
}

/** Of what is followed, the sources that are recorded; a symbol whose primary is not has no candles and is left out. */
function recordedRequests(
  requests: readonly FollowRequest[],
  instruments: readonly RecordedInstrument[],
): readonly FollowRequest[] {
  const recorded = new Set(instruments.map(({ instrument }) => sourceText(instrument)));
  return requests
    .filter(({ sources: [primary] }) => primary !== undefined && recorded.has(sourceText(primary)))
    .map((request) => ({ ...request, sources: request.sources.filter((source) => recorded.has(sourceText(source))) }));
}

/** When the worker has come up, or has failed to. */
function settled(worker: SupervisedWorker, wall: Clock): Promise<void> {
  return new Promise((resolve) => {
    const isSettled = (): boolean => worker.health().state !== 'starting';
    if (isSettled()) return resolve();
    const stop = worker.onChange(() => done());
    const cancel = wall.after(MOST_WORKER_START_WALL_MS, () => done());
    const done = (): void => {
      stop();
      cancel();
      resolve();
    };
  });
}
