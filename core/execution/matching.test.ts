import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Fill, Order, OrderIntent } from '../contracts/orders.ts';
import type { Instrument } from '../market/instrument.ts';
import { type BookLevel, L2Book } from '../market/l2-book.ts';
import { feeRateFromPct, type MatchEvent, MatchingEngine } from './matching.ts';
import { newOrder } from './order-machine.ts';

/** Whole-number ticks and tenths of lots keep the books readable. */
const INSTRUMENT: Instrument = {
  venue: 'binance',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.5',
  lotSize: '0.1',
  minNotional: '1',
  contractMultiplier: '1',
};

let book: L2Book;
let events: MatchEvent[];
let engine: MatchingEngine;
let orderCount: number;

/** Prices in ticks of 0.5, quantities in lots of 0.1. */
function setBook(bids: BookLevel[], asks: BookLevel[]): void {
  book.applySnapshot(bids, asks);
  engine.onBook(book, 0);
}

function order(
  side: 'buy' | 'sell',
  quantity: string,
  limitPrice?: string,
  timeInForce: OrderIntent['timeInForce'] = 'GTC',
): Order {
  const id = `o${++orderCount}`;
  const type = limitPrice === undefined ? 'market' : 'limit';
  return {
    ...newOrder(id, { clientOrderId: id, symbol: 'ETH/USDT', side, type, quantity, limitPrice, timeInForce }, 0),
    state: 'submitted',
  };
}

function arrive(...args: Parameters<typeof order>): string {
  const submitted = order(...args);
  engine.arrive(submitted, book, 0);
  return submitted.id;
}

function print(side: 'buy' | 'sell', price: number, quantity: number): void {
  engine.onTrade({ side, price, quantity }, 0);
}

function fills(orderId?: string): Fill[] {
  return events.flatMap((event) =>
    event.kind === 'filled' && (orderId === undefined || event.orderId === orderId) ? [event.fill] : [],
  );
}

function short(orderId: string): string[] {
  return events
    .filter((event) => event.orderId === orderId)
    .map((event) =>
      event.kind === 'filled' ? `${event.fill.liquidity} ${event.fill.quantity}@${event.fill.price}` : event.kind,
    );
}

beforeEach(() => {
  book = new L2Book({ tickSize: 0.5, lotSize: 0.1, bucketWidth: 1 });
  events = [];
  orderCount = 0;
  let fillCount = 0;
  engine = new MatchingEngine({
    instrument: INSTRUMENT,
    fees: { maker: feeRateFromPct(0.1), taker: feeRateFromPct(0.2) },
    nextFillId: () => `f${++fillCount}`,
    emit: (event) => events.push(event),
  });
  setBook(
    [
      [199, 10],
      [198, 20],
    ],
    [
      [200, 5],
      [201, 10],
      [203, 100],
    ],
  );
});

describe('taking', () => {
  it('a market order sweeps levels at their own prices and pays the taker fee', () => {
    const id = arrive('buy', '2.0');
    expect(short(id)).toEqual(['accepted', 'taker 0.5@100', 'taker 1@100.5', 'taker 0.5@101.5']);
    expect(fills().map(({ fee }) => fee)).toEqual(['0.1', '0.201', '0.1015']);
    expect(engine.openCount).toBe(0);
  });

  it('a market order expires with what the displayed depth could not give', () => {
    const id = arrive('sell', '4.0');
    expect(short(id)).toEqual(['accepted', 'taker 1@99.5', 'taker 2@99', 'expired']);
    expect(events.at(-1)).toMatchObject({ reason: expect.stringContaining('1 of 4.0 was not traded') });
  });

  it('without a live book a market order is rejected and a resting one waits for the book', () => {
    const now = order('buy', '1.0');
    engine.arrive(now, undefined, 0);
    expect(short(now.id)).toEqual(['rejected']);
    const patient = order('buy', '0.5', '100.0');
    engine.arrive(patient, undefined, 0);
    expect(short(patient.id)).toEqual([]);
    engine.onBook(book, 0);
    expect(short(patient.id)).toEqual(['accepted', 'taker 0.5@100']);
  });

  it('IOC takes what is within its price and expires the rest', () => {
    expect(short(arrive('buy', '2.0', '100.5', 'IOC'))).toEqual(['accepted', 'taker 0.5@100', 'taker 1@100.5', 'expired']);
    expect(short(arrive('buy', '1.0', '99.5', 'IOC'))).toEqual(['accepted', 'expired']);
  });

  it('FOK trades whole or not at all', () => {
    expect(short(arrive('buy', '1.6', '100.5', 'FOK'))).toEqual(['accepted', 'expired']);
    expect(short(arrive('buy', '1.5', '100.5', 'FOK'))).toEqual(['accepted', 'taker 0.5@100', 'taker 1@100.5']);
    expect(short(arrive('buy', '0.1', '100.5', 'FOK'))).toEqual(['accepted', 'expired']);
  });

  it('POST_ONLY that would take is rejected, one tick away it rests', () => {
    expect(short(arrive('buy', '1.0', '100.0', 'POST_ONLY'))).toEqual(['rejected']);
    expect(short(arrive('buy', '1.0', '99.5', 'POST_ONLY'))).toEqual(['accepted']);
  });

  it('a crossing limit takes and rests with the remainder', () => {
    const id = arrive('buy', '1.0', '100.0');
    expect(short(id)).toEqual(['accepted', 'taker 0.5@100']);
    expect(engine.openCount).toBe(1);
    print('sell', 100, 0.5);
    expect(short(id).at(-1)).toBe('maker 0.5@100');
    expect(engine.openCount).toBe(0);
  });

  it('does not take the same displayed liquidity twice until the level changes', () => {
    expect(engine.isIdle).toBe(true);
    arrive('buy', '0.3', '100.0', 'IOC');
    expect(engine.isIdle).toBe(false);
    expect(short(arrive('buy', '1.0', '100.0', 'IOC'))).toEqual(['accepted', 'taker 0.2@100', 'expired']);
    engine.onBook(book, 0);
    expect(short(arrive('buy', '1.0', '100.0', 'IOC'))).toEqual(['accepted', 'expired']);
    book.setLevel('ask', 200, 4);
    engine.onBook(book, 0);
    expect(short(arrive('buy', '1.0', '100.0', 'IOC'))).toEqual(['accepted', 'taker 0.4@100', 'expired']);
    // Away and back again between two orders is a change too.
    book.setLevel('ask', 200, 9);
    engine.onBook(book, 0);
    book.setLevel('ask', 200, 4);
    engine.onBook(book, 0);
    expect(short(arrive('buy', '1.0', '100.0', 'IOC'))).toEqual(['accepted', 'taker 0.4@100', 'expired']);
  });
});

describe('resting', () => {
  it('waits for the queue ahead, then fills from trades at its price', () => {
    const id = arrive('buy', '1.0', '99.5');
    print('sell', 99.5, 0.9);
    print('buy', 99.5, 5);
    print('sell', 100, 5);
    expect(short(id)).toEqual(['accepted']);
    print('sell', 99.5, 0.4);
    expect(short(id)).toEqual(['accepted', 'maker 0.3@99.5']);
    print('sell', 99.5, 5);
    expect(short(id)).toEqual(['accepted', 'maker 0.3@99.5', 'maker 0.7@99.5']);
    expect(fills(id)[0]?.fee).toBe('0.02985');
  });

  it('is filled at its own price by a trade through it, at most by what traded', () => {
    const id = arrive('sell', '1.0', '100.5');
    print('buy', 101, 0.4);
    print('buy', 101.5, 3);
    expect(short(id)).toEqual(['accepted', 'maker 0.4@100.5', 'maker 0.6@100.5']);
  });

  it('is filled when the other side comes to its price, no further than that goes', () => {
    const id = arrive('buy', '1.0', '99.5');
    setBook(
      [[198, 20]],
      [
        [199, 4],
        [200, 5],
      ],
    );
    setBook(
      [[198, 20]],
      [
        [199, 4],
        [200, 5],
      ],
    );
    expect(short(id)).toEqual(['accepted', 'maker 0.4@99.5']);
    setBook([[196, 20]], [[197, 100]]);
    expect(short(id)).toEqual(['accepted', 'maker 0.4@99.5', 'maker 0.6@99.5']);
  });

  it('shares one trade out once, best price first, then oldest', () => {
    setBook([[190, 1]], [[210, 1]]);
    const low = arrive('buy', '1.0', '99.0');
    const first = arrive('buy', '1.0', '99.5');
    const second = arrive('buy', '1.0', '99.5');
    print('sell', 99, 2.5);
    expect([first, second, low].map((id) => fills(id).map(({ quantity }) => quantity))).toEqual([['1'], ['1'], ['0.5']]);
  });

  it('cancels what waits or rests, once', () => {
    const id = arrive('buy', '1.0', '99.5');
    expect(engine.cancel(id, 5, 'on request')).toBe(true);
    expect(engine.cancel(id, 5, 'on request')).toBe(false);
    expect(short(id)).toEqual(['accepted', 'cancelled']);
    print('sell', 90, 10);
    expect(fills(id)).toEqual([]);
  });
});

describe('restoring', () => {
  it('rests a restored order at the back of the queue without accepting it again', () => {
    const open = {
      ...order('buy', '1.0', '99.5'),
      state: 'partiallyFilled' as const,
      filledQuantity: '0.4',
      averagePrice: '99.5',
    };
    engine.restore(open, undefined, 0);
    engine.onBook(book, 0);
    print('sell', 99.5, 1.0);
    expect(short(open.id)).toEqual([]);
    print('sell', 99.5, 5);
    expect(short(open.id)).toEqual(['maker 0.6@99.5']);
  });

  it('accepts a restored order that was never accepted', () => {
    const sent = order('buy', '1.0', '99.5');
    engine.restore(sent, book, 0);
    expect(short(sent.id)).toEqual(['accepted']);
  });

  it('never trades late what had to trade at once', () => {
    const sent = order('buy', '1.0');
    engine.restore(sent, book, 0);
    expect(short(sent.id)).toEqual(['rejected']);
    const partial = {
      ...order('buy', '2.0', '100.0', 'IOC'),
      state: 'partiallyFilled' as const,
      filledQuantity: '0.5',
      averagePrice: '100',
    };
    engine.restore(partial, book, 0);
    expect(short(partial.id)).toEqual(['expired']);
  });
});

describe('conservation', () => {
  const action = fc.oneof(
    fc.record({
      kind: fc.constant('order' as const),
      buy: fc.boolean(),
      lots: fc.integer({ min: 1, max: 40 }),
      ticks: fc.integer({ min: 195, max: 205 }),
      tif: fc.constantFrom('GTC' as const, 'IOC' as const, 'FOK' as const, 'POST_ONLY' as const),
      isMarket: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('trade' as const),
      buy: fc.boolean(),
      lots: fc.integer({ min: 1, max: 40 }),
      ticks: fc.integer({ min: 195, max: 205 }),
    }),
    fc.record({
      kind: fc.constant('level' as const),
      offset: fc.integer({ min: 0, max: 4 }),
      bid: fc.boolean(),
      lots: fc.integer({ min: 0, max: 30 }),
    }),
  );

  it('never fills more than ordered, never worse than the limit, and never from liquidity or trades that were not there', () => {
    let filledLots = 0;
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        book = new L2Book({ tickSize: 0.5, lotSize: 0.1, bucketWidth: 1 });
        events = [];
        let fillCount = 0;
        engine = new MatchingEngine({
          instrument: INSTRUMENT,
          fees: { maker: '0', taker: '0' },
          nextFillId: () => `f${++fillCount}`,
          emit: (event) => events.push(event),
        });
        setBook([[199, 10]], [[200, 10]]);
        const orders = new Map<string, Order>();
        /** Every lot that was ever newly displayed, per side that takes it. */
        const displayed = { buy: 10, sell: 10 };
        for (const one of actions) {
          const from = events.length;
          if (one.kind === 'order') {
            const limitPrice = one.isMarket ? undefined : (one.ticks / 2).toFixed(1);
            const submitted = order(
              one.buy ? 'buy' : 'sell',
              (one.lots / 10).toFixed(1),
              limitPrice,
              one.isMarket ? 'GTC' : one.tif,
            );
            orders.set(submitted.id, submitted);
            engine.arrive(submitted, book, 0);
            const got = fills(submitted.id).reduce((sum, { quantity }) => sum + Math.round(Number(quantity) * 10), 0);
            if (!one.isMarket && one.tif === 'FOK') expect([0, one.lots]).toContain(got);
            if (!one.isMarket && one.tif === 'POST_ONLY') expect(got).toBe(0);
          } else if (one.kind === 'trade') {
            print(one.buy ? 'buy' : 'sell', one.ticks / 2, one.lots / 10);
            const traded = events.slice(from).flatMap((event) => (event.kind === 'filled' ? [event.fill] : []));
            expect(traded.reduce((sum, { quantity }) => sum + Math.round(Number(quantity) * 10), 0)).toBeLessThanOrEqual(
              one.lots,
            );
            for (const { side } of traded) expect(side).toBe(one.buy ? 'sell' : 'buy');
          } else {
            const ticks = one.bid ? 199 - one.offset : 200 + one.offset;
            const before = book.lotsAtPrice(one.bid ? 'bid' : 'ask', ticks);
            if (before !== one.lots) displayed[one.bid ? 'sell' : 'buy'] += one.lots;
            book.setLevel(one.bid ? 'bid' : 'ask', ticks, one.lots);
            engine.onBook(book, 0);
          }
          if (one.kind !== 'trade') {
            for (const event of events.slice(from))
              if (event.kind === 'filled') displayed[event.fill.side] -= Math.round(Number(event.fill.quantity) * 10);
            expect(Math.min(displayed.buy, displayed.sell)).toBeGreaterThanOrEqual(0);
          }
        }
        for (const [id, { intent }] of orders) {
          const got = fills(id);
          const lots = got.reduce((sum, { quantity }) => sum + Math.round(Number(quantity) * 10), 0);
          filledLots += lots;
          expect(lots).toBeLessThanOrEqual(Math.round(Number(intent.quantity) * 10));
          for (const { price } of got) {
            if (intent.limitPrice === undefined) continue;
            if (intent.side === 'buy') expect(Number(price)).toBeLessThanOrEqual(Number(intent.limitPrice));
            else expect(Number(price)).toBeGreaterThanOrEqual(Number(intent.limitPrice));
          }
          const ended = events.filter((event) => event.orderId === id && (event.kind === 'rejected' || event.kind === 'expired'));
          expect(ended.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
    expect(filledLots).toBeGreaterThan(1_000);
  });
});
