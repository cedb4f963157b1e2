import type { Cancel, Clock, EpochMs } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { IdGen } from '../../../core/base/ids.ts';
import type { Order } from '../../../core/contracts/orders.ts';
import type { Depth } from '../../../core/execution/liquidity.ts';
import { type FeeRates, MatchingEngine } from '../../../core/execution/matching.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Broker, BrokerEvent } from '../../ports/broker.ts';

export interface PaperBrokerOptions {
  readonly clock: Clock;
  /** Market time that a submission or a cancellation takes to reach the matching engine. */
  readonly latencyMs: number;
  readonly fees: FeeRates;
  /** The instrument that a symbol's orders are for; undefined for a symbol that is not followed. */
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  /** The book of a symbol while it is live, undefined otherwise: only live books match. Its ticks and lots are the instrument's. */
  readonly depthOf: (symbol: string) => Depth | undefined;
  readonly idGen: IdGen;
}

export interface PaperBroker extends Broker {
  /** Call after each change of a symbol's book; does nothing unless `depthOf` then has it. */
  onBook(symbol: string): void;
  onTrade(symbol: string, trade: Trade): void;
}

interface Delayed {
  readonly dueAt: EpochMs;
  readonly run: () => void;
}

/**
 * The paper account's venue: orders meet the real displayed book and the real trades, and change neither.
 * It remembers nothing across sessions; the desk's journal does, and hands open orders back through `restore`.
 */
export function createPaperBroker(options: PaperBrokerOptions): PaperBroker {
  const { clock, latencyMs, fees, depthOf, idGen } = options;
  const events = new Emitter<BrokerEvent>();
  const engines = new Map<string, { readonly instrument: Instrument; readonly engine: MatchingEngine }>();
  const symbolOf = new Map<string, string>();
  /** First in, first out: a cancellation never overtakes its order, whatever the clock does with equal times. */
  const delayed: Delayed[] = [];
  let cancelTimer: Cancel | undefined;
  let closed = false;

  function emit(event: BrokerEvent): void {
    if (event.kind !== 'accepted' && event.kind !== 'filled') symbolOf.delete(event.orderId);
    events.emit(event);
  }

  function engineOf(symbol: string): MatchingEngine {
    const known = engines.get(symbol);
    const instrument = options.instrumentOf(symbol) ?? known?.instrument;
    if (instrument === undefined)
      throw new Error(`paper broker: no instrument ${symbol}; the risk gate should have refused its order`);
    // Another instrument may have become the symbol's primary while nothing rested here.
    if (known !== undefined && (known.instrument === instrument || !known.engine.isIdle)) return known.engine;
    const engine = new MatchingEngine({ instrument, fees, nextFillId: () => idGen.next('fill'), emit });
    engines.set(symbol, { instrument, engine });
    return engine;
  }

  function afterLatency(run: () => void): void {
    delayed.push({ dueAt: clock.now() + latencyMs, run });
    if (delayed.length === 1) schedule(latencyMs);
  }

  function schedule(delayMs: number): void {
    cancelTimer?.();
    cancelTimer = clock.after(delayMs, runDue);
  }

  function runDue(): void {
    while (!closed && delayed[0] !== undefined && delayed[0].dueAt <= clock.now()) delayed.shift()?.run();
    const next = delayed[0];
    if (!closed && next !== undefined) schedule(Math.max(1, next.dueAt - clock.now()));
  }

  function register(order: Order): MatchingEngine {
    const { symbol } = order.intent;
    const engine = engineOf(symbol);
    symbolOf.set(order.id, symbol);
    return engine;
  }

  return {
    kind: 'PAPER',
    submit(order) {
      const engine = register(order);
      afterLatency(() => engine.arrive(order, depthOf(order.intent.symbol), clock.now()));
    },
    restore(order) {
      const engine = register(order);
      afterLatency(() => engine.restore(order, depthOf(order.intent.symbol), clock.now()));
    },
    cancel(orderId) {
      afterLatency(() => {
        const symbol = symbolOf.get(orderId);
        if (symbol !== undefined) engineOf(symbol).cancel(orderId, clock.now(), 'Cancelled on request.');
      });
    },
    onBook(symbol) {
      const engine = engines.get(symbol)?.engine;
      if (closed || engine === undefined || engine.isIdle) return;
      const depth = depthOf(symbol);
      if (depth !== undefined) engine.onBook(depth, clock.now());
    },
    onTrade(symbol, trade) {
      const engine = engines.get(symbol)?.engine;
      if (closed || engine === undefined || engine.openCount === 0 || depthOf(symbol) === undefined) return;
      engine.onTrade(trade, clock.now());
    },
    on: (listener) => events.on(listener),
    close() {
      closed = true;
      cancelTimer?.();
      delayed.length = 0;
    },
  };
}
