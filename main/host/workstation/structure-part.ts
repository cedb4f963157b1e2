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
  // A symbol whose primary is another one has another series of candles, and so another structure.
  const feeds = new Map<string, Followed['feed']>();
  const take = (symbol: string, followed: Followed | undefined): void => {
    if (followed === undefined) {
      feeds.delete(symbol);
      structure.unfollow(symbol);
    } else if (feeds.get(symbol) !== followed.feed) {
      feeds.set(symbol, followed.feed);
      structure.follow(symbol, followed.feed.started);
    }
  };
  for (const { symbol } of data.watchlist().symbols) take(symbol, data.followed(symbol));
  onClose(data.changes.on(({ symbol, followed }) => take(symbol, followed)));
  return structure;
}
