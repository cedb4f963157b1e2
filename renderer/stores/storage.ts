import { create } from 'zustand';
import type { RecordingJob, StorageUse } from '../../core/contracts/recording.ts';

interface Storage {
  /** Absent until it was measured. */
  readonly use: StorageUse | undefined;
  /** The running, else the last move of recordings. */
  readonly job: RecordingJob | undefined;
}

const NOTHING: Storage = { use: undefined, job: undefined };

/** What this market takes on the disk. */
export const useStorage = create<Storage>(() => NOTHING);

export function clearStorage(): void {
  useStorage.setState(NOTHING);
}
