import type { VenueId } from '../market/instrument.ts';
import type { Side } from '../market/trade.ts';

/** A trade that was large for its symbol when it came (`core/analysis/microstructure/large-trades.ts`), of any of its sources. */
export interface LargeTrade {
  /** The venue's; unique within the instrument. */
  readonly id: number;
  readonly venue: VenueId;
  /** Unified symbol of the instrument on that venue. */
  readonly instrument: string;
  /** The venue's time, ms. */
  readonly time: number;
  readonly price: number;
  /** Base units. */
  readonly quantity: number;
  /** Quote units. */
  readonly notional: number;
  /** The taker's. */
  readonly side: Side;
}

/** How many of the newest are kept of a symbol. */
export const LARGE_TRADES_KEPT = 1_000;

/**
 * In the order in which they came; `snapshot`: those that are kept since the symbol is followed. `threshold`: the smallest notional that
 * was large at the newest of them; absent before there was one, which takes 500 trades of all sources at least.
 */
export type LargeTradesEvent =
  | { readonly kind: 'snapshot'; readonly threshold?: number; readonly trades: readonly LargeTrade[] }
  | { readonly kind: 'trade'; readonly threshold: number; readonly trade: LargeTrade };
