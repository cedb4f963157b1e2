import type { Decimal } from '../../../core/base/decimal.ts';
import { add, max } from '../../../core/base/decimal.ts';
import type { Result } from '../../../core/base/result.ts';
import type { Fill, Order } from '../../../core/contracts/orders.ts';
import type { OrdersEvent } from '../../../core/contracts/streams.ts';
import { isFinal, remainingQuantity } from '../../../core/execution/order-machine.ts';
import { applyFillToPosition, averagePriceOf, flatPosition, type PositionState } from '../../../core/execution/positions.ts';
import type { ExecutionFailure } from './failures.ts';

/** One order and where it stands on its way out. */
export interface Entry {
  /** As last journalled. */
  order: Order;
  /** Past the risk gate and not final: counts against the limits. */
  counted: boolean;
  /** Given to the broker, in this session or an earlier one. */
  sent: boolean;
  /** Why the desk wants it cancelled. */
  cancelReason: string | undefined;
  /** Answers when the order was sent, refused or stopped on its way; undefined for orders of earlier sessions. */
  sending: Promise<Result<Order, ExecutionFailure>> | undefined;
}

export interface OpenOrders {
  readonly buys: Decimal;
  readonly sells: Decimal;
}

/** Final orders kept in memory, for the snapshot and for repeated submissions. */
export const KEPT_ORDERS = 5_000;
const SNAPSHOT_SIZE = 200;

/** Orders, fills and positions of the account, in memory. Holds only what is journalled; its owner decides when that is. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #byClientOrderId = new Map<string, Entry>();
  readonly #fillIds = new Set<string>();
  readonly #positions = new Map<string, PositionState>();
  /** Oldest first. */
  #recentFills: Fill[] = [];

  add(order: Order): Entry {
    const entry: Entry = { order, counted: false, sent: false, cancelReason: undefined, sending: undefined };
    this.#entries.set(order.id, entry);
    this.#byClientOrderId.set(order.intent.clientOrderId, entry);
    if (this.#entries.size > KEPT_ORDERS + SNAPSHOT_SIZE) this.#forgetOldest();
    return entry;
  }

  remove({ order }: Entry): void {
    this.#entries.delete(order.id);
    this.#byClientOrderId.delete(order.intent.clientOrderId);
  }

  entry(orderId: string): Entry | undefined {
    return this.#entries.get(orderId);
  }

  byClientOrderId(clientOrderId: string): Entry | undefined {
    return this.#byClientOrderId.get(clientOrderId);
  }

  /** Every order not in a final state. */
  open(): Entry[] {
    return [...this.#entries.values()].filter((entry) => !isFinal(entry.order.state));
  }

  hasFill(id: string): boolean {
    return this.#fillIds.has(id);
  }

  addFill(fill: Fill): void {
    this.#fillIds.add(fill.id);
    this.#positions.set(fill.symbol, applyFillToPosition(this.position(fill.symbol), fill));
    this.#recentFills.push(fill);
    if (this.#recentFills.length > 2 * SNAPSHOT_SIZE) this.#recentFills = this.#recentFills.slice(-SNAPSHOT_SIZE);
  }

  position(symbol: string): PositionState {
    return this.#positions.get(symbol) ?? flatPosition(symbol);
  }

  positions(): Iterable<PositionState> {
    return this.#positions.values();
  }

  /** Symbols with a position or with orders that count. */
  symbols(): Set<string> {
    const symbols = new Set(this.#positions.keys());
    for (const entry of this.#entries.values()) if (entry.counted) symbols.add(entry.order.intent.symbol);
    return symbols;
  }

  countedOrders(): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.counted) count++;
    return count;
  }

  /** Unfilled quantities of the orders that count. */
  openOf(symbol: string): OpenOrders {
    let buys = '0';
    let sells = '0';
    for (const { counted, order } of this.#entries.values()) {
      if (!counted || order.intent.symbol !== symbol) continue;
      if (order.intent.side === 'buy') buys = add(buys, remainingQuantity(order));
      else sells = add(sells, remainingQuantity(order));
    }
    return { buys, sells };
  }

  /** What to value a symbol at when its book is not live: the highest price that its position or its counted orders carry. */
  lastKnownPrice(symbol: string): Decimal {
    let price = averagePriceOf(this.position(symbol));
    for (const { counted, order } of this.#entries.values()) {
      if (counted && order.intent.symbol === symbol && order.intent.limitPrice !== undefined)
        price = max(price, order.intent.limitPrice);
    }
    return price;
  }

  /** Every open order and the newest others, newest first; the newest fills, newest first. `hidden` orders are left out. */
  snapshot(hidden: ReadonlySet<Entry>): Extract<OrdersEvent, { kind: 'snapshot' }> {
    const orders: Order[] = [];
    let others = 0;
    for (const entry of [...this.#entries.values()].reverse()) {
      if (hidden.has(entry)) continue;
      if (!isFinal(entry.order.state) || others++ < SNAPSHOT_SIZE) orders.push(entry.order);
    }
    return { kind: 'snapshot', orders, fills: this.#recentFills.slice(-SNAPSHOT_SIZE).reverse() };
  }

  #forgetOldest(): void {
    for (const entry of this.#entries.values()) {
      if (this.#entries.size <= KEPT_ORDERS) return;
      if (isFinal(entry.order.state)) this.remove(entry);
    }
  }
}
