import { describe, expect, it } from 'vitest';
import { LARGE_TRADES_KEPT } from '../../../core/contracts/large-trades.ts';
import { LargeTradeJournal, type LargeTradesUpdate } from './large-trade-journal.ts';

const SOURCE = { venue: 'bybit', symbol: 'ETH/USDT:USDT' } as const;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function setUp() {
  const journal = new LargeTradeJournal(quiet);
  const told: LargeTradesUpdate[] = [];
  journal.events.on((update) => told.push(update));
  const add = (id: number, symbol = 'ETH/USDT') =>
    journal.add(
      symbol,
      SOURCE,
      { id, price: 2_000, quantity: 3, side: 'sell', tsEvent: 1_000 + id, tsReceived: 5_000 },
      100 + id,
    );
  return { journal, told, add };
}

describe('LargeTradeJournal', () => {
  it('tells each trade of its symbol, and keeps it for who comes later', () => {
    const { journal, told, add } = setUp();
    expect(journal.snapshot('ETH/USDT')).toEqual({ kind: 'snapshot', trades: [] });
    for (const [id, symbol] of [[1], [2], [3, 'BTC/USDT']] as const) add(id, symbol);
    const trade = (id: number) => ({
      id,
      venue: 'bybit',
      instrument: 'ETH/USDT:USDT',
      time: 1_000 + id,
      price: 2_000,
      quantity: 3,
      notional: 6_000,
      side: 'sell',
    });
    expect(told).toEqual([
      { symbol: 'ETH/USDT', event: { kind: 'trade', threshold: 101, trade: trade(1) } },
      { symbol: 'ETH/USDT', event: { kind: 'trade', threshold: 102, trade: trade(2) } },
      { symbol: 'BTC/USDT', event: { kind: 'trade', threshold: 103, trade: trade(3) } },
    ]);
    expect(journal.snapshot('ETH/USDT')).toEqual({ kind: 'snapshot', threshold: 102, trades: [trade(1), trade(2)] });
  });

  it('keeps the newest only, and nothing of a symbol that was let go of', () => {
    const { journal, add } = setUp();
    for (let id = 0; id < 3 * LARGE_TRADES_KEPT + 7; id++) add(id);
    const { trades } = journal.snapshot('ETH/USDT') as Extract<LargeTradesUpdate['event'], { kind: 'snapshot' }>;
    expect(trades.map(({ time }) => time)).toEqual(
      Array.from({ length: LARGE_TRADES_KEPT }, (_, i) => 1_000 + 2 * LARGE_TRADES_KEPT + 7 + i),
    );
    journal.drop('ETH/USDT');
    expect(journal.snapshot('ETH/USDT')).toEqual({ kind: 'snapshot', trades: [] });
  });
});
