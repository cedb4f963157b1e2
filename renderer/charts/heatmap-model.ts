import { COB_BUCKETS, COB_RADIUS } from '../../core/contracts/market-views.ts';
import type { HeatmapEvent } from '../../core/contracts/heatmap.ts';
import type { CobColumn } from '../../core/market/cob-column.ts';
import { fromWire } from '../../core/market/heatmap-wire.ts';
import { type HeatmapMetric, metricCells } from '../../core/market/heatmap.ts';
import type { VenueId } from '../../core/market/instrument.ts';

const SECOND_MS = 1_000;
/** Seconds kept in the window. The panel shows at most a third of them; a chart in coarse steps puts the seconds of a step together. */
export const KEPT_SEC = 900;

/** The seconds that were told, by their start; the oldest go. */
export class HeatmapColumns {
  readonly #byTime = new Map<number, CobColumn>();
  #venues: VenueId[] = [];
  #venuesAt = Number.NaN;
  bucketWidth = 0;
  newest = 0;

  take(event: HeatmapEvent): void {
    if (event.kind === 'snapshot' || event.bucketWidth !== this.bucketWidth) {
      this.#byTime.clear();
      this.newest = 0;
      this.#venuesAt = Number.NaN;
      this.bucketWidth = event.bucketWidth;
    }
    for (const column of event.kind === 'snapshot' ? event.columns : [event.column]) {
      this.#byTime.set(column.time, fromWire(column));
      this.newest = Math.max(this.newest, column.time);
    }
    const oldest = this.newest - KEPT_SEC * SECOND_MS;
    for (const time of this.#byTime.keys()) if (time <= oldest) this.#byTime.delete(time);
  }

  at(time: number): CobColumn | undefined {
    return this.#byTime.get(time);
  }

  /** The newest second with a live venue. */
  get newestLive(): CobColumn | undefined {
    for (let time = this.newest; time > this.newest - KEPT_SEC * SECOND_MS; time -= SECOND_MS) {
      const column = this.#byTime.get(time);
      if (column !== undefined && column.venues.length > 0) return column;
    }
    return undefined;
  }

  /** Start of the oldest kept second; infinite without any. */
  get oldest(): number {
    const [first] = this.#byTime.keys();
    return first ?? Number.POSITIVE_INFINITY;
  }

  /** Every venue that was merged in a kept second, in the order of their names; looked through once a second. */
  get venues(): readonly VenueId[] {
    if (this.#venuesAt === this.newest) return this.#venues;
    const found = new Set<VenueId>();
    for (const { venues } of this.#byTime.values()) for (const venue of venues) found.add(venue);
    this.#venues = [...found].toSorted();
    this.#venuesAt = this.newest;
    return this.#venues;
  }
}

const cells = new Float32Array(COB_BUCKETS);

/** Writes the values of rows firstRow … (absolute bucket indices) of one second; NaN is unknown. */
export function rowValues(
  column: CobColumn | undefined,
  metric: HeatmapMetric,
  venues: readonly VenueId[] | undefined,
  firstRow: number,
  out: Float32Array,
): void {
  out.fill(Number.NaN);
  if (column === undefined) return;
  metricCells(column, metric, venues, cells);
  const shift = firstRow - column.anchorIndex + COB_RADIUS;
  for (let r = Math.max(0, -shift); r < out.length && r + shift < COB_BUCKETS; r++) out[r] = cells[r + shift] as number;
}

/** The first of `rows` rows to show: as before while the mid is in the middle half, else around it. */
export function firstRowFor(before: number, rows: number, anchorIndex: number): number {
  const place = anchorIndex - before;
  return place >= rows / 4 && place < (3 * rows) / 4 ? before : anchorIndex - (rows >> 1);
}

/** What the strongest colour stands for: the 98th percentile of what is there, moved only when it is well off. */
export function nextScale(before: number, values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const wanted = sorted[Math.floor(0.98 * (sorted.length - 1))] ?? 0;
  if (wanted <= 0) return before;
  return wanted > 1.15 * before || wanted < 0.6 * before ? wanted : before;
}

/** 0 … 255 of a value between 0 and `scale`, or between −1 and 1 of an imbalance; the gamma lifts what is faint. */
export function shade(value: number, metric: HeatmapMetric, scale: number, gamma: number): number {
  if (metric === 'imbalance') return Math.round(127.5 + 127.5 * Math.sign(value) * Math.min(1, Math.abs(value)) ** gamma);
  if (!(scale > 0)) return 0;
  return Math.round(255 * Math.min(1, Math.max(0, value) / scale) ** gamma);
}
