import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { div, mul, round } from '../base/decimal.ts';
import type { Fill, Order, OrderIntent, OrderState } from '../contracts/orders.ts';
import { orderSchema } from '../contracts/orders.ts';
import type { OrderEvent } from './order-machine.ts';
import { AVERAGE_PRICE_SCALE, isFinal, lastReason, newOrder, remainingQuantity, transition } from './order-machine.ts';

const INTENT: OrderIntent = {
  clientOrderId: 'c1',
  symbol: 'ETH/USDT',
  side: 'buy',
  type: 'limit',
  quantity: '1.0000',
  limitPrice: '200.00',
  timeInForce: 'GTC',
};
/** In lots of 0.0001. */
const ORDER_LOTS = 10_000;

function fillOf(lots: number, cents: number, id = 'f'): Fill {
  return {
    id,
    orderId: 'o1',
    symbol: 'ETH/USDT',
    side: 'buy',
    price: (cents / 100).toFixed(2),
    quantity: (lots / 10_000).toFixed(4),
    fee: '0.01',
    liquidity: 'taker',
    at: 1,
  };
}

function run(events: readonly OrderEvent[]): Order {
  let order = newOrder('o1', INTENT, 0);
  for (const event of events) {
    const moved = transition(order, event);
    if (!moved.ok) throw new Error(moved.error.message);
    order = moved.value;
  }
  return order;
}

/** The rules in words, without the machine's table. */
class NaiveOrder {
  state: OrderState = 'intent';
  lots = 0;
  notional = 0n;
  fills = 0;
  states = 1;

  takes(event: { kind: OrderEvent['kind']; lots: number; cents: number }): boolean {
    const done = ['filled', 'cancelled', 'rejected', 'expired'].includes(this.state);
    if (done) return false;
    const atVenue = ['accepted', 'partiallyFilled', 'unknown'].includes(this.state);
    let legal = false;
    if (event.kind === 'riskChecked') legal = this.state === 'intent';
    if (event.kind === 'submitted') legal = this.state === 'riskChecked';
    if (event.kind === 'accepted') legal = this.lots === 0 && (this.state === 'submitted' || this.state === 'unknown');
    if (event.kind === 'cancelled') legal = true;
    if (event.kind === 'rejected') legal = this.lots === 0 && this.state !== 'accepted';
    if (event.kind === 'expired') legal = atVenue || this.state === 'submitted';
    if (event.kind === 'unknown')
      legal = this.state === 'submitted' || this.state === 'accepted' || this.state === 'partiallyFilled';
    if (event.kind === 'filled') legal = atVenue && event.lots > 0 && this.lots + event.lots <= ORDER_LOTS;
    if (!legal) return false;
    if (event.kind === 'filled') {
      this.lots += event.lots;
      this.fills += 1;
      this.notional += BigInt(event.lots) * BigInt(event.cents);
      this.state = this.lots === ORDER_LOTS ? 'filled' : 'partiallyFilled';
    } else this.state = event.kind;
    this.states += 1;
    return true;
  }
}

const step = fc.record({
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constant<OrderEvent['kind']>('filled') },
    { weight: 2, arbitrary: fc.constantFrom<OrderEvent['kind']>('riskChecked', 'submitted', 'accepted') },
    { weight: 1, arbitrary: fc.constantFrom<OrderEvent['kind']>('rejected', 'cancelled', 'expired', 'unknown') },
  ),
  lots: fc.oneof(fc.integer({ min: 0, max: ORDER_LOTS + 1 }), fc.constantFrom(1, 3333, 5000, ORDER_LOTS)),
  cents: fc.integer({ min: 1, max: 10_000_000 }),
});

describe('order state machine', () => {
  it('agrees with the rules in words on any sequence of events', () => {
    const reached = new Set<OrderState>();
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 30 }), (sent, tail) => {
        const head = sent ? (['riskChecked', 'submitted', 'accepted'] as const).map((kind) => ({ kind, lots: 1, cents: 1 })) : [];
        const naive = new NaiveOrder();
        let order = newOrder('o1', INTENT, 0);
        for (const [i, { kind, lots, cents }] of [...head, ...tail].entries()) {
          const event = (
            kind === 'filled' ? { kind, at: i, fill: fillOf(lots, cents, `f${i}`) } : { kind, at: i, reason: 'r' }
          ) as OrderEvent;
          const before = structuredClone(order);
          const moved = transition(order, event);
          expect(order).toEqual(before);
          expect(moved.ok).toBe(naive.takes({ kind, lots, cents }));
          if (moved.ok) order = moved.value;
          expect(order.state).toBe(naive.state);
          expect(order.history).toHaveLength(naive.states);
          expect(order.history.at(-1)?.state).toBe(order.state);
          expect(Number(order.filledQuantity) * 10_000).toBeCloseTo(naive.lots, 6);
          // Exactly the sum of price × quantity, whatever the rounding of the average.
          const notional =
            order.averagePrice === undefined ? '0' : round(mul(order.averagePrice, order.filledQuantity), 16, 'halfEven');
          expect(mul(notional, '1000000')).toBe(naive.notional.toString());
          expect(mul(order.fees, '100')).toBe(String(naive.fills));
          expect(orderSchema.safeParse(order).success).toBe(true);
          reached.add(order.state);
        }
      }),
      { numRuns: 300 },
    );
    expect(reached.size).toBe(10);
  });

  it('does not drift over many fills at prices that do not divide', () => {
    let order = run([
      { kind: 'riskChecked', at: 1 },
      { kind: 'submitted', at: 2 },
      { kind: 'accepted', at: 3 },
    ]);
    let notional = 0n;
    for (let i = 0; i < 3_000; i++) {
      const cents = 20_000 + ((i * 7919) % 1_001);
      const moved = transition(order, { kind: 'filled', at: i, fill: fillOf(3, cents, `f${i}`) });
      if (!moved.ok) throw new Error(moved.error.message);
      order = moved.value;
      notional += BigInt(3 * cents);
    }
    const exact = div(notional.toString(), '1000000', 6, 'halfEven');
    expect(round(mul(order.averagePrice as string, order.filledQuantity), 16, 'halfEven')).toBe(exact);
    // To its last digit: one division of exact sums, not an average of averages.
    expect(order.averagePrice).toBe(div(exact, order.filledQuantity, AVERAGE_PRICE_SCALE, 'halfEven'));
    expect(remainingQuantity(order)).toBe('0.1');
  });

  it('refuses fills of other orders, sides and symbols, and says what does not fit', () => {
    const order = run([
      { kind: 'riskChecked', at: 1 },
      { kind: 'submitted', at: 2 },
      { kind: 'accepted', at: 3 },
    ]);
    for (const wrong of [{ orderId: 'o2' }, { side: 'sell' as const }, { symbol: 'BTC/USDT' }, { price: '0' }]) {
      const moved = transition(order, { kind: 'filled', at: 4, fill: { ...fillOf(1, 1), ...wrong } });
      expect(moved.ok ? undefined : moved.error.code).toBe('BAD_FILL');
    }
    const over = transition(order, { kind: 'filled', at: 4, fill: fillOf(ORDER_LOTS + 1, 1) });
    expect(over.ok ? undefined : over.error.code).toBe('OVERFILL');
  });

  it('keeps history in time order and remembers the reason', () => {
    const order = run([
      { kind: 'riskChecked', at: 500 },
      { kind: 'rejected', at: 100, reason: 'too large' },
    ]);
    expect(order.history.map(({ at }) => at)).toEqual([0, 500, 500]);
    expect(lastReason(order)).toBe('too large');
    expect(isFinal(order.state)).toBe(true);
  });
});
