import { describe, expect, it } from 'vitest';
import { createIdGen } from '../../../core/base/ids.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { Order, OrderIntent } from '../../../core/contracts/orders.ts';
import { newOrder } from '../../../core/execution/order-machine.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import type { BrokerEvent } from '../../ports/broker.ts';
import { createPaperBroker } from './broker.ts';

const ETH: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '10',
  contractMultiplier: '1',
};

function setUp(latencyMs = 50) {
  const clock = new ManualClock(1_000);
  const book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
  book.applySnapshot([[19_999, 10_000]], [[20_001, 10_000]]);
  const state = { live: true };
  const depthOf = (symbol: string) => (symbol === ETH.symbol && state.live ? book : undefined);
  const idGen = createIdGen(clock, new SplitMix32(1));
  const broker = createPaperBroker({
    clock,
    latencyMs,
    fees: { maker: '0.001', taker: '0.002' },
    instrumentOf: (symbol) => (symbol === ETH.symbol ? ETH : undefined),
    depthOf,
    idGen,
  });
  const events: BrokerEvent[] = [];
  broker.on((event) => events.push(event));
  const kinds = () => events.map(({ kind, orderId }) => `${kind} ${orderId}`);
  return { clock, book, state, broker, events, kinds };
}

function order(id: string, side: 'buy' | 'sell', quantity: string, limitPrice?: string): Order {
  const type: OrderIntent['type'] = limitPrice === undefined ? 'market' : 'limit';
  return {
    ...newOrder(id, { clientOrderId: id, symbol: ETH.symbol, side, type, quantity, limitPrice, timeInForce: 'GTC' }, 0),
    state: 'submitted',
  };
}

const trade = { id: 1, tsEvent: 0, tsReceived: 0 };

describe('paper broker', () => {
  it('matches against the book as it is when the latency has passed', () => {
    const { clock, book, broker, events, kinds } = setUp();
    broker.submit(order('a', 'buy', '1'));
    clock.advanceBy(49);
    expect(events).toEqual([]);
    book.applySnapshot([[20_999, 10_000]], [[21_001, 20_000]]);
    clock.advanceBy(1);
    expect(kinds()).toEqual(['accepted a', 'filled a']);
    expect(events[1]).toMatchObject({
      at: 1_050,
      fill: { price: '210.01', quantity: '1', fee: '0.42002', liquidity: 'taker', side: 'buy', symbol: 'ETH/USDT', orderId: 'a' },
    });
  });

  it('never lets a cancellation overtake its order', () => {
    const { clock, broker, kinds } = setUp();
    broker.submit(order('a', 'buy', '1', '199.00'));
    broker.cancel('a');
    broker.submit(order('b', 'buy', '1'));
    broker.cancel('b');
    broker.cancel('never-heard-of');
    clock.advanceBy(50);
    expect(kinds()).toEqual(['accepted a', 'cancelled a', 'accepted b', 'filled b']);
  });

  it('matches only on a live book', () => {
    const { clock, state, broker, kinds } = setUp();
    broker.submit(order('a', 'buy', '1', '199.99'));
    clock.advanceBy(50);
    state.live = false;
    broker.onTrade(ETH.symbol, { ...trade, price: 199, quantity: 5, side: 'sell' });
    broker.submit(order('b', 'buy', '1'));
    clock.advanceBy(50);
    expect(kinds()).toEqual(['accepted a', 'rejected b']);
    state.live = true;
    broker.onTrade(ETH.symbol, { ...trade, price: 199, quantity: 5, side: 'sell' });
    expect(kinds()).toEqual(['accepted a', 'rejected b', 'filled a']);
  });

  it('fills a resting order when the book comes to it', () => {
    const { clock, book, broker, events } = setUp();
    broker.submit(order('a', 'sell', '0.5', '201.00'));
    clock.advanceBy(50);
    book.applySnapshot([[20_105, 10_000]], [[20_110, 10_000]]);
    broker.onBook(ETH.symbol);
    broker.onBook('BTC/USDT');
    expect(events.at(-1)).toMatchObject({ kind: 'filled', fill: { price: '201', liquidity: 'maker', fee: '0.1005' } });
  });

  it('does nothing more once closed', () => {
    const { clock, broker, events } = setUp();
    broker.submit(order('a', 'buy', '1'));
    broker.close();
    clock.advanceBy(1_000);
    broker.onBook(ETH.symbol);
    expect(events).toEqual([]);
  });

  it('gives each fill an id of its own', () => {
    const { clock, broker, events } = setUp(0);
    for (const id of ['a', 'b', 'c']) broker.submit(order(id, 'sell', '0.1'));
    clock.advanceBy(0);
    const ids = events.flatMap((event) => (event.kind === 'filled' ? [event.fill.id] : []));
    expect(new Set(ids).size).toBe(3);
  });
});
