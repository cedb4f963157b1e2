import { ok } from '../../../core/base/result.ts';
import { AccountHistory } from '../../../core/features/base-input/account-history.ts';
import type { ExecutionService } from '../../services/execution/execution-service.ts';
import { InputService } from '../../services/input/input-service.ts';
import { LastOutputs } from '../../services/input/last-outputs.ts';
import type { PredictionService } from '../../services/prediction/prediction-service.ts';
import type { Frame } from './frame.ts';
import type { MarketPart } from './market-part.ts';
import { followFeeds } from './structure-part.ts';

/** The models' input of what is followed, as it comes and goes. */
export async function assembleInput(
  { config, store, market, wall, log, onClose }: Frame,
  { data, cob }: MarketPart,
  prediction: PredictionService,
  execution: ExecutionService,
) {
  const account = new AccountHistory(config.paper.startingBalance);
  const fills = await store.orders.fills();
  if (!fills.ok) return fills;
  for (const fill of fills.value) account.onFill(fill);
  account.onMark(market.clock.now(), execution.account());
  onClose(execution.onOrders((event) => event.kind === 'fill' && account.onFill(event.fill)));
  onClose(execution.onAccount((state) => account.onMark(market.clock.now(), state)));

  const outputs = new LastOutputs();
  onClose(
    prediction.events.predictions.on(({ symbol, event }) => {
      for (const made of event.kind === 'snapshot' ? event.predictions : [event.prediction]) outputs.onPrediction(symbol, made);
    }),
  );
  const input = new InputService({
    candles: data,
    history: data.history,
    cob,
    market: store.market,
    learning: store.learning,
    ensureHistory: (symbol, timeframe, from, to) => data.ensureHistory(symbol, timeframe, from, to),
    referenceSymbol: config.market.referenceSymbol,
    account: (symbol, t) => account.at(symbol, t),
    outputs: (symbol, t) => outputs.before(symbol, t),
    clock: market.clock,
    wall,
    log,
  });
  onClose(() => input.close());
  onClose(
    followFeeds(data, {
      follow: (symbol, feed) => input.follow(symbol, feed.started),
      unfollow: (symbol) => input.unfollow(symbol),
    }),
  );
  return ok(input);
}
