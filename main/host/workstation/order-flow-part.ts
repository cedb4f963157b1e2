import { OrderFlowService } from '../../services/flow/order-flow-service.ts';
import type { Frame } from './frame.ts';
import type { MarketPart } from './market-part.ts';

/** Trades by price of what is followed, as it comes and goes. */
export function assembleOrderFlow({ store, market, wall, log, onClose }: Frame, { data, cob }: MarketPart): OrderFlowService {
  const flow = new OrderFlowService({ store: store.flow, clock: market.clock, wall, log });
  onClose(() => flow.close());
  for (const { symbol } of data.watchlist().symbols) {
    const followed = data.followed(symbol);
    if (followed !== undefined) flow.follow(symbol, followed.instrument);
  }
  onClose(
    data.changes.on(({ symbol, followed }) => {
      if (followed === undefined) flow.unfollow(symbol);
      else flow.follow(symbol, followed.instrument);
    }),
  );
  onClose(data.trades.on(({ symbol, trade }) => flow.onTrade(symbol, trade)));
  onClose(cob.flows.on(({ symbol, flow: ended }) => flow.onFlow(symbol, ended)));
  return flow;
}
