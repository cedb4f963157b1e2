import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { CobView } from '../../../core/contracts/market-views.ts';
import { secondOf } from '../../../core/market/cob-column.ts';
import { COB_PERIOD_MS, type CobSnapshot, type CobSource, ConsolidatedBook } from '../../../core/market/consolidated-book.ts';
import type { SecondFlow } from '../../../core/market/order-flow.ts';
import type { Log } from '../../ports/log.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { MarketFlow } from './market-flow.ts';

export interface CobServiceDeps {
  readonly market: Pick<MarketRepository, 'appendCob'>;
  readonly flow: MarketFlow;
  readonly clock: Clock;
  readonly log: Log;
}

/** How a symbol's books are merged. */
export interface CobRequest {
  readonly symbol: string;
  /** Quote units. */
  readonly bucketWidth: number;
  /** Quote units to each side that the imbalance counts; five buckets when absent. */
  readonly imbalanceRange?: number | undefined;
}

export interface CobService {
  readonly events: Emitter<CobView>;
  /** As `events`, with what each venue contributes. */
  readonly snapshots: Emitter<CobSnapshot>;
  latest(symbol: string): CobView | undefined;
  /** Merges these books from now on. The imbalance means go on unless the bucket width or the imbalance range is another one. */
  follow(request: CobRequest, sources: readonly CobSource[]): void;
  unfollow(symbol: string): void;
  /** Samples now, between two periods: where a replay begins. */
  sample(): void;
  close(): void;
}

interface Merged {
  readonly request: CobRequest;
  readonly book: ConsolidatedBook;
  /** Flow of the newest second that is over: kept until a snapshot can carry it to the store. */
  ended: SecondFlow | undefined;
}

/** Samples the consolidated book of every followed symbol at 10 Hz of market time, and rolls its order flow by the second. */
export function createCobService({ clock, market, flow, log }: CobServiceDeps): CobService {
  const emitter = <T>(): Emitter<T> =>
    new Emitter<T>((thrown) => log.error({ detail: String(thrown) }, 'a consolidated-book listener failed'));
  const events = emitter<CobView>();
  const snapshots = emitter<CobSnapshot>();
  const latest = new Map<string, CobView>();
  const books = new Map<string, Merged>();
  const sample = (): void => {
    const t = clock.now();
    for (const merged of books.values()) {
      const snapshot = merged.book.snapshot(t);
      const { view, split } = snapshot;
      merged.ended = flow.of(view.symbol).roll(secondOf(t)) ?? merged.ended;
      latest.set(view.symbol, view);
      if (view.venues.length > 0) market.appendCob(view, split, merged.ended);
      events.emit(view);
      snapshots.emit(snapshot);
    }
  };
  const cancel = clock.every(COB_PERIOD_MS, sample);
  return {
    events,
    snapshots,
    latest: (symbol) => latest.get(symbol),
    follow(request, sources) {
      const { symbol, bucketWidth, imbalanceRange } = request;
      const known = books.get(symbol);
      if (known?.request.bucketWidth === bucketWidth && known.request.imbalanceRange === imbalanceRange)
        known.book.merge(sources);
      else {
        const book = new ConsolidatedBook({ symbol, bucketWidth, imbalanceRange, sources });
        books.set(symbol, { request, book, ended: undefined });
      }
    },
    unfollow(symbol) {
      books.delete(symbol);
      latest.delete(symbol);
      flow.drop(symbol);
    },
    sample,
    close: cancel,
  };
}
