import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { vi } from 'vitest';
import { Emitter } from '../../../core/base/emitter.ts';
import type { ReplayRequest } from '../../../core/contracts/replay.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { openSegmentStore } from '../../storage/recording/segment-store.ts';
import { loadDeskConfig } from '../config-loader.ts';
import { deskPaths } from '../desk-paths.ts';
import { FakeLauncher } from '../fixtures/fake-worker.ts';
import { createSystemClock } from '../host-clock.ts';
import { silentLog } from '../log.ts';
import { createWorkstation, type Workstation } from '../workstation/workstation.ts';
import { recordingsOf } from './segment-recordings.ts';

/** Wall figures, told beside the market's. */
function isOfTheWall(event: unknown): boolean {
  return (
    typeof event === 'object' &&
    event !== null &&
    ('mainProcess' in event || 'eventsDelivered' in event || 'budgetBytes' in event)
  );
}

/** Every event that any service tells, in one order, as text. */
export function listen() {
  const hash = createHash('sha256');
  const counts = new Map<string, number>();
  const lines: string[] = [];
  // Wherever a book is in an event: a replacer would be called for every number of every consolidated book instead.
  Object.defineProperty(L2Book.prototype, 'toJSON', { value: topOf, configurable: true });
  const spy = vi.spyOn(Emitter.prototype, 'emit').mockImplementation(function (this: Emitter<unknown>, event: unknown) {
    if (!isOfTheWall(event)) {
      const line = JSON.stringify(event);
      hash.update(`${line}\n`);
      lines.push(line);
      const kind = Object.keys(event as object).join(' ');
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    tell.call(this, event);
  });
  const end = (): void => {
    spy.mockRestore();
    Reflect.deleteProperty(L2Book.prototype, 'toJSON');
  };
  return { counts, lines, digest: () => hash.digest('hex'), end };
}
/** The true `emit`, taken before it is spied on; given its emitter at each call. */
const tell = Reflect.get(Emitter.prototype, 'emit') as (this: Emitter<unknown>, event: unknown) => void;

function topOf(this: L2Book): unknown {
  const prices = new Float64Array(10);
  const quantities = new Float64Array(10);
  return (['bid', 'ask'] as const).map((side) => {
    const count = this.copyTop(side, 10, prices, quantities);
    return [this.depth(side), ...prices.slice(0, count), ...quantities.slice(0, count)];
  });
}

export async function openReplayOf(
  folder: string,
  request: ReplayRequest,
): Promise<{ workstation: Workstation; close: () => Promise<void> }> {
  const paths = deskPaths(folder);
  const defaultsFolder = join(import.meta.dirname, '..', '..', '..', 'config');
  const loaded = await loadDeskConfig({
    defaultsFolder,
    userConfig: paths.userConfig,
    userModels: paths.userModels,
    environment: {},
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const wall = createSystemClock();
  const launcher = new FakeLauncher();
  launcher.onLaunch = (worker) => setImmediate(() => worker.say({ kind: 'ready', device: 'none' }));
  const library = recordingsOf((market) => openSegmentStore({ folder: paths.recording(market), mode: market, wall }));
  const workstation = await createWorkstation({
    ...loaded.value,
    mode: 'REPLAY',
    replay: { request, play: false, library },
    paths,
    recordingFolders: [],
    pickFile: undefined,
    pickFolder: undefined,
    launcher,
    processMemory: async () => ({ main: 1 }),
    wall,
    log: silentLog,
  });
  if (!workstation.ok) throw new Error(workstation.error.message);
  const close = async (): Promise<void> => {
    await workstation.value.close();
    await library.close();
    wall.close();
  };
  return { workstation: workstation.value, close };
}

export const stateOf = ({ replay }: Workstation): string | undefined => replay?.driver.status().state;
export const timeOf = ({ replay }: Workstation): number => replay?.driver.status().t ?? Number.NaN;
