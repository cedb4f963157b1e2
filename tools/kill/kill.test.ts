import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DuckDBInstance } from '@duckdb/node-api';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../core/base/clock.ts';
import type { Result } from '../../core/base/result.ts';
import { nextInt, SplitMix32 } from '../../core/base/rng.ts';
import type { Annotation } from '../../core/contracts/annotations.ts';
import { BTC, ETH, syntheticRecording } from '../../lab/fixtures/synthetic.ts';
import { Lab } from '../../lab/lab.ts';
import { stepsOf } from '../../lab/protocol/steps.ts';
import type { SymbolMarket } from '../../lab/simulation/symbol-market.ts';
import { deskPaths } from '../../main/host/desk-paths.ts';
import { openStore } from '../../main/storage/duckdb-store.ts';
import { openSegmentStore } from '../../main/storage/recording/segment-store.ts';
import type { DeskReport, ToDesk } from './killed-desk.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
/** Of two desks side by side, each half as often. */
const KILLS = 20;
const DESKS = 2;
const SPEED = 20;
const RECORDED_FROM = Date.UTC(2020, 3, 25);
const START = RECORDED_FROM + 60 * 60_000;
const SYMBOL = 'ETH/USDT';
/** Reports after which a desk is killed, at most: some die while they start, most in the midst of the market. */
const MOST_REPORTS = 12;
/** Wall milliseconds of market data that a kill may cost. */
const UNFLUSHED_WALL_MS = 1_000;
const STORED_TIMEFRAMES = ['1s', '1m'] as const;

const wall: Clock = {
  now: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, task) {
    const timer = setInterval(task, periodMs);
    return () => clearInterval(timer);
  },
};

let folder: string;
let program: string;
let lab: Lab;
let port: number;

/** The desk as one plain JavaScript file, since Node 20 runs no TypeScript; DuckDB stays outside and is found through the link. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cobalt-killed-'));
  program = join(folder, 'program');
  await mkdir(program);
  await symlink(join(ROOT, 'node_modules'), join(program, 'node_modules'), 'junction');
  await build({
    configFile: false,
    logLevel: 'error',
    root: import.meta.dirname,
    ssr: { noExternal: true, external: ['@duckdb/node-api', 'onnxruntime-node'] },
    build: {
      ssr: join(import.meta.dirname, 'killed-desk.ts'),
      outDir: program,
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      rolldownOptions: {
        external: ['bufferutil', 'utf-8-validate'],
        output: { entryFileNames: 'killed-desk.mjs', codeSplitting: false },
      },
    },
  });
  const recordings = [ETH, BTC].map((instrument) => syntheticRecording({ instrument, startTime: RECORDED_FROM, minutes: 300 }));
  lab = new Lab({ recordings, seed: 7, speed: SPEED, startAt: START, faults: [], venues: ['binance'], wall, notify: () => {} });
  port = must(await lab.listen(0));
}, 120_000);

afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** One life of the desk. */
class Life {
  readonly reports: DeskReport[] = [];
  readonly child: ChildProcess;
  /** What its store said of itself, oldest first. */
  readonly stored: Extract<DeskReport, { kind: 'stored' }>[] = [];
  complaint = '';
  #wake: () => void = () => {};
  #nextId = 10;
  #gone = false;

  constructor(data: string) {
    this.child = fork(join(program, 'killed-desk.mjs'), [data, ROOT, String(port), String(SPEED)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.on('data', (text: Buffer) => {
      this.complaint += text.toString();
    });
    this.child.on('message', (report: DeskReport) => {
      if (report.kind === 'stored') this.stored.push(report);
      else this.reports.push(report);
      this.#wake();
    });
    this.child.once('exit', () => {
      this.#gone = true;
      this.#wake();
    });
  }

  get seconds(): readonly number[] {
    return this.reports.flatMap((report) => (report.kind === 'second' ? [report.openTime] : []));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#gone) throw new Error(`the desk ended: ${this.complaint}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async run(name: string, input: unknown): Promise<void> {
    const id = this.#nextId++;
    this.child.send({ kind: 'command', id, name, input } satisfies ToDesk);
    const answer = () => this.reports.find((report) => report.kind === 'answer' && report.id === id);
    await this.until(() => answer() !== undefined);
    expect(answer()).toMatchObject({ ok: true });
  }

  async end(how: 'SIGKILL' | 'close'): Promise<void> {
    const exited = once(this.child, 'exit');
    if (how === 'close') this.child.send({ kind: 'close' } satisfies ToDesk);
    else this.child.kill('SIGKILL');
    await exited;
    expect(this.complaint).toBe('');
  }
}

const openTheStore = async (data: string) =>
  must(await openStore({ path: deskPaths(data).store('SIM'), wall, flushMs: 500, batchRows: 1_000 }));

function annotation(id: string): Annotation {
  const point = (time: number, price: number) => ({ time, price });
  const entry = point(START - 600_000, 200);
  return {
    id,
    symbol: SYMBOL,
    timeframe: '1m',
    direction: 'long',
    entry,
    exit: point(START - 300_000, 201),
    note: `kept over ${id}`,
    createdAt: START,
    updatedAt: START,
  };
}

/** What became of a desk that was killed again and again. */
interface Kills {
  readonly annotations: readonly string[];
  readonly readies: number;
  /** Lives that ended in the midst of the market, with trades on the disk. */
  readonly midst: number;
  /** How long market data waited for the disk, in wall milliseconds, ever and again. */
  readonly waitsMs: readonly number[];
}

async function killAgainAndAgain(data: string, kills: number, rng: SplitMix32): Promise<Kills> {
  const annotations: string[] = [];
  const waitsMs: number[] = [];
  let readies = 0;
  let midst = 0;
  for (let round = 0; round < kills; round++) {
    const life = new Life(data);
    const reports = 1 + nextInt(rng, MOST_REPORTS);
    if (round === 0) {
      await life.until(() => life.reports.some(({ kind }) => kind === 'ready'));
      await life.run('unfollowSymbol', { symbol: 'BTC/USDT' });
    }
    if (reports > 4) {
      await life.until(() => life.seconds.length > 0 && life.stored.at(-1)?.until !== undefined);
      const id = `annotation${round}`;
      await life.run('saveAnnotation', { annotation: annotation(id) });
      annotations.push(id);
    }
    await life.until(() => life.reports.length >= reports);
    const killedAt = lab.market.now;
    await life.end('SIGKILL');
    for (const report of life.reports) {
      if (report.kind !== 'ready') continue;
      readies++;
      expect(report.state).toBe('ready');
    }

    const store = await openTheStore(data);
    waitsMs.push(...life.stored.map(({ waitingMs }) => waitingMs));
    const until = life.stored.at(-1)?.until;
    if (until !== undefined) {
      midst++;
      const newest = must(await store.market.newestTrades(0)).find(({ symbol }) => symbol === SYMBOL);
      expect(newest?.time).toBeGreaterThanOrEqual(until);
      expect(newest?.time).toBeLessThanOrEqual(killedAt + SPEED * 1_000);
    }
    expect(
      must(await store.annotations.all())
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...annotations].sort());
    await store.close();
  }
  return { annotations, readies, midst, waitsMs };
}

/** Lets a desk that was killed live on until it has looked through everything: then nothing is missing. */
async function hasEverything(data: string, { annotations }: Kills): Promise<void> {
  const last = new Life(data);
  await last.until(() => last.seconds.length >= 20 && last.reports.some(({ kind }) => kind === 'maintained'));
  await last.end('close');

  const store = await openTheStore(data);
  const market = lab.market.symbol('ETHUSDT') as SymbolMarket;
  for (const timeframe of STORED_TIMEFRAMES) {
    const bounds = must(await store.market.candleBounds(SYMBOL, timeframe));
    const to = bounds?.last ?? 0;
    expect(to).toBeGreaterThan(START + 60_000);
    const from = START - 60_000;
    const stored = must(await store.market.candlesIn(SYMBOL, timeframe, from, to + 1));
    expect(stored.map(({ openTime, close, volume, tradeCount }) => [openTime, close, volume.toFixed(6), tradeCount])).toEqual(
      klines(market, timeframe, from, to),
    );
  }
  expect(must(await store.annotations.all())).toHaveLength(annotations.length);
  expect(JSON.stringify(must(await store.settings.get('market.watchlist')))).not.toContain('BTC');
  await store.close();
  await hasEveryTrade(data, market);
  await hasWholeRecordings(deskPaths(data).recording('SIM'));
}

describe('a desk that is killed while the market runs', () => {
  it('opens its store each time, has what it said to have, and everything in the end, twenty times', async () => {
    const rng = new SplitMix32(20_200_312);
    const desks = Array.from({ length: DESKS }, async (_, i) => {
      const data = join(folder, `data${i}`);
      const kills = await killAgainAndAgain(data, KILLS / DESKS, rng);
      await hasEverything(data, kills);
      return kills;
    });
    const kills = await Promise.all(desks);
    const sum = (count: (of: Kills) => number): number => kills.reduce((all, each) => all + count(each), 0);
    expect(sum(({ readies }) => readies)).toBeGreaterThan(10);
    expect(sum(({ midst }) => midst)).toBeGreaterThan(10);
    // Not each: on a busy machine the disk may take any time.
    const waits = kills.flatMap(({ waitsMs }) => waitsMs).sort((a, b) => a - b);
    expect(waits[waits.length >> 1]).toBeLessThanOrEqual(UNFLUSHED_WALL_MS);
  }, 300_000);
});

/** From the first stored trade to the last: each once, and none is missing. */
async function hasEveryTrade(data: string, market: SymbolMarket): Promise<void> {
  const instance = await DuckDBInstance.create(deskPaths(data).store('SIM'), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT trade_id::DOUBLE, ts_event::DOUBLE, price, quantity FROM trades WHERE venue = 'binance' AND symbol = '${SYMBOL}' ORDER BY ts_event, trade_id`,
  );
  const stored = reader.getRows() as number[][];
  connection.closeSync();
  instance.closeSync();
  const { tick, lot } = stepsOf(market.recording.instrument);
  const had = market
    .tradesFrom(stored[0]?.[0] as number, stored.length)
    .map(({ id, time, price, lots }) => [id, time, tick.number(price), lot.number(lots)]);
  expect(stored.length).toBeGreaterThan(100);
  const ids = (rows: readonly number[][]): (number | undefined)[] => rows.map(([id]) => id);
  expect(ids(stored)).toEqual(ids(had));
  expect(stored).toEqual(had);
}

function klines(market: SymbolMarket, timeframe: '1s' | '1m', from: number, to: number): (number | string)[][] {
  const { tick, lot } = stepsOf(market.recording.instrument);
  const found: (number | string)[][] = [];
  for (let start = from; start <= to; start = Number(found.at(-1)?.[0]) + (timeframe === '1s' ? 1_000 : 60_000)) {
    const page = market.klines({ timeframe, limit: 1_000, startTime: start, endTime: to });
    for (const { openTime, close, lots, trades } of page)
      found.push([openTime, tick.number(close), lot.number(lots).toFixed(6), trades]);
    if (page.length === 0) break;
  }
  return found;
}

async function hasWholeRecordings(path: string): Promise<void> {
  const store = openSegmentStore({ folder: path, mode: 'SIM', wall });
  for (const { id, state } of must(await store.list())) {
    expect(state, id).toBe('whole');
    must(await store.read(id, () => {}));
  }
  await store.close();
  const left: string[] = [];
  for (const day of await readdir(path)) left.push(...(await readdir(join(path, day))));
  expect(left.length).toBeGreaterThan(5);
  expect(left.filter((name) => !name.endsWith('.parquet'))).toEqual([]);
}
