import { describe, expect, it } from 'vitest';
import { MarketFlow } from './market-flow.ts';

const BINANCE = { venue: 'binance', symbol: 'ETH/USDT' } as const;
const BYBIT = { venue: 'bybit', symbol: 'ETH/USDT:USDT' } as const;

function setUp() {
  const large: unknown[] = [];
  const dropped: string[] = [];
  const flow = new MarketFlow({
    add: (symbol, { venue }, { id }, threshold) => large.push([symbol, venue, id, threshold]),
    drop: (symbol) => dropped.push(symbol),
  });
  const trade = (id: number, quantity: number, lagMs = 0) => ({
    id,
    price: 100,
    quantity,
    side: 'buy' as const,
    tsEvent: 1_000,
    tsReceived: 1_000 + lagMs,
  });
  return { flow, large, dropped, trade };
}

describe('MarketFlow', () => {
  it('tells of trades that are large among those of all sources of a symbol', () => {
    const { flow, large, trade } = setUp();
    for (let id = 0; id < 500; id++) flow.onTrade('ETH/USDT', trade(id, id % 10 === 0 ? 4 : 1), id % 2 === 0 ? BINANCE : BYBIT);
    expect(large).toEqual([]);
    expect(flow.of('ETH/USDT').largeThreshold).toBe(400);
    flow.onTrade('ETH/USDT', trade(500, 3.9), BINANCE);
    flow.onTrade('ETH/USDT', trade(501, 4), BYBIT);
    flow.onTrade('BTC/USDT', trade(502, 1e6), BYBIT);
    expect(large).toEqual([['ETH/USDT', 'bybit', 501, 400]]);
  });

  it('leaves out what was fetched to close a gap, and begins anew when the symbol is followed again', () => {
    const { flow, large, dropped, trade } = setUp();
    for (let id = 0; id < 500; id++) flow.onTrade('ETH/USDT', trade(id, 1), BINANCE);
    flow.onTrade('ETH/USDT', trade(500, 1e6, 10_001), BINANCE);
    expect(large).toEqual([]);
    expect(flow.of('ETH/USDT').current().tradeCount).toBe(500);
    flow.drop('ETH/USDT');
    expect(dropped).toEqual(['ETH/USDT']);
    flow.onTrade('ETH/USDT', trade(501, 1e6), BINANCE);
    expect(large).toEqual([]);
  });
});
