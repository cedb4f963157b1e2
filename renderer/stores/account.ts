import { create } from 'zustand';
import type { Account } from '../../core/contracts/orders.ts';

/** The paper account, absent until it was read. */
export const useAccount = create<{ account: Account | undefined }>(() => ({ account: undefined }));
