import { describe, expect, it } from 'vitest';
import { createIdGen } from '../../../core/base/ids.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { HistoryJob } from '../../../core/contracts/history-jobs.ts';
import { HistoryDownloads } from './download.ts';
import { ETH } from './fixtures/instruments.ts';
import { MemoryMarket } from './fixtures/memory-market.ts';
import { MemorySettings } from './fixtures/memory-quality.ts';
import { markedCandle, MinuteVenue } from './fixtures/minute-venue.ts';
import { CandleHistory } from './history.ts';

const MINUTE = 60_000;
const NOW = 30_000_000 * MINUTE + 30_000;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const clock = new ManualClock(NOW);
  const market = new MemoryMarket();
  const settings = new MemorySettings();
  const venue = new MinuteVenue('binance', 0);
  let busy = false;
  const open = () => {
    const history = new CandleHistory({ sources: () => [{ venue, instrument: ETH }], market });
    return new HistoryDownloads({
      history: (symbol) => (symbol === ETH.symbol ? history : undefined),
      store: { market, settings },
      onFetched: () => {},
      isBusy: () => busy,
      clock,
      wall: clock,
      ids: createIdGen(clock, new SplitMix32(1)),
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    });
  };
  const pass = async (ms: number, until: () => boolean = () => false): Promise<void> => {
    for (let passed = 0; passed < ms && !until(); passed += 50) {
      clock.advanceBy(50);
      for (let i = 0; i < 5; i++) await settle();
    }
  };
  return { clock, market, settings, venue, open, pass, setBusy: (now: boolean) => (busy = now) };
}

const first = (downloads: HistoryDownloads): HistoryJob => downloads.snapshot().jobs[0] as HistoryJob;

describe('HistoryDownloads', () => {
  it('downloads the span of what a derived timeframe is made of, and what the market did not have is said', async () => {
    const desk = setUp();
    desk.venue.since = NOW - 4_000 * MINUTE;
    const downloads = desk.open();
    const started = await downloads.start({
      symbol: ETH.symbol,
      timeframes: ['15m', '1m'],
      from: NOW - 5_000 * MINUTE,
      to: NOW + MINUTE,
    });
    expect(started.ok).toBe(true);
    await desk.pass(20_000, () => first(downloads).state === 'done');
    const job = first(downloads);
    expect(job).toMatchObject({ state: 'done', doneCandles: job.totalCandles });
    expect(desk.market.candles(ETH.symbol, '1m')).toHaveLength(job.totalCandles - job.unavailableCandles);
    expect(job.fetchedCandles).toBe(3_999);
    expect(desk.venue.requests.every(({ timeframe }) => timeframe === '1m')).toBe(true);
  });

  it('goes on after a kill where it was, asking for nothing twice', async () => {
    const desk = setUp();
    const killed = desk.open();
    await killed.start({ symbol: ETH.symbol, timeframes: ['1m'], from: NOW - 10_000 * MINUTE, to: NOW });
    await desk.pass(300);
    const before = first(killed);
    expect(before).toMatchObject({ state: 'running' });
    expect(before.doneCandles).toBeGreaterThan(0);
    expect(before.doneCandles).toBeLessThan(before.totalCandles);
    expect(before.remainingMs).toBeGreaterThan(0);
    // Nothing of the killed one runs on: its clock stands still for it.
    void killed.close();
    await desk.pass(1_000);
    const stored = desk.market.candles(ETH.symbol, '1m').length;
    const asked = desk.venue.requests.length;
    const downloads = desk.open();
    expect((await downloads.resume()).ok).toBe(true);
    await desk.pass(20_000, () => first(downloads).state === 'done');
    expect(first(downloads)).toMatchObject({ state: 'done', id: before.id, fetchedCandles: 9_999 - stored + 1 });
    expect(desk.market.candles(ETH.symbol, '1m')).toHaveLength(10_000);
    const spans = desk.venue.requests.slice(asked).filter(({ from }) => from > 0);
    expect(spans.reduce((sum, { from, to }) => sum + (to - from) / MINUTE, 0)).toBe(10_000 - stored);
  });

  it('waits while the venue is away or live data is fetched, and goes on by itself', async () => {
    const desk = setUp();
    desk.setBusy(true);
    const downloads = desk.open();
    await downloads.start({ symbol: ETH.symbol, timeframes: ['1h'], from: NOW - 600 * MINUTE, to: NOW });
    await desk.pass(2_000);
    expect(desk.venue.requests).toEqual([]);
    desk.setBusy(false);
    desk.venue.isDown = true;
    await desk.pass(1_000);
    expect(first(downloads)).toMatchObject({ state: 'waiting', message: 'binance is away' });
    desk.venue.isDown = false;
    await desk.pass(20_000, () => first(downloads).state === 'done');
    expect(first(downloads)).toMatchObject({ state: 'done', fetchedCandles: 10 });
    expect(first(downloads).message).toBeUndefined();
  });

  it('is cancelled at once, keeps what it has, and runs two jobs at a time', async () => {
    const desk = setUp();
    const downloads = desk.open();
    for (const days of [1, 2, 3]) {
      const from = NOW - (days + 20) * 86_400_000;
      await downloads.start({ symbol: ETH.symbol, timeframes: ['1m'], from, to: NOW });
    }
    await desk.pass(200);
    expect(downloads.snapshot().jobs.map(({ state }) => state)).toEqual(['queued', 'running', 'running']);
    const jobs = downloads.snapshot().jobs;
    expect((await downloads.cancel(jobs[2]?.id ?? '')).ok).toBe(true);
    expect(downloads.snapshot().jobs.map(({ state }) => state)).toEqual(['running', 'running', 'cancelled']);
    expect(desk.market.candles(ETH.symbol, '1m').length).toBeGreaterThan(0);
    await downloads.cancel(jobs[2]?.id ?? '');
    expect(downloads.snapshot().jobs).toHaveLength(2);
    await downloads.close();
  });

  it('refuses what cannot be downloaded', async () => {
    const downloads = setUp().open();
    const refused = async (symbol: string, from: number, to: number) => {
      const answer = await downloads.start({ symbol, timeframes: ['1d'], from, to });
      return answer.ok ? undefined : answer.error.code;
    };
    expect(await refused('DOGE/USDT', 0, NOW)).toBe('UNKNOWN_SYMBOL');
    expect(await refused(ETH.symbol, NOW + 1, NOW + 2)).toBe('BAD_REQUEST');
    expect(markedCandle(0, 0).filled).toBe(false);
  });
});
