import type { HeatmapUpdate } from '../../../core/analysis/market-topics.ts';
import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { CobView } from '../../../core/contracts/market-views.ts';
import { type CobColumn, columnOf, secondOf } from '../../../core/market/cob-column.ts';
import { columnsOfSeconds } from '../../../core/market/cob-second-columns.ts';
import { COB_PERIOD_MS, type CobSnapshot, type CobSource, ConsolidatedBook } from '../../../core/market/consolidated-book.ts';
import { HeatmapHistory, type HeatmapMatrix, type HeatmapOptions } from '../../../core/market/heatmap.ts';
import { CobSeconds, type CollectedSecond } from '../../../core/market/cob-seconds.ts';
import type { SecondFlow } from '../../../core/market/order-flow.ts';
import type { Log } from '../../ports/log.ts';
import type { MarketRepository } from '../../ports/store.ts';
import type { MarketFlow } from './market-flow.ts';

export interface CobServiceDeps {
  readonly market: Pick<MarketRepository, 'appendCob' | 'cobSeconds'>;
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
  /** What was traded in a second and how the best levels changed, when it is over. */
  readonly flows: Emitter<{ readonly symbol: string; readonly flow: SecondFlow }>;
  /** Seconds that are over, as the store keeps them; told with the first snapshot after them that has a live venue. */
  readonly seconds: Emitter<{ readonly symbol: string; readonly collected: CollectedSecond }>;
  latest(symbol: string): CobView | undefined;
  /** Seconds of the heatmap as they go on and when they are over. */
  readonly columns: Emitter<HeatmapUpdate>;
  /** The kept seconds of a followed symbol; the store's are filled in a moment after it is followed. */
  heatmap(symbol: string): HeatmapHistory | undefined;
  /** The heatmap of the newest seconds; undefined when nothing of them is known. The arrays change with the next call. */
  getCobHeatmapMatrix(symbol: string, options: HeatmapOptions): HeatmapMatrix | undefined;
  /** Recorded seconds that began in [from, to), oldest first; in steps, each step's last one with the flow of the whole step. */
  recorded(symbol: string, from: number, to: number, stepSec: number): Promise<Result<RecordedHeatmap>>;
  /** Merges these books from now on. The imbalance means go on unless the bucket width or the imbalance range is another one. */
  follow(request: CobRequest, sources: readonly CobSource[]): void;
  unfollow(symbol: string): void;
  /** Samples now, between two periods: where a replay begins. */
  sample(): void;
  close(): void;
}

export interface RecordedHeatmap {
  readonly bucketWidth: number;
  readonly columns: readonly CobColumn[];
}

/** Seconds read from the store when a symbol is followed: what the heatmap keeps. */
const FILLED_MS = 600_000;

interface Merged {
  readonly request: CobRequest;
  readonly book: ConsolidatedBook;
  readonly heatmap: HeatmapHistory;
  /** Flow of the newest second that is over: kept until a snapshot can carry it to the store. */
  ended: SecondFlow | undefined;
}

/** Samples the consolidated book of every followed symbol at 10 Hz of market time, and rolls its order flow by the second. */
export function createCobService({ clock, market, flow, log }: CobServiceDeps): CobService {
  const emitter = <T>(): Emitter<T> =>
    new Emitter<T>((thrown) => log.error({ detail: String(thrown) }, 'a consolidated-book listener failed'));
  const events = emitter<CobView>();
  const snapshots = emitter<CobSnapshot>();
  const flows = emitter<{ readonly symbol: string; readonly flow: SecondFlow }>();
  const columns = emitter<HeatmapUpdate>();
  const seconds = emitter<{ readonly symbol: string; readonly collected: CollectedSecond }>();
  const collecting = new CobSeconds();
  const latest = new Map<string, CobView>();
  const books = new Map<string, Merged>();
  const sample = (): void => {
    const t = clock.now();
    for (const merged of books.values()) {
      const snapshot = merged.book.snapshot(t);
      const { view, split } = snapshot;
      const sums = flow.of(view.symbol);
      const ended = sums.roll(secondOf(t));
      merged.ended = ended ?? merged.ended;
      if (ended !== undefined && view.venues.length > 0) flows.emit({ symbol: view.symbol, flow: ended });
      const over = ended && merged.heatmap.setFlow(ended.second, ended);
      const column = columnOf(snapshot, sums.current());
      merged.heatmap.push(column);
      latest.set(view.symbol, view);
      if (view.venues.length > 0) {
        market.appendCob(view, split, merged.ended);
        const collected = collecting.add(view, split, merged.ended);
        if (collected !== undefined) seconds.emit({ symbol: view.symbol, collected });
      }
      events.emit(view);
      snapshots.emit(snapshot);
      if (columns.listenerCount > 0) {
        const { bucketWidth } = merged.request;
        if (over !== undefined) columns.emit({ symbol: view.symbol, bucketWidth, column: over });
        columns.emit({ symbol: view.symbol, bucketWidth, column });
      }
    }
  };
  const fill = async (symbol: string, heatmap: HeatmapHistory): Promise<void> => {
    const now = clock.now();
    const stored = await market.cobSeconds(symbol, now - FILLED_MS, now);
    if (stored.ok) heatmap.fill(columnsOfSeconds(stored.value, heatmap.bucketWidth));
    else log.warn({ symbol, reason: stored.error.message }, 'the heatmap begins without its past');
  };
  const cancel = clock.every(COB_PERIOD_MS, sample);
  return {
    events,
    snapshots,
    flows,
    columns,
    seconds,
    heatmap: (symbol) => books.get(symbol)?.heatmap,
    getCobHeatmapMatrix: (symbol, options) => books.get(symbol)?.heatmap.matrix(options),
    async recorded(symbol, from, to, stepSec) {
      const merged = books.get(symbol);
      if (merged === undefined) return fail('UNKNOWN_SYMBOL', `${symbol} is not followed, so its book is not merged.`);
      const { bucketWidth } = merged.request;
      const stored = await market.cobSeconds(symbol, from, Math.min(to, clock.now()), 1_000 * stepSec);
      return stored.ok ? ok({ bucketWidth, columns: columnsOfSeconds(stored.value, bucketWidth) }) : stored;
    },
    latest: (symbol) => latest.get(symbol),
    follow(request, sources) {
      const { symbol, bucketWidth, imbalanceRange } = request;
      const known = books.get(symbol);
      if (known?.request.bucketWidth === bucketWidth && known.request.imbalanceRange === imbalanceRange)
        known.book.merge(sources);
      else {
        const book = new ConsolidatedBook({ symbol, bucketWidth, imbalanceRange, sources });
        const heatmap = known?.request.bucketWidth === bucketWidth ? known.heatmap : new HeatmapHistory(bucketWidth);
        books.set(symbol, { request, book, heatmap, ended: undefined });
        if (heatmap !== known?.heatmap) void fill(symbol, heatmap);
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
