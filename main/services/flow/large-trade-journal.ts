import { Emitter } from '../../../core/base/emitter.ts';
import { LARGE_TRADES_KEPT, type LargeTrade, type LargeTradesEvent } from '../../../core/contracts/large-trades.ts';
import type { SourceName } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Log } from '../../ports/log.ts';

export interface LargeTradesUpdate {
  readonly symbol: string;
  readonly event: LargeTradesEvent;
}

interface Kept {
  threshold: number;
  /** Oldest first; cut back to the newest `LARGE_TRADES_KEPT` when it is twice as long. */
  trades: LargeTrade[];
}

/** The newest large trades of each followed symbol since it is followed. They are not stored: every trade is. */
export class LargeTradeJournal {
  readonly events: Emitter<LargeTradesUpdate>;
  readonly #kept = new Map<string, Kept>();

  constructor(log: Log) {
    this.events = new Emitter((thrown) => log.error({ detail: String(thrown) }, 'a listener for large trades failed'));
  }

  /** `threshold`: the smallest notional that is large by now. */
  add(symbol: string, { venue, symbol: instrument }: SourceName, trade: Trade, threshold: number): void {
    const { id, price, quantity, side, tsEvent: time } = trade;
    const large: LargeTrade = { id, venue, instrument, time, price, quantity, notional: price * quantity, side };
    const kept = this.#kept.get(symbol) ?? { threshold, trades: [] };
    this.#kept.set(symbol, kept);
    kept.threshold = threshold;
    kept.trades.push(large);
    if (kept.trades.length >= 2 * LARGE_TRADES_KEPT) kept.trades = kept.trades.slice(-LARGE_TRADES_KEPT);
    this.events.emit({ symbol, event: { kind: 'trade', threshold, trade: large } });
  }

  /** The symbol is not followed any more. */
  drop(symbol: string): void {
    this.#kept.delete(symbol);
  }

  snapshot(symbol: string): LargeTradesEvent {
    const kept = this.#kept.get(symbol);
    if (kept === undefined) return { kind: 'snapshot', trades: [] };
    return { kind: 'snapshot', threshold: kept.threshold, trades: kept.trades.slice(-LARGE_TRADES_KEPT) };
  }
}
