import { afterEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import type { FromLab, LabOptions } from '../../core/contracts/worker-protocol.ts';
import { FakeLauncher } from './fixtures/fake-worker.ts';
import { silentLog } from './log.ts';
import { type PracticeMarket, startPracticeMarket } from './practice-market.ts';

const START = Date.parse('2020-04-26T00:00:00Z');

let market: PracticeMarket | undefined;
afterEach(async () => {
  market?.clock.close();
  await market?.worker.stop();
  market = undefined;
});

function begin(options: { port?: number; speed?: number } = {}) {
  const wall = new ManualClock(0);
  const launcher = new FakeLauncher();
  const starting = startPracticeMarket({
    launcher,
    wall,
    jitter: () => 0.5,
    log: silentLog,
    seed: 7,
    speed: options.speed ?? 2,
    startAt: START,
    port: options.port ?? 0,
    recordingFolders: ['/year', '/sample'],
    symbols: ['ETH/USDT', 'BTC/USDT'],
  });
  const say = (message: FromLab): void => launcher.newest.say(message);
  const labOptions = (index: number): LabOptions => JSON.parse(launcher.launched[index]?.args[0] ?? '{}') as LabOptions;
  return { wall, launcher, starting, say, labOptions };
}

const listening = (marketTime = START, speed = 2): FromLab => ({
  kind: 'listening',
  venues: ['binance', 'bybit', 'of-tomorrow'],
  port: 5_555,
  marketTime,
  speed,
  dataEnd: START + 864e5,
});

async function running(options: { port?: number; speed?: number } = {}) {
  const begun = begin(options);
  begun.say(listening());
  const started = await begun.starting;
  if (!started.ok) throw new Error(started.error.message);
  market = started.value;
  return { ...begun, market: started.value };
}

describe('startPracticeMarket', () => {
  it('launches with what was configured and answers when it listens, with its time', async () => {
    const { market: practice, labOptions } = await running();
    expect(labOptions(0)).toEqual({
      port: 0,
      seed: 7,
      speed: 2,
      startAt: START,
      dataFolders: ['/year', '/sample'],
      symbols: ['ETHUSDT', 'BTCUSDT'],
    });
    expect([practice.port, practice.venues]).toEqual([5555, ['binance', 'bybit']]);
    expect(practice.clock.rate).toBe(2);
    expect(practice.clock.now() - START).toBeLessThan(2_000);
    expect(practice.worker.health()).toMatchObject({ name: 'lab', state: 'ready' });
  });

  it('gives the reason of a market that cannot start, and stops its process', async () => {
    const { starting, say, launcher } = begin();
    say({ kind: 'failed', error: { code: 'PORT_TAKEN', message: 'port 9 is taken', retryable: false } });
    expect(await starting).toMatchObject({
      ok: false,
      error: { code: 'PRACTICE_MARKET_FAILED', message: expect.stringContaining('port 9 is taken') as string, retryable: true },
    });
    expect(launcher.newest.killed).toBe(1);
  });

  it('gives up after 20 s, with what the process died of', async () => {
    const { starting, wall, launcher } = begin();
    for (let death = 0; death < 20; death++) {
      launcher.newest.die('exit code 9: no such module');
      wall.advanceBy(1_000);
    }
    expect(await starting).toMatchObject({ ok: false, error: { message: expect.stringContaining('no such module') as string } });
    wall.advanceBy(600_000);
    const launched = launcher.launched.length;
    wall.advanceBy(600_000);
    expect(launcher.launched).toHaveLength(launched);
  });

  it('comes back after a death on its address, at the market time and speed reached by then', async () => {
    const { market: practice, launcher, wall, labOptions, say } = await running();
    expect(practice.setSpeed(30).ok).toBe(true);
    expect(launcher.newest.posted).toEqual([{ kind: 'setSpeed', speed: 30 }]);
    say({ kind: 'speedChanged', marketTime: START + 3_600_000, speed: 30 });
    expect(practice.clock.rate).toBe(30);
    const before = practice.clock.now();
    expect(before).toBeGreaterThanOrEqual(START + 3_600_000);

    launcher.newest.die('signal SIGKILL');
    expect(practice.setSpeed(5)).toMatchObject({ ok: false, error: { code: 'PRACTICE_MARKET_DOWN', retryable: true } });
    wall.advanceBy(250);
    expect(labOptions(1)).toMatchObject({ port: 5_555, speed: 30 });
    expect(labOptions(1).startAt).toBeGreaterThanOrEqual(before);
    say(listening(before + 60_000, 30));
    expect(practice.clock.now()).toBeGreaterThanOrEqual(before + 60_000);
    expect(practice.worker.health()).toMatchObject({ state: 'ready', restarts: 1 });
  });

  it('tells when the recording ended, until the listener leaves', async () => {
    const { market: practice, say } = await running();
    const ended = vi.fn();
    const leave = practice.onEnd(ended);
    say({ kind: 'dataEnd', marketTime: START + 5 });
    leave();
    say({ kind: 'dataEnd', marketTime: START + 6 });
    expect(ended.mock.calls).toEqual([[START + 5]]);
  });
});
