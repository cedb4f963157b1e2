import type { Candle } from '../../core/market/candle.ts';
import { Emitter } from '../../core/base/emitter.ts';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { nextNormal, SplitMix32 } from '../../core/base/rng.ts';
import { ANALYSIS_MODULE_IDS } from '../../core/contracts/analysis.ts';
import { COB_BUCKETS, COB_RADIUS, type CobView } from '../../core/contracts/market-views.ts';
import type { CobSnapshot } from '../../core/market/consolidated-book.ts';
import { type Timeframe, TIMEFRAME_MS, TIMEFRAMES } from '../../core/market/timeframe.ts';
import type { Trade } from '../../core/market/trade.ts';
import { AnalysisHost } from '../../main/services/analysis/analysis-host.ts';
import { loadAnalysisModule } from '../../main/services/analysis/module-loaders.ts';
import { createFollowBars } from '../../main/services/subscriptions/bars.ts';
import { createMarketSubscriptions } from '../../main/services/subscriptions/market-subscriptions.ts';
import { StructureService } from '../../main/services/structure/structure-service.ts';
import { tellParent } from '../role-process.ts';
import { open } from './recorded-store.ts';

export interface EngineOptions {
  readonly path: string;
  /** When the recorded months end. */
  readonly end: number;
  readonly modules: 'none' | 'all';
}

export interface EngineFigures {
  readonly kind: 'measured';
  /** From the start of the process until everything that is stored was read. */
  readonly readyMs: number;
  /** After ten minutes of data at 10 Hz and a collection: resident, and what the process's own objects and arrays take. */
  readonly rssMb: number;
  /** Resident beyond what the process had when it began to work: without the runtime and the loaded code. */
  readonly grownMb: number;
  readonly ownMb: number;
  /** CPU time of one tenth of a second of both symbols, microseconds. */
  readonly tickUs: number;
}

const SYMBOLS = ['ETH/USDT', 'BTC/USDT'] as const;
const TICKS = 6_000;
const MB = 1024 ** 2;
const log = { debug() {}, info() {}, warn() {}, error() {} };

/** The analysis part of a desk in a process of its own, on a store of recorded months and then on live data. */
export async function runEngine({ path, end, modules }: EngineOptions): Promise<void> {
  const startRss = process.memoryUsage.rss();
  const clock = new ManualClock(end);
  const store = await open(path);
  const closed = new Emitter<{ symbol: string; timeframe: Timeframe; candle: Candle }>();
  const onCandleClosed = (symbol: string, timeframe: Timeframe, listener: (candle: Candle) => void) =>
    closed.on((event) => {
      if (event.symbol === symbol && event.timeframe === timeframe) listener(event.candle);
    });
  const stored = async (): Promise<void> => {};
  const contextDays = { '1s': 30, '1m': 90, '5m': 365, '15m': 365, '1h': 1_095, '4h': 3_650, '1d': 3_650 };
  const structure = new StructureService({
    candles: { onCandleClosed },
    market: store.market,
    clock,
    wall: clock,
    fractalWidth: 2,
    contextDays,
    log,
  });
  const data = { trades: new Emitter<{ symbol: string; trade: Trade }>(), candles: new Emitter<never>(), onCandleClosed };
  const flow = { trades: new Emitter<{ symbol: string; trade: Trade }>() };
  const views = new Emitter<CobView>();
  const snapshots = new Emitter<CobSnapshot>();
  const bars = createFollowBars({ market: store.market, clock, stored, onCandleClosed, log });
  const topics = createMarketSubscriptions({
    data,
    flow,
    cob: { events: views, snapshots, columns: new Emitter(), latest: () => undefined },
    prices: { events: new Emitter(), latest: () => undefined },
    structure,
    bars,
    log,
  });
  const analysis = new AnalysisHost({
    configured: modules === 'all' ? ANALYSIS_MODULE_IDS : [],
    load: loadAnalysisModule,
    topics,
    bars,
    reference: 'BTC/USDT',
    settings: { get: store.settings.get.bind(store.settings), set: store.settings.set.bind(store.settings) },
    clock,
    wall: clock,
    log,
  });
  for (const symbol of SYMBOLS) {
    structure.follow(symbol, stored());
    analysis.follow(symbol);
  }
  await analysis.start();
  const count = (kind: string) => topics.counters().find((counters) => counters.kind === kind);
  // Only of what somebody wants: asking for another one would have it analysed.
  const isAnalysed = (): boolean =>
    count('structure')?.topics === 0 ||
    SYMBOLS.every((symbol) => TIMEFRAMES.every((timeframe) => structure.structure(symbol, timeframe) !== undefined));
  const areTold = (): boolean => (count('indicators')?.events ?? 0) >= (count('indicators')?.topics ?? 0);
  while (!analysis.isReady || !isAnalysed() || !areTold()) await new Promise((resolve) => setImmediate(resolve));
  const readyMs = performance.now();

  const before = process.cpuUsage();
  const feed = new Feed();
  for (let tick = 1; tick <= TICKS; tick++) {
    clock.advanceBy(100);
    for (const symbol of SYMBOLS) {
      const { snapshot, trade, candle } = feed.next(symbol, clock.now());
      flow.trades.emit({ symbol, trade });
      data.trades.emit({ symbol, trade });
      views.emit(snapshot.view);
      snapshots.emit(snapshot);
      for (const timeframe of ['1s', '1m', '5m'] as const) {
        const lengthMs = TIMEFRAME_MS[timeframe];
        if (clock.now() % lengthMs === 0)
          closed.emit({ symbol, timeframe, candle: { ...candle, openTime: clock.now() - lengthMs } });
      }
    }
  }
  const { user, system } = process.cpuUsage(before);
  if (modules === 'all') {
    const unknown = analysis
      .view('ETH/USDT')
      .modules.filter(({ state, features }) => state !== 'running' || features.length === 0);
    if (unknown.length > 0) throw new Error(`${unknown.map(({ id, reason }) => `${id} (${reason})`).join(', ')} tell nothing`);
  }
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const figures: EngineFigures = {
    kind: 'measured',
    readyMs,
    rssMb: rss / MB,
    grownMb: (rss - startRss) / MB,
    ownMb: (heapUsed + external) / MB,
    tickUs: (user + system) / TICKS,
  };
  tellParent(figures);
}

/** Books and trades that walk at random. */
class Feed {
  readonly #rng = new SplitMix32(7);
  readonly #mids = new Map<string, number>([
    ['ETH/USDT', 200],
    ['BTC/USDT', 9_000],
  ]);
  #id = 0;

  next(symbol: string, t: number): { snapshot: CobSnapshot; trade: Trade; candle: Candle } {
    const rng = this.#rng;
    const mid = (this.#mids.get(symbol) as number) * (1 + 1e-5 * nextNormal(rng));
    this.#mids.set(symbol, mid);
    const venues = ['binance', 'bybit'] as const;
    const side = (from: number, to: number): Float64Array => {
      const cells = new Float64Array(venues.length * COB_BUCKETS);
      for (let v = 0; v < venues.length; v++) {
        for (let i = from; i < to; i++) cells[v * COB_BUCKETS + i] = 1e5 * (0.5 + rng.next());
      }
      return cells;
    };
    const bid = side(0, COB_RADIUS + 1);
    const ask = side(COB_RADIUS, COB_BUCKETS);
    const total = (cells: Float64Array): number[] =>
      Array.from({ length: COB_BUCKETS }, (_, i) => (cells[i] as number) + (cells[COB_BUCKETS + i] as number));
    const imbalance = 2 * rng.next() - 1;
    const touch = Float64Array.of(mid, mid);
    const view: CobView = {
      symbol,
      t,
      venues: [...venues],
      excluded: [],
      bestBid: mid * (1 - 5e-5),
      bestAsk: mid * (1 + 5e-5),
      bestBidQuantity: 1 + rng.next(),
      bestAskQuantity: 1 + rng.next(),
      mid,
      spreadBps: 1,
      microprice: mid,
      anchor: Math.floor(mid),
      bucketWidth: 1,
      bidQuantity: total(bid),
      askQuantity: total(ask),
      bidNotional: total(bid),
      askNotional: total(ask),
      imbalance,
      imbalanceMa: { s1: imbalance, s5: imbalance, s15: imbalance, s60: imbalance },
    };
    const split = {
      venues,
      bidQuantity: bid,
      askQuantity: ask,
      bidNotional: bid,
      askNotional: ask,
      bestBid: touch,
      bestAsk: touch,
    };
    const trade: Trade = {
      id: ++this.#id,
      price: mid,
      quantity: rng.next(),
      side: rng.next() < 0.5 ? 'buy' : 'sell',
      tsEvent: t,
      tsReceived: t,
    };
    const candle: Candle = {
      openTime: t,
      open: mid,
      high: mid,
      low: mid,
      close: mid,
      volume: 1,
      buyVolume: 0.5,
      tradeCount: 1,
      filled: false,
    };
    return { snapshot: { view, split }, trade, candle };
  }
}
