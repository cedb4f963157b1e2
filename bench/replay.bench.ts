import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emitter } from '../core/base/emitter.ts';
import { L2Book } from '../core/market/l2-book.ts';
import { loadDeskConfig } from '../main/host/config-loader.ts';
import { deskPaths } from '../main/host/desk-paths.ts';
import { createSystemClock } from '../main/host/host-clock.ts';
import { silentLog } from '../main/host/log.ts';
import { recordingsOf } from '../main/host/replay/segment-recordings.ts';
import { createWorkstation } from '../main/host/workstation/workstation.ts';
import type { WorkerLauncher } from '../main/ports/worker-host.ts';
import { openSegmentStore } from '../main/storage/recording/segment-store.ts';
import { median, openReport } from './bench-runner.ts';
import { leaveRecording, must } from './replay/recorded-market.ts';

/**
 * How fast a recording plays through the whole desk (books, consolidated book at 10 Hz of market time, candles, prices,
 * paper broker, store) when 1000× is asked for, and that it tells the same twice, byte for byte. ETH/USDT of two venues,
 * 30 changed levels every 100 ms each, five trades a second. No window is connected and no model predicts.
 */
const RUNS = 3;
const SPEED = 1_000;
const FROM = Date.parse('2020-04-26T10:00:00Z');
const MINUTES = 20;
const TO = FROM + MINUTES * 60_000;
/** Market time over which every event that anybody tells is compared. */
const COMPARED_TO = FROM + 4 * 60_000;

interface Ride {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly events: number;
}

/** Workers that come up and are never asked: no model is there to predict or train. */
const idleWorkers: WorkerLauncher = {
  launch(_name, _args) {
    let exit = (_reason: string): void => {};
    return {
      pid: undefined,
      post: () => {},
      onMessage: (listener) => void setImmediate(() => listener({ kind: 'ready', device: 'none' })),
      onExit: (listener) => {
        exit = listener;
      },
      kill: () => exit('signal SIGTERM'),
    };
  },
};

const folder = await mkdtemp(join(tmpdir(), 'bench-replay-'));
const paths = deskPaths(folder);
try {
  await leaveRecording(paths, FROM, TO);
  const report = openReport('replay');
  const rides: Ride[] = [];
  for (let run = 0; run <= RUNS; run++) rides.push(await ride(TO));
  // The first one compiles.
  const counted = rides.slice(1);
  const of = (figure: (ride: Ride) => number): number => median(counted.map(figure));
  report.row({ metric: 'speed reached', value: of(({ wallMs }) => (TO - FROM) / wallMs), unit: 'market s/s' });
  report.row({
    metric: 'events through the whole desk, CPU',
    value: of(({ events, cpuMs }) => (events * 1_000) / cpuMs),
    unit: 'events/CPU-s',
  });
  report.row({
    metric: 'CPU per market second',
    value: of(({ cpuMs }) => (cpuMs * 1_000) / (TO - FROM)),
    unit: 'ms',
    better: 'lower',
  });
  const first = await digestOf(1_000);
  const second = await digestOf(300);
  if (first.digest !== second.digest) throw new Error('two replays told different things');
  report.row({ metric: 'events told, byte-identical twice', value: first.count, unit: 'events' });
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);

/** Every event that any service tells, as text; wall figures left out. */
async function digestOf(speed: number): Promise<{ readonly digest: string; readonly count: number }> {
  const hash = createHash('sha256');
  let count = 0;
  const emit = Object.getOwnPropertyDescriptor(Emitter.prototype, 'emit') as PropertyDescriptor;
  const tell = emit.value as (event: unknown) => void;
  const listening = function (this: Emitter<unknown>, event: unknown): void {
    if (!isOfTheWall(event)) {
      hash.update(JSON.stringify(event, (_key, value: unknown) => (value instanceof L2Book ? topOf(value) : value)));
      count++;
    }
    tell.call(this, event);
  };
  Object.defineProperty(Emitter.prototype, 'emit', { ...emit, value: listening });
  const restore = (): void => void Object.defineProperty(Emitter.prototype, 'emit', emit);
  try {
    await ride(COMPARED_TO, speed, restore);
  } finally {
    restore();
  }
  return { digest: hash.digest('hex'), count };
}

function isOfTheWall(event: unknown): boolean {
  return (
    typeof event === 'object' &&
    event !== null &&
    ('mainProcess' in event || 'eventsDelivered' in event || 'budgetBytes' in event)
  );
}

function topOf(book: L2Book): unknown {
  const prices = new Float64Array(10);
  const quantities = new Float64Array(10);
  return (['bid', 'ask'] as const).map((side) => {
    const count = book.copyTop(side, 10, prices, quantities);
    return [book.depth(side), ...prices.slice(0, count), ...quantities.slice(0, count)];
  });
}

async function ride(to: number, speed = SPEED, onEnded = (): void => {}): Promise<Ride> {
  const defaultsFolder = join(import.meta.dirname, '..', '..', 'config');
  const { userConfig, userModels } = paths;
  const loaded = await loadDeskConfig({ defaultsFolder, userConfig, userModels, environment: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const wall = createSystemClock();
  const library = recordingsOf((market) => openSegmentStore({ folder: paths.recording(market), mode: market, wall }));
  const workstation = must(
    await createWorkstation({
      ...loaded.value,
      mode: 'REPLAY',
      replay: { request: { market: 'SIM', from: FROM, to, speed }, play: false, library },
      paths,
      recordingFolders: [],
      pickFile: undefined,
      pickFolder: undefined,
      launcher: idleWorkers,
      processMemory: async () => ({}),
      wall,
      log: silentLog,
    }),
  );
  const driver = workstation.replay?.driver;
  if (driver === undefined) throw new Error('there is no replay');
  const until = (state: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const { state: now, problem } = driver.status();
        if (now === state) resolve();
        else if (now === 'failed') reject(new Error(problem));
      };
      driver.events.on(look);
      look();
    });
  await until('paused');
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  driver.control({ action: 'play' });
  await until('ended');
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const events = driver.status().eventsDelivered;
  onEnded();
  await workstation.close();
  await library.close();
  wall.close();
  return { wallMs, cpuMs: (user + system) / 1_000, events };
}
