import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../storage/duckdb-store.ts';
import { deskPaths } from '../desk-paths.ts';
import { createSystemClock } from '../host-clock.ts';
import { FROM, leaveRecordedMarket, TO } from './recorded-market.fixture.ts';
import { listen, openReplayOf, stateOf, timeOf } from './replay-ride.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cobalt-replay-'));
  await leaveRecordedMarket(deskPaths(folder), 7);
  return () => rmSync(folder, { recursive: true, force: true });
}, 120_000);
afterEach(() => vi.restoreAllMocks());

const open = (at: number, speed: number) => openReplayOf(folder, { market: 'SIM', from: FROM, to: TO, at, speed });
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
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
    await vi.waitFor(() => expect(stateOf(workstation)).toBe('paused'), { timeout: 60_000 });
    const resting = { symbol: 'ETH/USDT', type: 'limit', quantity: '0.05', timeInForce: 'GTC' } as const;
    const submitted = await Promise.all([
      workstation.commands.submitOrder({ intent: { ...resting, clientOrderId: 'a', side: 'buy', limitPrice: '200.01' } }),
      workstation.commands.submitOrder({ intent: { ...resting, clientOrderId: 'b', side: 'sell', limitPrice: '200.09' } }),
    ]);
    expect(submitted.map((answer) => answer.ok)).toEqual([true, true]);
    const driver = workstation.replay?.driver;
    if (ride.step === true) {
      driver?.control({ action: 'step', by: 'event' });
      await vi.waitFor(() => expect(timeOf(workstation)).toBeGreaterThan(at), { timeout: 60_000 });
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
    await vi.waitFor(() => expect(stateOf(workstation)).toBe('ended'), { timeout: 60_000 });
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
  }, 120_000);

  it('makes whole candles of trades that came late when they were recorded', async () => {
    const late = mkdtempSync(join(tmpdir(), 'cobalt-replay-late-'));
    // As where the practice market runs 60 times as fast on a busy machine.
    const trades = await leaveRecordedMarket(deskPaths(late), 9, 9_000);
    const { workstation, close } = await openReplayOf(late, { market: 'SIM', from: FROM, to: TO, speed: 1_000 });
    try {
      await vi.waitFor(() => expect(stateOf(workstation)).toBe('paused'), { timeout: 60_000 });
      workstation.replay?.driver.control({ action: 'play' });
      await vi.waitFor(() => expect(stateOf(workstation)).toBe('ended'), { timeout: 60_000 });
      const [from, to] = [FROM + 30_000, FROM + 70_000];
      const page = await workstation.commands.getCandles({ symbol: 'ETH/USDT', timeframe: '1s', before: to, limit: 40 });
      if (!page.ok) throw new Error(page.error.message);
      const counts = page.value.candles.map(({ openTime, tradeCount }) => [openTime, tradeCount]);
      const expected = Array.from({ length: 40 }, (_, i) => {
        const second = from + i * 1_000;
        return [second, trades.filter(({ tsEvent }) => tsEvent >= second && tsEvent < second + 1_000).length];
      });
      expect(counts).toEqual(expected);
    } finally {
      await close();
      rmSync(late, { recursive: true, force: true });
    }
  }, 120_000);

  it('knows nothing of what comes later, and leaves the recorded market as it was', async () => {
    const { workstation, close } = await open(FROM + 60_000, 1);
    await vi.waitFor(() => expect(stateOf(workstation)).toBe('paused'), { timeout: 60_000 });
    // What a window that opens now is shown at once: book and price as they stood then.
    const about = { symbol: 'ETH/USDT' };
    const shown = workstation.streams.cob?.snapshot?.(about);
    expect(shown).toMatchObject({ t: FROM + 60_000, venues: ['binance', 'bybit'], bestBid: expect.any(Number) });
    expect(workstation.streams.livePrice?.snapshot?.(about)).toMatchObject({ source: 'book', price: expect.any(Number) });
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
  }, 120_000);
});
