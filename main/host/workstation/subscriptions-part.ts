import type { FollowBars } from '../../ports/bars.ts';
import { createFollowBars } from '../../services/subscriptions/bars.ts';
import { createMarketSubscriptions, type MarketSubscriptions } from '../../services/subscriptions/market-subscriptions.ts';
import type { StructureService } from '../../services/structure/structure-service.ts';
import type { Frame } from './frame.ts';
import type { MarketPart } from './market-part.ts';

/** What is told of followed symbols, as topics, and their closed candles with those that are stored. */
export function assembleSubscriptions({ store, market, log }: Frame, part: MarketPart, structure: StructureService) {
  const { data, flow, cob, prices } = part;
  const bars = createFollowBars({
    market: store.market,
    clock: market.clock,
    stored: async (symbol) => data.followed(symbol)?.feed.started,
    onCandleClosed: (symbol, timeframe, listener) => data.onCandleClosed(symbol, timeframe, listener),
    log,
  });
  return { bars, topics: createMarketSubscriptions({ data, flow, cob, prices, structure, bars, log }) };
}

export type SubscriptionsPart = { readonly bars: FollowBars; readonly topics: MarketSubscriptions };
