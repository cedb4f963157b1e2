import { create } from 'zustand';

/** Whether the window reaches its services. */
export const useConnection = create<{ state: 'connecting' | 'open' | 'lost' }>(() => ({ state: 'connecting' }));
