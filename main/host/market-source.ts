import type { Clock } from '../../core/base/clock.ts';
import { ok, type Result } from '../../core/base/result.ts';
import type { Config } from '../../core/contracts/config.ts';
import type { Order } from '../../core/contracts/orders.ts';
import type { DataMode } from '../../core/contracts/primitives.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';
import type { WorkerLauncher } from '../ports/worker-host.ts';
import { VENUES, type VenueId } from '../../core/market/instrument.ts';
import { HostClock } from './host-clock.ts';
import { openReplay, type Replay, type ReplayOpening, type ReplayOptions } from './replay/replay-source.ts';
import { type PracticeMarket, startPracticeMarket } from './practice-market.ts';

/** Where a venue is, and its further hosts by kind of market. */
export type VenueAddress = Config['venues'][VenueId];

const MARKET_TIME_KEY = 'practice.marketTime';
const SAVE_TIME_EVERY_WALL_MS = 5_000;

/** Where the exchange is and what time it keeps: the real one, the practice market, or a recording. */
export interface MarketSource {
  readonly clock: Clock;
  /** The same, where it is kept in step with the venues; until then it runs by the machine. */
  readonly synced?: HostClock;
  /** Where each venue of this market is; a replay needs none. */
  readonly addresses: ReadonlyMap<VenueId, VenueAddress>;
  /** Market seconds per wall second. */
  speed(): number;
  /** SIM only. */
  readonly practice?: Pick<PracticeMarket, 'worker' | 'onEnd' | 'setSpeed'>;
  /** REPLAY only. */
  readonly replay?: Replay;
  close(): Promise<void>;
}

interface MarketSourceOptions {
  readonly mode: DataMode;
  /** With mode REPLAY. */
  readonly replay?: Pick<ReplayOptions, keyof ReplayOpening | 'paths' | 'configured'> | undefined;
  readonly config: Config;
  readonly store: Store;
  readonly launcher: WorkerLauncher;
  readonly recordingFolders: readonly string[];
  readonly wall: Clock;
  readonly jitter: () => number;
  readonly log: Log;
}

export async function openMarketSource(options: MarketSourceOptions): Promise<Result<MarketSource>> {
  const { mode, config, store, wall, log } = options;
  if (mode === 'REPLAY') {
    if (options.replay === undefined) throw new Error('REPLAY needs to be told what to replay');
    const replay = await openReplay({ ...options.replay, config, store, wall, log });
    if (!replay.ok) return replay;
    const { clock, driver, close } = replay.value;
    return ok({ clock, addresses: new Map(), speed: () => driver.speed, replay: replay.value, close });
  }
  if (mode === 'LIVE') {
    const clock = new HostClock({ startAt: Date.now(), rate: 1 });
    const addresses = new Map(VENUES.map((venue) => [venue, config.venues[venue]]));
    return ok({ clock, synced: clock, addresses, speed: () => 1, close: async () => clock.close() });
  }

  const startAt = await resumeTime(store, config);
  if (!startAt.ok) return startAt;
  const market = await startPracticeMarket({
    launcher: options.launcher,
    wall,
    jitter: options.jitter,
    log,
    seed: config.practice.seed,
    speed: config.practice.speed,
    startAt: startAt.value,
    port: config.practice.port,
    recordingFolders: options.recordingFolders,
    symbols: Object.keys(config.symbols),
  });
  if (!market.ok) return market;
  const { clock, port, venues, worker, onEnd, setSpeed } = market.value;
  const saveTime = async (): Promise<void> => {
    const saved = await store.settings.set(MARKET_TIME_KEY, clock.now());
    if (!saved.ok) log.warn({ reason: saved.error.message }, 'the practice market time was not saved');
  };
  const cancelSave = wall.every(SAVE_TIME_EVERY_WALL_MS, () => void saveTime());
  return ok({
    clock,
    synced: clock,
    addresses: new Map(venues.map((venue) => [venue, practiceAddress(config.venues[venue], port, venue)])),
    speed: () => clock.rate,
    practice: { worker, onEnd, setSpeed },
    async close() {
      cancelSave();
      await saveTime();
      await worker.stop();
      clock.close();
    },
  });
}

/** The venue's paths under the practice market's own origin; it has one host for every kind of market. */
function practiceAddress({ restUrl, streamUrl }: VenueAddress, port: number, venue: VenueId): VenueAddress {
  const at = (scheme: string, url: string): string =>
    `${scheme}://127.0.0.1:${port}/${venue}${new URL(url).pathname.replace(/\/$/, '')}`;
  return { restUrl: at('http', restUrl), streamUrl: at('ws', streamUrl) };
}

/**
 * The practice market goes on where it stopped. After a crash the saved time is a few seconds old, so whatever
 * was stored last counts too: market time never runs back over what this store has seen.
 */
async function resumeTime(store: Store, config: Config): Promise<Result<number>> {
  const saved = await store.settings.get(MARKET_TIME_KEY);
  if (!saved.ok) return saved;
  let time = typeof saved.value === 'number' ? saved.value : Date.parse(config.practice.startAt);
  const [newestOrder] = await recentOrders(store);
  if (newestOrder !== undefined) time = Math.max(time, newestOrder.updatedAt + 1);
  for (const symbol of Object.keys(config.symbols)) {
    const bounds = await store.market.candleBounds(symbol, '1s');
    if (!bounds.ok) return bounds;
    if (bounds.value !== undefined) time = Math.max(time, bounds.value.last + 1_000);
  }
  return ok(time);
}

async function recentOrders(store: Store): Promise<readonly Order[]> {
  const orders = await store.orders.recentOrders(1);
  return orders.ok ? orders.value : [];
}
