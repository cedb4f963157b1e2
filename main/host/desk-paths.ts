import { join } from 'node:path';
import type { DataMode } from '../../core/contracts/primitives.ts';

/** Where everything of one user lives. */
export interface DeskPaths {
  readonly userData: string;
  readonly userConfig: string;
  readonly userModels: string;
  readonly state: string;
  readonly log: string;
  store(mode: DataMode): string;
  checkpoints(mode: DataMode): string;
  /** Recorded market events, in a folder a day. */
  recording(mode: DataMode): string;
}

export function deskPaths(userData: string): DeskPaths {
  const market = (mode: DataMode): string => join(userData, mode.toLowerCase());
  return {
    userData,
    userConfig: join(userData, 'config.yaml'),
    userModels: join(userData, 'models.yaml'),
    state: join(userData, 'desk-state.json'),
    log: join(userData, 'logs', 'desk.log'),
    store: (mode) => join(market(mode), 'store.duckdb'),
    recording: (mode) => join(market(mode), 'recording'),
    checkpoints: (mode) => join(market(mode), 'checkpoints'),
  };
}
