import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { DataMode } from '../../../core/contracts/primitives.ts';
import type { SystemStatus, VenueHealth } from '../../../core/contracts/system.ts';
import type { Store } from '../../ports/store.ts';
import type { SupervisedWorker } from '../../ports/worker-host.ts';

const REPORT_EVERY_MS = 1_000;
/** The event-loop figure covers this long, so that one bad moment stays visible for a while and then goes. */
const DELAY_WINDOW_REPORTS = 30;
const MOST_NOTICES = 50;

export type NoticeLevel = SystemStatus['notices'][number]['level'];

export interface SystemServiceDeps {
  readonly mode: DataMode;
  readonly market: Pick<Clock, 'now'>;
  readonly wall: Clock;
  readonly speed: () => number;
  readonly venues: () => VenueHealth[];
  readonly workers: readonly SupervisedWorker[];
  readonly store: Pick<Store, 'health'>;
  readonly subscriptions: () => SystemStatus['subscriptions'];
  /** Resident MB by process name. */
  readonly processMemory: () => Promise<Record<string, number>>;
  readonly eventLoop: { p99Ms(): number; reset(): void };
}

/** Gathers what the status bar and the status panel show, once a second of wall time. */
export function createSystemService(deps: SystemServiceDeps) {
  const events = new Emitter<SystemStatus>();
  const startedAt = deps.wall.now();
  let notices: SystemStatus['notices'] = [];
  let memory: Record<string, number> = {};
  let reports = 0;

  const snapshot = (): SystemStatus => ({
    mode: deps.mode,
    account: 'PAPER',
    now: deps.market.now(),
    speed: deps.speed(),
    venues: deps.venues(),
    workers: deps.workers.map((worker) => {
      const rssMb = memory[worker.name];
      return { ...worker.health(), ...(rssMb === undefined ? {} : { rssMb }) };
    }),
    mainProcess: {
      eventLoopDelayMsP99: deps.eventLoop.p99Ms(),
      rssMb: memory['main'] ?? 0,
      uptimeS: Math.round((deps.wall.now() - startedAt) / 1000),
    },
    store: storeHealth(),
    subscriptions: deps.subscriptions(),
    notices,
  });

  const storeHealth = (): SystemStatus['store'] => {
    const { lastError, ...health } = deps.store.health();
    return lastError === undefined ? health : { ...health, lastError };
  };

  const cancel = deps.wall.every(REPORT_EVERY_MS, () => {
    deps.processMemory().then(
      (measured) => {
        memory = measured;
      },
      // A process ended while it was measured: the last figures stand until the next second.
      () => {},
    );
    events.emit(snapshot());
    reports++;
    if (reports % DELAY_WINDOW_REPORTS === 0) deps.eventLoop.reset();
  });

  return {
    events,
    snapshot,
    /** Tells the user something once; the same `id` replaces its earlier text. */
    notify(id: string, level: NoticeLevel, text: string): void {
      notices = [...notices.filter((notice) => notice.id !== id), { id, level, text, at: deps.wall.now() }].slice(-MOST_NOTICES);
    },
    withdraw(id: string): void {
      notices = notices.filter((notice) => notice.id !== id);
    },
    close: cancel,
  };
}

export type SystemService = ReturnType<typeof createSystemService>;
