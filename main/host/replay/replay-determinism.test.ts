import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../../core/base/emitter.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { openStore } from '../../storage/duckdb-store.ts';
import { openSegmentStore } from '../../storage/recording/segment-store.ts';
import { loadDeskConfig } from '../config-loader.ts';
import { deskPaths } from '../desk-paths.ts';
import { FakeLauncher } from '../fixtures/fake-worker.ts';
import { createSystemClock } from '../host-clock.ts';
import { silentLog } from '../log.ts';
import { createWorkstation, type Workstation } from '../workstation/workstation.ts';
import { FROM, leaveRecordedMarket, TO } from './recorded-market.fixture.ts';
import { recordingsOf } from './segment-recordings.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cobalt-replay-'));
  await leaveRecordedMarket(deskPaths(folder), 7);
  return () => rmSync(folder, { recursive: true, force: true });
}, 60_000);
afterEach(() => vi.restoreAllMocks());

/** Wall figures, told beside the market's. */
function isOfTheWall(event: unknown): boolean {
  return (
    typeof event === 'object' &&
    event !== null &&
    ('mainProcess' in event || 'eventsDelivered' in event || 'budgetBytes' in event)
  );
}

/** Every event that any service tells, in one order, as text. */
function listen() {
  const hash = createHash('sha256');
  const counts = new Map<string, number>();
  const lines: string[] = [];
  const spy = vi.spyOn(Emitter.prototype, 'emit').mockImplementation(function (this: Emitter<unknown>, event: unknown) {
    if (!isOfTheWall(event)) {
      const line = JSON.stringify(event, (_key, value: unknown) => (value instanceof L2Book ? topOf(value) : value));
      hash.update(`${line}\n`);
      lines.push(line);
      const kind = Object.keys(event as object).join(' ');
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    tell.call(this, event);
  });
  return { counts, lines, digest: () => hash.digest('hex'), end: () => spy.mockRestore() };
}
// Bound to each emitter at its call.
// oxlint-disable-next-line
const tell = Emitter.prototype.emit;

function topOf(book: L2Book): unknown {
  const prices = new Float64Array(10);
  const quantities = new Float64Array(10);
  return (['bid', 'ask'] as const).map((side) => {
    const count = book.copyTop(side, 10, prices, quantities);
    return [book.depth(side), ...prices.slice(0, count), ...quantities.slice(0, count)];
  });
}

async function open(at: number, speed: number): Promise<{ workstation: Workstation; close: () => Promise<void> }> {
  const paths = deskPaths(folder);
  const defaultsFolder = join(import.meta.dirname, '..', '..', '..', 'config');
  const loaded = await loadDeskConfig({
    defaultsFolder,
    userConfig: paths.userConfig,
    userModels: paths.userModels,
    environment: {},
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const wall = createSystemClock();
  const launcher = new FakeLauncher();
  launcher.onLaunch = (worker) => setImmediate(() => worker.say({ kind: 'ready', device: 'none' }));
  const library = recordingsOf((market) => openSegmentStore({ folder: paths.recording(market), mode: market, wall }));
  const workstation = await createWorkstation({
    ...loaded.value,
    mode: 'REPLAY',
    replay: { request: { market: 'SIM', from: FROM, to: TO, at, speed }, play: false, library },
    paths,
    recordingFolders: [],
    pickFile: undefined,
    pickFolder: undefined,
    launcher,
    processMemory: async () => ({ main: 1 }),
    wall,
    log: silentLog,
  });
  if (!workstation.ok) throw new Error(workstation.error.message);
  const close = async (): Promise<void> => {
    await workstation.value.close();
    await library.close();
    wall.close();
  };
  return { workstation: workstation.value, close };
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const stateOf = ({ replay }: Workstation): string | undefined => replay?.driver.status().state;
const timeOf = ({ replay }: Workstation): number => replay?.driver.status().t ?? Number.NaN;

interface Ride {
  readonly speed: number;
  /** Wall milliseconds of playing before each pause, and the speed after it. */
  readonly pauses: readonly { readonly afterMs: number; readonly speed: number }[];
  readonly step?: boolean;
}

async function play(ride: Ride, at = FROM) {
  const told = listen();
  const { workstation, close } = await open(at, ride.speed);
  try {
    await vi.waitFor(() => expect(stateOf(workstation)).toBe('paused'), { timeout: 10_000 });
    const resting = { symbol: 'ETH/USDT', type: 'limit', quantity: '0.05', timeInForce: 'GTC' } as const;
    const submitted = await Promise.all([
      workstation.commands.submitOrder({ intent: { ...resting, clientOrderId: 'a', side: 'buy', limitPrice: '200.01' } }),
      workstation.commands.submitOrder({ intent: { ...resting, clientOrderId: 'b', side: 'sell', limitPrice: '200.09' } }),
    ]);
    expect(submitted.map((answer) => answer.ok)).toEqual([true, true]);
    const driver = workstation.replay?.driver;
    if (ride.step === true) {
      driver?.control({ action: 'step', by: 'event' });
      await vi.waitFor(() => expect(timeOf(workstation)).toBeGreaterThan(at));
      driver?.control({ action: 'step', by: '1s' });
    }
    driver?.control({ action: 'play' });
    for (const { afterMs, speed } of ride.pauses) {
      await wait(afterMs);
      driver?.control({ action: 'pause' });
      await wait(20);
      driver?.control({ action: 'speed', speed });
      driver?.control({ action: 'play' });
    }
    await vi.waitFor(() => expect(stateOf(workstation)).toBe('ended'), { timeout: 30_000 });
    expect(timeOf(workstation)).toBe(TO);
  } finally {
    // What closing tells is no part of the replay.
    told.end();
    await close();
  }
  return { hash: told.digest(), counts: told.counts, lines: told.lines };
}

describe('a replay of a recording', () => {
  it('tells byte for byte the same, however fast it is played and wherever it is paused', async () => {
    const first = await play({ speed: 1_000, pauses: [] });
    const second = await play({
      speed: 60,
      step: true,
      pauses: [
        { afterMs: 90, speed: 300 },
        { afterMs: 40, speed: 0.1 },
        { afterMs: 30, speed: 700 },
      ],
    });
    if (first.hash !== second.hash) {
      const at = first.lines.findIndex((line, i) => line !== second.lines[i]);
      expect(second.lines.slice(at - 2, at + 3)).toEqual(first.lines.slice(at - 2, at + 3));
    }
    expect(second.hash).toBe(first.hash);
    expect(first.lines.filter((line) => line.includes('"venues":["binance","bybit"]')).length).toBeGreaterThan(1_000);
    // It must be worth comparing: books, trades, candles of the primary, minutes, orders that filled.
    const atLeast = {
      'symbol book': 2_000,
      'symbol trade': 1_000,
      'symbol timeframe candle closed': 2_000,
      'symbol candle': 4,
      'kind fill': 1,
    };
    for (const [kind, count] of Object.entries(atLeast)) expect(first.counts.get(kind), kind).toBeGreaterThanOrEqual(count);
    expect(first.lines.filter((line) => line.includes('not recorded between')).length).toBeGreaterThan(500);
  }, 90_000);

  it('knows nothing of what comes later, and leaves the recorded market as it was', async () => {
    const { workstation, close } = await open(FROM + 60_000, 1);
    await vi.waitFor(() => expect(stateOf(workstation)).toBe('paused'), { timeout: 10_000 });
    for (const [timeframe, length] of [
      ['1s', 1_000],
      ['1m', 60_000],
      ['5m', 300_000],
      ['1h', 3_600_000],
    ] as const) {
      const page = await workstation.commands.getCandles({ symbol: 'ETH/USDT', timeframe, limit: 1_000 });
      const candles = page.ok ? page.value.candles : [];
      expect(candles.length, timeframe).toBeGreaterThan(5);
      for (const { openTime } of candles) expect(openTime + length).toBeLessThanOrEqual(FROM + 60_000);
    }
    expect(workstation.bootstrap()).toMatchObject({ mode: 'REPLAY', symbols: [{ symbol: 'ETH/USDT' }, { symbol: 'BTC/USDT' }] });
    await close();
    const wall = createSystemClock();
    const store = await openStore({ path: deskPaths(folder).store('SIM'), wall, flushMs: 1_000, batchRows: 1_000 });
    if (!store.ok) throw new Error(store.error.message);
    expect(await store.value.orders.recentOrders(10)).toEqual({ ok: true, value: [] });
    expect(await store.value.market.candleBounds('ETH/USDT', '1m')).toMatchObject({ value: { last: FROM - 60_000 } });
    await store.value.close();
    wall.close();
  }, 30_000);
});
