import type { Fill, Order } from '../../core/contracts/orders.ts';

/** What became of an order at the venue. Never dropped, never conflated, in the order in which it happened. */
export type BrokerEvent =
  | { readonly kind: 'accepted'; readonly orderId: string; readonly at: number }
  | { readonly kind: 'rejected'; readonly orderId: string; readonly at: number; readonly reason: string }
  | { readonly kind: 'filled'; readonly orderId: string; readonly at: number; readonly fill: Fill }
  | { readonly kind: 'cancelled' | 'expired'; readonly orderId: string; readonly at: number; readonly reason: string };

export interface Broker {
  readonly kind: 'PAPER';
  /** Sends an order that is journalled already. Its fate arrives as events. */
  submit(order: Order): void;
  cancel(orderId: string): void;
  /** Takes up an order that was open when the last session ended. */
  restore(order: Order): void;
  on(listener: (event: BrokerEvent) => void): () => void;
  close(): void;
}
