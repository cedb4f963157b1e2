import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { ok } from '../../../core/base/result.ts';
import type { FlowBar, FootprintBar } from '../../../core/contracts/order-flow.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { FootprintQuery } from '../../ports/store.ts';
import { OrderFlowService, type OrderFlowUpdate } from './order-flow-service.ts';

const SYMBOL = 'ETH/USDT';
const T0 = 1_700_000_000_000;
const INSTRUMENT: Instrument = {
  venue: 'binance',
  symbol: SYMBOL,
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '5',
  contractMultiplier: '1',
};

function setUp(bars: FootprintBar[] | undefined = []) {
  const clock = new ManualClock(T0 - 300);
  const queries: FootprintQuery[] = [];
  const counts = { firstTrade: 0 };
  const flow: FlowBar[] = [{ openTime: T0, ofi: 1, seconds: 60 }];
  const service = new OrderFlowService({
    store: {
      footprint: async (query) => {
        queries.push(query);
        return ok(bars);
      },
      firstTrade: async () => {
        counts.firstTrade++;
        return ok(T0 - 5_000);
      },
      flowBars: async () => ok(flow),
    },
    clock,
    wall: clock,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  service.follow(SYMBOL, INSTRUMENT);
  const told: OrderFlowUpdate[] = [];
  service.events.on((update) => told.push(update));
  const trade = (change: Partial<Trade>): void =>
    service.onTrade(SYMBOL, { id: 1, price: 195.5, quantity: 2, side: 'buy', tsEvent: T0 + 10, tsReceived: T0 + 12, ...change });
  return { clock, counts, queries, service, told, trade };
}

describe('OrderFlowService', () => {
  it('tells of seconds as they change, ten times a second at most, and of all of them at once to who comes later', () => {
    const { clock, service, told, trade } = setUp();
    trade({});
    trade({ quantity: 1, side: 'sell', price: 195.49 });
    expect(told).toEqual([]);
    clock.advanceBy(100);
    const second = { time: T0, rows: [19_549, 19_550], buy: [0, 2], sell: [1, 0] };
    expect(told).toEqual([{ symbol: SYMBOL, event: { kind: 'second', second } }]);
    clock.advanceBy(1_000);
    expect(told).toHaveLength(1);
    service.onFlow(SYMBOL, { second: T0, ofi: -3 });
    clock.advanceBy(100);
    expect(told.at(-1)?.event).toEqual({ kind: 'second', second: { ...second, ofi: -3 } });
    expect(service.snapshot(SYMBOL)).toEqual({ kind: 'snapshot', tickSize: 0.01, since: T0, seconds: [{ ...second, ofi: -3 }] });
    expect(service.snapshot('BTC/USDT')).toBeUndefined();
  });

  it('tells once when trades from before were stored, however many', () => {
    const { clock, told, trade } = setUp();
    for (let id = 0; id < 50; id++) trade({ id, tsEvent: T0 - 40_000 });
    expect(told).toEqual([]);
    clock.advanceBy(1_000);
    expect(told).toEqual([{ symbol: SYMBOL, event: { kind: 'older' } }]);
    clock.advanceBy(5_000);
    expect(told).toHaveLength(1);
  });

  it('begins anew with another primary, and goes on with the same', () => {
    const { clock, service, told, trade } = setUp();
    trade({});
    clock.advanceBy(500);
    service.follow(SYMBOL, { ...INSTRUMENT });
    expect(told).toHaveLength(1);
    service.follow(SYMBOL, { ...INSTRUMENT, venue: 'bybit', tickSize: '0.1' });
    expect(told.at(-1)?.event).toEqual({ kind: 'snapshot', tickSize: 0.1, since: T0 + 1_000, seconds: [] });
  });

  it('asks the store for the primary’s trades and refuses what would be too much', async () => {
    const { clock, counts, queries, service } = setUp([{ openTime: T0, rows: [1], buy: [2], sell: [3] }]);
    const input = { symbol: SYMBOL, timeframe: '1m', from: T0, to: T0 + 60_000, rowTicks: 5 } as const;
    expect(await service.footprint(input)).toEqual(
      ok({ tickSize: 0.01, bars: [{ openTime: T0, rows: [1], buy: [2], sell: [3] }], firstTrade: T0 - 5_000 }),
    );
    expect(queries[0]).toMatchObject({ venue: 'binance', symbol: SYMBOL, lengthMs: 60_000, rowTicks: 5, tickSize: 0.01 });
    await service.footprint(input);
    expect(counts.firstTrade).toBe(1);
    clock.advanceBy(60_000);
    await service.footprint(input);
    expect(counts.firstTrade).toBe(2);
    const long = await service.footprint({ ...input, to: T0 + 1_501 * 60_000 });
    expect(long).toMatchObject({ ok: false, error: { code: 'RANGE_TOO_LONG' } });
    expect(await service.footprint({ ...input, symbol: 'BTC/USDT' })).toMatchObject({ error: { code: 'UNKNOWN_SYMBOL' } });
    expect(await service.flowBars({ symbol: SYMBOL, timeframe: '1m', from: T0, to: T0 + 60_000 })).toMatchObject({
      value: { bars: [{ seconds: 60 }] },
    });
  });

  it('says that there are too many rows', async () => {
    const { service } = setUp();
    const none = new OrderFlowService({
      store: { footprint: async () => ok(undefined), firstTrade: async () => ok(undefined), flowBars: async () => ok([]) },
      clock: new ManualClock(T0),
      wall: new ManualClock(T0),
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    });
    none.follow(SYMBOL, INSTRUMENT);
    const input = { symbol: SYMBOL, timeframe: '1m', from: T0, to: T0 + 60_000, rowTicks: 1 } as const;
    expect(await none.footprint(input)).toMatchObject({ ok: false, error: { code: 'TOO_MANY_ROWS' } });
    service.close();
    none.close();
  });
});
