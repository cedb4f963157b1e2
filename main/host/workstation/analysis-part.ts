import { ANALYSIS_MODULES } from '../../../core/contracts/analysis.ts';
import { AnalysisHost } from '../../services/analysis/analysis-host.ts';
import { loadAnalysisModule } from '../../services/analysis/module-loaders.ts';
import type { MarketDataService } from '../../services/data/market-data-service.ts';
import type { SystemService } from '../../services/system/system-service.ts';
import type { Frame } from './frame.ts';
import { followFeeds } from './structure-part.ts';
import type { SubscriptionsPart } from './subscriptions-part.ts';

/** The analysis modules that are wanted, beside everything else: nothing waits for them, and one that fails is told of and missed by nobody. */
export function assembleAnalysis(
  { config, store, market, wall, log, onClose }: Frame,
  data: MarketDataService,
  { topics, bars }: SubscriptionsPart,
  system: SystemService,
): AnalysisHost {
  const analysis = new AnalysisHost({
    configured: config.modules,
    load: loadAnalysisModule,
    topics,
    bars,
    reference: config.market.referenceSymbol,
    settings: store.settings,
    clock: market.clock,
    wall,
    log,
  });
  onClose(() => analysis.close());
  analysis.failures.on(({ id, reason }) => {
    const notice = `analysis.${id}`;
    if (reason === undefined) system.withdraw(notice);
    else
      system.notify(
        notice,
        'error',
        `The analysis module "${ANALYSIS_MODULES[id].name}" failed and was stopped: ${reason}. The others go on; load it again in the Analysis panel.`,
      );
  });
  onClose(
    followFeeds(data, {
      follow: (symbol) => analysis.follow(symbol),
      unfollow: (symbol) => analysis.unfollow(symbol),
    }),
  );
  void analysis.start();
  return analysis;
}
