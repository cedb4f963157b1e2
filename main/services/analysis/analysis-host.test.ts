import { describe, expect, it } from 'vitest';
import { type AnalysisModule, feature, perSymbol } from '../../../core/analysis/module.ts';
import type { MarketTopics } from '../../../core/analysis/market-topics.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { fail, ok } from '../../../core/base/result.ts';
import { Topics } from '../../../core/base/topics.ts';
import {
  ANALYSIS_MODULE_IDS,
  type AnalysisModuleId,
  type AnalysisView,
  analysisViewSchema,
} from '../../../core/contracts/analysis.ts';
import type { Trade } from '../../../core/market/trade.ts';
import { MemoryMarket } from '../data/fixtures/memory-market.ts';
import { createFollowBars } from '../subscriptions/bars.ts';
import { AnalysisHost } from './analysis-host.ts';
import { type AnalysisModuleLoader, loadAnalysisModule } from './module-loaders.ts';

const ETH = 'ETH/USDT';
const BTC = 'BTC/USDT';
const START = 1_700_000_040_000;

const log = { debug() {}, info() {}, warn() {}, error() {} };

interface Setting {
  readonly configured?: readonly AnalysisModuleId[];
  readonly load?: AnalysisModuleLoader;
  /** The choice of an earlier run; a failure: it cannot be read. */
  readonly saved?: unknown;
}

function setUp(modules: Partial<Record<AnalysisModuleId, () => AnalysisModule>>, { configured = [], load, saved }: Setting = {}) {
  const clock = new ManualClock(START);
  const wall = new ManualClock(0);
  const market = new MemoryMarket();
  const settings = new Map<string, unknown>([['analysis.modules', saved]]);
  const loads: AnalysisModuleId[] = [];
  const listeners = new Map<string, (event: number) => void>();
  let release = (): void => {};
  const stored = new Promise<void>((resolve) => {
    release = resolve;
  });
  const none = { attach: () => () => {} };
  const topics = new Topics<MarketTopics>(
    {
      trades: {
        attach({ symbol }, tell) {
          listeners.set(symbol, (price) => tell({ price } as Trade));
          return () => listeners.delete(symbol);
        },
      },
      allTrades: none,
      cob: none,
      cobSnapshots: none,
      heatmap: none,
      livePrice: none,
      candles: none,
      closedCandles: none,
      indicators: none,
      structure: none,
      pivots: none,
    },
    () => {},
  );
  const host = new AnalysisHost({
    configured,
    load:
      load ??
      (async (id) => {
        loads.push(id);
        const create = modules[id];
        if (create === undefined) throw new Error(`no ${id} here`);
        return { create };
      }),
    topics,
    bars: createFollowBars({ market, clock, stored: () => stored, onCandleClosed: () => () => {}, log }),
    reference: BTC,
    settings: {
      get: async (key) => (settings.get(key) === UNREADABLE ? UNREADABLE : ok(settings.get(key))),
      async set(key, value) {
        settings.set(key, value);
        return ok(undefined);
      },
    },
    clock,
    wall,
    log,
  });
  const failures: string[] = [];
  host.failures.on(({ id, reason }) => failures.push(`${id}: ${reason}`));
  return { host, clock, wall, market, settings, loads, listeners, failures, release };
}

const UNREADABLE = fail('STORE_FAILED', 'broken');

/** Tells the newest price of each symbol; throws at a price below 0, and when asked about one below 1. */
function prices(disposed: string[] = []): () => AnalysisModule {
  return () => {
    const module = perSymbol((symbol, data) => {
      let newest = Number.NaN;
      data.subscribe('trades', { symbol }, ({ price }) => {
        if (price < 0) throw new Error('below 0');
        newest = price;
      });
      return {
        features() {
          if (newest < 1) throw new Error('below 1');
          return [feature('price', 'Price', newest, '', 2)];
        },
        predictions: () => [],
      };
    });
    return {
      ...module,
      dispose() {
        disposed.push('disposed');
        module.dispose();
      },
    };
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const stateOf = (view: AnalysisView, id: AnalysisModuleId) => view.modules.find((module) => module.id === id);

describe('AnalysisHost', () => {
  it('loads nothing when nothing is configured', async () => {
    const { host, loads, listeners } = setUp({ cob: prices() });
    host.follow(ETH);
    await host.start();
    expect(loads).toEqual([]);
    expect(listeners.size).toBe(0);
    const view = host.view(ETH);
    expect(analysisViewSchema.parse(view)).toEqual(view);
    expect(view.modules.map(({ id, state }) => [id, state])).toEqual(ANALYSIS_MODULE_IDS.map((id) => [id, 'off']));
  });

  it('loads what is configured, for the symbols of now and those that come, until they are left', async () => {
    const { host, listeners } = setUp({ cob: prices() }, { configured: ['cob', 'cob'] });
    host.follow(ETH);
    await host.start();
    host.follow(BTC);
    listeners.get(ETH)?.(2_000);
    listeners.get(BTC)?.(40_000);
    expect(stateOf(host.view(BTC), 'cob')).toMatchObject({ state: 'running', features: [{ id: 'price', value: 40_000 }] });
    host.unfollow(BTC);
    expect([...listeners.keys()]).toEqual([ETH]);
    expect(stateOf(host.view(BTC), 'cob')?.features).toEqual([]);
    // Its candles are other ones from now on: it begins anew.
    host.follow(ETH);
    expect(stateOf(host.view(ETH), 'cob')?.features).toMatchObject([{ value: null }]);
    host.close();
    expect(listeners.size).toBe(0);
  });

  it('stops a module that throws, says so once, and the others go on', async () => {
    const disposed: string[] = [];
    const { host, listeners, failures } = setUp(
      { cob: prices(disposed), regime: prices() },
      { configured: ['cob', 'regime', 'extrema'] },
    );
    host.follow(ETH);
    await host.start();
    expect(failures).toEqual(['extrema: no extrema here']);
    expect(stateOf(host.view(ETH), 'extrema')).toMatchObject({ state: 'failed', reason: 'no extrema here' });
    await host.set('cob', false);
    await host.set('cob', true);
    listeners.get(ETH)?.(5);
    failures.length = 0;
    // Both subscribe to the same topic, and both throw at this price: each on its own.
    await host.set('regime', false);
    listeners.get(ETH)?.(-1);
    listeners.get(ETH)?.(-1);
    expect(failures).toEqual(['regime: undefined', 'cob: below 0']);
    expect(disposed).toHaveLength(2);
    expect(stateOf(host.view(ETH), 'cob')).toEqual({
      id: 'cob',
      state: 'failed',
      reason: 'below 0',
      features: [],
      predictions: [],
    });
    await host.set('regime', true);
    listeners.get(ETH)?.(7);
    expect(stateOf(host.view(ETH), 'regime')).toMatchObject({ state: 'running', features: [{ value: 7 }] });
    // Asked about what it cannot tell.
    listeners.get(ETH)?.(0.5);
    expect(stateOf(host.view(ETH), 'regime')).toMatchObject({ state: 'failed', reason: 'below 1', features: [] });
    // Anew.
    await host.set('cob', true);
    listeners.get(ETH)?.(9);
    expect(stateOf(host.view(ETH), 'cob')).toMatchObject({ state: 'running', features: [{ value: 9 }] });
  });

  it('keeps the choice before what is configured, and leaves out what is not known', async () => {
    const first = setUp({ cob: prices(), regime: prices() }, { configured: ['cob'] });
    await first.host.start();
    await first.host.set('regime', true);
    await first.host.set('cob', false);
    expect(first.settings.get('analysis.modules')).toEqual(['regime']);
    const second = setUp({ cob: prices(), regime: prices() }, { configured: ['cob'], saved: ['regime', 'astrology', 7] });
    await second.host.start();
    expect(second.loads).toEqual(['regime']);
  });

  it('loads what is configured when the choice cannot be read, and nothing by one that makes no sense', async () => {
    const unread = setUp({ cob: prices() }, { configured: ['cob'], saved: UNREADABLE });
    await unread.host.start();
    expect(unread.loads).toEqual(['cob']);
    const nonsense = setUp({ cob: prices() }, { configured: ['cob'], saved: 'nonsense' });
    await nonsense.host.start();
    expect(nonsense.loads).toEqual([]);
  });

  it('tells the view twice a second of wall time, to whoever listens', async () => {
    const { host, wall } = setUp({ cob: prices() }, { configured: ['cob'] });
    host.follow(ETH);
    await host.start();
    const told: AnalysisView[] = [];
    const leave = host.onView(ETH, (view) => told.push(view));
    wall.advanceBy(1_600);
    leave();
    wall.advanceBy(5_000);
    expect(told).toHaveLength(3);
    expect(told[0]).toMatchObject({ symbol: ETH, t: START });
  });

  it('gives the real modules stored candles, and is ready when they were read', async () => {
    const { host, market, clock, release } = setUp({}, { configured: ANALYSIS_MODULE_IDS, load: loadAnalysisModule });
    for (let i = 0; i < 1_600; i++) {
      const close = 2_000 + 10 * Math.sin(i / 7);
      const [openTime, high, low] = [START + i * 60_000, close + 1, close - 1];
      const candle = { openTime, open: close, high, low, close, volume: 1, buyVolume: 0, tradeCount: 1, filled: false };
      market.appendCandle('binance', ETH, '1m', candle);
    }
    clock.advanceTo(START + 1_600 * 60_000);
    host.follow(ETH);
    await host.start();
    expect(host.isReady).toBe(false);
    expect(stateOf(host.view(ETH), 'regime')?.state).toBe('loading');
    release();
    while (!host.isReady) await settle();
    const view = host.view(ETH);
    expect(analysisViewSchema.parse(view)).toEqual(view);
    expect(view.modules.every(({ state }) => state === 'running')).toBe(true);
    expect(stateOf(view, 'regime')?.features.find(({ id }) => id === 'ratio')?.value).toBeGreaterThan(0);
    expect(stateOf(view, 'extrema')?.features.find(({ id }) => id === 'placeDay')?.value).toBeGreaterThan(0);
    host.close();
  });
});
