import type { Clock } from '../../../core/base/clock.ts';
import type { CandleUpdate } from '../../../core/contracts/market-views.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { Log } from '../../ports/log.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { SessionHealth } from '../../ports/venue.ts';
import type { CandleHistory } from './history.ts';

/** What the candles of one symbol are made with. */
export interface SymbolFeedDeps {
  readonly instrument: Instrument;
  readonly history: CandleHistory;
  readonly market: MarketRepository;
  readonly clock: Clock;
  readonly wall: Clock;
  readonly health: () => SessionHealth;
  /** Market seconds per wall second. */
  readonly speed: () => number;
  /** The primary tells closed minutes and no trades, see `VenueMarketData.tellsCandlesOnly`. */
  readonly candlesOnly?: boolean;
  /** Market time by which trades may come late, where that is known: in a replay, as they were recorded. */
  readonly tradeLagMs?: () => number;
  readonly silenceMs: number;
  readonly backfillMinutes: number;
  readonly memoryCandles: number;
  readonly onUpdate: (update: CandleUpdate) => void;
  readonly onMinuteClosed: (candle: Candle) => void;
  /** Every candle that ends after `start`: once each, in time order, those of an outage when they have been fetched. */
  readonly onClosed: (timeframe: Timeframe, candle: Candle) => void;
  readonly log: Log;
}
