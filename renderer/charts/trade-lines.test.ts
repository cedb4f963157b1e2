import { describe, expect, it } from 'vitest';
import type { Account, Order } from '../../core/contracts/orders.ts';
import { changesOf, type TradeLine, tradeLines } from './trade-lines.ts';

function order(id: string, change: Partial<Order['intent']> & { state?: Order['state']; filledQuantity?: string } = {}): Order {
  const { state = 'accepted', filledQuantity = '0', ...intent } = change;
  return {
    id,
    intent: {
      clientOrderId: id,
      symbol: 'ETH/USDT',
      side: 'buy',
      type: 'limit',
      quantity: '0.5',
      limitPrice: '190.25',
      timeInForce: 'GTC',
      ...intent,
    },
    state,
    history: [],
    filledQuantity,
    fees: '0',
    createdAt: 0,
    updatedAt: 0,
  };
}

const position = (quantity: string): Account['positions'] => [
  { symbol: 'ETH/USDT', quantity, averagePrice: '194.5', realisedPnl: '0' },
];

describe('tradeLines', () => {
  it('are the open limit orders of the symbol, and what of them is filled', () => {
    const lines = tradeLines(
      'ETH/USDT',
      [
        order('a'),
        order('b', { state: 'partiallyFilled', filledQuantity: '0.2', side: 'sell' }),
        order('c', { state: 'cancelled' }),
        order('d', { symbol: 'BTC/USDT' }),
      ],
      [],
    );
    expect(lines).toEqual([
      { id: 'a', kind: 'buy', price: 190.25, title: 'buy 0.5' },
      { id: 'b', kind: 'sell', price: 190.25, title: 'sell 0.2 of 0.5' },
    ]);
  });

  it('end with the average price of a position, long or short', () => {
    expect(tradeLines('ETH/USDT', [], position('1.5'))).toEqual([
      { id: 'position', kind: 'position', price: 194.5, title: 'long 1.5 average' },
    ]);
    expect(tradeLines('ETH/USDT', [], position('-2'))[0]?.title).toBe('short 2 average');
    expect(tradeLines('ETH/USDT', [], position('0'))).toEqual([]);
    expect(tradeLines('BTC/USDT', [], position('1'))).toEqual([]);
  });
});

describe('changesOf', () => {
  const line = (id: string, price: number): TradeLine => ({ id, kind: 'buy', price, title: 'buy 1' });

  it('names only what differs', () => {
    const shown = new Map([line('a', 1), line('b', 2), line('c', 3)].map((known) => [known.id, known]));
    expect(changesOf(shown, [line('a', 1), line('b', 5), line('d', 4)])).toEqual({
      added: [line('d', 4)],
      changed: [line('b', 5)],
      gone: ['c'],
    });
  });
});
