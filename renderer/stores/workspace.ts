import type { DockviewApi } from 'dockview-react';
import { create } from 'zustand';

/** The docking area, absent until it is built. */
export const useWorkspace = create<{ api: DockviewApi | undefined }>(() => ({ api: undefined }));
