import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { BaseInput } from '../../core/features/base-input/base-input.ts';
import { BaseInputBuilder, type InputMoment } from '../../core/features/base-input/builder.ts';
import {
  emptySeries,
  feed,
  marketHistory,
  type MarketHistory,
  momentAt,
  STRUCTURE_MINUTES,
  WHOLE,
} from '../../core/features/base-input/market-history.fixture.ts';
import { referenceOf } from '../../core/features/base-input/reference.ts';
import { STORED_TIMEFRAMES } from '../../core/market/timeframe.ts';
import type { Store } from '../../main/ports/store.ts';
import { StoredInput } from '../../main/services/input/stored-input.ts';
import { openStore } from '../../main/storage/duckdb-store.ts';
import { createSystemClock } from '../../main/host/host-clock.ts';
import { type BenchReport, median, percentile } from '../bench-runner.ts';

const END = 1_600_000_000_000;
/** Seconds that pass while inputs are built; the window's anchors move twice in it. */
const SECONDS = 700;
const ROUNDS = 5;
const GARBAGE_BUILDS = 100;
const REBUILDS = 60;
const SYMBOL = 'ETH/USDT';
const REFERENCE = 'BTC/USDT';

/**
 * The models' input: built live a second at a time, what that leaves to the garbage collector, and rebuilt out of a real store from a
 * reference, each with its digest compared.
 */
export async function benchBaseInput(report: BenchReport): Promise<void> {
  const history = marketHistory(1, END, { ...WHOLE, seconds: 1_000 + SECONDS, minutes: STRUCTURE_MINUTES, book: SECONDS + 400 });
  const times: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const took = liveRound(history);
    // The first one compiles.
    if (round === 0) continue;
    times.push(...took.wall);
    cpu.push(...took.cpu);
  }
  const limit = (metric: string, value: number, unit: string, most: number): void =>
    report.row({ metric, value, unit, peer: `limit ${most} ${unit}`, peerValue: most, better: 'lower' });
  limit('baseInputMsP50', percentile(times, 50), 'ms', 1);
  limit('baseInputMsP99', percentile(times, 99), 'ms', 1);
  // What the build itself takes, on a machine that others use, too.
  limit('baseInputMsP99, CPU time', percentile(cpu, 99), 'ms', 1);
  limit('baseInputGarbageBytes', await garbage(history), 'bytes', 1_024);
  const rebuilt = await rebuild(history);
  limit('rebuildMsP50', median(rebuilt.wall), 'ms', 30);
  // Of all threads, the database's among them.
  limit('rebuildMsP50, CPU time', median(rebuilt.cpu), 'ms', 30);
  limit('rebuildMsP99', percentile(rebuilt.wall, 99), 'ms', 30);
}

/** Milliseconds of each build, of wall and of CPU time, with a second of market before each. */
function liveRound(history: MarketHistory): { readonly wall: number[]; readonly cpu: number[] } {
  const series = emptySeries();
  const start = END - SECONDS * 1_000;
  feed(series, history, 0, start);
  const builder = new BaseInputBuilder(series);
  const input = new BaseInput();
  const moment = momentAt(history, start);
  const took = { wall: [] as number[], cpu: [] as number[] };
  for (let t = start + 1_000; t <= END; t += 1_000) {
    pass(series, history, t);
    moment.t = t;
    const used = process.cpuUsage();
    const startedAt = performance.now();
    builder.build(moment, input);
    took.wall.push(performance.now() - startedAt);
    const { user, system } = process.cpuUsage(used);
    took.cpu.push((user + system) / 1_000);
  }
  return took;
}

/** The second that ends at `t`: its candles and its row of the book. */
function pass(series: ReturnType<typeof emptySeries>, history: MarketHistory, t: number): void {
  const at = history.candles['1s'].length - 1 - (END - t) / 1_000;
  const [own, other] = [history.candles['1s'][at], history.reference['1s'][at]];
  const row = history.book[history.book.length - 1 - (END - t) / 1_000];
  if (own === undefined || other === undefined || row === undefined) throw new Error(`nothing happens at ${t}`);
  series.seconds.push(own);
  series.reference?.push(other);
  series.cob.push(row.second, row.view, row.flow);
}

/** Bytes of heap and of array memory that one build leaves, as the median of spans of builds in which nothing was collected. */
async function garbage(history: MarketHistory): Promise<number> {
  const series = emptySeries();
  feed(series, history, 0, END);
  const builder = new BaseInputBuilder(series);
  const input = new BaseInput();
  const moment: InputMoment = momentAt(history, END);
  for (let i = 0; i < 3_000; i++) builder.build(moment, input);
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  const perBuild: number[] = [];
  for (let attempt = 0; perBuild.length < 9; attempt++) {
    if (attempt > 100) throw new Error('something was collected in every span of builds');
    (globalThis as { gc?: () => void }).gc?.();
    // Entries are told a turn later.
    await new Promise((resolve) => setTimeout(resolve, 20));
    collections = 0;
    const before = held();
    for (let i = 0; i < GARBAGE_BUILDS; i++) builder.build(moment, input);
    const left = held() - before;
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (collections === 0) perBuild.push(left / GARBAGE_BUILDS);
  }
  observer.disconnect();
  return median(perBuild);
}

function held(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function rebuild(history: MarketHistory): Promise<{ readonly wall: number[]; readonly cpu: number[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'cobalt-bench-input-'));
  const opened = await openStore({
    path: join(folder, 'store.duckdb'),
    wall: createSystemClock(),
    flushMs: 500,
    batchRows: 10_000,
    log: () => {},
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const store = opened.value;
  try {
    await write(store, history);
    const stored = new StoredInput({ market: store.market, learning: store.learning, referenceSymbol: REFERENCE });
    const took = { wall: [] as number[], cpu: [] as number[] };
    for (let i = 0; i < REBUILDS + 10; i++) {
      const t = END - 1_000 * (i % 60);
      const seen = await stored.at(SYMBOL, t);
      if (!seen.ok) throw new Error(seen.error.message);
      const reference = referenceOf(seen.value.input, undefined, []);
      const used = process.cpuUsage();
      const startedAt = performance.now();
      const again = await stored.of(reference);
      const ms = performance.now() - startedAt;
      const { user, system } = process.cpuUsage(used);
      if (!again.ok || again.value.difference !== undefined) throw new Error(`not the same input at ${t}`);
      if (i < 10) continue;
      took.wall.push(ms);
      took.cpu.push((user + system) / 1_000);
    }
    return took;
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function write({ market }: Store, history: MarketHistory): Promise<void> {
  const put = async (symbol: string, timeframe: (typeof STORED_TIMEFRAMES)[number], of: keyof MarketHistory): Promise<void> => {
    const candles = of === 'reference' ? history.reference[timeframe as '1s' | '1m'] : history.candles[timeframe];
    const done = await market.replaceCandles('binance', symbol, timeframe, candles);
    if (!done.ok) throw new Error(done.error.message);
  };
  for (const timeframe of STORED_TIMEFRAMES) await put(SYMBOL, timeframe, 'candles');
  await put(REFERENCE, '1s', 'reference');
  await put(REFERENCE, '1m', 'reference');
  history.book.forEach(({ view }, i) => market.appendCob(view, undefined, history.book[i - 1]?.flow));
  const flushed = await market.flush();
  if (!flushed.ok) throw new Error(flushed.error.message);
}
