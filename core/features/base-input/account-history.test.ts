import { describe, expect, it } from 'vitest';
import type { Account, Fill } from '../../contracts/orders.ts';
import { AccountHistory } from './account-history.ts';

const fill = (at: number, side: 'buy' | 'sell', quantity: string, price: string): Fill => ({
  id: `f${at}`,
  orderId: 'o',
  symbol: 'ETH/USDT',
  side,
  price,
  quantity,
  fee: '0',
  liquidity: 'taker',
  at,
});

function account(equity: string | undefined, quantity = '0', mark = '100', unrealisedPnl = '0'): Account {
  const position = { symbol: 'ETH/USDT', quantity, averagePrice: '100', realisedPnl: '0' };
  return {
    kind: 'PAPER',
    currency: 'USDT',
    balance: '1000',
    ...(equity === undefined ? {} : { equity }),
    killSwitch: { engaged: false, reason: '' },
    positions: [equity === undefined ? position : { ...position, mark, unrealisedPnl }],
  };
}

describe('the account in plain numbers', () => {
  it('is the state at a time, and nothing of a later one', () => {
    const history = new AccountHistory('1000');
    expect(history.at('ETH/USDT', 5_000)).toBeUndefined();
    history.onMark(1_000, account('1000'));
    history.onFill(fill(2_000, 'sell', '4', '100'));
    history.onMark(2_000, account('1000', '-4'));
    history.onMark(3_000, account('980', '-4', '105', '-20'));
    expect(history.at('ETH/USDT', 999)).toBeUndefined();
    const flat = { side: 0, size: 0, unrealised: 0, ageMs: 0, drawdown: 0 };
    expect(history.at('ETH/USDT', 1_999)).toEqual({ at: 1_000, ...flat });
    expect(history.at('BTC/USDT', 2_500)).toEqual({ at: 2_000, ...flat });
    expect(history.at('ETH/USDT', 2_500)).toMatchObject({ at: 2_000, side: -1, size: 0.4, ageMs: 500 });
    expect(history.at('ETH/USDT', 3_500)).toEqual({
      at: 3_000,
      side: -1,
      size: 420 / 980,
      unrealised: -20 / 980,
      ageMs: 1_500,
      drawdown: 1 - 980 / 1_000,
    });
  });

  it('counts a position’s age from when it was opened or turned, and drawdown from the highest balance of the fills before', () => {
    const history = new AccountHistory('1000');
    history.onFill(fill(1_000, 'buy', '2', '100'));
    history.onFill(fill(2_000, 'buy', '1', '110'));
    history.onMark(2_500, account('1000', '3'));
    expect(history.at('ETH/USDT', 3_000)?.ageMs).toBe(2_000);
    // 3 bought for 310 are sold for 450, and one more is sold short.
    history.onFill(fill(4_000, 'sell', '4', '150'));
    history.onMark(4_000, account('1083', '-1', '207'));
    expect(history.at('ETH/USDT', 5_000)).toMatchObject({ side: -1, ageMs: 1_000, drawdown: 1 - 1_083 / 1_140 });
    history.onFill(fill(6_000, 'buy', '1', '150'));
    history.onMark(6_000, account('1140'));
    expect(history.at('ETH/USDT', 7_000)).toMatchObject({ side: 0, ageMs: 0, drawdown: 0 });
  });

  it('is not known while an open position has no mark', () => {
    const history = new AccountHistory('1000');
    history.onMark(1_000, account('1000'));
    history.onMark(2_000, account(undefined, '1'));
    expect(history.at('ETH/USDT', 2_500)).toBeUndefined();
    expect(history.at('ETH/USDT', 1_500)).toMatchObject({ side: 0 });
  });
});
