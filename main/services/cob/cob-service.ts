import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { CobView } from '../../../core/contracts/market-views.ts';
import { COB_PERIOD_MS, type CobSource, ConsolidatedBook } from '../../../core/market/consolidated-book.ts';
import type { Log } from '../../ports/log.ts';
import type { MarketRepository } from '../../ports/store.ts';

export interface CobServiceDeps {
  readonly symbols: readonly { readonly symbol: string; readonly bucketWidth: number; readonly sources: readonly CobSource[] }[];
  readonly market: Pick<MarketRepository, 'appendCob'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Samples the consolidated book of every symbol at 10 Hz of market time. */
export function createCobService(deps: CobServiceDeps) {
  const { clock, market, log } = deps;
  const events = new Emitter<CobView>((thrown) => log.error({ detail: String(thrown) }, 'a consolidated-book listener failed'));
  const latest = new Map<string, CobView>();
  const books = deps.symbols.map((options) => new ConsolidatedBook(options));
  const cancel = clock.every(COB_PERIOD_MS, () => {
    const t = clock.now();
    for (const book of books) {
      const view = book.sample(t);
      latest.set(view.symbol, view);
      if (view.venues.length > 0) market.appendCob(view);
      events.emit(view);
    }
  });
  return {
    events,
    latest: (symbol: string): CobView | undefined => latest.get(symbol),
    close: cancel,
  };
}
