import { create } from 'zustand';
import type { Fill, Order, OrderState } from '../../core/contracts/orders.ts';
import type { OrdersEvent } from '../../core/contracts/streams.ts';

/** More than the host's snapshot holds, so that a long session does not grow without bound. */
const MOST_KEPT = 500;

interface Orders {
  /** Newest first; absent until they were read. */
  orders: readonly Order[] | undefined;
  /** Newest first. */
  fills: readonly Fill[];
  take(event: OrdersEvent): void;
}

/** Orders and fills of all symbols. */
export const useOrders = create<Orders>((set) => ({
  orders: undefined,
  fills: [],
  take: (event) =>
    set((state) => {
      switch (event.kind) {
        case 'snapshot':
          return { orders: newestFirst(event.orders), fills: event.fills.toSorted((a, b) => b.at - a.at) };
        case 'order':
          return { orders: withOrder(state.orders ?? [], event.order) };
        case 'fill':
          return { fills: withFill(state.fills, event.fill) };
      }
    }),
}));

function newestFirst(orders: readonly Order[]): Order[] {
  return orders.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
}

function withOrder(orders: readonly Order[], order: Order): Order[] {
  const index = orders.findIndex((known) => known.id === order.id);
  if (index >= 0) return orders.with(index, order);
  const all = newestFirst([order, ...orders]);
  return all.length <= MOST_KEPT ? all : all.filter((known, i) => i < MOST_KEPT || isOpen(known));
}

function withFill(fills: readonly Fill[], fill: Fill): readonly Fill[] {
  if (fills.some((known) => known.id === fill.id)) return fills;
  return [fill, ...fills].slice(0, MOST_KEPT);
}

const FINAL_STATES: readonly OrderState[] = ['filled', 'cancelled', 'rejected', 'expired'];

/** Not in a final state: it may still fill. */
export function isOpen(order: Pick<Order, 'state'>): boolean {
  return !FINAL_STATES.includes(order.state);
}
