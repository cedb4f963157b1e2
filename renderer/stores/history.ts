import { create } from 'zustand';
import type { DataQuality } from '../../core/contracts/data-quality.ts';
import type { HistoryJob } from '../../core/contracts/history-jobs.ts';
import type { ImportJob } from '../../core/contracts/import.ts';

interface History {
  /** Downloads, newest first; absent until they were read. */
  readonly downloads: readonly HistoryJob[] | undefined;
  /** Imports of files, newest first; absent until they were read. */
  readonly imports: readonly ImportJob[] | undefined;
  /** What is stored of every series; absent until it was read. */
  readonly quality: DataQuality | undefined;
}

const NOTHING: History = { downloads: undefined, imports: undefined, quality: undefined };

/** Work on stored history and what is known of its quality, of all symbols. */
export const useHistory = create<History>(() => NOTHING);

export function clearHistory(): void {
  useHistory.setState(NOTHING);
}
