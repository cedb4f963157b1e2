import type { Cancel } from '../../../core/base/clock.ts';
import type { Followed } from '../../services/data/followed-symbol.ts';
import type { MarketDataService } from '../../services/data/market-data-service.ts';
import { StructureService } from '../../services/structure/structure-service.ts';
import type { Frame } from './frame.ts';

/** Market structure of what is followed, as it comes and goes. */
export function assembleStructure(
  { config, store, market, wall, log, onClose }: Frame,
  data: MarketDataService,
): StructureService {
  const structure = new StructureService({
    candles: data,
    market: store.market,
    clock: market.clock,
    wall,
    ...config.structure,
    log,
  });
  onClose(() => structure.close());
  onClose(
    followFeeds(data, {
      follow: (symbol, feed) => structure.follow(symbol, feed.started),
      unfollow: (symbol) => structure.unfollow(symbol),
    }),
  );
  return structure;
}

/**
 * Tells of each followed symbol, now and as they come and go. One whose primary is another one has another series of candles: it is
 * told of again.
 */
export function followFeeds(
  data: MarketDataService,
  to: { follow(symbol: string, feed: Followed['feed']): void; unfollow(symbol: string): void },
): Cancel {
  const feeds = new Map<string, Followed['feed']>();
  const take = (symbol: string, followed: Followed | undefined): void => {
    if (followed === undefined) {
      feeds.delete(symbol);
      to.unfollow(symbol);
    } else if (feeds.get(symbol) !== followed.feed) {
      feeds.set(symbol, followed.feed);
      to.follow(symbol, followed.feed);
    }
  };
  for (const { symbol } of data.watchlist().symbols) take(symbol, data.followed(symbol));
  return data.changes.on(({ symbol, followed }) => take(symbol, followed));
}
