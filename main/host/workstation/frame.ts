import type { Clock } from '../../../core/base/clock.ts';
import type { IdGen } from '../../../core/base/ids.ts';
import type { Failure } from '../../../core/base/result.ts';
import type { Rng } from '../../../core/base/rng.ts';
import type { Config, ModelsConfig } from '../../../core/contracts/config.ts';
import type { DataMode } from '../../../core/contracts/primitives.ts';
import type { PickFile } from '../../ports/import.ts';
import type { PickFolder } from '../../ports/recording.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import type { SupervisedWorker, WorkerLauncher } from '../../ports/worker-host.ts';
import type { openStore } from '../../storage/duckdb-store.ts';
import type { DeskPaths } from '../desk-paths.ts';
import type { MarketSource } from '../market-source.ts';
import type { ReplayOpening } from '../replay/replay-source.ts';

export type OpenStore = typeof openStore;

export interface WorkstationPorts {
  readonly config: Config;
  readonly models: ModelsConfig;
  readonly mode: DataMode;
  /** With mode REPLAY. */
  readonly replay?: ReplayOpening;
  readonly paths: DeskPaths;
  readonly recordingFolders: readonly string[];
  readonly launcher: WorkerLauncher;
  readonly processMemory: () => Promise<Record<string, number>>;
  /** The host's own dialog for files; absent where it has none. */
  readonly pickFile: PickFile | undefined;
  /** The same for folders. */
  readonly pickFolder: PickFolder | undefined;
  /** Opens this market's store; the product's own unless given. */
  readonly openStore?: OpenStore | undefined;
  readonly wall: Clock;
  readonly log: Log;
}

/** What every part of a workstation is built on: opened before the parts, closed after them. */
export interface Frame extends WorkstationPorts {
  readonly store: Store;
  readonly market: MarketSource;
  readonly inferenceWorker: SupervisedWorker;
  readonly trainingWorker: SupervisedWorker;
  readonly rng: Rng;
  readonly ids: IdGen;
  /** Closed in the reverse order of being added. */
  onClose(close: () => void | Promise<void>): void;
  /** A failure that no caller waits for: to the log, and to the user. */
  report(failure: Failure, where: string): void;
}
