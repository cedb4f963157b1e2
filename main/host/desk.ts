import { fail, ok, reasonOf, type Result } from '../../core/base/result.ts';
import type { DataMode } from '../../core/contracts/primitives.ts';
import type { Bootstrap } from '../../core/contracts/system.ts';
import type { HostMessage } from '../../core/contracts/wire.ts';
import type { PickFile } from '../ports/import.ts';
import type { WorkerLauncher } from '../ports/worker-host.ts';
import { loadDeskConfig, type DeskConfig } from './config-loader.ts';
import { Connection, type CommandHandlers, type Reach } from './connection.ts';
import type { DeskPaths } from './desk-paths.ts';
import { type DeskState, openDeskState } from './desk-state.ts';
import { createSystemClock } from './host-clock.ts';
import type { Log } from '../ports/log.ts';
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

export function createDesk(options: DeskOptions): Desk {
  const { log, version, paths } = options;
  const wall = createSystemClock();
  const connections = new Set<Connection>();
  let phase: Phase = { state: 'starting' };
  let state: DeskState | undefined;
  let loaded: DeskConfig | undefined;
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
    const workstation = await createWorkstation({
      config: config.value.config,
      models: config.value.models,
      mode: mode(),
      paths,
      recordingFolders: options.recordingFolders,
      launcher: options.launcher,
      processMemory: options.processMemory,
      pickFile: options.pickFile,
      wall,
      log,
    });
    return workstation.ok ? { state: 'ready', workstation: workstation.value } : startFailed(workstation.error.message);
  }

  function startFailed(message: string): Phase {
    return { state: 'failed', bootstrap: { state: 'startFailed', version, message } };
  }

  function mode(): DataMode {
    return state?.mode() ?? loaded?.config.market.mode ?? 'SIM';
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

  function setMode({ mode: next }: { mode: DataMode }): Promise<Result<Record<string, never>>> {
    const change = changing.then(() => changeMode(next));
    changing = change.catch(() => {});
    return change;
  }

  async function changeMode(next: DataMode): Promise<Result<Record<string, never>>> {
    await starting;
    if (closing) return fail('CLOSING', 'The desk is closing.');
    if (state === undefined) return fail('NOT_READY', 'The configuration must be mended before the market can be changed.');
    if (next === mode() && phase.state === 'ready') return ok({});
    try {
      await state.setMode(next);
    } catch (thrown) {
      return fail('STATE_NOT_SAVED', `The choice could not be saved to ${paths.state}: ${reasonOf(thrown)}`, { retryable: true });
    }
    // Meanwhile a window may have asked a failed start to be tried again.
    await starting;
    const previous = phase;
    // From here on nobody reaches the services that are being closed.
    phase = { state: 'starting' };
    asked = false;
    starting = closeServices(previous).then(start);
    await starting;
    for (const connection of connections) connection.reset();
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

  const own: Pick<CommandHandlers, 'getBootstrap' | 'setMode' | 'savePreferences' | 'reportPaint'> = {
    getBootstrap,
    setMode,
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
      wall.close();
    },
  };
}
