import type { Decimal } from '../../../core/base/decimal.ts';
import { fromNumber, isZero } from '../../../core/base/decimal.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { Result } from '../../../core/base/result.ts';
import { fail, ok, reasonOf } from '../../../core/base/result.ts';
import type { Account, Order, OrderIntent } from '../../../core/contracts/orders.ts';
import type { OrdersEvent } from '../../../core/contracts/streams.ts';
import { accountOf } from '../../../core/execution/account.ts';
import { isFinal, newOrder, type OrderEvent, transition } from '../../../core/execution/order-machine.ts';
import { checkRisk } from '../../../core/risk/gate.ts';
import type { BrokerEvent } from '../../ports/broker.ts';
import type { StoreFailure } from '../../ports/store.ts';
import type { ExecutionOptions, ExecutionService, Submitted } from './contract.ts';
import { attempt, type ExecutionFailure, notJournalled, notRead, notReady } from './failures.ts';
import { createJournal, type Journal } from './journal.ts';
import { KillSwitch } from './kill-switch.ts';
import { type Entry, KEPT_ORDERS, Ledger } from './ledger.ts';
import { riskContextOf } from './risk-context.ts';

export type { ExecutionOptions, ExecutionService } from './contract.ts';

type EndEvent = Extract<OrderEvent, { readonly reason: string }>;

/** Decimals of a mid: half a tick of the finest instruments. */
const MID_SCALE = 10;
/** Market time between two marks of open positions. */
const MARK_MS = 1_000;

export function createExecutionService(options: ExecutionOptions): ExecutionService {
  return new Execution(options);
}

class Execution implements ExecutionService {
  readonly #options: ExecutionOptions;
  readonly #ledger = new Ledger();
  readonly #journal: Journal;
  /** Orders whose intent is not journalled yet, and so not shown. */
  readonly #hidden = new Set<Entry>();
  readonly #orderEvents: Emitter<OrdersEvent>;
  readonly #accountEvents: Emitter<Account>;
  readonly #stops: (() => void)[] = [];
  readonly #killSwitch: KillSwitch;
  #ready = false;

  constructor(options: ExecutionOptions) {
    this.#options = options;
    const report = (thrown: unknown) => options.log.error(`execution: ${reasonOf(thrown)}`);
    this.#killSwitch = new KillSwitch(options.store.settings);
    this.#journal = createJournal(options.clock, report);
    this.#orderEvents = new Emitter(report);
    this.#accountEvents = new Emitter(report);
  }

  async recover(): Promise<Result<void, ExecutionFailure>> {
    const { store, broker, clock } = this.#options;
    const [killSwitch, open, recent, fills] = await Promise.all([
      this.#killSwitch.load(clock.now()),
      attempt(() => store.orders.openOrders()),
      attempt(() => store.orders.recentOrders(KEPT_ORDERS)),
      attempt(() => store.orders.fills()),
    ]);
    if (!killSwitch.ok) return notRead(killSwitch.error);
    if (!open.ok) return notRead(open.error);
    if (!recent.ok) return notRead(recent.error);
    if (!fills.ok) return notRead(fills.error);
    for (const fill of fills.value) this.#ledger.addFill(fill);
    const orders = new Map([...recent.value, ...open.value].map((order) => [order.id, order]));
    for (const order of [...orders.values()].sort(byCreation)) this.#ledger.add(order);
    this.#stops.push(broker.on((event) => this.#journal.enqueue(() => this.#onBrokerEvent(event))));
    this.#stops.push(clock.every(MARK_MS, () => this.#mark()));
    for (const entry of this.#ledger.open()) this.#takeUp(entry);
    this.#ready = true;
    return ok(undefined);
  }

  submit(intent: OrderIntent): Promise<Submitted> {
    if (!this.#ready) return Promise.resolve(notReady());
    const known = this.#ledger.byClientOrderId(intent.clientOrderId);
    if (known !== undefined) return repeated(known, intent);
    const { idGen, clock } = this.#options;
    const entry = this.#ledger.add(newOrder(idGen.next('ord'), intent, clock.now()));
    this.#hidden.add(entry);
    entry.sending = this.#send(entry);
    return entry.sending;
  }

  cancel(orderId: string): Result<void, ExecutionFailure> {
    if (!this.#ready) return notReady();
    const entry = this.#ledger.entry(orderId);
    if (entry === undefined) return fail('ORDER_UNKNOWN', `There is no order ${orderId} on this account.`);
    if (isFinal(entry.order.state))
      return fail('ORDER_FINAL', `Order ${orderId} is ${entry.order.state} already; there is nothing to cancel.`);
    this.#requestCancel(entry, 'Cancelled by the trader.');
    return ok(undefined);
  }

  cancelAll(): number {
    return this.#ready ? this.#cancelEvery('Cancelled by the trader with all open orders.') : 0;
  }

  async setKillSwitch(engaged: boolean, reason: string): Promise<Result<void, ExecutionFailure>> {
    if (!this.#ready) return notReady();
    const saved = await (engaged ? this.#engage(reason) : this.#killSwitch.release(reason, this.#options.clock.now()));
    if (!saved.ok) {
      const now = engaged ? 'is engaged now but would be released by a restart' : 'stays engaged';
      return fail(
        'KILL_SWITCH_NOT_SAVED',
        `The kill switch ${now}, because it could not be written to disk: ${saved.error.message}`,
        { retryable: true },
      );
    }
    this.#accountEvents.emit(this.account());
    return ok(undefined);
  }

  snapshot(): Extract<OrdersEvent, { kind: 'snapshot' }> {
    return this.#ledger.snapshot(this.#hidden);
  }

  account(): Account {
    return accountOf({
      ...this.#options.account,
      positions: this.#ledger.positions(),
      killSwitch: this.#killSwitch.state,
      markOf: (symbol) => this.#mid(symbol),
    });
  }

  onOrders(listener: (event: OrdersEvent) => void): () => void {
    return this.#orderEvents.on(listener);
  }

  onAccount(listener: (account: Account) => void): () => void {
    return this.#accountEvents.on(listener);
  }

  settled(): Promise<void> {
    return this.#journal.settled();
  }

  async close(): Promise<void> {
    this.#ready = false;
    await Promise.all(this.#ledger.open().map((entry) => entry.sending));
    for (const stop of this.#stops.splice(0)) stop();
    await this.#journal.close();
    await this.#killSwitch.settled();
  }

  async #send(entry: Entry): Promise<Submitted> {
    const { broker, clock, limits, store } = this.#options;
    const intended = await attempt(() => store.orders.saveOrder(entry.order));
    this.#hidden.delete(entry);
    if (!intended.ok) {
      this.#ledger.remove(entry);
      return notJournalled(intended.error);
    }
    this.#show(entry);
    const verdict = checkRisk(limits, entry.order.intent, this.#riskContext(entry.order.intent.symbol));
    if (!verdict.ok) return this.#end(entry, { kind: 'rejected', at: clock.now(), reason: verdict.error.message });
    // From here on the order takes up room under the limits, though it is not journalled as checked yet.
    entry.counted = true;
    for (const kind of ['riskChecked', 'submitted'] as const) {
      if (entry.cancelReason !== undefined) break;
      const next = must(transition(entry.order, { kind, at: clock.now() }));
      const saved = await attempt(() => store.orders.saveOrder(next));
      if (!saved.ok) return this.#abandon(entry, saved.error);
      entry.order = next;
      this.#show(entry);
    }
    if (entry.cancelReason !== undefined)
      return this.#end(entry, { kind: 'cancelled', at: clock.now(), reason: entry.cancelReason });
    entry.sent = true;
    const sent = entry.order;
    broker.submit(sent);
    return ok(sent);
  }

  /** Ends an order that was not sent. */
  async #end(entry: Entry, event: EndEvent): Promise<Submitted> {
    entry.counted = false;
    const next = must(transition(entry.order, event));
    const saved = await attempt(() => this.#options.store.orders.saveOrder(next));
    if (!saved.ok) return this.#abandon(entry, saved.error);
    entry.order = next;
    this.#show(entry);
    return ok(next);
  }

  /** The journal failed on the way out: the order will not be sent, and is journalled so as soon as that can be done. */
  #abandon(entry: Entry, cause: StoreFailure): Submitted {
    entry.counted = false;
    const reason = `Not sent: it could not be written to disk (${cause.message}).`;
    this.#journal.enqueue(() =>
      this.#apply(entry, { kind: 'rejected', at: this.#options.clock.now(), reason }, (failure) =>
        this.#warnUnwritten(entry, failure),
      ),
    );
    return notJournalled(cause);
  }

  /** An order of an earlier session that was not final. */
  #takeUp(entry: Entry): void {
    const { order } = entry;
    if (order.state === 'intent' || order.state === 'riskChecked') {
      const event: OrderEvent = {
        kind: 'rejected',
        at: this.#options.clock.now(),
        reason: 'The app was stopped before the order was sent. Submit it again if you still want it.',
      };
      this.#journal.enqueue(() => this.#apply(entry, event, (failure) => this.#warnUnwritten(entry, failure)));
      return;
    }
    const { symbol } = order.intent;
    if (this.#options.instrumentOf(symbol) === undefined) {
      const reason = `${symbol} is not followed any more, so nothing can fill it. Follow it again to trade it.`;
      const event: OrderEvent = { kind: 'cancelled', at: this.#options.clock.now(), reason };
      this.#journal.enqueue(() => this.#apply(entry, event, (failure) => this.#warnUnwritten(entry, failure)));
      return;
    }
    entry.counted = true;
    entry.sent = true;
    this.#options.broker.restore(order);
    const { engaged, reason } = this.#killSwitch.state;
    if (engaged) this.#requestCancel(entry, `Kill switch: ${reason}`);
  }

  async #onBrokerEvent(event: BrokerEvent): Promise<void> {
    const { log } = this.#options;
    const entry = this.#ledger.entry(event.orderId);
    if (entry === undefined) {
      log.error(`execution: the broker told of ${event.kind} for order ${event.orderId}, which is not ours`);
      return;
    }
    if (event.kind === 'filled' && this.#ledger.hasFill(event.fill.id)) {
      log.warn(`execution: fill ${event.fill.id} of order ${event.orderId} came again and was left out`);
      return;
    }
    const told: OrderEvent =
      event.kind === 'cancelled' && entry.cancelReason !== undefined
        ? { ...event, kind: 'cancelled', reason: entry.cancelReason }
        : event;
    await this.#apply(entry, told, (failure) => {
      this.#warnUnwritten(entry, failure);
      this.#engageByItself(`Order events could not be written to disk: ${failure.message}`);
    });
  }

  /** Journals an event however long it takes, then shows it. Only the journal's queue calls this. */
  async #apply(entry: Entry, event: OrderEvent, onFailure: (failure: StoreFailure) => void): Promise<void> {
    const { store, log } = this.#options;
    const moved = transition(entry.order, event);
    if (!moved.ok) {
      log.error(`execution: ${moved.error.code}: ${moved.error.message}`);
      // A fill that does not fit means that desk and venue disagree about money.
      if (event.kind === 'filled') this.#engageByItself(`A fill did not fit its order: ${moved.error.message}`);
      return;
    }
    const next = moved.value;
    const fill = event.kind === 'filled' ? event.fill : undefined;
    const write = fill === undefined ? () => store.orders.saveOrder(next) : () => store.orders.saveFill(fill, next);
    if (!(await this.#journal.persist(write, onFailure))) return;
    entry.order = next;
    if (isFinal(next.state)) entry.counted = false;
    if (fill !== undefined) this.#ledger.addFill(fill);
    this.#show(entry);
    if (fill === undefined) return;
    this.#orderEvents.emit({ kind: 'fill', fill });
    this.#accountEvents.emit(this.account());
  }

  #show(entry: Entry): void {
    this.#orderEvents.emit({ kind: 'order', order: entry.order });
  }

  #requestCancel(entry: Entry, reason: string): void {
    entry.cancelReason ??= reason;
    if (entry.sent) this.#options.broker.cancel(entry.order.id);
  }

  #cancelEvery(reason: string): number {
    const open = this.#ledger.open();
    for (const entry of open) this.#requestCancel(entry, reason);
    return open.length;
  }

  #engage(reason: string): Promise<Result<void, StoreFailure>> {
    const saved = this.#killSwitch.engage(reason, this.#options.clock.now());
    this.#cancelEvery(`Kill switch: ${reason}`);
    this.#accountEvents.emit(this.account());
    return saved;
  }

  #engageByItself(reason: string): void {
    if (this.#killSwitch.state.engaged) return;
    void this.#engage(reason).then((saved) => {
      if (!saved.ok)
        this.#options.log.error(`execution: the kill switch engaged itself but could not be saved: ${saved.error.message}`);
    });
  }

  #warnUnwritten(entry: Entry, failure: StoreFailure): void {
    this.#options.log.error(
      `execution: an event of order ${entry.order.id} could not be written (${failure.code}: ${failure.message}); trying again`,
    );
  }

  #riskContext(symbol: string) {
    const { account, takerFee, instrumentOf } = this.#options;
    const instrument = instrumentOf(symbol);
    return riskContextOf({
      symbol,
      ledger: this.#ledger,
      instrument,
      midOf: (other) => this.#mid(other),
      killSwitch: this.#killSwitch.state,
      account,
      takerFee,
    });
  }

  #mid(symbol: string): Decimal | undefined {
    const mid = this.#options.mid(symbol);
    return mid === undefined || !(mid > 0) || !Number.isFinite(mid) ? undefined : fromNumber(mid, MID_SCALE);
  }

  #mark(): void {
    if (this.#accountEvents.listenerCount === 0) return;
    for (const position of this.#ledger.positions()) {
      if (isZero(position.quantity)) continue;
      this.#accountEvents.emit(this.account());
      return;
    }
  }
}

async function repeated(known: Entry, intent: OrderIntent): Promise<Submitted> {
  const { order } = known;
  if (!sameIntent(order.intent, intent)) {
    return fail(
      'CLIENT_ORDER_ID_REUSED',
      `Client order id ${intent.clientOrderId} belongs to another order (${order.id}). Submit this one under a new id.`,
    );
  }
  const sent = await known.sending;
  return sent === undefined || sent.ok ? ok(known.order) : sent;
}

function sameIntent(left: OrderIntent, right: OrderIntent): boolean {
  const keys = ['symbol', 'side', 'type', 'quantity', 'limitPrice', 'timeInForce'] as const;
  return keys.every((key) => left[key] === right[key]);
}

function byCreation(left: Order, right: Order): number {
  return left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1);
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
