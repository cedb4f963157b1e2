import type { Decimal } from '../base/decimal.ts';
import { add, compare, div, mul, round, sign, sub } from '../base/decimal.ts';
import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { Fill, Order, OrderIntent, OrderState } from '../contracts/orders.ts';

/** What can happen to an order. Fills carry their own state: the quantity decides between partly and wholly filled. */
export type OrderEvent =
  | { readonly kind: 'riskChecked' | 'submitted' | 'accepted'; readonly at: number }
  | { readonly kind: 'rejected' | 'cancelled' | 'expired' | 'unknown'; readonly at: number; readonly reason: string }
  | { readonly kind: 'filled'; readonly at: number; readonly fill: Fill };

export type OrderFailure = Failure<'ILLEGAL_TRANSITION' | 'OVERFILL' | 'BAD_FILL'>;

/**
 * Decimals kept in `averagePrice`. The exact notional is recovered from it on the next fill by rounding
 * average × quantity to NOTIONAL_SCALE, which is exact while quantities are below 10^8 and notionals have at most 16 decimals:
 * averages of averages would drift.
 */
export const AVERAGE_PRICE_SCALE = 24;
const NOTIONAL_SCALE = 16;

/** DOMAIN section 10. Fills appear under both states that they can lead to. */
const NEXT: Readonly<Record<OrderState, readonly OrderState[]>> = {
  intent: ['riskChecked', 'rejected', 'cancelled'],
  riskChecked: ['submitted', 'rejected', 'cancelled'],
  submitted: ['accepted', 'rejected', 'cancelled', 'expired', 'unknown'],
  accepted: ['partiallyFilled', 'filled', 'cancelled', 'expired', 'unknown'],
  partiallyFilled: ['partiallyFilled', 'filled', 'cancelled', 'expired', 'unknown'],
  unknown: ['accepted', 'partiallyFilled', 'filled', 'cancelled', 'rejected', 'expired'],
  filled: [],
  cancelled: [],
  rejected: [],
  expired: [],
};

export function isFinal(state: OrderState): boolean {
  return NEXT[state].length === 0;
}

/** Base units not filled yet. */
export function remainingQuantity(order: Order): Decimal {
  return sub(order.intent.quantity, order.filledQuantity);
}

/** Why the order is in its state; empty when there is nothing to say. */
export function lastReason(order: Order): string {
  return order.history.at(-1)?.reason ?? '';
}

export function newOrder(id: string, intent: OrderIntent, at: number): Order {
  return {
    id,
    intent,
    state: 'intent',
    history: [{ state: 'intent', at }],
    filledQuantity: '0',
    fees: '0',
    createdAt: at,
    updatedAt: at,
  };
}

/** The order after `event`, or why that cannot be. The given order is left as it is. */
export function transition(order: Order, event: OrderEvent): Result<Order, OrderFailure> {
  return event.kind === 'filled'
    ? applyFill(order, event.fill, event.at)
    : moveTo(order, event.kind, event.at, 'reason' in event ? event.reason : undefined);
}

function moveTo(order: Order, state: OrderState, at: number, reason: string | undefined): Result<Order, OrderFailure> {
  if (!NEXT[order.state].includes(state)) return illegal(order, state);
  // What traded cannot be undone: an unknown order with fills is neither untouched nor refused.
  if ((state === 'accepted' || state === 'rejected') && sign(order.filledQuantity) !== 0) return illegal(order, state);
  const time = Math.max(at, order.updatedAt);
  const entry = reason === undefined ? { state, at: time } : { state, at: time, reason };
  return ok({ ...order, state, history: [...order.history, entry], updatedAt: time });
}

function applyFill(order: Order, fill: Fill, at: number): Result<Order, OrderFailure> {
  if (fill.orderId !== order.id || fill.symbol !== order.intent.symbol || fill.side !== order.intent.side) {
    return fail(
      'BAD_FILL',
      `Fill ${fill.id} is for order ${fill.orderId} (${fill.side} ${fill.symbol}), not for ${order.id}. It was left out.`,
    );
  }
  if (sign(fill.quantity) <= 0 || sign(fill.price) <= 0) {
    return fail(
      'BAD_FILL',
      `Fill ${fill.id} of order ${order.id} has quantity ${fill.quantity} at ${fill.price}; both must be above zero.`,
    );
  }
  const filledQuantity = add(order.filledQuantity, fill.quantity);
  const open = compare(filledQuantity, order.intent.quantity);
  const moved = moveTo(order, open < 0 ? 'partiallyFilled' : 'filled', at, undefined);
  if (!moved.ok) return moved;
  if (open > 0) {
    return fail(
      'OVERFILL',
      `Fill ${fill.id} would bring order ${order.id} to ${filledQuantity} of ${order.intent.quantity}. It was left out.`,
    );
  }
  const before =
    order.averagePrice === undefined ? '0' : round(mul(order.averagePrice, order.filledQuantity), NOTIONAL_SCALE, 'halfEven');
  const notional = add(before, mul(fill.price, fill.quantity));
  return ok({
    ...moved.value,
    filledQuantity,
    averagePrice: div(notional, filledQuantity, AVERAGE_PRICE_SCALE, 'halfEven'),
    fees: add(order.fees, fill.fee),
  });
}

function illegal(order: Order, to: OrderState): Result<Order, OrderFailure> {
  return fail(
    'ILLEGAL_TRANSITION',
    `Order ${order.id} is ${order.state} (${order.filledQuantity} filled) and cannot become ${to}.`,
  );
}
