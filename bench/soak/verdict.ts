import { readFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { LabVenue } from '../../lab/listings.ts';
import { createSystemClock } from '../../main/host/host-clock.ts';
import { openSegmentStore } from '../../main/storage/recording/segment-store.ts';
import type { MarketTruth } from './market-truth.ts';
import { type ComparedTrade, compareTrades, holeOf, missingIds, toldOf } from './trade-check.ts';
import type { SourceRecord } from './watch.ts';

/** Venues whose trade ids are neighbours: the practice market's own. */
const CONTIGUOUS: readonly string[] = ['binance'];

export interface SourceTrades {
  readonly source: string;
  readonly stored: number;
  readonly had: number;
  readonly missing: number;
  /** Of the missing: in a hole that the desk told of, because the venue's REST does not reach back to it. */
  readonly told: number;
  readonly extra: number;
  /** Where ids are contiguous: ids between the first and the last that are not stored. */
  readonly missingIds: number | undefined;
}

/** Compares what the store of a stopped desk has with all that the market had. */
export async function checkTrades(
  path: string,
  sources: readonly SourceRecord[],
  logged: ReadonlyMap<string, readonly string[]>,
  truth: MarketTruth,
): Promise<SourceTrades[]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const checked: SourceTrades[] = [];
    for (const { key, venue, symbol, told } of sources) {
      // The status has the newest only, once a second.
      const holes = [...told, ...(logged.get(key) ?? [])].map(holeOf).filter((hole) => hole !== undefined);
      const reader = await connection.runAndReadAll(
        `SELECT trade_id::DOUBLE, ts_event::DOUBLE, price, quantity FROM trades WHERE venue = '${venue}' AND symbol = '${symbol}' ORDER BY ts_event, trade_id`,
      );
      const [ids = [], times = [], prices = [], quantities = []] = reader.getColumns() as number[][];
      const stored = times.map(
        (time, i): ComparedTrade => ({ time, price: prices[i] as number, quantity: quantities[i] as number }),
      );
      const had = truth.trades(venue as LabVenue, symbol, times[0] ?? 0, times.at(-1) ?? 0);
      const { missing, extra, ...counts } = compareTrades(stored, had);
      checked.push({
        source: key,
        ...counts,
        missing: missing.length,
        told: toldOf(missing, holes, times),
        extra,
        missingIds: CONTIGUOUS.includes(venue) ? missingIds(ids) : undefined,
      });
    }
    return checked;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export interface SegmentCheck {
  readonly segments: number;
  readonly bytes: number;
  readonly events: number;
  readonly unreadable: readonly string[];
}

/** Reads every recorded segment to its end; each batch is checked against its CRC. */
export async function checkSegments(folder: string): Promise<SegmentCheck> {
  const store = openSegmentStore({ folder, mode: 'SIM', wall: createSystemClock() });
  try {
    const listed = await store.list();
    if (!listed.ok) return { segments: 0, bytes: 0, events: 0, unreadable: [listed.error.message] };
    const unreadable: string[] = [];
    let events = 0;
    for (const { id, state, problem } of listed.value) {
      if (state !== 'whole') unreadable.push(`${id} is ${state}${problem === undefined ? '' : `: ${problem}`}`);
      else {
        const read = await store.read(id, (batch) => {
          events += batch.events;
        });
        if (!read.ok) unreadable.push(read.error.message);
      }
    }
    const bytes = listed.value.reduce((sum, segment) => sum + segment.bytes, 0);
    return { segments: listed.value.length, bytes, events, unreadable };
  } finally {
    await store.close();
  }
}

export interface LogCheck {
  readonly lines: number;
  readonly warnings: number;
  readonly errors: number;
  /** Unhandled rejections and uncaught exceptions, each as it was written. */
  readonly unhandled: readonly string[];
  /** By source: what was said of missing trades. */
  readonly holes: ReadonlyMap<string, readonly string[]>;
  /** The most frequent warnings and errors with their counts. */
  readonly frequent: readonly (readonly [message: string, count: number])[];
}

const WARN = 40;
const ERROR = 50;
const MOST_FREQUENT = 12;

/** What the desk's own log holds against it. */
export async function checkLog(path: string): Promise<LogCheck> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  const unhandled: string[] = [];
  const counts = new Map<string, number>();
  const holes = new Map<string, string[]>();
  let warnings = 0;
  let errors = 0;
  for (const line of lines) {
    const { level, msg, venue, symbol, hole } = JSON.parse(line) as Record<'msg' | 'venue' | 'symbol' | 'hole', string> & {
      level: number;
    };
    if (level < WARN) continue;
    if (level >= ERROR) errors++;
    else warnings++;
    counts.set(msg, (counts.get(msg) ?? 0) + 1);
    if (hole !== undefined) holes.set(`${venue}:${symbol}`, [...(holes.get(`${venue}:${symbol}`) ?? []), hole]);
    if (/unhandled|uncaught/i.test(msg)) unhandled.push(line);
  }
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_FREQUENT);
  return { lines: lines.length, warnings, errors, unhandled, holes, frequent };
}
