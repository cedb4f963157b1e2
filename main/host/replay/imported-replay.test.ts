import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ReplayRequest } from '../../../core/contracts/replay.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import { aggregateCandles } from '../../../core/market/candle-aggregation.ts';
import { CandleBuilder } from '../../../core/market/candle-builder.ts';
import type { Candle } from '../../../core/market/candle.ts';
import type { Workstation } from '../workstation/workstation.ts';
import { deskPaths } from '../desk-paths.ts';
import { createSystemClock } from '../host-clock.ts';
import { type ImportedMarket, leaveImportedMarket, START } from './imported-market.fixture.ts';
import { knownHistories } from './known-histories.ts';
import { listen, openReplayOf, stateOf, timeOf } from './replay-ride.fixture.ts';

const TRADES = { venue: 'binance', symbol: 'SOL/USDT', content: 'trades' } as const;
const MINUTES = { venue: 'binance', symbol: 'ADA/USDT', content: 'candles' } as const;
const MINUTE = 60_000;

let folder: string;
let imported: ImportedMarket;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cobalt-imported-'));
  imported = await leaveImportedMarket(deskPaths(folder));
  return () => rmSync(folder, { recursive: true, force: true });
}, 120_000);
afterEach(() => vi.restoreAllMocks());

async function play(request: Omit<ReplayRequest, 'market'>, pause = false) {
  const told = listen();
  const { workstation, close } = await openReplayOf(folder, { market: 'SIM', ...request });
  try {
    await vi.waitFor(() => expect(stateOf(workstation)).toBe('paused'), { timeout: 60_000 });
    const driver = workstation.replay?.driver;
    if (pause) {
      driver?.control({ action: 'step', by: 'event' });
      await vi.waitFor(() => expect(timeOf(workstation)).toBeGreaterThan(request.at ?? request.from), { timeout: 60_000 });
    }
    driver?.control({ action: 'play' });
    await vi.waitFor(() => expect(stateOf(workstation)).toBe('ended'), { timeout: 60_000 });
    told.end();
    return { hash: told.digest(), lines: told.lines, counts: told.counts, minutes: await candlesOf(workstation, request, '1m') };
  } finally {
    told.end();
    await close();
  }
}

async function candlesOf(workstation: Workstation, { history, to }: Omit<ReplayRequest, 'market'>, timeframe: Timeframe) {
  const page = await workstation.commands.getCandles({ symbol: history?.symbol ?? '', timeframe, before: to, limit: 1_000 });
  if (!page.ok) throw new Error(page.error.message);
  return page.value.candles.filter(({ openTime }) => openTime >= START);
}

/** The minutes that the trades make, by the builder that is proven elsewhere. */
function minutesOfTrades(): Candle[] {
  const closed: Candle[] = [];
  const builder = new CandleBuilder({
    closeDelayMs: 0,
    timeframes: ['1m'],
    listener: { onClosed: (_, candle) => closed.push(candle) },
  });
  for (const trade of imported.trades) builder.addTrade(trade);
  builder.advanceTo(START + 20 * MINUTE);
  return closed;
}

describe('imported trades', () => {
  it('are told byte for byte the same at any speed, with the candles that they make and no book', async () => {
    const request = { history: TRADES, from: START, to: START + 20 * MINUTE, speed: 1_000 };
    const first = await play(request);
    const second = await play({ ...request, speed: 500 }, true);
    expect(second.hash).toBe(first.hash);
    expect(first.counts.get('symbol trade')).toBe(imported.trades.length);
    expect(first.lines.filter((line) => line.includes('"bestBid":1'))).toEqual([]);
    expect(first.lines.some((line) => line.includes('no order book was recorded'))).toBe(true);
    const expected = minutesOfTrades();
    expect(expected).toHaveLength(20);
    expect(first.minutes.at(-1)?.openTime).toBe(START + 18 * MINUTE + MINUTE * (first.minutes.length - 19));
    for (const candle of first.minutes) {
      const own = expected.find(({ openTime }) => openTime === candle.openTime);
      expect({ ...candle, volume: 0, buyVolume: 0 }).toEqual({ ...own, volume: 0, buyVolume: 0 });
      expect(candle.volume).toBeCloseTo(own?.volume ?? Number.NaN, 6);
    }
  }, 120_000);

  it('tell the past of where a replay begins, and nothing of what comes', async () => {
    const at = START + 10 * MINUTE + 30_500;
    const { workstation, close } = await openReplayOf(folder, {
      market: 'SIM',
      history: TRADES,
      from: START,
      to: START + 20 * MINUTE,
      at,
    });
    try {
      await vi.waitFor(() => expect(stateOf(workstation)).toBe('paused'), { timeout: 60_000 });
      const minutes = await candlesOf(workstation, { history: TRADES, from: START, to: at }, '1m');
      // The history begins 137 ms into its first minute, which is therefore not whole.
      expect(minutes.map(({ openTime }) => openTime)).toEqual(Array.from({ length: 10 }, (_, i) => START + i * MINUTE));
      const seconds = await candlesOf(workstation, { history: TRADES, from: START, to: at }, '1s');
      expect(seconds.at(-1)?.openTime).toBeLessThanOrEqual(at - 1_000);
      expect(seconds.some(({ filled }) => filled)).toBe(true);
      const intent = {
        symbol: 'SOL/USDT',
        type: 'market',
        side: 'buy',
        quantity: '1',
        timeInForce: 'IOC',
        clientOrderId: 'a',
      } as const;
      const submitted = await workstation.commands.submitOrder({ intent });
      expect(submitted.ok ? submitted.value.order.state : submitted.error.code).not.toBe('filled');
      expect(JSON.stringify(submitted)).toMatch(/book/);
    } finally {
      await close();
    }
  }, 120_000);
});

describe('imported minutes', () => {
  it('arrive closed, at their ends, and nothing is put where one is missing', async () => {
    // From before the missing minutes to after the end of their hour: at its fastest a replay takes its time.
    const [from, to] = [START + 29 * MINUTE, START + 61 * MINUTE];
    const request = { history: MINUTES, from, to, speed: 1_000 };
    const first = await play(request);
    const second = await play({ ...request, speed: 700 }, true);
    expect(second.hash).toBe(first.hash);
    expect(first.minutes).toEqual(imported.minutes.filter(({ openTime }) => openTime < to));
    expect(first.counts.get('symbol trade') ?? 0).toBe(0);
    const closed = first.lines
      .map((line) => JSON.parse(line) as { timeframe?: string; closed?: boolean; candle?: Candle })
      .filter((update) => update.closed === true && update.timeframe === '1h' && update.candle !== undefined);
    const hours = aggregateCandles(imported.minutes, '1h').slice(0, 1);
    expect(closed.map(({ candle }) => candle).filter((candle) => (candle?.openTime ?? 0) >= START)).toEqual(hours);
  }, 120_000);
});

it('histories are listed as far as their rows are stored, and one that is not imported is refused', async () => {
  const wall = createSystemClock();
  const listed = await knownHistories(deskPaths(folder), wall, () => undefined);
  wall.close();
  const solTo = Math.ceil((imported.trades.at(-1)?.tsEvent ?? 0) / 1_000 + 0.001) * 1_000;
  expect(listed).toEqual({
    ok: true,
    value: [
      { ...MINUTES, market: 'SIM', from: START, to: START + 200 * MINUTE, count: 196 },
      { ...TRADES, market: 'SIM', from: START, to: solTo, count: imported.trades.length },
    ],
  });
  const refused = openReplayOf(folder, {
    market: 'SIM',
    history: { ...TRADES, symbol: 'DOGE/USDT' },
    from: START,
    to: START + MINUTE,
  });
  await expect(refused).rejects.toThrow(/No trades of DOGE\/USDT on binance were imported/);
}, 120_000);
