import { afterEach, describe, expect, it } from 'vitest';
import type { Cancel } from '../../../core/base/clock.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import { MarketStructure } from '../../../core/analysis/pivots/market-structure.ts';
import type { PivotEvent, StructureView } from '../../../core/contracts/structure.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import { MemoryMarket } from '../data/fixtures/memory-market.ts';
import { StructureService } from './structure-service.ts';

const SYMBOL = 'ETH/USDT';
const MINUTE = 60_000;
const START = 1_600_000_020_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

function minutes(count: number, from = START): Candle[] {
  const rng = new SplitMix32(3);
  let close = 1_000;
  return Array.from({ length: count }, (_, i) => {
    const open = close;
    close += rng.next() - 0.5;
    const high = Math.max(open, close) + rng.next();
    const low = Math.min(open, close) - rng.next();
    return { openTime: from + i * MINUTE, open, high, low, close, volume: 1, buyVolume: 0, tradeCount: 1, filled: false };
  });
}

function desk(candles: readonly Candle[], stored: number, from = 0) {
  const market = new MemoryMarket();
  const store = (first: number, end: number) => {
    for (const candle of candles.slice(first, end)) market.appendCandle('binance', SYMBOL, '1m', candle);
  };
  store(from, stored);
  const listeners = new Map<Timeframe, Set<(candle: Candle) => void>>();
  const clock = new ManualClock((candles[stored - 1]?.openTime ?? START) + MINUTE);
  const wall = new ManualClock(0);
  const service = new StructureService({
    candles: {
      onCandleClosed(_symbol, timeframe, listener): Cancel {
        const those = listeners.get(timeframe) ?? new Set();
        listeners.set(timeframe, those.add(listener));
        return () => those.delete(listener);
      },
    },
    market,
    clock,
    wall,
    fractalWidth: 2,
    contextDays: { '1s': 30, '1m': 90, '5m': 90, '15m': 90, '1h': 90, '4h': 90, '1d': 90 },
    log: silent,
  });
  const close = (first: number, end: number): void => {
    for (const candle of candles.slice(first, end)) {
      market.appendCandle('binance', SYMBOL, '1m', candle);
      clock.advanceTo(clock.now() + MINUTE);
      for (const listener of listeners.get('1m') ?? []) listener(candle);
    }
  };
  return { market, service, listeners, wall, close, store };
}

const opened: StructureService[] = [];
afterEach(() => {
  for (const service of opened.splice(0)) service.close();
});

/** Resolves with the first view of the minutes that fits. */
function viewThat(service: StructureService, fits: (view: StructureView) => boolean): Promise<StructureView> {
  opened.push(service);
  return new Promise((resolve) => {
    const look = (view: StructureView | undefined): void => {
      if (view?.timeframe === '1m' && fits(view)) resolve(view);
    };
    service.views.on(look);
    look(service.view(SYMBOL, '1m'));
  });
}

/** The whole history at once, by the pure code. */
function pivotsOf(candles: readonly Candle[]) {
  const structure = new MarketStructure({ lengthMs: MINUTE });
  for (const { openTime, high, low, close } of candles) structure.push(openTime, high, low, close);
  return structure.levels.flatMap((level) =>
    Array.from({ length: level.count }, (_, i) => {
      const { label, ...pivot } = level.pivot(i);
      return label === undefined ? pivot : { ...pivot, label };
    }),
  );
}

const everything = (service: StructureService) => service.pivots(SYMBOL, '1m', 1, 0, 8e15);

describe('StructureService', () => {
  it('analyses what is stored over several pages, then every candle that closes, as if they had come at once', async () => {
    const candles = minutes(13_000);
    const { service, close } = desk(candles, 12_000);
    const ready = viewThat(service, (view) => view.ready);
    service.follow(SYMBOL, Promise.resolve());
    expect(service.view(SYMBOL, '1m')?.ready).toBe(false);
    // These close while history is being read.
    close(12_000, 12_100);
    expect((await ready).from).toBe(START);
    expect(everything(service)).toEqual(pivotsOf(candles.slice(0, 12_100)));
    close(12_100, 13_000);
    expect(everything(service)).toEqual(pivotsOf(candles));
    const view = service.view(SYMBOL, '1m');
    expect(view?.candles).toBe(13_000);
    expect(view?.bounds?.high).toBe(Math.max(...candles.map(({ high }) => high)));
    expect(view?.levels.map(({ level }) => level)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set([view?.levels[0]?.high?.kind, view?.levels[0]?.low?.kind])).toEqual(new Set(['high', 'low']));
  });

  it('tells of pivots that are confirmed now, not of those in history', async () => {
    const candles = minutes(400);
    const { service, close } = desk(candles, 300);
    const events: PivotEvent[] = [];
    service.events.on((event) => events.push(event));
    const ready = viewThat(service, (view) => view.ready);
    service.follow(SYMBOL, Promise.resolve());
    await ready;
    expect(events).toEqual([]);
    close(300, 400);
    const known = new Set(pivotsOf(candles.slice(0, 300)).map(({ level, time }) => `${level} ${time}`));
    const after = pivotsOf(candles).filter(({ level, time }) => !known.has(`${level} ${time}`));
    expect(after.length).toBeGreaterThan(5);
    const kept = new Map<string, number>();
    for (const { name, change, pivot, at } of events) {
      expect(at).toBeGreaterThan((candles[299] as Candle).openTime + MINUTE);
      const key = `${name} ${pivot.time}`;
      if (change === 'confirmed') kept.set(key, pivot.price);
      else kept.delete(key);
    }
    const names = after.map(({ level, kind, time }) => `L${level}${kind === 'high' ? 'H' : 'L'} ${time}`);
    for (const name of names) expect(kept.has(name)).toBe(true);
  });

  it('takes older history in that was stored later, when it is asked for', async () => {
    const candles = minutes(3_000);
    const { service, store } = desk(candles, 3_000, 2_000);
    const ready = viewThat(service, (view) => view.ready);
    service.follow(SYMBOL, Promise.resolve());
    expect((await ready).from).toBe((candles[2_000] as Candle).openTime);
    store(0, 2_000);
    const grown = viewThat(service, (view) => view.from === START);
    everything(service);
    await grown;
    expect(everything(service)).toEqual(pivotsOf(candles));
  });

  it('tries again when the store fails', async () => {
    const candles = minutes(100);
    const { service, market, wall } = desk(candles, 100);
    market.broken = true;
    const warned = new Promise<void>((resolve) => {
      const bounds = market.candleColumns.bind(market);
      market.candleColumns = async (...args) => {
        const answer = await bounds(...args);
        if (!answer.ok) setImmediate(resolve);
        return answer;
      };
    });
    const ready = viewThat(service, (view) => view.ready);
    service.follow(SYMBOL, Promise.resolve());
    await warned;
    expect(service.view(SYMBOL, '1m')?.ready).toBe(false);
    market.broken = false;
    wall.advanceTo(3_000);
    await ready;
    expect(everything(service)).toEqual(pivotsOf(candles));
  });

  it('analyses what somebody asks for, seconds last, and again when the symbol is followed anew', async () => {
    const candles = minutes(200);
    const { service, market, listeners } = desk(candles, 200);
    service.follow(SYMBOL, Promise.resolve());
    expect(listeners.size).toBe(0);
    const read: Timeframe[] = [];
    const columns = market.candleColumns.bind(market);
    market.candleColumns = async (symbol, timeframe, from, to) => {
      if (read.at(-1) !== timeframe) read.push(timeframe);
      return columns(symbol, timeframe, from, to);
    };
    market.appendCandle('binance', SYMBOL, '1s', { ...(candles[0] as Candle) });
    service.want(SYMBOL, '1s');
    service.want(SYMBOL, '5m');
    const ready = viewThat(service, (view) => view.ready);
    await ready;
    while (service.view(SYMBOL, '1s')?.ready !== true) await new Promise((resolve) => setImmediate(resolve));
    expect(read).toEqual(['1m', '5m', '1s']);
    service.unfollow(SYMBOL);
    service.follow(SYMBOL, Promise.resolve());
    await viewThat(service, (view) => view.ready);
    expect(everything(service)).toEqual(pivotsOf(candles));
  });

  it('knows nothing of a symbol that it does not follow, and stops listening', async () => {
    const { service, listeners } = desk(minutes(50), 50);
    expect(service.view(SYMBOL, '1m')).toBeUndefined();
    expect(everything(service)).toBeUndefined();
    service.follow(SYMBOL, Promise.resolve());
    // It was asked for, above: that one is analysed.
    expect([...listeners.keys()]).toEqual(['1m']);
    await viewThat(service, (view) => view.ready);
    service.unfollow(SYMBOL);
    expect(service.view(SYMBOL, '1m')).toBeUndefined();
    expect([...listeners.values()].every((those) => those.size === 0)).toBe(true);
  });
});
