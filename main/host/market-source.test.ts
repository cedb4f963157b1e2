import { afterEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { fail, ok } from '../../core/base/result.ts';
import type { Config } from '../../core/contracts/config.ts';
import type { FromLab, LabOptions } from '../../core/contracts/worker-protocol.ts';
import type { Store, StoreFailure } from '../ports/store.ts';
import { FakeLauncher } from './fixtures/fake-worker.ts';
import { silentLog } from './log.ts';
import { type MarketSource, openMarketSource } from './market-source.ts';

const CONFIGURED = Date.parse('2020-04-26T00:00:00Z');
const HOUR = 3_600_000;

let source: MarketSource | undefined;
afterEach(async () => {
  await source?.close();
  source = undefined;
});

const config = {
  market: { mode: 'SIM' },
  symbols: { 'ETH/USDT': {}, 'BTC/USDT': {} },
  practice: { seed: 1, speed: 10, startAt: '2020-04-26T00:00:00Z', port: 0 },
  venues: {
    binance: { restUrl: 'https://rest.example', streamUrl: 'wss://stream.example' },
    bybit: { restUrl: 'https://rest.example', streamUrl: 'wss://stream.example/v5/public' },
  },
} as unknown as Config;

class FakeStore {
  readonly saved = new Map<string, unknown>();
  readonly newest = new Map<string, number>();
  broken: StoreFailure | undefined;
  readonly settings = {
    get: async (key: string) =>
      this.broken === undefined ? ok(this.saved.get(key)) : { ok: false as const, error: this.broken },
    set: async (key: string, value: unknown) => {
      if (this.broken !== undefined) return { ok: false as const, error: this.broken };
      this.saved.set(key, value);
      return ok(undefined);
    },
  };
  readonly market = {
    candleBounds: async (symbol: string) => {
      const last = this.newest.get(symbol);
      return ok(last === undefined ? undefined : { first: 0, last });
    },
  };

  newestOrder: number | undefined;
  readonly orders = {
    recentOrders: async () => ok(this.newestOrder === undefined ? [] : [{ updatedAt: this.newestOrder }]),
  };

  get store(): Store {
    return this as unknown as Store;
  }
}

async function open(mode: 'SIM' | 'LIVE', store = new FakeStore()) {
  const wall = new ManualClock(0);
  const launcher = new FakeLauncher();
  launcher.onLaunch = (worker) =>
    setImmediate(() => {
      const { startAt, speed } = JSON.parse(worker.args[0] ?? '{}') as LabOptions;
      const message: FromLab = {
        kind: 'listening',
        venues: ['binance', 'bybit'],
        port: 4_444,
        marketTime: startAt ?? 0,
        speed,
        dataEnd: CONFIGURED + 24 * HOUR,
      };
      worker.say(message);
    });
  const opened = await openMarketSource({
    mode,
    config,
    store: store.store,
    launcher,
    recordingFolders: [],
    wall,
    jitter: () => 0.5,
    log: silentLog,
  });
  if (opened.ok) source = opened.value;
  return { opened, wall, launcher, store };
}

/** Market time at which the practice market was started. */
function startedAt(launcher: FakeLauncher): number | undefined {
  return (JSON.parse(launcher.newest.args[0] ?? '{}') as LabOptions).startAt;
}

describe('openMarketSource', () => {
  it('takes the real exchange from the configuration, at speed 1 and without a process', async () => {
    const { opened, launcher } = await open('LIVE');
    expect(opened.ok).toBe(true);
    expect(source?.addresses.get('binance')).toEqual({ restUrl: 'https://rest.example', streamUrl: 'wss://stream.example' });
    expect(source?.speed()).toBe(1);
    expect(source?.practice).toBeUndefined();
    expect(Math.abs((source?.clock.now() ?? 0) - Date.now())).toBeLessThan(2_000);
    expect(launcher.launched).toEqual([]);
  });

  it('begins a new practice market where the configuration says', async () => {
    const { launcher } = await open('SIM');
    expect(startedAt(launcher)).toBe(CONFIGURED);
    expect([...(source?.addresses ?? [])]).toEqual([
      ['binance', { restUrl: 'http://127.0.0.1:4444/binance', streamUrl: 'ws://127.0.0.1:4444/binance' }],
      ['bybit', { restUrl: 'http://127.0.0.1:4444/bybit', streamUrl: 'ws://127.0.0.1:4444/bybit/v5/public' }],
    ]);
    expect(source?.speed()).toBe(10);
  });

  it('goes on at the saved time, or after the newest stored second when that is later', async () => {
    const store = new FakeStore();
    store.saved.set('practice.marketTime', CONFIGURED + HOUR);
    store.newest.set('ETH/USDT', CONFIGURED + HOUR - 5_000);
    expect(startedAt((await open('SIM', store)).launcher)).toBe(CONFIGURED + HOUR);
    await source?.close();

    store.saved.set('practice.marketTime', CONFIGURED + HOUR);
    store.newest.set('BTC/USDT', CONFIGURED + HOUR + 250_000);
    expect(startedAt((await open('SIM', store)).launcher)).toBe(CONFIGURED + HOUR + 251_000);
    await source?.close();

    store.saved.set('practice.marketTime', CONFIGURED + HOUR);
    store.newestOrder = CONFIGURED + 2 * HOUR;
    expect(startedAt((await open('SIM', store)).launcher)).toBe(CONFIGURED + 2 * HOUR + 1);
  });

  it('does not run back over what was stored before the first save', async () => {
    const store = new FakeStore();
    store.newest.set('ETH/USDT', CONFIGURED + 180_000);
    expect(startedAt((await open('SIM', store)).launcher)).toBe(CONFIGURED + 181_000);
  });

  it('saves the market time every five seconds and at the end, and goes on when it cannot', async () => {
    const { wall, store } = await open('SIM');
    expect(store.saved.size).toBe(0);
    wall.advanceBy(5_000);
    await vi.waitFor(() => expect(store.saved.get('practice.marketTime')).toBeGreaterThanOrEqual(CONFIGURED), {
      timeout: 60_000,
    });
    store.broken = fail('STORE_FULL', 'the disk is full').error;
    wall.advanceBy(5_000);
    store.broken = undefined;
    store.saved.clear();
    await source?.close();
    expect(store.saved.get('practice.marketTime')).toBeGreaterThanOrEqual(CONFIGURED);
    store.saved.clear();
    wall.advanceBy(60_000);
    expect(store.saved.size).toBe(0);
  });

  it('fails with the store', async () => {
    const store = new FakeStore();
    store.broken = fail('STORE_CORRUPT', 'the store is damaged').error;
    const { opened, launcher } = await open('SIM', store);
    expect(opened).toMatchObject({ ok: false, error: { code: 'STORE_CORRUPT' } });
    expect(launcher.launched).toEqual([]);
  });
});
