import type { Candle } from '../../core/market/candle.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import type { StoredTimeframe } from '../../core/market/timeframe.ts';
import type { Trade } from '../../core/market/trade.ts';
import type { Stored } from './stored.ts';

/** Where the reading of trades goes on: after this one. */
export interface TradeMark {
  readonly tsReceived: number;
  readonly tsEvent: number;
  readonly id: number;
}

/** Times of the first and last, and how many. */
export interface HistoryExtent {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** Stored histories as a replay reads them. Only rows that are written already, so not for data that still comes in. */
export interface HistoryRepository {
  /** Trades after `after` and received before `before`, at most `limit`: as they were received, then by time and id. */
  trades(venue: VenueId, symbol: string, after: TradeMark, before: number, limit: number): Stored<Trade[]>;
  /** Of the trades of [from, to); undefined when there is none. */
  tradeExtent(venue: VenueId, symbol: string, from: number, to: number): Stored<HistoryExtent | undefined>;
  /** The last trade of [from, before), by time and id. */
  lastTrade(venue: VenueId, symbol: string, from: number, before: number): Stored<Trade | undefined>;
  /** Candles made of the trades of [from, to), oldest first; periods without any are left out. */
  candlesOfTrades(venue: VenueId, symbol: string, timeframe: StoredTimeframe, from: number, to: number): Stored<Candle[]>;
  /** Of the minutes that opened in [from, to): their open times, and how many. */
  minuteExtent(symbol: string, from: number, to: number): Stored<HistoryExtent | undefined>;
}
