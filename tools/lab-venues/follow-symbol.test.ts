import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { CommandInput, CommandName, CommandOutput } from '../../core/contracts/commands.ts';
import type { CobView } from '../../core/contracts/market-views.ts';
import type { HostMessage } from '../../core/contracts/wire.ts';
import type { Result } from '../../core/base/result.ts';
import { BTC, ETH, syntheticRecording } from '../../lab/fixtures/synthetic.ts';
import { Lab } from '../../lab/lab.ts';
import { LAB_VENUES } from '../../lab/listings.ts';
import { createDesk } from '../../main/host/desk.ts';
import { deskPaths } from '../../main/host/desk-paths.ts';
import { FakeLauncher } from '../../main/host/fixtures/fake-worker.ts';
import { silentLog } from '../../main/host/log.ts';
import { createSystemClock } from '../../main/host/host-clock.ts';

const SYMBOL = 'ETH/USD:ETH';
const START = Date.UTC(2020, 3, 26);

it('finds a symbol on the practice market, follows it on two venues, merges their books, and lets it go', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cobalt-follow-'));
  const recordings = [ETH, BTC].map((instrument) =>
    syntheticRecording({ instrument, startTime: START - 3_600_000, minutes: 240 }),
  );
  const wall = createSystemClock();
  const lab = new Lab({ recordings, seed: 4, speed: 1, startAt: START, faults: [], wall, notify: () => {} });
  const port = await lab.listen(0);
  if (!port.ok) throw new Error(port.error.message);
  const launcher = new FakeLauncher();
  launcher.onLaunch = (worker) => {
    if (worker.name !== 'lab') return;
    const listening = { port: port.value, marketTime: START, speed: 1, dataEnd: START + 3_600_000 };
    setImmediate(() => worker.say({ kind: 'listening', venues: [...LAB_VENUES], ...listening }));
  };
  const desk = createDesk({
    paths: deskPaths(folder),
    defaultsFolder: join(import.meta.dirname, '..', '..', 'config'),
    recordingFolders: [],
    environment: {},
    version: '9.9.9',
    launcher,
    processMemory: async () => ({ main: 1 }),
    onStartFailed: (why) => {
      throw new Error(why);
    },
    onPaint: () => {},
    log: silentLog,
  });
  const heard: HostMessage[] = [];
  const connection = desk.connect((message) => heard.push(message));
  let nextId = 1;
  const command = async <N extends CommandName>(name: N, input: CommandInput<N>): Promise<CommandOutput<N>> => {
    const id = nextId++;
    connection.receive({ kind: 'command', id, name, input });
    const answer = await vi.waitUntil(() => heard.find((message) => message.kind === 'answer' && message.id === id), 20_000);
    const result = answer as Result<CommandOutput<N>>;
    if (!result.ok) throw new Error(`${name}: ${result.error.message}`);
    return result.value;
  };
  try {
    await command('getBootstrap', {});
    const found = await command('searchSymbols', { query: 'eth', limit: 50 });
    expect(found.failures).toEqual([]);
    expect(found.matches).toContainEqual({ symbol: SYMBOL, venues: ['bybit', 'deribit'], followed: false });

    // A source belongs to one symbol: by default these two are merged into ETH/USDT.
    const spot = [{ venue: 'binance', symbol: 'ETH/USDT' }] as const;
    expect(await command('followSymbol', { symbol: 'ETH/USDT', sources: [...spot] })).toMatchObject({ sources: spot });
    const sources = [
      { venue: 'bybit', symbol: SYMBOL },
      { venue: 'deribit', symbol: SYMBOL },
    ] as const;
    expect(await command('followSymbol', { symbol: SYMBOL, sources: [...sources] })).toMatchObject({ symbol: SYMBOL, sources });
    const stream = nextId++;
    connection.receive({ kind: 'subscribe', id: stream, stream: 'cob', params: { symbol: SYMBOL } });
    const merged = await vi.waitUntil(() => {
      const views = heard.flatMap((message) =>
        message.kind === 'event' && message.id === stream ? [message.event as CobView] : [],
      );
      return views.find(({ venues }) => venues.length === 2);
    }, 20_000);
    expect([...merged.venues].sort()).toEqual(['bybit', 'deribit']);
    expect(merged.bestAsk).toBeGreaterThan(0);

    const matches = async () => (await command('searchSymbols', { query: 'eth', limit: 50 })).matches;
    expect(await matches()).toContainEqual({ symbol: SYMBOL, venues: ['bybit', 'deribit'], followed: true });
    await command('unfollowSymbol', { symbol: SYMBOL });
    expect(await matches()).toContainEqual({ symbol: SYMBOL, venues: ['bybit', 'deribit'], followed: false });
  } finally {
    await desk.close();
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
