import { describe, expect, it } from 'vitest';
import type { LargeTrade } from '../../core/contracts/large-trades.ts';
import { radiusOf, tradesIn, tradeUnder } from './large-trade-marks.ts';

function trade(id: number, change: Partial<LargeTrade> = {}): LargeTrade {
  return {
    id,
    venue: 'binance',
    instrument: 'ETH/USDT',
    time: id,
    price: 100,
    quantity: 1,
    notional: 100 + id,
    side: 'buy',
    ...change,
  };
}

const place = { from: 10, to: 20, x: (time: number) => time, y: (price: number) => price, venues: undefined };

describe('large trades in a plot', () => {
  it('are those of its time and its venues, the largest first', () => {
    const trades = [9, 10, 15, 19, 20].map((id) => trade(id, id === 15 ? { venue: 'bybit' } : {}));
    expect(tradesIn(trades, place).map(({ id }) => id)).toEqual([19, 15, 10]);
    expect(tradesIn(trades, { ...place, venues: ['binance'] }).map(({ id }) => id)).toEqual([19, 10]);
    expect(tradesIn(trades, { ...place, venues: [] })).toEqual([]);
    expect(trades.map(({ id }) => id)).toEqual([9, 10, 15, 19, 20]);
  });

  it('are the 250 largest where there are more', () => {
    const shown = tradesIn(
      Array.from({ length: 400 }, (_, id) => trade(id, { time: 12 })),
      place,
    );
    expect([shown.length, shown[0]?.id, shown.at(-1)?.id]).toEqual([250, 399, 150]);
  });

  it('are found under a point, the smaller one where rings cross', () => {
    const trades = [
      trade(1, { time: 12, notional: 400 }),
      trade(2, { time: 16, notional: 100 }),
      trade(3, { time: 19, price: 0 }),
    ];
    const at = (x: number, y: number) => tradeUnder(trades, { ...place, y: (price) => price / 10 }, x, y)?.id;
    expect([at(3, 10), at(12, 10), at(-1, 10), at(12, 30), at(19, 0)]).toEqual([1, 2, undefined, undefined, 3]);
  });

  it('have an area as large as their notional, as long as it can be seen', () => {
    expect(radiusOf(100, 100)).toBe(12);
    expect(radiusOf(25, 100)).toBe(6);
    expect(radiusOf(1, 1_000)).toBe(3);
  });
});
