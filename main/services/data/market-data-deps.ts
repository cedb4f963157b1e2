import type { Clock } from '../../../core/base/clock.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import type { VenueMarketData } from '../../ports/venue.ts';
import type { FlowListener, MarketRecorder } from './market-listener.ts';
import type { FollowRequest } from './watchlist-store.ts';

export interface MarketDataServiceDeps {
  readonly venues: ReadonlyMap<VenueId, VenueMarketData>;
  readonly requests: readonly FollowRequest[];
  /** Bucket width of a source's book by `sourceText`: filled here before a source is followed, read by the venues. */
  readonly bucketWidths: Map<string, number>;
  readonly store: Pick<Store, 'market' | 'settings'>;
  readonly clock: Clock;
  readonly wall: Clock;
  /** Market seconds per wall second: latency is measured in market time and told in wall milliseconds. */
  readonly speed: () => number;
  /** Market time by which trades may come late, where that is known: in a replay, as they were recorded. */
  readonly tradeLagMs?: () => number;
  readonly silenceMs: number;
  readonly backfillMinutes: number;
  readonly memoryCandles: number;
  readonly log: Log;
  readonly recorder?: MarketRecorder;
  readonly flow?: FlowListener;
}
