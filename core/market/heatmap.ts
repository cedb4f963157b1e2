import { COB_BUCKETS, COB_RADIUS } from '../contracts/market-views.ts';
import type { CobColumn } from './cob-column.ts';
import type { VenueId } from './instrument.ts';
import { mergedColumn } from './merged-column.ts';

/** Volumes in USD; imbalance (bid − ask)/(bid + ask) of each bucket; spread in basis points of the mid, the same in a whole column. */
export const HEATMAP_METRICS = ['totalVolume', 'bidVolume', 'askVolume', 'imbalance', 'spread'] as const;
export type HeatmapMetric = (typeof HEATMAP_METRICS)[number];

export interface HeatmapOptions {
  readonly metric: HeatmapMetric;
  /** Seconds, one column each; 300 when absent. */
  readonly windowSec?: number;
  /** Buckets to each side of the newest anchor, at most 20; 10 when absent. */
  readonly radius?: number;
  /** Only these venues; all when absent. */
  readonly venues?: readonly VenueId[];
}

/** NaN is unknown: no (asked-for) venue was live, or the snapshot did not reach so far. The arrays change with the next call. */
export interface HeatmapMatrix {
  /** Starts of the seconds, ms, one after another. */
  readonly times: Float64Array;
  /** Lower edges of the buckets, quote units, ascending. */
  readonly prices: Float64Array;
  /** times × prices: row r of column c at c · prices.length + r. */
  readonly values: Float32Array;
  readonly mids: Float64Array;
}

const SECOND_MS = 1_000;
const DEFAULT_WINDOW_SEC = 300;
const DEFAULT_RADIUS = 10;
/** Two windows, so that a longer one can be asked for. */
const DEFAULT_CAPACITY_SEC = 600;

/** Writes a metric of the column's 41 buckets to `out`; NaN throughout when nothing is known of these venues then. */
export function metricCells(
  { venues, bid, ask, spreadBps, split }: CobColumn,
  metric: HeatmapMetric,
  only: readonly VenueId[] | undefined,
  out: Float32Array,
): void {
  if (venues.length === 0 || (only !== undefined && !split?.venues.some((venue) => only.includes(venue)))) {
    out.fill(Number.NaN);
    return;
  }
  if (only === undefined || split === undefined) {
    if (metric === 'spread') out.fill(spreadBps);
    else for (let i = 0; i < COB_BUCKETS; i++) out[i] = cellOf(metric, bid[i] as number, ask[i] as number);
    return;
  }
  let bestBid = Number.NEGATIVE_INFINITY;
  let bestAsk = Number.POSITIVE_INFINITY;
  const chosen: number[] = [];
  split.venues.forEach((venue, v) => {
    if (!only.includes(venue)) return;
    chosen.push(v * COB_BUCKETS);
    bestBid = Math.max(bestBid, split.bestBid[v] as number);
    bestAsk = Math.min(bestAsk, split.bestAsk[v] as number);
  });
  if (metric === 'spread') {
    out.fill(((bestAsk - bestBid) / ((bestAsk + bestBid) / 2)) * 10_000);
    return;
  }
  for (let i = 0; i < COB_BUCKETS; i++) {
    let bids = 0;
    let asks = 0;
    for (const from of chosen) {
      bids += split.bid[from + i] as number;
      asks += split.ask[from + i] as number;
    }
    out[i] = cellOf(metric, bids, asks);
  }
}

function cellOf(metric: Exclude<HeatmapMetric, 'spread'>, bid: number, ask: number): number {
  if (metric === 'bidVolume') return bid;
  if (metric === 'askVolume') return ask;
  if (metric === 'totalVolume') return bid + ask;
  return bid + ask === 0 ? 0 : (bid - ask) / (bid + ask);
}

/** One symbol's columns, a second each, and the matrices made of them. Extending a matrix by a column costs that column. */
export class HeatmapHistory {
  readonly bucketWidth: number;
  readonly #capacity: number;
  readonly #columns: (CobColumn | undefined)[];
  readonly #matrices = new Map<string, MatrixCache>();
  #newest = Number.NaN;

  constructor(bucketWidth: number, capacitySec = DEFAULT_CAPACITY_SEC) {
    this.bucketWidth = bucketWidth;
    this.#capacity = capacitySec;
    this.#columns = new Array<CobColumn | undefined>(capacitySec);
  }

  /** Takes the state of a second: a later one than any before, or anew of the newest. An earlier one is not taken. */
  push(column: CobColumn): void {
    if (column.time < this.#newest) return;
    this.#columns[this.#slot(column.time)] = column;
    this.#newest = column.time;
  }

  /** Takes what was recorded elsewhere. Of a second that is known already it adds the venues that are not known yet. */
  fill(columns: readonly CobColumn[]): void {
    for (const column of columns) {
      if (Number.isNaN(this.#newest)) this.#newest = column.time;
      const known = this.at(column.time);
      if (column.time > this.#newest) this.push(column);
      else if (column.time > this.#newest - this.#capacity * SECOND_MS)
        this.#columns[this.#slot(column.time)] = known === undefined ? column : mergedColumn(known, column);
    }
    this.#matrices.clear();
  }

  /** What was traded in a second that is over. Answers its column, if it is still kept. */
  setFlow(time: number, flow: CobColumn['flow']): CobColumn | undefined {
    const column = this.at(time);
    if (column === undefined) return undefined;
    const complete = { ...column, flow };
    this.#columns[this.#slot(time)] = complete;
    return complete;
  }

  at(time: number): CobColumn | undefined {
    const column = this.#columns[this.#slot(time)];
    return column?.time === time ? column : undefined;
  }

  /** The columns of the newest `windowSec` seconds, oldest first; seconds of which nothing was told are left out. */
  columns(windowSec = DEFAULT_WINDOW_SEC): CobColumn[] {
    const found: CobColumn[] = [];
    for (let age = Math.min(windowSec, this.#capacity) - 1; age >= 0; age--) {
      const column = this.at(this.#newest - age * SECOND_MS);
      if (column !== undefined) found.push(column);
    }
    return found;
  }

  /** Undefined while no second of the window had a live venue. @throws RangeError for a window or radius beyond what is kept. */
  matrix({ metric, windowSec = DEFAULT_WINDOW_SEC, radius = DEFAULT_RADIUS, venues }: HeatmapOptions): HeatmapMatrix | undefined {
    if (!(windowSec >= 1 && windowSec <= this.#capacity && radius >= 0 && radius <= COB_RADIUS)) {
      throw new RangeError(
        `a heatmap of ${windowSec} s and ±${radius} buckets: up to ${this.#capacity} s and ±${COB_RADIUS} are kept`,
      );
    }
    const key = `${metric} ${windowSec} ${radius} ${venues === undefined ? '*' : venues.toSorted().join(' ')}`;
    let cache = this.#matrices.get(key);
    if (cache === undefined) {
      if (this.#matrices.size >= MOST_MATRICES) this.#matrices.clear();
      cache = new MatrixCache(metric, windowSec, radius, venues);
      this.#matrices.set(key, cache);
    }
    return cache.upTo(this.#newest, this);
  }

  #slot(time: number): number {
    return (time / SECOND_MS) % this.#capacity;
  }
}

/** Beyond this somebody asks for ever new ones; then they are made anew. */
const MOST_MATRICES = 32;

/** One matrix, kept up to date: the metric of every column's own 41 buckets, and the rows made of them around the newest anchor. */
class MatrixCache {
  readonly #metric: HeatmapMetric;
  readonly #window: number;
  readonly #radius: number;
  readonly #venues: readonly VenueId[] | undefined;
  /** By second in the window's ring. */
  readonly #cells: Float32Array;
  readonly #anchors: Float64Array;
  readonly #matrix: HeatmapMatrix;
  #anchor = Number.NaN;
  #newest = Number.NaN;

  constructor(metric: HeatmapMetric, windowSec: number, radius: number, venues: readonly VenueId[] | undefined) {
    this.#metric = metric;
    this.#window = windowSec;
    this.#radius = radius;
    this.#venues = venues;
    const rows = 2 * radius + 1;
    this.#cells = new Float32Array(windowSec * COB_BUCKETS);
    this.#anchors = new Float64Array(windowSec);
    this.#matrix = {
      times: new Float64Array(windowSec),
      prices: new Float64Array(rows),
      values: new Float32Array(windowSec * rows),
      mids: new Float64Array(windowSec),
    };
  }

  upTo(newest: number, history: HeatmapHistory): HeatmapMatrix | undefined {
    if (Number.isNaN(newest)) return undefined;
    const known = Number.isNaN(this.#newest) ? this.#window : (newest - this.#newest) / SECOND_MS;
    // The newest second of the last time may have gone on since.
    const fresh = Math.min(this.#window, known + 1);
    const { times, prices, values, mids } = this.#matrix;
    const rows = prices.length;
    const shift = Math.min(this.#window, known);
    values.copyWithin(0, shift * rows);
    mids.copyWithin(0, shift);
    times.copyWithin(0, shift);
    for (let c = this.#window - fresh; c < this.#window; c++) {
      const time = newest - (this.#window - 1 - c) * SECOND_MS;
      const column = history.at(time);
      times[c] = time;
      mids[c] = column?.mid ?? Number.NaN;
      const slot = (time / SECOND_MS) % this.#window;
      const cells = this.#cells.subarray(slot * COB_BUCKETS, (slot + 1) * COB_BUCKETS);
      if (column === undefined) cells.fill(Number.NaN);
      else metricCells(column, this.#metric, this.#venues, cells);
      this.#anchors[slot] = column === undefined || column.venues.length === 0 ? Number.NaN : column.anchorIndex;
    }
    this.#newest = newest;
    const anchor = this.#newestAnchor();
    const moved = anchor !== this.#anchor;
    this.#anchor = anchor;
    if (Number.isNaN(anchor)) return undefined;
    if (moved) {
      for (let r = 0; r < rows; r++) prices[r] = (anchor - this.#radius + r) * history.bucketWidth;
    }
    for (let c = moved ? 0 : this.#window - fresh; c < this.#window; c++) this.#writeRows(c, times[c] as number);
    return this.#matrix;
  }

  /** Of the newest second in the window that had a live venue; NaN when none had. */
  #newestAnchor(): number {
    for (let age = 0; age < this.#window; age++) {
      const anchor = this.#anchors[(this.#newest / SECOND_MS - age) % this.#window] as number;
      if (!Number.isNaN(anchor)) return anchor;
    }
    return Number.NaN;
  }

  /** The rows of column `c` from the cells of its second, matched by price. */
  #writeRows(c: number, time: number): void {
    const { values, prices } = this.#matrix;
    const rows = prices.length;
    const slot = (time / SECOND_MS) % this.#window;
    const first = this.#anchor - this.#radius - (this.#anchors[slot] as number) + COB_RADIUS;
    for (let r = 0; r < rows; r++) {
      const i = first + r;
      values[c * rows + r] = i >= 0 && i < COB_BUCKETS ? (this.#cells[slot * COB_BUCKETS + i] as number) : Number.NaN;
    }
  }
}
