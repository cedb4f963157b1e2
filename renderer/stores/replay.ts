import { create } from 'zustand';
import type { ReplayStatus } from '../../core/contracts/replay.ts';

/** Where the replay stands; absent outside of REPLAY and until it was told. */
export const useReplay = create<{ status: ReplayStatus | undefined }>(() => ({ status: undefined }));
