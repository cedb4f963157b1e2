import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Result } from '../../../core/base/result.ts';
import type { CommandInput, CommandName, CommandOutput } from '../../../core/contracts/commands.ts';
import type { ReplayStatus } from '../../../core/contracts/replay.ts';
import type { HostMessage } from '../../../core/contracts/wire.ts';
import { createDesk, type Desk } from '../desk.ts';
import { deskPaths } from '../desk-paths.ts';
import { type FakeExchange, startFakeExchange } from '../fixtures/fake-exchange.ts';
import { FakeLauncher } from '../fixtures/fake-worker.ts';
import { silentLog } from '../log.ts';
import { FROM, GAP, leaveRecordedMarket, TO } from './recorded-market.fixture.ts';

let folder: string;
let exchange: FakeExchange;
let desk: Desk | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cobalt-desk-replay-'));
  exchange = await startFakeExchange(() => TO);
}, 120_000);
afterEach(async () => {
  await desk?.close();
  desk = undefined;
  await exchange.close();
  rmSync(folder, { recursive: true, force: true });
});

function openWindow(environment: Record<string, string> = {}) {
  const launcher = new FakeLauncher();
  launcher.onLaunch = (worker) =>
    setImmediate(() => {
      if (worker.name !== 'lab') worker.say({ kind: 'ready', device: 'none' });
      else
        worker.say({
          kind: 'listening',
          port: exchange.port,
          venues: ['binance'],
          marketTime: TO,
          speed: 1,
          dataEnd: TO + 864e5,
        });
    });
  desk = createDesk({
    paths: deskPaths(folder),
    defaultsFolder: join(import.meta.dirname, '..', '..', '..', 'config'),
    recordingFolders: [],
    environment,
    version: '9.9.9',
    launcher,
    processMemory: async () => ({ main: 1 }),
    onStartFailed: () => {},
    onPaint: () => {},
    log: silentLog,
  });
  const waiting = new Map<number, (answer: Result<unknown>) => void>();
  let status: ReplayStatus | undefined;
  let nextId = 1;
  const connection = desk.connect((message: HostMessage) => {
    if (message.kind === 'answer') waiting.get(message.id)?.(message);
    else if (message.kind === 'event' && message.id === 999) {
      status = message.event as ReplayStatus;
      connection.receive({ kind: 'ack', id: message.id, seq: message.seq });
    }
  });
  return {
    command<N extends CommandName>(name: N, input: CommandInput<N>): Promise<Result<CommandOutput<N>>> {
      const id = nextId++;
      return new Promise((resolve) => {
        waiting.set(id, (answer) => resolve(answer as Result<CommandOutput<N>>));
        connection.receive({ kind: 'command', id, name, input });
      });
    },
    watch: () => connection.receive({ kind: 'subscribe', id: 999, stream: 'replay', params: {} }),
    status: () => status,
    async mode() {
      const answer = await this.command('getBootstrap', {});
      return answer.ok && answer.value.state === 'ready' ? answer.value.mode : answer;
    },
  };
}

describe('a desk that replays', () => {
  it('lists what is recorded, opens it, goes elsewhere with annotations kept, and back to the market', async () => {
    await leaveRecordedMarket(deskPaths(folder), 3);
    const window = openWindow();
    expect(await window.mode()).toBe('SIM');
    const listed = await window.command('listReplays', {});
    expect(listed).toMatchObject({
      value: { recordings: [{ market: 'SIM', to: expect.any(Number), gaps: [{ to: expect.any(Number) }] }] },
    });
    const [recording] = listed.ok ? listed.value.recordings : [];
    expect(recording?.from).toBeLessThanOrEqual(FROM);
    expect(Math.abs((recording?.gaps[0]?.from ?? 0) - GAP.from)).toBeLessThan(1_000);

    expect(await window.command('openReplay', { market: 'SIM', from: FROM, to: TO, speed: 1_000 })).toMatchObject({ ok: true });
    expect(await window.mode()).toBe('REPLAY');
    window.watch();
    await vi.waitFor(() => expect(window.status()).toMatchObject({ state: 'ended', t: TO }), { timeout: 60_000 });

    const ends = { entry: { time: FROM - 3_600_000, price: 200 }, exit: { time: FROM - 3_000_000, price: 201 } };
    const about = { id: 'kept', symbol: 'ETH/USDT', timeframe: '1m', direction: 'long', note: '' } as const;
    const annotation = { ...about, ...ends, createdAt: FROM, updatedAt: FROM };
    const saved = await window.command('saveAnnotation', { annotation });
    expect(saved).toMatchObject({ ok: true });
    expect(await window.command('replayControl', { action: 'seek', t: FROM + 30_000 })).toMatchObject({ ok: true });
    window.watch();
    await vi.waitFor(() => expect(window.status()).toMatchObject({ state: 'paused', t: FROM + 30_000 }), { timeout: 60_000 });
    expect(await window.command('deleteAnnotation', { id: 'kept' })).toMatchObject({ ok: true });

    expect(await window.command('setMode', { mode: 'SIM' })).toMatchObject({ ok: true });
    expect(await window.mode()).toBe('SIM');
    expect(await window.command('replayControl', { action: 'play' })).toMatchObject({ error: { code: 'NOT_REPLAYING' } });
  }, 120_000);

  it('stays on its market when there is nothing to replay, and says why', async () => {
    const window = openWindow();
    expect(await window.mode()).toBe('SIM');
    expect(await window.command('listReplays', {})).toMatchObject({ ok: true, value: { recordings: [] } });
    expect(await window.command('setMode', { mode: 'REPLAY' })).toMatchObject({ error: { code: 'NOT_RECORDED' } });
    const opened = await window.command('openReplay', { market: 'SIM', from: FROM, to: TO });
    expect(opened).toMatchObject({
      ok: false,
      error: { code: 'REPLAY_FAILED', message: expect.stringContaining('Nothing of SIM') },
    });
    expect(await window.mode()).toBe('SIM');
  }, 120_000);

  it('replays what the configuration says from the start', async () => {
    await leaveRecordedMarket(deskPaths(folder), 4);
    const window = openWindow({ COBALT_MARKET_MODE: 'REPLAY', COBALT_REPLAY_FROM: new Date(FROM).toISOString() });
    expect(await window.mode()).toBe('REPLAY');
    window.watch();
    await vi.waitFor(() => expect(window.status()).toMatchObject({ state: 'paused', t: FROM, market: 'SIM' }), {
      timeout: 60_000,
    });
  }, 120_000);
});
