import { Emitter } from '../../../core/base/emitter.ts';
import type { L2Book } from '../../../core/market/l2-book.ts';
import type { SourceName } from '../../../core/market/instrument.ts';
import { FlowSums, TouchFlow } from '../../../core/market/order-flow.ts';
import { isLate, type Trade } from '../../../core/market/trade.ts';

/** Is told of the trades that were large when they came. */
export interface LargeTradeSink {
  /** `threshold`: the smallest notional that is large by now. */
  add(symbol: string, source: SourceName, trade: Trade, threshold: number): void;
  drop(symbol: string): void;
}

/** Trades and best-level changes of all sources, summed by the symbol they are merged into. Each event counts in the second it arrives. */
export class MarketFlow {
  /** Of all sources, those that count. */
  readonly trades = new Emitter<{ readonly symbol: string; readonly trade: Trade }>();
  readonly #sums = new Map<string, FlowSums>();
  readonly #touches = new WeakMap<L2Book, TouchFlow>();
  readonly #large: LargeTradeSink | undefined;

  constructor(large?: LargeTradeSink) {
    this.#large = large;
  }

  of(symbol: string): FlowSums {
    let sums = this.#sums.get(symbol);
    if (sums === undefined) {
      sums = new FlowSums();
      this.#sums.set(symbol, sums);
    }
    return sums;
  }

  /** Begins anew when the symbol is followed again. */
  drop(symbol: string): void {
    this.#sums.delete(symbol);
    this.#large?.drop(symbol);
  }

  onTrade(symbol: string, trade: Trade, source: SourceName): void {
    if (isLate(trade)) return;
    const sums = this.of(symbol);
    if (this.trades.listenerCount > 0) this.trades.emit({ symbol, trade });
    if (sums.addTrade(trade)) this.#large?.add(symbol, source, trade, sums.largeThreshold);
  }

  /** A live book after a change. */
  onBook(symbol: string, book: L2Book): void {
    let touch = this.#touches.get(book);
    if (touch === undefined) {
      touch = new TouchFlow();
      this.#touches.set(book, touch);
    }
    const flow = touch.change(book);
    if (flow !== 0) this.of(symbol).addOfi(flow);
  }

  /** The book is not to be believed for now. */
  onBookDoubted(book: L2Book): void {
    this.#touches.get(book)?.forget();
  }
}
