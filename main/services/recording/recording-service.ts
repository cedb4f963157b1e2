import type { Clock, EpochMs } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { IdGen } from '../../../core/base/ids.ts';
import { ok, type Result } from '../../../core/base/result.ts';
import type { Config } from '../../../core/contracts/config.ts';
import type { RecordingStatus, SegmentView, StorageUse } from '../../../core/contracts/recording.ts';
import { RecordingWriter } from '../../../core/recording/recording-writer.ts';
import { planRetention } from '../../../core/recording/retention.ts';
import type { Log } from '../../ports/log.ts';
import type { RecordingStore } from '../../ports/recording.ts';
import type { MarketListener } from '../../ports/venue.ts';
import { RecordingQueue } from './recording-queue.ts';
import { storageUseOf } from './storage-use.ts';
import { overlaps, type SegmentRange, TransferJobs } from './transfer-jobs.ts';

/** What is told within so long goes to the disk together; with the write itself it stays below a second. */
const FLUSH_WALL_MS = 400;
const HOUSEKEEPING_WALL_MS = 30_000;
/** Tables lose whole days at a time: looking more often would find nothing. */
const PRUNE_EVERY_HOUSEKEEPINGS = 20;
const DAY_MS = 86_400_000;
const LIMITS = { batchEvents: 4_096, batchBytes: 1024 * 1024, segmentEvents: 1_000_000 } as const;
/** About a minute of a lively market of ten venues. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

export interface RecordingServiceDeps {
  readonly settings: Config['recording'];
  readonly store: RecordingStore;
  /** Market time, for what has no time of its own. */
  readonly clock: Pick<Clock, 'now'>;
  readonly wall: Clock;
  readonly ids: IdGen;
  readonly log: Log;
  /** Bytes of the store's file and of its write-ahead log. */
  readonly storeFiles: () => Promise<{ readonly bytes: number; readonly walBytes: number }>;
  /** Deletes rows of the bulky tables that are older than this market time; answers how many. */
  readonly pruneTables: (before: EpochMs) => Promise<Result<number>>;
  readonly maxWaitingBytes?: number;
}

/** Records what the market tells, once, and takes care of the space that it takes. */
export function createRecordingService(deps: RecordingServiceDeps) {
  const { settings, store, clock, wall, log } = deps;
  const queue = new RecordingQueue({ sink: store, wall, maxWaitingBytes: deps.maxWaitingBytes ?? MAX_WAITING_BYTES, log });
  const writer = new RecordingWriter(LIMITS, queue);
  const jobs = new TransferJobs(store, deps.ids);
  const events = new Emitter<StorageUse>((thrown) =>
    log.error({ detail: String(thrown) }, 'a listener of the storage use failed'),
  );
  const keepMs = settings.keepDays * DAY_MS;
  const cancels: (() => void)[] = [];
  let on = false;
  let told = 0;
  let segmentsBefore = 0;
  let segmentSince = 0;
  let latest: StorageUse | undefined;
  let housekeepings = 0;
  let housekeeping: Promise<void> | undefined;

  const status = (): RecordingStatus => ({
    state: !on ? 'off' : queue.failure === undefined ? 'recording' : 'failing',
    events: told,
    segments: queue.segments,
    lostEvents: queue.lostEvents,
    waitingBytes: queue.waitingBytes,
    ...(queue.failure === undefined ? {} : { lastError: queue.failure.message }),
  });

  function flush(): void {
    if (queue.segments !== segmentsBefore) {
      segmentsBefore = queue.segments;
      segmentSince = wall.now();
    }
    // What was dropped left a hole in the chain: the next segment begins with whole books.
    if (queue.brokenOff || wall.now() - segmentSince >= settings.segmentMinutes * 60_000) {
      writer.roll();
      segmentSince = wall.now();
    } else writer.flush();
  }

  async function removeOld(segments: readonly SegmentView[]): Promise<readonly SegmentView[]> {
    const kept = segments.map(({ id, bytes, recordedAt, state }) => ({
      id,
      bytes,
      recordedAt: recordedAt ?? wall.now(),
      inUse: state === 'writing' || jobs.isMoving(id),
    }));
    const gone = planRetention(kept, { now: wall.now(), keepMs, maxBytes: settings.maxGb * 1e9 });
    const removed = new Set<string>();
    for (const { id, bytes } of gone) {
      const answer = await store.remove(id);
      if (answer.ok) removed.add(id);
      log.info({ id, bytes, reason: answer.ok ? 'retention' : answer.error.message }, 'an old recording is deleted');
    }
    return segments.filter(({ id }) => !removed.has(id));
  }

  async function keepHouse(): Promise<void> {
    const listed = await store.list();
    if (!listed.ok) log.warn({ reason: listed.error.message }, 'recordings cannot be listed');
    const segments = await removeOld(listed.ok ? listed.value : []);
    if (housekeepings++ % PRUNE_EVERY_HOUSEKEEPINGS === 0) {
      const pruned = await deps.pruneTables(clock.now() - keepMs);
      if (!pruned.ok) log.warn({ reason: pruned.error.message }, 'old rows could not be deleted');
      else if (pruned.value > 0) log.info({ rows: pruned.value }, 'old rows were deleted');
    }
    const [files, freeBytes] = await Promise.all([deps.storeFiles(), store.freeBytes()]);
    latest = storageUseOf({
      at: wall.now(),
      storeBytes: files.bytes,
      walBytes: files.walBytes,
      freeBytes,
      budgetBytes: settings.maxGb * 1e9,
      warnFreeBytes: settings.warnFreeGb * 1e9,
      segments,
      recording: status(),
    });
    events.emit(latest);
  }

  /** One at a time; who asks while it runs gets that one's answer. */
  function refresh(): Promise<void> {
    housekeeping ??= keepHouse().finally(() => {
      housekeeping = undefined;
    });
    return housekeeping;
  }

  const listener: Required<Pick<MarketListener, 'onTrade' | 'onDepth' | 'onBookState'>> = {
    onTrade(instrument, trade) {
      if (!on) return;
      told++;
      writer.onTrade(instrument, trade);
    },
    onDepth(instrument, change, tsEvent, tsReceived, book) {
      if (!on) return;
      told++;
      writer.onDepth(instrument, change, tsEvent, tsReceived, book);
    },
    onBookState(instrument, state, reason) {
      if (!on) return;
      told++;
      writer.onBookState(instrument, state, reason, clock.now());
    },
  };

  return {
    /** To be called by whoever opens a market session: every call of the session's listener, passed on. */
    listener,
    events,
    jobs: jobs.events,
    status,
    /** Begins to record, if that is wanted, and to look after the space. Call it before the session is opened: a chain is recorded from its beginning. */
    async start(): Promise<void> {
      on = settings.enabled;
      // Old journals are turned into segments first: the disk's order is that of time.
      cancels.push(
        wall.every(FLUSH_WALL_MS, flush),
        wall.every(HOUSEKEEPING_WALL_MS, () => void refresh()),
      );
      const recovered = await store.recover();
      if (!recovered.ok) log.warn({ reason: recovered.error.message }, 'recordings could not be looked through');
      for (const recovery of recovered.ok ? recovered.value : [])
        log.warn({ ...recovery }, 'a recording that was not ended is recovered');
      await refresh();
    },
    /** The newest figures; measured anew at most once at a time. */
    async usage(): Promise<StorageUse> {
      await refresh();
      return latest as StorageUse;
    },
    latestUsage: (): StorageUse | undefined => latest,
    async segments(range: SegmentRange): Promise<Result<SegmentView[]>> {
      const listed = await store.list();
      return listed.ok ? ok(listed.value.filter((segment) => overlaps(segment, range))) : listed;
    },
    archive: (range: SegmentRange, folder: string) => jobs.archive(range, folder),
    restore: (range: SegmentRange, folder: string) => jobs.restore(range, folder),
    cancelJob: (jobId: string) => jobs.cancel(jobId),
    latestJob: () => jobs.latest,
    /** Ends the segment in progress and waits until it is on the disk. */
    async stop(): Promise<void> {
      for (const cancel of cancels.splice(0)) cancel();
      if (on) writer.roll();
      on = false;
      await jobs.close();
      await housekeeping;
      await queue.close();
      await store.close();
    },
  };
}

export type RecordingService = ReturnType<typeof createRecordingService>;
