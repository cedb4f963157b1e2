import type { BookState } from '../../../core/contracts/market-views.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';

/** A candle that a symbol's primary venue streams. */
export interface KlineEvent {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly candle: Candle;
  readonly closed: boolean;
}

/** The book of a symbol's primary venue changed its state. */
export interface BookStateEvent {
  readonly symbol: string;
  readonly venue: VenueId;
  readonly state: BookState;
  readonly reason: string;
}
