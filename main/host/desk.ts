import { fail, ok, reasonOf, type Result } from '../../core/base/result.ts';
import type { CommandOutput } from '../../core/contracts/commands.ts';
import type { DataMode } from '../../core/contracts/primitives.ts';
import type { ReplayControl } from '../../core/contracts/replay.ts';
import type { Bootstrap } from '../../core/contracts/system.ts';
import type { HostMessage } from '../../core/contracts/wire.ts';
import type { PickFile } from '../ports/import.ts';
import type { PickFolder } from '../ports/recording.ts';
import type { WorkerLauncher } from '../ports/worker-host.ts';
import { loadDeskConfig, type DeskConfig } from './config-loader.ts';
import { Connection, type CommandHandlers, type Reach } from './connection.ts';
import type { DeskPaths } from './desk-paths.ts';
import { type DeskState, openDeskState } from './desk-state.ts';
import { openSegmentStore } from '../storage/recording/segment-store.ts';
import { createSystemClock } from './host-clock.ts';
import type { Log } from '../ports/log.ts';
import type { RecordingLibrary } from './replay/recording-library.ts';
import { knownHistories } from './replay/known-histories.ts';
import { configuredReplay } from './replay/configured-replay.ts';
import { recordingsOf } from './replay/segment-recordings.ts';
import type { ReplayOpening } from './replay/replay-source.ts';
import type { OpenStore } from './workstation/frame.ts';
import type { DeskCommand } from './workstation/reach.ts';
import { createWorkstation, type Workstation } from './workstation/workstation.ts';

export interface DeskOptions {
  readonly paths: DeskPaths;
  /** Folder of the shipped config.yaml and models.yaml. */
  readonly defaultsFolder: string;
  /** Folders of recorded candles for the practice market; the first that has a symbol wins. */
  readonly recordingFolders: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly launcher: WorkerLauncher;
  /** The host's own dialog for files; absent where it has none. */
  readonly pickFile?: PickFile;
  /** The same for folders. */
  readonly pickFolder?: PickFolder;
  /** What can be replayed; what was recorded on this desk unless given. */
  readonly recordings?: RecordingLibrary;
  /** Opens a market's store; the product's own unless given. */
  readonly openStore?: OpenStore;
  /** Resident MB by process. */
  readonly processMemory: () => Promise<Record<string, number>>;
  /** A start came to nothing; the window shows why, and asking again tries again. */
  readonly onStartFailed: (why: string) => void;
  readonly onPaint: (paint: { firstCandleMs: number; interactiveMs: number }) => void;
  readonly log: Log;
}

/** What a host holds for its whole life: it outlives configuration mistakes, failed starts and changes of market. */
export interface Desk {
  connect(send: (message: HostMessage) => void): Connection;
  headlessAddress(): Promise<{ host: string; port: number }>;
  mode(): DataMode;
  /** One line on where it stands, for a person who waits. */
  describe(): string;
  close(): Promise<void>;
}

type Phase =
  | { readonly state: 'starting' }
  | { readonly state: 'ready'; readonly workstation: Workstation }
  | { readonly state: 'failed'; readonly bootstrap: Extract<Bootstrap, { state: 'configInvalid' | 'startFailed' }> };

const notReplaying = () => fail('NOT_REPLAYING', 'Nothing is being replayed; open a recording first.');

export function createDesk(options: DeskOptions): Desk {
  const { log, version, paths } = options;
  const wall = createSystemClock();
  const recordings =
    options.recordings ?? recordingsOf((market) => openSegmentStore({ folder: paths.recording(market), mode: market, wall }));
  const connections = new Set<Connection>();
  let phase: Phase = { state: 'starting' };
  let state: DeskState | undefined;
  let loaded: DeskConfig | undefined;
  /** What is replayed, if anything is. Not remembered: the next start shows the market from before. */
  let replay: Omit<ReplayOpening, 'library'> | undefined;
  let closing = false;
  let starting = start();
  /** Changes of market come one after the other: two at once would each start services, and one set would be lost. */
  let changing: Promise<unknown> = Promise.resolve();

  async function start(): Promise<void> {
    phase = { state: 'starting' };
    try {
      phase = await attempt();
    } catch (thrown) {
      log.error({ detail: thrown instanceof Error ? thrown.stack : reasonOf(thrown) }, 'starting failed unexpectedly');
      phase = startFailed(reasonOf(thrown));
    }
    if (phase.state === 'failed') options.onStartFailed(JSON.stringify(phase.bootstrap));
  }

  async function attempt(): Promise<Phase> {
    const config = await loadDeskConfig({
      defaultsFolder: options.defaultsFolder,
      userConfig: paths.userConfig,
      userModels: paths.userModels,
      environment: options.environment,
    });
    if (!config.ok) {
      log.error({ problems: config.error }, 'the configuration is invalid');
      return { state: 'failed', bootstrap: { state: 'configInvalid', version, problems: config.error } };
    }
    loaded = config.value;
    state ??= await openDeskState(paths.state, log);
    if (mode() === 'REPLAY' && replay === undefined) {
      const configured = await configuredReplay(config.value.config.replay, recordings);
      if (!configured.ok) return startFailed(configured.error.message);
      replay = { request: configured.value, play: false };
    }
    const workstation = await createWorkstation({
      config: config.value.config,
      models: config.value.models,
      mode: mode(),
      ...(replay === undefined ? {} : { replay: { ...replay, library: recordings } }),
      paths,
      recordingFolders: options.recordingFolders,
      launcher: options.launcher,
      openStore: options.openStore,
      processMemory: options.processMemory,
      pickFile: options.pickFile,
      pickFolder: options.pickFolder,
      wall,
      log,
    });
    return workstation.ok ? { state: 'ready', workstation: workstation.value } : startFailed(workstation.error.message);
  }

  function startFailed(message: string): Phase {
    return { state: 'failed', bootstrap: { state: 'startFailed', version, message } };
  }

  function mode(): DataMode {
    return replay === undefined ? (state?.mode() ?? loaded?.config.market.mode ?? 'SIM') : 'REPLAY';
  }

  /** A failed start is tried again when the window asks again: the user may have mended the file meanwhile. */
  async function bootstrap(): Promise<Bootstrap> {
    await starting;
    if (phase.state === 'ready' && state !== undefined)
      return { ...phase.workstation.bootstrap(), version, preferences: state.preferences() };
    return phase.state === 'failed' ? phase.bootstrap : { state: 'startFailed', version, message: 'The desk is closing.' };
  }

  let asked = false;
  async function getBootstrap(): Promise<Result<Bootstrap>> {
    await starting;
    if (asked && phase.state === 'failed' && !closing) starting = start();
    asked = true;
    return ok(await bootstrap());
  }

  function inTurn<T>(change: () => Promise<Result<T>>): Promise<Result<T>> {
    const done = changing.then(change);
    changing = done.catch(() => {});
    return done;
  }

  async function changeMode(next: DataMode): Promise<Result<Record<string, never>>> {
    await starting;
    if (closing) return fail('CLOSING', 'The desk is closing.');
    if (state === undefined) return fail('NOT_READY', 'The configuration must be mended before the market can be changed.');
    if (next === mode() && phase.state === 'ready') return ok({});
    if (next === 'REPLAY') {
      if (loaded === undefined) return fail('NOT_READY', 'The desk is still starting.', { retryable: true });
      const configured = await configuredReplay(loaded.config.replay, recordings);
      return configured.ok ? openReplay({ request: configured.value, play: false }) : configured;
    }
    try {
      await state.setMode(next);
    } catch (thrown) {
      return fail('STATE_NOT_SAVED', `The choice could not be saved to ${paths.state}: ${reasonOf(thrown)}`, { retryable: true });
    }
    // Meanwhile a window may have asked a failed start to be tried again.
    await starting;
    replay = undefined;
    await restart();
    return ok({});
  }

  /** Closes the services and starts those of the mode and replay that are set now; the windows ask for everything again. */
  async function restart(): Promise<void> {
    const previous = phase;
    // From here on nobody reaches the services that are being closed.
    phase = { state: 'starting' };
    asked = false;
    starting = closeServices(previous).then(start);
    await starting;
    for (const connection of connections) connection.reset();
  }

  async function listReplays(): Promise<Result<CommandOutput<'listReplays'>>> {
    await starting;
    const market = mode();
    const workstation = phase.state === 'ready' ? phase.workstation : undefined;
    const running = market === 'REPLAY' || workstation === undefined ? undefined : { market, now: workstation.now() };
    const listed = await recordings.list(running);
    if (!listed.ok) return listed;
    const histories = await knownHistories(paths, wall, (of) => workstation?.storeOf(of));
    return histories.ok ? ok({ recordings: listed.value, histories: histories.value }) : histories;
  }

  async function openReplay(next: Omit<ReplayOpening, 'library'>): Promise<Result<Record<string, never>>> {
    await starting;
    if (closing) return fail('CLOSING', 'The desk is closing.');
    if (loaded === undefined) return fail('NOT_READY', 'The configuration must be mended before anything can be replayed.');
    const before = replay;
    replay = next;
    await restart();
    if (phase.state === 'ready') return ok({});
    const why =
      phase.state === 'failed' && phase.bootstrap.state === 'startFailed' ? phase.bootstrap.message : 'it did not start';
    replay = before;
    await restart();
    return fail('REPLAY_FAILED', `The recording could not be replayed: ${why}`);
  }

  /** Back or forth is the same: everything that follows from the market is made anew from there on. */
  async function seek(t: number): Promise<Result<Record<string, never>>> {
    await starting;
    const running = phase.state === 'ready' ? phase.workstation.replay : undefined;
    if (running === undefined || replay === undefined) return notReplaying();
    const { from, to, state: playing, speed } = running.driver.status();
    const carried = await running.carried();
    if (!carried.ok) return carried;
    const at = Math.max(from, Math.min(t, to - 1));
    return openReplay({ request: { ...replay.request, at, speed }, play: playing === 'playing', carried: carried.value });
  }

  function control(input: ReplayControl): Promise<Result<Record<string, never>>> | Result<Record<string, never>> {
    if (input.action === 'seek') return inTurn(() => seek(input.t));
    const running = phase.state === 'ready' ? phase.workstation.replay : undefined;
    if (running === undefined) return notReplaying();
    running.driver.control(input);
    return ok({});
  }

  async function closeServices(open: Phase): Promise<void> {
    if (open.state !== 'ready') return;
    try {
      await open.workstation.close();
    } catch (thrown) {
      log.error({ detail: thrown instanceof Error ? thrown.stack : reasonOf(thrown) }, 'closing the services failed');
    }
  }

  const own: Pick<CommandHandlers, DeskCommand> = {
    getBootstrap,
    setMode: ({ mode: next }) => inTurn(() => changeMode(next)),
    listReplays: () => inTurn(listReplays),
    openReplay: (request) => inTurn(() => openReplay({ request, play: true })),
    replayControl: control,
    async savePreferences(preferences) {
      if (state === undefined) return fail('NOT_READY', 'The desk is still starting.', { retryable: true });
      try {
        await state.setPreferences(preferences);
        return ok({});
      } catch (thrown) {
        return fail('STATE_NOT_SAVED', `The window layout could not be saved to ${paths.state}: ${reasonOf(thrown)}`, {
          retryable: true,
        });
      }
    },
    reportPaint(paint) {
      options.onPaint(paint);
      return ok({});
    },
  };

  const reach = (): Reach =>
    phase.state === 'ready'
      ? { commands: { ...phase.workstation.commands, ...own }, streams: phase.workstation.streams }
      : { commands: own, streams: {} };

  return {
    connect(send) {
      const connection: Connection = new Connection({ reach, send, wall, log, onClose: () => connections.delete(connection) });
      connections.add(connection);
      return connection;
    },
    async headlessAddress() {
      await starting;
      return loaded?.config.headless ?? { host: '127.0.0.1', port: 8080 };
    },
    mode,
    describe: () =>
      phase.state === 'failed'
        ? JSON.stringify(phase.bootstrap)
        : phase.state === 'ready'
          ? phase.workstation.describe()
          : 'still starting',
    async close() {
      closing = true;
      await changing;
      await starting;
      for (const connection of connections) connection.close();
      await state?.settled();
      await closeServices(phase);
      await recordings.close();
      wall.close();
    },
  };
}
