import type { Clock } from '../../../core/base/clock.ts';
import { createIdGen } from '../../../core/base/ids.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok } from '../../../core/base/result.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { Fill, Order, OrderIntent } from '../../../core/contracts/orders.ts';
import type { OrdersEvent } from '../../../core/contracts/streams.ts';
import { isFinal } from '../../../core/execution/order-machine.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import type { Broker } from '../../ports/broker.ts';
import type { OrderRepository, SettingsRepository, Stored } from '../../ports/store.ts';
import { createPaperBroker, type PaperBroker } from '../../venues/paper/broker.ts';
import type { ExecutionService } from './contract.ts';
import { createExecutionService } from './execution-service.ts';

export const ETH: Instrument = {
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

/** What is on disk: outlives the desks of a test. Rows are copied in and out. */
export class Disk {
  readonly orders = new Map<string, Order>();
  readonly fills: Fill[] = [];
  readonly settings = new Map<string, unknown>();
}

/** When a store call fails: `full` answers STORE_FULL, `dead` never answers and was not written, `deadAfter` never answers but was written. */
export type Trouble = 'full' | 'dead' | 'deadAfter';

/** A store over a disk. `trouble` is asked before every write, with the count of writes so far. */
export class FakeStore {
  writes = 0;
  readonly orders: OrderRepository;
  readonly settings: SettingsRepository;
  trouble: (write: number) => Trouble | undefined = () => undefined;

  constructor(disk: Disk) {
    this.orders = {
      saveOrder: (order) => this.#write(() => disk.orders.set(order.id, structuredClone(order))),
      saveFill: (fill, order) =>
        this.#write(() => {
          disk.fills.push(structuredClone(fill));
          disk.orders.set(order.id, structuredClone(order));
        }),
      openOrders: async () => ok(structuredClone([...disk.orders.values()].filter(({ state }) => !isFinal(state)))),
      recentOrders: async (limit) => ok(structuredClone([...disk.orders.values()].reverse().slice(0, limit))),
      fills: async () => ok(structuredClone(disk.fills)),
    };
    this.settings = {
      get: async (key) => ok(structuredClone(disk.settings.get(key))),
      set: (key, value) => this.#write(() => disk.settings.set(key, structuredClone(value))),
    };
  }

  async #write(write: () => unknown): Stored<void> {
    const trouble = this.trouble(this.writes++);
    if (trouble === 'full') return fail('STORE_FULL', 'The disk is full. Free some space.');
    if (trouble !== 'dead') write();
    if (trouble !== undefined) return new Promise(() => {});
    return ok(undefined);
  }
}

export interface DeskOptions {
  readonly disk?: Disk;
  readonly startMs?: number;
  readonly seed?: number;
  readonly maxOpenOrders?: number;
  /** ETH/USDT unless told otherwise. */
  readonly follows?: 'nothing';
  /** Put between the service and the paper broker. */
  readonly wrap?: (broker: PaperBroker) => Broker;
}

/** One session: an execution service over a paper broker, a book and a disk. */
export class TestDesk {
  readonly clock: ManualClock;
  readonly book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
  readonly store: FakeStore;
  readonly paper: PaperBroker;
  readonly service: ExecutionService;
  readonly seen: OrdersEvent[] = [];
  readonly logged: string[] = [];
  /** Calls of the broker, as `submit ord_…`. */
  readonly calls: string[] = [];
  live = true;

  constructor(options: DeskOptions = {}) {
    this.clock = new ManualClock(options.startMs ?? 1_000_000);
    this.store = new FakeStore(options.disk ?? new Disk());
    const clock: Clock = this.clock;
    const followed = options.follows === 'nothing' ? undefined : ETH;
    const idGen = createIdGen(clock, new SplitMix32(options.seed ?? 1));
    const depthOf = () => (this.live ? this.book : undefined);
    this.paper = createPaperBroker({
      clock,
      latencyMs: 50,
      fees: { maker: '0.001', taker: '0.001' },
      instrumentOf: (symbol) => (symbol === followed?.symbol ? followed : undefined),
      depthOf,
      idGen,
    });
    const broker = options.wrap?.(this.paper) ?? this.paper;
    const log = (text: string) => this.logged.push(text);
    this.service = createExecutionService({
      store: this.store,
      broker: {
        kind: 'PAPER',
        submit: (order) => {
          this.calls.push(`submit ${order.id}`);
          broker.submit(order);
        },
        restore: (order) => {
          this.calls.push(`restore ${order.id}`);
          broker.restore(order);
        },
        cancel: (orderId) => {
          this.calls.push(`cancel ${orderId}`);
          broker.cancel(orderId);
        },
        on: (listener) => broker.on(listener),
        close: () => broker.close(),
      },
      limits: { maxOrderNotional: '5000', maxPosition: '10000', maxOpenOrders: options.maxOpenOrders ?? 20, priceCollarPct: '5' },
      account: { currency: 'USDT', startingBalance: '10000' },
      takerFee: '0.001',
      instrumentOf: (symbol) => (symbol === followed?.symbol ? followed : undefined),
      mid: () => depthOf()?.mid,
      clock,
      idGen,
      log: { warn: log, error: log },
    });
    this.service.onOrders((event) => this.seen.push(structuredClone(event)));
    this.book.applySnapshot(
      [
        [19_999, 50_000],
        [19_990, 500_000],
      ],
      [
        [20_001, 50_000],
        [20_010, 500_000],
      ],
    );
  }

  async started(): Promise<this> {
    const recovered = await this.service.recover();
    if (!recovered.ok) throw new Error(recovered.error.message);
    await this.service.settled();
    return this;
  }

  /** Lets latency pass and everything that follows be journalled. */
  async pass(durationMs = 60): Promise<void> {
    this.clock.advanceBy(durationMs);
    await this.service.settled();
  }

  /** Drops the book to where every resting buy of a test is crossed, or raises it for sells. */
  async moveTo(bid: number, ask: number): Promise<void> {
    this.book.applySnapshot([[bid, 900_000]], [[ask, 900_000]]);
    this.paper.onBook(ETH.symbol);
    await this.service.settled();
  }

  order(id: string): Order | undefined {
    return this.service.snapshot().orders.find((order) => order.id === id);
  }

  states(id: string): string[] {
    return this.order(id)?.history.map(({ state }) => state) ?? [];
  }
}

export function marketIntent(clientOrderId: string, side: 'buy' | 'sell', quantity: string): OrderIntent {
  return { clientOrderId, symbol: ETH.symbol, side, type: 'market', quantity, timeInForce: 'IOC' };
}

export function limitIntent(clientOrderId: string, side: 'buy' | 'sell', quantity: string, limitPrice: string): OrderIntent {
  return { clientOrderId, symbol: ETH.symbol, side, type: 'limit', quantity, limitPrice, timeInForce: 'GTC' };
}
