import { create } from 'zustand';
import type { Account } from '../../core/contracts/orders.ts';

/** The paper account, absent until it was read. */
export const useAccount = create<{ account: Account | undefined }>(() => ({ account: undefined }));

const READOUT_PERIOD_MS = 100;

let waiting: Account | undefined;
let resting: ReturnType<typeof setTimeout> | undefined;

/**
 * The account is marked with every change of the book; nobody reads it more than ten times a second.
 * A fill or the kill switch shows at once, and the last state is never lost.
 */
export function takeAccount(account: Account): void {
  const { account: shown } = useAccount.getState();
  const pressing =
    shown === undefined || shown.balance !== account.balance || shown.killSwitch.engaged !== account.killSwitch.engaged;
  if (resting !== undefined && !pressing) {
    waiting = account;
    return;
  }
  clearTimeout(resting);
  waiting = undefined;
  useAccount.setState({ account });
  resting = setTimeout(() => {
    resting = undefined;
    if (waiting !== undefined) takeAccount(waiting);
  }, READOUT_PERIOD_MS);
}

export function clearAccount(): void {
  clearTimeout(resting);
  resting = undefined;
  waiting = undefined;
  useAccount.setState({ account: undefined });
}
