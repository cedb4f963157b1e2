import type { EpochMs } from '../base/clock.ts';
import type { Decimal } from '../base/decimal.ts';
import { div, fromNumber, mul, round } from '../base/decimal.ts';
import type { Fill, Order, OrderSide } from '../contracts/orders.ts';
import { type DecimalStep, decimalStep, numberToSteps, textToSteps } from '../market/decimal-parse.ts';
import type { Instrument } from '../market/instrument.ts';
import type { BookSide } from '../market/l2-book.ts';
import type { Trade } from '../market/trade.ts';
import { type Depth, Liquidity, reaches } from './liquidity.ts';
import { remainingQuantity } from './order-machine.ts';

/** What became of an order. The same shape as a broker's event. */
export type MatchEvent =
  | { readonly kind: 'accepted'; readonly orderId: string; readonly at: EpochMs }
  | {
      readonly kind: 'rejected' | 'cancelled' | 'expired';
      readonly orderId: string;
      readonly at: EpochMs;
      readonly reason: string;
    }
  | { readonly kind: 'filled'; readonly orderId: string; readonly at: EpochMs; readonly fill: Fill };

/** Fractions of notional: `0.001` is 0.1 %. */
export interface FeeRates {
  readonly maker: Decimal;
  readonly taker: Decimal;
}

/** A configured percentage as the fraction that money is multiplied by: 0.1 → `0.001`. */
export function feeRateFromPct(pct: number): Decimal {
  return div(fromNumber(pct, 10), '100', 12, 'halfUp');
}

export interface MatchingOptions {
  readonly instrument: Instrument;
  readonly fees: FeeRates;
  readonly nextFillId: () => string;
  readonly emit: (event: MatchEvent) => void;
}

interface Working {
  readonly order: Order;
  readonly side: OrderSide;
  /** The side of the book that it takes from. */
  readonly takes: BookSide;
  readonly limitTicks: number | undefined;
  remaining: number;
  /** Lots of others that trade before us at our price. */
  queueAhead: number;
  accepted: boolean;
}

/** Fees are exact up to this many decimals of quote. */
const FEE_SCALE = 16;

/**
 * Matches simulated orders of one instrument against a displayed book and the trades that print: paper trading and backtests alike.
 * The caller brings orders in after their latency and calls `onBook` and `onTrade` in the order in which the market's events were received.
 *
 * - **Taking** (market, crossing limit, IOC, FOK): sweeps levels from the best, whole lots, each level at its own price. What was taken is gone
 *   until the level's displayed quantity changes (`Liquidity`). A market or IOC remainder expires when the displayed depth within reach is used up;
 *   a FOK that cannot fill whole expires untouched; a POST_ONLY that would take is rejected.
 * - **Resting**: fills at its own limit price as maker (a) when the opposite side of the book comes to its price or through it, as far as that liquidity
 *   goes; (b) from trades against its side: at its price after the queue ahead has traded, through its price at once. A trade's quantity is shared out
 *   once among the queue and our orders, best price first, then oldest.
 * - **Queue**: ahead of us is what the level displayed when we were accepted, less what traded there since. Cancellations ahead are not credited.
 * - Our orders are not in the displayed book: they move no price and never trade with each other.
 */
export class MatchingEngine {
  readonly #tick: DecimalStep;
  readonly #lot: DecimalStep;
  readonly #options: MatchingOptions;
  readonly #liquidity = new Liquidity();
  /** Orders that need a live book before anything can be said of them. */
  #waiting: Working[] = [];
  /** Best price first, then oldest. */
  readonly #resting: Readonly<Record<OrderSide, Working[]>> = { buy: [], sell: [] };

  constructor(options: MatchingOptions) {
    const { instrument } = options;
    const tick = decimalStep(instrument.tickSize);
    const lot = decimalStep(instrument.lotSize);
    if (tick === undefined || lot === undefined) {
      throw new RangeError(
        `${instrument.symbol}: tick ${instrument.tickSize} or lot ${instrument.lotSize} is not a decimal step`,
      );
    }
    this.#tick = tick;
    this.#lot = lot;
    this.#options = options;
  }

  /** Orders not yet in a final state. */
  get openCount(): number {
    return this.#waiting.length + this.#resting.buy.length + this.#resting.sell.length;
  }

  /** A book update would change nothing: the usual case, and a cheap one to tell. */
  get isIdle(): boolean {
    return this.openCount === 0 && this.#liquidity.isEmpty;
  }

  /**
   * An order reaches the market. `depth` is undefined without a live book: then an order that must trade now is rejected,
   * and one that may rest waits for the book, unaccepted.
   */
  arrive(order: Order, depth: Depth | undefined, at: EpochMs): void {
    const working = this.#work(order);
    if (depth !== undefined) this.#enter(working, depth, at);
    else if (mayRest(order)) this.#waiting.push(working);
    else
      this.#emitEnd(
        'rejected',
        order.id,
        at,
        `There is no live book of ${order.intent.symbol}. Submit the order again once the book is live.`,
      );
  }

  /**
   * Takes up an order of an earlier session. One that rested goes to the back of the queue at its price, as of the first live book;
   * one that had to trade at once missed its moment and ends without trading any further.
   */
  restore(order: Order, depth: Depth | undefined, at: EpochMs): void {
    const accepted = order.state !== 'submitted';
    if (!mayRest(order)) {
      this.#emitEnd(
        accepted ? 'expired' : 'rejected',
        order.id,
        at,
        `The desk stopped before the order was done; what had not traded by then was not executed. Submit it again if you still want it.`,
      );
      return;
    }
    const working = this.#work(order);
    working.accepted = accepted;
    if (depth === undefined) this.#waiting.push(working);
    else this.#enter(working, depth, at);
  }

  /** False when the order is not open here. */
  cancel(orderId: string, at: EpochMs, reason: string): boolean {
    for (const orders of [this.#waiting, this.#resting.buy, this.#resting.sell]) {
      const index = orders.findIndex((working) => working.order.id === orderId);
      if (index < 0) continue;
      orders.splice(index, 1);
      this.#emitEnd('cancelled', orderId, at, reason);
      return true;
    }
    return false;
  }

  /** After each change of a live book. */
  onBook(depth: Depth, at: EpochMs): void {
    this.#liquidity.refresh(depth);
    if (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const working of waiting) this.#enter(working, depth, at);
    }
    for (const side of ['buy', 'sell'] as const) {
      const orders = this.#resting[side];
      // Sorted: the first that the book does not reach ends it.
      while (orders[0] !== undefined && this.#crosses(orders[0], depth)) {
        this.#fillFromBook(orders[0], depth, at);
        if (orders[0].remaining > 0) break;
        orders.shift();
      }
    }
  }

  onTrade(trade: Pick<Trade, 'price' | 'quantity' | 'side'>, at: EpochMs): void {
    const orders = this.#resting[trade.side === 'sell' ? 'buy' : 'sell'];
    if (orders.length === 0) return;
    const ticks = numberToSteps(trade.price, this.#tick);
    let volume = numberToSteps(trade.quantity, this.#lot);
    for (const working of [...orders]) {
      const limit = working.limitTicks as number;
      // A sell that prints above our bid did not come down to us.
      if (volume === 0 || (working.side === 'buy' ? ticks > limit : ticks < limit)) break;
      // Others at our price trade first; what they get stays in `volume`, because it passes our later orders there too.
      const others = ticks === limit ? Math.min(working.queueAhead, volume) : 0;
      working.queueAhead -= others;
      const lots = Math.min(working.remaining, volume - others);
      volume -= lots;
      this.#fill(working, limit, lots, 'maker', at);
      if (working.remaining === 0) orders.splice(orders.indexOf(working), 1);
    }
  }

  #work(order: Order): Working {
    const { side, limitPrice } = order.intent;
    return {
      order,
      side,
      takes: side === 'buy' ? 'ask' : 'bid',
      limitTicks: limitPrice === undefined ? undefined : this.#steps(limitPrice, this.#tick, 'tick'),
      remaining: this.#steps(remainingQuantity(order), this.#lot, 'lot'),
      queueAhead: 0,
      accepted: false,
    };
  }

  #steps(text: Decimal, step: DecimalStep, name: string): number {
    const steps = textToSteps(text, step);
    // The risk gate refuses such orders before any broker sees them.
    if (!Number.isSafeInteger(steps))
      throw new RangeError(`${text} is not a whole number of ${name}s of ${this.#options.instrument.symbol}`);
    return steps;
  }

  #enter(working: Working, depth: Depth, at: EpochMs): void {
    const { order } = working;
    const { timeInForce, type } = order.intent;
    if (!working.accepted) {
      if (timeInForce === 'POST_ONLY' && this.#crosses(working, depth)) {
        const best = mul(String(depth.ticksAt(working.takes, 0)), this.#options.instrument.tickSize);
        this.#emitEnd(
          'rejected',
          order.id,
          at,
          `Post-only at ${order.intent.limitPrice} would trade at once with the best ${working.takes} of ${best}. Move the price or drop post-only.`,
        );
        return;
      }
      working.accepted = true;
      this.#options.emit({ kind: 'accepted', orderId: order.id, at });
      const immediate = type === 'market' || timeInForce === 'IOC' || timeInForce === 'FOK';
      const whole =
        timeInForce !== 'FOK' ||
        this.#liquidity.available(depth, working.takes, working.limitTicks, working.remaining) === working.remaining;
      if (whole && timeInForce !== 'POST_ONLY') {
        const wanted = working.remaining;
        this.#liquidity.take(depth, working.takes, working.limitTicks, wanted, (ticks, lots) =>
          this.#fill(working, ticks, lots, 'taker', at),
        );
      }
      if (working.remaining === 0) return;
      if (immediate) {
        this.#emitEnd('expired', order.id, at, this.#shortfall(working, whole));
        return;
      }
    }
    this.#rest(working, depth, at);
  }

  #rest(working: Working, depth: Depth, at: EpochMs): void {
    const limit = working.limitTicks as number;
    if (this.#crosses(working, depth)) this.#fillFromBook(working, depth, at);
    if (working.remaining === 0) return;
    working.queueAhead = depth.lotsAtPrice(working.side === 'buy' ? 'bid' : 'ask', limit);
    const orders = this.#resting[working.side];
    const behind = orders.findIndex((other) =>
      working.side === 'buy' ? (other.limitTicks as number) < limit : (other.limitTicks as number) > limit,
    );
    orders.splice(behind < 0 ? orders.length : behind, 0, working);
  }

  #crosses(working: Working, depth: Depth): boolean {
    return reaches(working.takes, depth.ticksAt(working.takes, 0), working.limitTicks);
  }

  /** The market came to a resting order: it trades at its own price. */
  #fillFromBook(working: Working, depth: Depth, at: EpochMs): void {
    const limit = working.limitTicks as number;
    const lots = this.#liquidity.take(depth, working.takes, limit, working.remaining, ignoreLevel);
    this.#fill(working, limit, lots, 'maker', at);
  }

  #fill(working: Working, ticks: number, lots: number, liquidity: Fill['liquidity'], at: EpochMs): void {
    if (lots === 0) return;
    working.remaining -= lots;
    const { instrument, fees, nextFillId, emit } = this.#options;
    const price = mul(String(ticks), instrument.tickSize);
    const quantity = mul(String(lots), instrument.lotSize);
    const fee = round(mul(mul(price, quantity), fees[liquidity]), FEE_SCALE, 'halfUp');
    const { id: orderId, intent } = working.order;
    const fill: Fill = {
      id: nextFillId(),
      orderId,
      symbol: intent.symbol,
      side: working.side,
      price,
      quantity,
      fee,
      liquidity,
      at,
    };
    emit({ kind: 'filled', orderId, at, fill });
  }

  #shortfall({ order, remaining, limitTicks }: Working, whole: boolean): string {
    const left = mul(String(remaining), this.#options.instrument.lotSize);
    const within = limitTicks === undefined ? '' : ` within ${order.intent.limitPrice}`;
    if (!whole) return `Fill-or-kill: the book did not display ${left}${within}, so nothing was traded.`;
    return `The displayed depth${within} was used up; ${left} of ${order.intent.quantity} was not traded.`;
  }

  #emitEnd(kind: 'rejected' | 'cancelled' | 'expired', orderId: string, at: EpochMs, reason: string): void {
    this.#options.emit({ kind, orderId, at, reason });
  }
}

function mayRest({ intent }: Order): boolean {
  return intent.type === 'limit' && (intent.timeInForce === 'GTC' || intent.timeInForce === 'POST_ONLY');
}

function ignoreLevel(): void {}
