import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Account } from '../../core/contracts/orders.ts';
import { clearAccount, takeAccount, useAccount } from './account.ts';

const account = (equity: string, change: Partial<Account> = {}): Account => ({
  kind: 'PAPER',
  currency: 'USDT',
  balance: '10000',
  equity,
  killSwitch: { engaged: false, reason: '' },
  positions: [],
  ...change,
});

describe('the account store', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    clearAccount();
    vi.useRealTimers();
  });

  it('shows marks at most ten times a second and never loses the last', () => {
    const shown: (string | undefined)[] = [];
    const end = useAccount.subscribe((state) => shown.push(state.account?.equity));
    for (let i = 0; i < 25; i++) {
      takeAccount(account(String(i)));
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(200);
    end();
    expect(shown[0]).toBe('0');
    expect(shown.at(-1)).toBe('24');
    expect(shown.length).toBeLessThanOrEqual(5);
  });

  it('shows a fill and the kill switch at once', () => {
    takeAccount(account('1'));
    takeAccount(account('2', { balance: '9999' }));
    expect(useAccount.getState().account?.equity).toBe('2');
    takeAccount(account('3', { balance: '9999', killSwitch: { engaged: true, reason: 'x' } }));
    expect(useAccount.getState().account?.equity).toBe('3');
  });

  it('forgets what waits when it is cleared', () => {
    takeAccount(account('1'));
    takeAccount(account('2'));
    clearAccount();
    vi.advanceTimersByTime(500);
    expect(useAccount.getState().account).toBeUndefined();
  });
});
