import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VENUES } from '../../core/market/instrument.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Result } from '../../core/base/result.ts';
import type { CommandInput, CommandName, CommandOutput } from '../../core/contracts/commands.ts';
import type { HostMessage } from '../../core/contracts/wire.ts';
import { createDesk, type Desk } from './desk.ts';
import { deskPaths } from './desk-paths.ts';
import { type FakeExchange, startFakeExchange } from './fixtures/fake-exchange.ts';
import { FakeLauncher } from './fixtures/fake-worker.ts';
import { silentLog } from './log.ts';

const START = Date.parse('2020-04-26T00:00:00Z');

let folder: string;
let exchange: FakeExchange;
let launcher: FakeLauncher;
let desk: Desk | undefined;
/** What the practice market does when it is launched. */
let lab: 'listens' | 'fails';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cobalt-desk-'));
  exchange = await startFakeExchange(() => START);
  lab = 'listens';
  launcher = new FakeLauncher();
  launcher.onLaunch = (worker) => {
    if (worker.name !== 'lab') return;
    setImmediate(() => {
      if (lab === 'listens')
        worker.say({
          kind: 'listening',
          venues: ['binance'],
          port: exchange.port,
          marketTime: START,
          speed: 1,
          dataEnd: START + 864e5,
        });
      else worker.say({ kind: 'failed', error: { code: 'NO_RECORDING', message: 'there is no recording', retryable: false } });
    });
  };
});
afterEach(async () => {
  await desk?.close();
  desk = undefined;
  await exchange.close();
  rmSync(folder, { recursive: true, force: true });
});

function openDesk(environment: Record<string, string> = {}) {
  const failures: string[] = [];
  const opened = createDesk({
    paths: deskPaths(folder),
    defaultsFolder: join(import.meta.dirname, '..', '..', 'config'),
    recordingFolders: [],
    environment: {
      ...Object.fromEntries(VENUES.flatMap((venue) => addressVariables(venue, exchange.url))),
      ...environment,
    },
    version: '9.9.9',
    launcher,
    processMemory: async () => ({ main: 1 }),
    onStartFailed: (why) => failures.push(why),
    onPaint: () => {},
    log: silentLog,
  });
  desk = opened;
  return { desk: opened, failures, window: openWindow(opened) };
}

/** A page: sends commands, subscribes, and keeps what it is told. */
function openWindow(opened: Desk) {
  const heard: HostMessage[] = [];
  const waiting = new Map<number, (answer: Result<unknown>) => void>();
  let nextId = 1;
  const connection = opened.connect((message) => {
    heard.push(message);
    if (message.kind === 'answer') waiting.get(message.id)?.(message);
  });
  return {
    heard,
    connection,
    command<N extends CommandName>(name: N, input: CommandInput<N>): Promise<Result<CommandOutput<N>>> {
      const id = nextId++;
      return new Promise((resolve) => {
        waiting.set(id, (answer) => resolve(answer as Result<CommandOutput<N>>));
        connection.receive({ kind: 'command', id, name, input });
      });
    },
    subscribe(stream: string, params: object = {}): number {
      const id = nextId++;
      connection.receive({ kind: 'subscribe', id, stream, params });
      return id;
    },
    events: (id: number) => heard.filter((message) => message.kind === 'event' && message.id === id),
    async bootstrap() {
      const answer = await this.command('getBootstrap', {});
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.value;
    },
  };
}

const labs = (): number => launcher.launched.filter((worker) => worker.name === 'lab').length;

/** Every venue is looked for on loopback, where only Binance's language is spoken. */
function addressVariables(venue: string, url: string): [string, string][] {
  const prefix = `COBALT_VENUES_${venue.toUpperCase()}`;
  return [
    [`${prefix}_REST_URL`, url],
    [`${prefix}_STREAM_URL`, url.replace('http', 'ws')],
  ];
}

describe('a desk whose configuration is wrong', () => {
  it('says so with file, line and key, starts nothing, and starts when the file was mended and it is asked again', async () => {
    const file = join(folder, 'config.yaml');
    writeFileSync(file, 'practice:\n  speed: fast\n');
    const { window, failures } = openDesk();
    const problem = { file, line: 2, key: 'practice.speed', expected: 'a number', actual: '"fast"' };
    expect(await window.bootstrap()).toEqual({ state: 'configInvalid', version: '9.9.9', problems: [problem] });
    expect(failures).toHaveLength(1);
    expect(launcher.launched).toEqual([]);
    expect(await window.command('getCandles', { symbol: 'ETH/USDT', timeframe: '1m', limit: 5 })).toMatchObject({
      ok: false,
      error: { code: 'NOT_READY' },
    });
    expect(await window.command('setMode', { mode: 'LIVE' })).toMatchObject({ ok: false, error: { code: 'NOT_READY' } });
    expect(await window.command('savePreferences', { theme: 'light', panels: {} })).toMatchObject({ ok: false });
    expect(desk?.describe()).toContain('practice.speed');

    writeFileSync(file, 'practice:\n  speed: 7\n');
    expect(await window.bootstrap()).toMatchObject({
      state: 'ready',
      version: '9.9.9',
      mode: 'SIM',
      primarySymbol: 'ETH/USDT',
      symbols: [
        { symbol: 'ETH/USDT', tickSize: '0.01', lotSize: '0.0001', minNotional: '5', kind: 'spot', bucketWidth: 1 },
        { symbol: 'BTC/USDT', bucketWidth: 10 },
      ],
      preferences: { theme: 'dark' },
    });
    const practice = launcher.launched.find((worker) => worker.name === 'lab');
    expect(JSON.parse(practice?.args[0] ?? '')).toMatchObject({ speed: 7, startAt: START, symbols: ['ETHUSDT', 'BTCUSDT'] });
    expect(launcher.launched.map((worker) => worker.name).toSorted()).toEqual(['inference', 'lab', 'training']);
  });
});

describe('a desk whose market does not start', () => {
  it('gives the reason, leaves no process behind, and tries again when asked again', async () => {
    lab = 'fails';
    const { window } = openDesk();
    const failed = await window.bootstrap();
    expect(failed).toMatchObject({ state: 'startFailed', message: expect.stringContaining('there is no recording') as string });
    expect(launcher.launched.every((worker) => worker.killed > 0)).toBe(true);
    lab = 'listens';
    const [again, other] = await Promise.all([window.bootstrap(), openWindow(desk as Desk).bootstrap()]);
    expect([again.state, other.state]).toEqual(['ready', 'ready']);
    expect(labs()).toBe(2);
  });
});

describe('a running desk', () => {
  it('answers commands, feeds streams and remembers preferences', async () => {
    const { window } = openDesk();
    await window.bootstrap();
    const id = window.subscribe('status');
    await vi.waitFor(() => expect(window.events(id)).not.toHaveLength(0), { timeout: 60_000 });
    expect(window.events(id)[0]).toMatchObject({ event: { mode: 'SIM', account: 'PAPER' } });
    expect(await window.command('savePreferences', { theme: 'light', panels: { chart: { snap: false } } })).toEqual(
      expect.objectContaining({ ok: true }),
    );
    expect(await window.bootstrap()).toMatchObject({ preferences: { theme: 'light', panels: { chart: { snap: false } } } });
  });

  it('changes its market once for however many windows ask at the same time, and tells them all', async () => {
    const { desk: running, window } = openDesk();
    const other = openWindow(running);
    await window.bootstrap();
    const [session, otherSession] = [window.subscribe('session'), other.subscribe('session')];
    const status = window.subscribe('status');
    const changes = await Promise.all([
      window.command('setMode', { mode: 'LIVE' }),
      other.command('setMode', { mode: 'LIVE' }),
      window.command('setMode', { mode: 'SIM' }),
      other.command('setMode', { mode: 'LIVE' }),
    ]);
    expect(changes.every((change) => change.ok)).toBe(true);
    expect(running.mode()).toBe('LIVE');
    expect(await window.bootstrap()).toMatchObject({ state: 'ready', mode: 'LIVE' });
    // SIM at the start and once between two LIVEs; every process but the last pair of workers was ended.
    expect(labs()).toBe(2);
    const alive = launcher.launched.filter((worker) => worker.killed === 0).map((worker) => worker.name);
    expect(alive.toSorted()).toEqual(['inference', 'training']);
    expect(window.events(session)).toHaveLength(3);
    expect(other.events(otherSession)).toHaveLength(3);
    const before = window.events(status).length;
    const again = window.subscribe('status');
    await vi.waitFor(() => expect(window.events(again)).not.toHaveLength(0), { timeout: 60_000 });
    expect(window.events(status)).toHaveLength(before);
  });

  it('stays on its market when the choice cannot be saved, and can still change later', async () => {
    const { desk: running, window } = openDesk();
    await window.bootstrap();
    const blocked = `${deskPaths(folder).state}.tmp`;
    mkdirSync(blocked);
    expect(await window.command('setMode', { mode: 'LIVE' })).toMatchObject({ ok: false, error: { code: 'STATE_NOT_SAVED' } });
    expect(running.mode()).toBe('SIM');
    rmSync(blocked, { recursive: true });
    expect((await window.command('setMode', { mode: 'LIVE' })).ok).toBe(true);
    expect(await window.bootstrap()).toMatchObject({ mode: 'LIVE' });
  });

  it('ends every process when it closes, also while its market changes', async () => {
    const { desk: running, window } = openDesk();
    await window.bootstrap();
    void window.command('setMode', { mode: 'LIVE' });
    await running.close();
    expect(launcher.launched.every((worker) => worker.killed > 0)).toBe(true);
    const launched = launcher.launched.length;
    window.connection.receive({ kind: 'command', id: 99, name: 'getBootstrap', input: {} });
    await new Promise((resolve) => setImmediate(resolve));
    expect(launcher.launched).toHaveLength(launched);
    expect(window.heard.some((message) => message.kind === 'answer' && message.id === 99)).toBe(false);
  });
});
