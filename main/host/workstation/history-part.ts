import { type StoredTimeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import { HistoryDownloads } from '../../services/data/download.ts';
import { FileImports } from '../../services/data/file-imports.ts';
import { ImportedHistories } from '../../services/data/imported-histories.ts';
import { Maintenance } from '../../services/data/maintenance.ts';
import type { MarketDataService } from '../../services/data/market-data-service.ts';
import type { Frame } from './frame.ts';

/** What keeps the history whole: maintenance, downloads and imports. */
export function assembleHistory(frame: Frame, data: MarketDataService) {
  const { config, store, market, wall, ids, log } = frame;
  const { clock } = market;
  const historyOf = (symbol: string) => (data.instruments.has(symbol) ? data.history : undefined);
  const isBusy = (): boolean => data.isFetching();

  /** What the chart's memory may hold is taken over; older candles are read from the store when they are scrolled to. */
  const takeOver = async (symbol: string, timeframe: StoredTimeframe, from: number, to: number): Promise<void> => {
    const oldest = clock.now() - config.history.memoryCandles * TIMEFRAME_MS[timeframe];
    if (!data.instruments.has(symbol) || to < oldest) return;
    const stored = await store.market.candlesIn(symbol, timeframe, Math.max(from, oldest), to + 1);
    if (stored.ok) await data.onCorrected(symbol, timeframe, stored.value);
    else frame.report(stored.error, 'history');
  };

  const maintenance = new Maintenance({
    symbols: () => [...data.instruments.keys()],
    history: historyOf,
    store,
    onCorrected: (symbol, timeframe, candles) => data.onCorrected(symbol, timeframe, candles),
    isBusy,
    clock,
    wall,
    log,
  });
  const unsubscribe = [
    data.klines.on((event) => maintenance.onKline(event)),
    data.bookStateChanges.on((event) => maintenance.onBookState(event)),
    data.changes.on(({ symbol, followed }) => followed === undefined && maintenance.onUnfollowed(symbol)),
  ];
  frame.onClose(async () => {
    for (const stop of unsubscribe) stop();
    await maintenance.close();
  });

  const downloads = new HistoryDownloads({
    history: historyOf,
    store,
    onFetched: (symbol, timeframe, candles) =>
      void takeOver(symbol, timeframe, candles[0]?.openTime ?? 0, candles.at(-1)?.openTime ?? 0),
    isBusy,
    clock,
    wall,
    ids,
    log,
  });
  frame.onClose(() => downloads.close());
  // On top of the first history: what the chart shows comes before what is looked after.
  void data.started.then(async () => {
    // A replay has its candles from the recorded market, where they were looked after.
    if (market.replay !== undefined) return;
    maintenance.start();
    const resumed = await downloads.resume();
    if (!resumed.ok) frame.report(resumed.error, 'history');
  });

  const histories = new ImportedHistories(store.settings);
  const imports = new FileImports({
    pickFile: frame.pickFile,
    imports: store.imports,
    onCandles(symbol, timeframe, from, to) {
      data.history.stored.emit({ symbol, timeframe, from, to: to + TIMEFRAME_MS[timeframe] });
      void takeOver(symbol, timeframe, from, to);
    },
    async onStored({ venue, symbol, kind, timeframe }, from, to) {
      if (kind === 'candles' && timeframe !== '1m') return;
      const end = to + (kind === 'candles' ? TIMEFRAME_MS['1m'] : 1);
      const noted = await histories.add({ venue, symbol, content: kind, from, to: end });
      if (!noted.ok) frame.report(noted.error, 'import');
    },
    wall,
    ids,
    log,
  });
  frame.onClose(() => imports.close());
  return { maintenance, downloads, imports };
}

export type HistoryPart = ReturnType<typeof assembleHistory>;
