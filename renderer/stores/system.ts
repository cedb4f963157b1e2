import { create } from 'zustand';
import type { SystemStatus } from '../../core/contracts/system.ts';

/** The newest status of the services, absent until the first one came. */
export const useSystem = create<{ status: SystemStatus | undefined }>(() => ({ status: undefined }));
