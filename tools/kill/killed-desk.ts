import { join } from 'node:path';
import type { HostMessage } from '../../core/contracts/wire.ts';
import type { CandleUpdate } from '../../core/contracts/market-views.ts';
import type { FromLab } from '../../core/contracts/worker-protocol.ts';
import { createDesk } from '../../main/host/desk.ts';
import { deskPaths } from '../../main/host/desk-paths.ts';
import { silentLog } from '../../main/host/log.ts';
import type { OpenStore } from '../../main/host/workstation/frame.ts';
import type { WorkerLauncher, WorkerProcess } from '../../main/ports/worker-host.ts';
import { openStore, type StoreOptions } from '../../main/storage/duckdb-store.ts';

/**
 * A desk that is killed: `node killed-desk.mjs FOLDER ROOT LAB_PORT SPEED`. Everything is as the hosts have it, but the practice market
 * is one that outlives the desk, as an exchange does, and the compute workers never come up.
 */
export type DeskReport =
  | { readonly kind: 'started' }
  /** `state`: the bootstrap's. */
  | { readonly kind: 'ready'; readonly state: string }
  /** A second of the market has closed. */
  | { readonly kind: 'second'; readonly openTime: number }
  /** The maintenance has looked through everything. */
  | { readonly kind: 'maintained' }
  /**
   * How long market data waited for the disk, in wall milliseconds, and the time of the newest trade that came before that: it is on
   * the disk, if what the store says is true. Undefined before there is one.
   */
  | { readonly kind: 'stored'; readonly waitingMs: number; readonly until: number | undefined }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: boolean; readonly message: string };
export type ToDesk =
  | { readonly kind: 'command'; readonly id: number; readonly name: string; readonly input: unknown }
  /** As a user stops it. */
  | { readonly kind: 'close' };

const SYMBOL = 'ETH/USDT';
const STORED_EVERY_MS = 50;
const BOOTSTRAP_ID = 1;
const SECONDS_ID = 2;
const QUALITY_ID = 3;

const [folder, root, port, speed] = process.argv.slice(2) as [string, string, string, string];
const report = (message: DeskReport): void => void process.send?.(message);

/** Says what the market's process says when it listens. */
class OutlivingMarket implements WorkerProcess {
  readonly pid = undefined;
  readonly #messages: ((message: unknown) => void)[] = [];
  readonly #exits: ((reason: string) => void)[] = [];

  async listening(): Promise<void> {
    const { serverTime } = (await (await fetch(`http://127.0.0.1:${port}/api/v3/time`)).json()) as { serverTime: number };
    const message: FromLab = {
      kind: 'listening',
      port: Number(port),
      marketTime: serverTime,
      speed: Number(speed),
      dataEnd: serverTime + 864e5,
      venues: ['binance'],
    };
    for (const listener of this.#messages) listener(message);
  }

  post(): void {}

  onMessage(listener: (message: unknown) => void): void {
    this.#messages.push(listener);
  }

  onExit(listener: (reason: string) => void): void {
    this.#exits.push(listener);
  }

  kill(): void {
    for (const listener of this.#exits) listener('signal SIGTERM');
  }
}

const launcher: WorkerLauncher = {
  launch(name) {
    const child = new OutlivingMarket();
    if (name === 'lab') void child.listening();
    return child;
  },
};

/** The product's store, each of whose trades is noted with the wall time at which it was handed in. */
async function watchedStore(options: StoreOptions): ReturnType<OpenStore> {
  const opened = await openStore(options);
  if (!opened.ok) return opened;
  const store = opened.value;
  const { wall } = options;
  const appendTrade = store.market.appendTrade.bind(store.market);
  let waiting: { readonly at: number; readonly time: number }[] = [];
  let until: number | undefined;
  store.market.appendTrade = (venue, symbol, trade) => {
    appendTrade(venue, symbol, trade);
    if (symbol === SYMBOL) waiting.push({ at: wall.now(), time: trade.tsEvent });
  };
  wall.every(STORED_EVERY_MS, () => {
    // Before the store looks at its clock, so that the row that waits longest is not taken for one that is written.
    const now = wall.now();
    const { pendingRows, waitingMs } = store.health();
    const since = pendingRows === 0 ? Number.POSITIVE_INFINITY : now - waitingMs;
    for (const { at, time } of waiting) if (at < since) until = Math.max(until ?? 0, time);
    waiting = waiting.filter(({ at }) => at >= since);
    report({ kind: 'stored', waitingMs, until });
  });
  return opened;
}

report({ kind: 'started' });
const desk = createDesk({
  paths: deskPaths(folder),
  defaultsFolder: join(root, 'config'),
  recordingFolders: [],
  environment: { COBALT_PRACTICE_SPEED: speed, COBALT_HISTORY_BACKFILL_MINUTES: '120' },
  version: '0.0.0',
  launcher,
  openStore: watchedStore,
  processMemory: async () => ({}),
  onStartFailed: (why) => process.stderr.write(why),
  onPaint: () => {},
  log: silentLog,
});

const connection = desk.connect((message: HostMessage) => {
  if (message.kind === 'event') {
    if (message.id === SECONDS_ID) {
      const { closed, candle } = message.event as CandleUpdate;
      if (closed) report({ kind: 'second', openTime: candle.openTime });
    } else if (message.id === QUALITY_ID) {
      const { running, series } = message.event as { running: boolean; series: readonly { lastRunAt?: number }[] };
      if (!running && series.some(({ lastRunAt }) => lastRunAt !== undefined)) report({ kind: 'maintained' });
    }
    connection.receive({ kind: 'ack', id: message.id, seq: message.seq });
    return;
  }
  if (message.id === BOOTSTRAP_ID) {
    report({ kind: 'ready', state: message.ok ? (message.value as { state: string }).state : message.error.message });
    connection.receive({ kind: 'subscribe', id: SECONDS_ID, stream: 'candles', params: { symbol: SYMBOL, timeframe: '1s' } });
    connection.receive({ kind: 'subscribe', id: QUALITY_ID, stream: 'dataQuality', params: {} });
  } else if (message.id > QUALITY_ID) {
    report({ kind: 'answer', id: message.id, ok: message.ok, message: message.ok ? '' : message.error.message });
  }
});
connection.receive({ kind: 'command', id: BOOTSTRAP_ID, name: 'getBootstrap', input: {} });

process.on('message', (message: ToDesk) => {
  if (message.kind === 'command') connection.receive(message);
  else void desk.close().then(() => process.exit(0));
});
