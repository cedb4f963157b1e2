import { columnOf } from '../../core/market/cob-column.ts';
import { type CobSnapshot, ConsolidatedBook } from '../../core/market/consolidated-book.ts';
import { HeatmapHistory } from '../../core/market/heatmap.ts';
import { L2Book } from '../../core/market/l2-book.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import { type BenchReport, median } from '../bench-runner.ts';
import { depthFlow, LOT_SIZE, TICK_SIZE } from '../depth/depth-flow.ts';

const VENUES: readonly VenueId[] = ['binance', 'bybit', 'mexc', 'deribit'];
const SAMPLES = 3_000;
const WARM_UPS = 500;
const LIMIT_SNAPSHOT_US = 50;
const LIMIT_COLUMN_US = 20;

/**
 * One snapshot of four venues' books with what each contributes, at two depths; and one more second of the heatmap (300 s, ±10
 * buckets): its column, and the matrix of total volume around the anchor as it is then.
 */
export function benchHeatmap(report: BenchReport): void {
  for (const depth of [1_000, 5_000]) {
    const { snapshotUs, columnUs } = run(depth);
    report.row({
      metric: depth === 1_000 ? 'cobSnapshotUsP50' : `cobSnapshotUsP50, depth ${depth}`,
      value: median(snapshotUs),
      unit: 'µs',
      peer: 'limit 50 µs',
      peerValue: LIMIT_SNAPSHOT_US,
      better: 'lower',
    });
    if (depth !== 1_000) continue;
    report.row({
      metric: 'heatmapColumnUs',
      value: median(columnUs),
      unit: 'µs',
      peer: 'limit 20 µs',
      peerValue: LIMIT_COLUMN_US,
      better: 'lower',
    });
  }
}

function run(depth: number): { snapshotUs: number[]; columnUs: number[] } {
  const flows = VENUES.map((_, i) => depthFlow({ seed: 100 + i, messages: 500, levelsPerMessage: 60, depth }));
  const books = flows.map(({ start }) => {
    const book = new L2Book({ tickSize: TICK_SIZE, lotSize: LOT_SIZE, bucketWidth: 1 });
    book.applySnapshot(start.bids, start.asks);
    return book;
  });
  const status = () => ({ state: 'live', reason: '' }) as const;
  const cob = new ConsolidatedBook({
    symbol: 'ETH/USDT',
    bucketWidth: 1,
    sources: books.map((book, i) => ({ venue: VENUES[i] as VenueId, book, status })),
  });
  const history = new HeatmapHistory(1);
  const snapshotUs: number[] = [];
  const columnUs: number[] = [];
  let snapshot: CobSnapshot | undefined;
  for (let sample = -WARM_UPS; sample < SAMPLES; sample++) {
    books.forEach((book, i) => {
      const messages = flows[i]?.messages ?? [];
      const message = messages[(sample + WARM_UPS) % messages.length];
      for (const [ticks, lots] of message?.bids ?? []) book.setLevel('bid', ticks, lots);
      for (const [ticks, lots] of message?.asks ?? []) book.setLevel('ask', ticks, lots);
    });
    const t = 1_600_000_000_000 + 1_000 * (sample + WARM_UPS);
    const startedAt = performance.now();
    snapshot = cob.snapshot(t);
    const between = performance.now();
    history.push(columnOf(snapshot));
    const matrix = history.matrix({ metric: 'totalVolume' });
    const endedAt = performance.now();
    if (snapshot.view.venues.length > 0 && matrix === undefined)
      throw new Error('no heatmap of a live book: this measured nothing');
    if (sample < 0) continue;
    snapshotUs.push(1_000 * (between - startedAt));
    columnUs.push(1_000 * (endedAt - between));
  }
  if (snapshot?.view.venues.length !== VENUES.length) throw new Error('not every venue was merged: this measured something else');
  return { snapshotUs, columnUs };
}
