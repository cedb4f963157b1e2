import { create } from 'zustand';
import type { CheckpointSummary } from '../../core/contracts/learning.ts';

/** Checkpoints of the selected symbol, newest first; absent until they were read. */
export const useCheckpoints = create<{ checkpoints: readonly CheckpointSummary[] | undefined }>(() => ({
  checkpoints: undefined,
}));
