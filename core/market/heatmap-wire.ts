import type { HeatmapColumn, SideRun } from '../contracts/heatmap.ts';
import { COB_BUCKETS } from '../contracts/market-views.ts';
import { type CobColumn, unknownColumn } from './cob-column.ts';

/** A column as plain numbers, rounded to cents: what crosses to a window. */
export function toWire({ time, anchorIndex, mid, spreadBps, venues, bid, ask, split, flow }: CobColumn): HeatmapColumn {
  if (venues.length === 0) return { time, anchorIndex: 0, mid: 0, spreadBps: 0, venues };
  const column = { time, anchorIndex, mid, spreadBps, venues, ...(flow === undefined ? {} : { flow }) };
  if (split === undefined) return { ...column, total: { bid: runOf(bid, 0), ask: runOf(ask, 0) } };
  return {
    ...column,
    split: venues.map((_, v) => ({
      bid: runOf(split.bid, v),
      ask: runOf(split.ask, v),
      bestBid: split.bestBid[v] as number,
      bestAsk: split.bestAsk[v] as number,
    })),
  };
}

/** The column again, its totals summed over the venues. */
export function fromWire({ time, anchorIndex, mid, spreadBps, venues, split, total, flow }: HeatmapColumn): CobColumn {
  if (venues.length === 0) return unknownColumn(time);
  const bid = new Float32Array(COB_BUCKETS);
  const ask = new Float32Array(COB_BUCKETS);
  const column = { time, anchorIndex, mid, spreadBps, venues, bid, ask, flow };
  if (split === undefined) {
    if (total !== undefined) {
      add(total.bid, bid, 0);
      add(total.ask, ask, 0);
    }
    return { ...column, split: undefined };
  }
  const byVenue = {
    venues,
    bid: new Float32Array(venues.length * COB_BUCKETS),
    ask: new Float32Array(venues.length * COB_BUCKETS),
    bestBid: Float64Array.from(split, (venue) => venue.bestBid),
    bestAsk: Float64Array.from(split, (venue) => venue.bestAsk),
  };
  split.forEach((venue, v) => {
    add(venue.bid, byVenue.bid, v);
    add(venue.ask, byVenue.ask, v);
    add(venue.bid, bid, 0);
    add(venue.ask, ask, 0);
  });
  return { ...column, split: byVenue };
}

function runOf(cells: Float32Array, venue: number): SideRun {
  const start = venue * COB_BUCKETS;
  let from = 0;
  let to = COB_BUCKETS;
  while (from < to && cells[start + from] === 0) from++;
  while (to > from && cells[start + to - 1] === 0) to--;
  return { from, notional: Array.from(cells.subarray(start + from, start + to), (value) => Math.round(value * 100) / 100) };
}

function add({ from, notional }: SideRun, cells: Float32Array, venue: number): void {
  notional.forEach((value, i) => {
    (cells[venue * COB_BUCKETS + from + i] as number) += value;
  });
}
