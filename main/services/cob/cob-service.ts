import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { CobView } from '../../../core/contracts/market-views.ts';
import { COB_PERIOD_MS, type CobSource, ConsolidatedBook } from '../../../core/market/consolidated-book.ts';
import type { Log } from '../../ports/log.ts';
import type { MarketRepository } from '../../ports/store.ts';

export interface CobServiceDeps {
  readonly market: Pick<MarketRepository, 'appendCob'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CobService {
  readonly events: Emitter<CobView>;
  latest(symbol: string): CobView | undefined;
  /** Merges these books from now on. The imbalance means go on unless the bucket width is another one. */
  follow(symbol: string, bucketWidth: number, sources: readonly CobSource[]): void;
  unfollow(symbol: string): void;
  /** Samples now, between two periods: where a replay begins. */
  sample(): void;
  close(): void;
}

/** Samples the consolidated book of every followed symbol at 10 Hz of market time. */
export function createCobService({ clock, market, log }: CobServiceDeps): CobService {
  const events = new Emitter<CobView>((thrown) => log.error({ detail: String(thrown) }, 'a consolidated-book listener failed'));
  const latest = new Map<string, CobView>();
  const books = new Map<string, { readonly bucketWidth: number; readonly book: ConsolidatedBook }>();
  const sample = (): void => {
    const t = clock.now();
    for (const { book } of books.values()) {
      const view = book.sample(t);
      latest.set(view.symbol, view);
      if (view.venues.length > 0) market.appendCob(view);
      events.emit(view);
    }
  };
  const cancel = clock.every(COB_PERIOD_MS, sample);
  return {
    events,
    latest: (symbol) => latest.get(symbol),
    follow(symbol, bucketWidth, sources) {
      const known = books.get(symbol);
      if (known?.bucketWidth === bucketWidth) known.book.merge(sources);
      else books.set(symbol, { bucketWidth, book: new ConsolidatedBook({ symbol, bucketWidth, sources }) });
    },
    unfollow(symbol) {
      books.delete(symbol);
      latest.delete(symbol);
    },
    sample,
    close: cancel,
  };
}
