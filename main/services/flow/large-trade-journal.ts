import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { LARGE_TRADES_KEPT, type LargeTrade, type LargeTradesEvent } from '../../../core/contracts/large-trades.ts';
import type { SourceName } from '../../../core/market/instrument.ts';
import type { Trade } from '../../../core/market/trade.ts';
import type { Log } from '../../ports/log.ts';

export interface LargeTradesUpdate {
  readonly symbol: string;
  readonly event: LargeTradesEvent;
}

/** Those that came meanwhile are told together. */
const TELL_WALL_MS = 100;

interface Kept {
  threshold: number;
  /** Oldest first; cut back to the newest `LARGE_TRADES_KEPT` when it is twice as long. */
  told: LargeTrade[];
  untold: LargeTrade[];
}

/** The newest large trades of each followed symbol since it is followed. They are not stored: every trade is. */
export class LargeTradeJournal {
  readonly events: Emitter<LargeTradesUpdate>;
  readonly #kept = new Map<string, Kept>();
  readonly #end: Cancel;

  constructor({ wall, log }: { readonly wall: Clock; readonly log: Log }) {
    this.events = new Emitter((thrown) => log.error({ detail: String(thrown) }, 'a listener for large trades failed'));
    this.#end = wall.every(TELL_WALL_MS, () => this.#tell());
  }

  /** `threshold`: the smallest notional that is large by now. */
  add(symbol: string, { venue, symbol: instrument }: SourceName, trade: Trade, threshold: number): void {
    let kept = this.#kept.get(symbol);
    if (kept === undefined) {
      kept = { threshold, told: [], untold: [] };
      this.#kept.set(symbol, kept);
    }
    const { price, quantity, side, tsEvent: time } = trade;
    kept.threshold = threshold;
    kept.untold.push({ venue, instrument, time, price, quantity, notional: price * quantity, side });
  }

  /** The symbol is not followed any more. */
  drop(symbol: string): void {
    this.#kept.delete(symbol);
  }

  snapshot(symbol: string): LargeTradesEvent {
    const kept = this.#kept.get(symbol);
    if (kept === undefined) return { kind: 'snapshot', trades: [] };
    return { kind: 'snapshot', threshold: kept.threshold, trades: kept.told.slice(-LARGE_TRADES_KEPT) };
  }

  close(): void {
    this.#end();
  }

  #tell(): void {
    for (const [symbol, kept] of this.#kept) {
      if (kept.untold.length === 0) continue;
      const { threshold, untold: trades } = kept;
      kept.untold = [];
      kept.told.push(...trades);
      if (kept.told.length >= 2 * LARGE_TRADES_KEPT) kept.told = kept.told.slice(-LARGE_TRADES_KEPT);
      this.events.emit({ symbol, event: { kind: 'trades', threshold, trades } });
    }
  }
}
