import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextNormal, SplitMix32 } from '../core/base/rng.ts';
import type { CobView } from '../core/contracts/market-views.ts';
import type { Order } from '../core/contracts/orders.ts';
import type { Candle } from '../core/market/candle.ts';
import { type StoredTimeframe, TIMEFRAME_MS, type Timeframe } from '../core/market/timeframe.ts';
import type { Trade } from '../core/market/trade.ts';
import { createSystemClock } from '../main/host/host-clock.ts';
import type { Store } from '../main/ports/store.ts';
import { openStore } from '../main/storage/duckdb-store.ts';
import { median, openReport, percentile } from './bench-runner.ts';

/**
 * The DuckDB store by the interface that the services use: rows appended until durable, the newest page of candles out of a
 * filled table, and one order journalled, alone and while market data is being written. Every run has a new file.
 */
const RUNS = 5;
const TRADES = 200_000;
const CANDLES = 200_000;
const PAGE = 300;
const READS = 200;
const ORDERS = 400;
const COB_SECONDS = 20_000;
const QUERIES = 60;
const SYMBOL = 'ETH/USDT';
const REFERENCE = 'BTC/USDT';
/** Series of the standard query, all that a model's input holds of candles, and how many are stored of each. */
const STANDARD: readonly (readonly [symbol: string, timeframe: StoredTimeframe, stored: number])[] = [
  [SYMBOL, '1s', CANDLES],
  [SYMBOL, '1m', CANDLES / 2],
  [SYMBOL, '1h', 20_000],
  [SYMBOL, '1d', 1_000],
  [REFERENCE, '1s', CANDLES],
];
const START = 1_583_366_400_000;
/** The trader's limit for what must feel immediate. */
const READ_LIMIT_MS = 10;
/** Half a period of the consolidated book. */
const QUERY_LIMIT_MS = 50;

const rng = new SplitMix32(4);
const trades = Array.from({ length: TRADES }, (_, i): Trade => {
  const tsEvent = START + 20 * i;
  return {
    id: i + 1,
    price: 200 + nextNormal(rng),
    quantity: rng.next(),
    side: rng.next() < 0.5 ? 'buy' : 'sell',
    tsEvent,
    tsReceived: tsEvent + 5,
  };
});
const report = openReport('store');
const wall = createSystemClock();
const figures = new Map<string, number[]>();
for (let run = 0; run < RUNS; run++) await withStore((store) => measureRun(store));

report.row({ metric: 'trades appended until durable', value: of('trades'), unit: 'rows/s' });
report.row({ metric: '1s candles appended until durable', value: of('candles'), unit: 'rows/s' });
report.row({ metric: 'cob_1s appended until durable', value: of('cob'), unit: 'rows/s' });
report.row({ metric: 'trades appended until durable, CPU', value: of('trades CPU'), unit: 'rows/CPU-s' });
for (const timeframe of ['1s', '1m'] as const) {
  report.row({
    metric: `candlesBefore(${PAGE}) ${timeframe}, p50`,
    value: of(`read ${timeframe} p50`),
    unit: 'ms',
    peer: 'limit',
    peerValue: READ_LIMIT_MS,
    better: 'lower',
  });
  report.row({ metric: `candlesBefore(${PAGE}) ${timeframe}, p99`, value: of(`read ${timeframe} p99`), unit: 'ms' });
}
report.row({
  metric: 'standard query, 4 × 300 + 300 candles, p50',
  value: of('query p50'),
  unit: 'ms',
  peer: 'limit',
  peerValue: QUERY_LIMIT_MS,
  better: 'lower',
});
report.row({ metric: 'standard query, p99', value: of('query p99'), unit: 'ms' });
report.row({ metric: 'order journalled, p50', value: of('order p50'), unit: 'ms' });
report.row({ metric: 'order journalled, p99', value: of('order p99'), unit: 'ms' });
report.row({ metric: 'order journalled, market writing, p50', value: of('order busy p50'), unit: 'ms' });
report.row({ metric: 'order journalled, market writing, p99', value: of('order busy p99'), unit: 'ms' });
report.row({ metric: 'bytes per 1s candle or trade on disk', value: of('bytes'), unit: 'bytes' });
process.exit(0);

async function measureRun(store: Store): Promise<void> {
  const cpu = process.cpuUsage();
  const tradesMs = await timed(async () => {
    for (const trade of trades) store.market.appendTrade('binance', SYMBOL, trade);
    await mustFlush(store);
  });
  const { user, system } = process.cpuUsage(cpu);
  note('trades', TRADES / (tradesMs / 1000));
  note('trades CPU', TRADES / ((user + system) / 1e6));
  const candlesMs = await timed(async () => {
    for (const candle of candlesOf('1s', CANDLES)) store.market.appendCandle('binance', SYMBOL, '1s', candle);
    await mustFlush(store);
  });
  note('candles', CANDLES / (candlesMs / 1000));
  for (const candle of candlesOf('1m', CANDLES / 2)) store.market.appendCandle('binance', SYMBOL, '1m', candle);
  await mustFlush(store);

  for (const [timeframe, count] of [
    ['1s', CANDLES],
    ['1m', CANDLES / 2],
  ] as const) {
    const times: number[] = [];
    for (let i = 0; i < READS; i++) {
      // Scrolling back: pages that end anywhere.
      const before = START + TIMEFRAME_MS[timeframe] * Math.floor(PAGE + rng.next() * (count - PAGE));
      const startedAt = performance.now();
      const page = await store.market.candlesBefore(SYMBOL, timeframe, before, PAGE);
      times.push(performance.now() - startedAt);
      if (!page.ok || page.value.length !== PAGE) throw new Error(`a page of ${PAGE} candles before ${before} was expected`);
    }
    noteBoth(`read ${timeframe}`, times);
  }

  noteBoth('order', await journal(store, 'quiet'));
  let written = trades.length;
  const writing = setInterval(() => {
    // A lively market: 2,000 trades a second.
    for (let i = 0; i < 20; i++, written++) {
      const like = trades[written % trades.length] as Trade;
      store.market.appendTrade('binance', SYMBOL, {
        ...like,
        id: written + 1,
        tsEvent: START + 20 * written,
        tsReceived: START + 20 * written,
      });
    }
  }, 10);
  noteBoth('order busy', await journal(store, 'busy'));
  clearInterval(writing);
  await mustFlush(store);
  store.health();
  await new Promise((resolve) => setTimeout(resolve, 50));
  note('bytes', store.health().bytes / (written + 1.5 * CANDLES));

  const cobMs = await timed(async () => {
    // Every second ends with the first view of the next.
    for (let second = 0; second <= COB_SECONDS; second++) store.market.appendCob(viewAt(START + 1_000 * second));
    await mustFlush(store);
  });
  note('cob', COB_SECONDS / (cobMs / 1000));
  await measureStandardQuery(store);
}

/** What a model is given of candles: 300 of each stored timeframe, and 300 seconds of the reference symbol, up to any moment. */
async function measureStandardQuery(store: Store): Promise<void> {
  for (const [symbol, timeframe, count] of STANDARD) {
    if (symbol === SYMBOL && (timeframe === '1s' || timeframe === '1m')) continue;
    for (const candle of candlesOf(timeframe, count)) store.market.appendCandle('binance', symbol, timeframe, candle);
  }
  await mustFlush(store);
  const times: number[] = [];
  for (let i = 0; i < QUERIES; i++) {
    const at = rng.next();
    const startedAt = performance.now();
    const pages = await Promise.all(
      STANDARD.map(([symbol, timeframe, count]) => {
        const before = START + TIMEFRAME_MS[timeframe] * Math.floor(PAGE + at * (count - PAGE));
        return store.market.candlesBefore(symbol, timeframe, before, PAGE);
      }),
    );
    times.push(performance.now() - startedAt);
    if (!pages.every((page) => page.ok && page.value.length === PAGE)) throw new Error(`a block of ${PAGE} candles is missing`);
  }
  noteBoth('query', times);
}

/** Milliseconds until each of many orders was durable, one after the other. */
async function journal(store: Store, name: string): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < ORDERS; i++) {
    const order = orderOf(`${name}-${i}`);
    const startedAt = performance.now();
    const saved = await store.orders.saveOrder(order);
    times.push(performance.now() - startedAt);
    if (!saved.ok) throw new Error(saved.error.message);
  }
  return times;
}

function orderOf(id: string): Order {
  return {
    id,
    intent: {
      clientOrderId: id,
      symbol: SYMBOL,
      side: 'buy',
      type: 'limit',
      quantity: '1',
      limitPrice: '199.5',
      timeInForce: 'GTC',
    },
    state: 'riskChecked',
    history: [
      { state: 'intent', at: START },
      { state: 'riskChecked', at: START },
    ],
    filledQuantity: '0',
    fees: '0',
    createdAt: START,
    updatedAt: START,
  };
}

function viewAt(t: number): CobView {
  const mid = 200 + Math.sin(t / 500_000);
  const buckets = Array.from({ length: 41 }, (_, k) => mid * (1 + ((t / 1_000 + k) % 17)));
  return {
    symbol: SYMBOL,
    t,
    venues: ['binance'],
    excluded: [],
    bestBid: mid - 0.005,
    bestAsk: mid + 0.005,
    bestBidQuantity: 3,
    bestAskQuantity: 4,
    mid,
    spreadBps: 0.5,
    microprice: mid,
    anchor: Math.floor(mid),
    bucketWidth: 1,
    bidQuantity: buckets,
    askQuantity: buckets,
    bidNotional: buckets,
    askNotional: buckets,
    imbalance: 0,
    imbalanceMa: { s1: 0, s5: 0, s15: 0, s60: 0 },
  };
}

function* candlesOf(timeframe: Timeframe, count: number): Generator<Candle> {
  for (let i = 0; i < count; i++) {
    const open = 200 + Math.sin(i / 500);
    const close = open + 0.01;
    const openTime = START + i * TIMEFRAME_MS[timeframe];
    yield { openTime, open, high: close, low: open, close, volume: 3 + (i % 7), buyVolume: 1, tradeCount: 5, filled: false };
  }
}

async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-store-'));
  const opened = await openStore({
    path: join(folder, 'store.duckdb'),
    wall,
    flushMs: 500,
    batchRows: 1_000,
    maxPendingRows: 1_000_000,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  try {
    await work(opened.value);
  } finally {
    await opened.value.close();
    await rm(folder, { recursive: true });
  }
}

async function mustFlush(store: Store): Promise<void> {
  const flushed = await store.market.flush();
  if (!flushed.ok) throw new Error(flushed.error.message);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function note(name: string, value: number): void {
  figures.set(name, [...(figures.get(name) ?? []), value]);
}

function noteBoth(name: string, times: readonly number[]): void {
  note(`${name} p50`, median(times));
  note(`${name} p99`, percentile(times, 99));
}

function of(name: string): number {
  return median(figures.get(name) ?? []);
}
