import type { Clock } from '../../../core/base/clock.ts';
import type { Decimal } from '../../../core/base/decimal.ts';
import type { IdGen } from '../../../core/base/ids.ts';
import type { Result } from '../../../core/base/result.ts';
import type { Account, Order, OrderIntent } from '../../../core/contracts/orders.ts';
import type { OrdersEvent } from '../../../core/contracts/streams.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { RiskLimits } from '../../../core/risk/gate.ts';
import type { Broker } from '../../ports/broker.ts';
import type { OrderRepository, SettingsRepository } from '../../ports/store.ts';
import type { ExecutionFailure } from './failures.ts';

export interface ExecutionLog {
  warn(text: string): void;
  error(text: string): void;
}

export interface ExecutionOptions {
  readonly store: { readonly orders: OrderRepository; readonly settings: SettingsRepository };
  readonly broker: Broker;
  readonly limits: RiskLimits;
  readonly account: { readonly currency: string; readonly startingBalance: Decimal };
  /** Fraction of notional that the gate sets aside. */
  readonly takerFee: Decimal;
  /** The instrument that a symbol's orders are for; undefined for a symbol that is not followed. */
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  /** Mid of a symbol's live book in quote; undefined (or NaN) without one. */
  readonly mid: (symbol: string) => number | undefined;
  readonly clock: Clock;
  readonly idGen: IdGen;
  readonly log: ExecutionLog;
}

export type Submitted = Result<Order, ExecutionFailure>;

/**
 * The life of every order: intent → risk gate → journal → broker → events → positions and account.
 * Nothing is sent, and nothing is shown, before it is journalled. What the broker tells is taken by one queue, so events never interleave.
 */
export interface ExecutionService {
  /**
   * Call once, before anything else. Takes up where the last session ended: the kill switch, fills into positions, orders.
   * An order that never left the desk is rejected; one that did goes back to the broker, and with the kill switch engaged is cancelled.
   */
  recover(): Promise<Result<void, ExecutionFailure>>;
  /**
   * The order comes back `submitted`; or `rejected`, with the gate's reason in its history; or, when it could not be journalled,
   * as a failure, and then nothing was sent. The same client order id again answers with the same order.
   */
  submit(intent: OrderIntent): Promise<Submitted>;
  /** Asks for the cancellation; whether it came before the fill, the order's events tell. */
  cancel(orderId: string): Result<void, ExecutionFailure>;
  /** How many cancellations were asked for. */
  cancelAll(): number;
  /** Engaging acts at once, even when it cannot be saved; releasing only when it is saved. */
  setKillSwitch(engaged: boolean, reason: string): Promise<Result<void, ExecutionFailure>>;
  snapshot(): Extract<OrdersEvent, { kind: 'snapshot' }>;
  account(): Account;
  onOrders(listener: (event: OrdersEvent) => void): () => void;
  onAccount(listener: (account: Account) => void): () => void;
  /** When everything that the broker told so far is journalled and shown. */
  settled(): Promise<void>;
  /** Lets orders on their way out finish, then stops listening. Before the broker's and the store's. */
  close(): Promise<void>;
}
