import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { LARGE_TRADES_KEPT } from '../../../core/contracts/large-trades.ts';
import { LargeTradeJournal, type LargeTradesUpdate } from './large-trade-journal.ts';

const SOURCE = { venue: 'bybit', symbol: 'ETH/USDT:USDT' } as const;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function setUp() {
  const wall = new ManualClock(0);
  const journal = new LargeTradeJournal({ wall, log: quiet });
  const told: LargeTradesUpdate[] = [];
  journal.events.on((update) => told.push(update));
  const add = (id: number, symbol = 'ETH/USDT') =>
    journal.add(
      symbol,
      SOURCE,
      { id, price: 2_000, quantity: 3, side: 'sell', tsEvent: 1_000 + id, tsReceived: 5_000 },
      100 + id,
    );
  return { wall, journal, told, add };
}

describe('LargeTradeJournal', () => {
  it('tells what came meanwhile together, and keeps it for who comes later', () => {
    const { wall, journal, told, add } = setUp();
    expect(journal.snapshot('ETH/USDT')).toEqual({ kind: 'snapshot', trades: [] });
    add(1);
    add(2);
    add(3, 'BTC/USDT');
    // Not told yet, so a snapshot does not have it either: who subscribes now is told of it once.
    expect(journal.snapshot('ETH/USDT').trades).toEqual([]);
    wall.advanceBy(100);
    const trade = (id: number) => ({
      venue: 'bybit',
      instrument: 'ETH/USDT:USDT',
      time: 1_000 + id,
      price: 2_000,
      quantity: 3,
      notional: 6_000,
      side: 'sell',
    });
    expect(told).toEqual([
      { symbol: 'ETH/USDT', event: { kind: 'trades', threshold: 102, trades: [trade(1), trade(2)] } },
      { symbol: 'BTC/USDT', event: { kind: 'trades', threshold: 103, trades: [trade(3)] } },
    ]);
    expect(journal.snapshot('ETH/USDT')).toEqual({ kind: 'snapshot', threshold: 102, trades: [trade(1), trade(2)] });
    wall.advanceBy(1_000);
    expect(told).toHaveLength(2);
  });

  it('keeps the newest only, and nothing of a symbol that was let go of', () => {
    const { wall, journal, add, told } = setUp();
    for (let id = 0; id < 3 * LARGE_TRADES_KEPT + 7; id++) {
      add(id);
      if (id % 400 === 0) wall.advanceBy(100);
    }
    wall.advanceBy(100);
    const { trades } = journal.snapshot('ETH/USDT');
    expect(trades.map(({ time }) => time)).toEqual(
      Array.from({ length: LARGE_TRADES_KEPT }, (_, i) => 1_000 + 2 * LARGE_TRADES_KEPT + 7 + i),
    );
    expect(told.flatMap(({ event }) => event.trades)).toHaveLength(3 * LARGE_TRADES_KEPT + 7);
    journal.drop('ETH/USDT');
    expect(journal.snapshot('ETH/USDT').trades).toEqual([]);
    add(1);
    journal.close();
    wall.advanceBy(1_000);
    expect(journal.snapshot('ETH/USDT').trades).toEqual([]);
  });
});
