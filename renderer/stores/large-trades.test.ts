import { describe, expect, it } from 'vitest';
import { LARGE_TRADES_KEPT, type LargeTrade, type LargeTradesEvent } from '../../core/contracts/large-trades.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { followLargeTrades } from './large-trades.ts';

function trade(time: number): LargeTrade {
  return { id: time, venue: 'bybit', instrument: 'ETH/USDT', time, price: 2_000, quantity: 1, notional: 2_000, side: 'buy' };
}

function setUp() {
  const open = new Map<string, (event: LargeTradesEvent) => void>();
  const subscribe = (_stream: string, { symbol }: { symbol: string }, listener: (event: LargeTradesEvent) => void) => {
    expect(open.has(symbol)).toBe(false);
    open.set(symbol, listener);
    listener({ kind: 'snapshot', threshold: 1_000, trades: [trade(1), trade(2)] });
    return () => open.delete(symbol);
  };
  return { open, client: { subscribe } as unknown as DeskClient };
}

describe('followLargeTrades', () => {
  it('has one subscription for all who follow a symbol, and ends it with the last of them', () => {
    const { open, client } = setUp();
    let told = 0;
    const first = followLargeTrades(client, 'ETH/USDT', () => told++);
    const second = followLargeTrades(client, 'ETH/USDT', () => told++);
    const other = followLargeTrades(client, 'BTC/USDT', () => {});
    expect(second.list).toBe(first.list);
    expect(other.list).not.toBe(first.list);
    open.get('ETH/USDT')?.({ kind: 'trade', threshold: 1_100, trade: trade(3) });
    expect(first.list.trades.map(({ time }) => time)).toEqual([1, 2, 3]);
    expect(first.list.threshold).toBe(1_100);
    expect(told).toBe(2);
    first.end();
    first.end();
    expect([...open.keys()]).toEqual(['ETH/USDT', 'BTC/USDT']);
    second.end();
    other.end();
    expect(open.size).toBe(0);
    const again = followLargeTrades(client, 'ETH/USDT', () => {});
    expect(again.list.trades.map(({ time }) => time)).toEqual([1, 2]);
    again.end();
  });

  it('keeps as many as the desk does, about, and begins anew with a snapshot', () => {
    const { open, client } = setUp();
    const { list, end } = followLargeTrades(client, 'ETH/USDT', () => {});
    for (let i = 3; i < 5_000; i++) {
      open.get('ETH/USDT')?.({ kind: 'trade', threshold: 1, trade: trade(i) });
      expect(list.trades.length).toBeLessThanOrEqual(1.2 * LARGE_TRADES_KEPT);
    }
    expect(list.trades.length).toBeGreaterThanOrEqual(LARGE_TRADES_KEPT);
    expect(list.trades.at(-1)?.time).toBe(4_999);
    open.get('ETH/USDT')?.({ kind: 'snapshot', trades: [] });
    expect([list.trades, list.threshold]).toEqual([[], undefined]);
    end();
  });
});
