import { describe, expect, it, vi } from 'vitest';
import { createIdGen } from '../../../core/base/ids.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { ok } from '../../../core/base/result.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import type { RecordingJob, SegmentView } from '../../../core/contracts/recording.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { decodeSegment, ETH } from '../../../core/recording/recording.fixture.ts';
import type { EncodedBatch } from '../../../core/recording/encoded-batch.ts';
import { MemorySegments } from './memory-segments.fixture.ts';
import { createRecordingService } from './recording-service.ts';

const NOW = 1_700_000_000_000;
const DAY = 86_400_000;
const SETTINGS = { enabled: true, segmentMinutes: 5, keepDays: 30, maxGb: 1, warnFreeGb: 2 };

async function desk(settings: Partial<typeof SETTINGS> = {}, maxWaitingBytes?: number) {
  const wall = new ManualClock(NOW);
  const clock = new ManualClock(NOW);
  const store = new MemorySegments();
  const pruned: number[] = [];
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const service = createRecordingService({
    settings: { ...SETTINGS, ...settings },
    store,
    clock,
    wall,
    ids: createIdGen(wall, new SplitMix32(1)),
    log,
    storeFiles: () => Promise.resolve({ bytes: 1000, walBytes: 10 }),
    pruneTables: (before) => {
      pruned.push(before);
      return Promise.resolve(ok(0));
    },
    ...(maxWaitingBytes === undefined ? {} : { maxWaitingBytes }),
  });
  await service.start();
  const book = new L2Book({ tickSize: 0.01, lotSize: 0.0001, bucketWidth: 1 });
  let id = 0;
  /** One change of the book, and one trade. */
  function tell(snapshot = false): void {
    book.setLevel('bid', 100 + (id % 10), ++id);
    const at = wall.now();
    const change = { snapshot, bidCount: 1, bidTicks: Float64Array.of(100 + ((id - 1) % 10)), bidLots: Float64Array.of(id) };
    const none = new Float64Array(0);
    service.listener.onDepth(ETH, { ...change, askCount: 0, askTicks: none, askLots: none }, at, at, book);
    service.listener.onTrade(ETH, { id, price: 1, quantity: 1, side: 'buy', tsEvent: at, tsReceived: at });
  }
  /** Lets time pass, and the disk answer. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 200) {
      wall.advanceBy(200);
      for (let turn = 0; turn < 6; turn++) await Promise.resolve();
    }
    await vi.waitFor(() => undefined, { timeout: 60_000 });
  }
  return { service, store, wall, clock, log, pruned, tell, pass };
}

function eventsOf(batches: readonly EncodedBatch[]) {
  const decoded = decodeSegment(batches);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value.events;
}

const tradeIds = (segments: readonly EncodedBatch[][]): number[] =>
  segments.flatMap((segment) => eventsOf(segment).flatMap((event) => (event.kind === 'trade' ? [event.trade.id] : [])));

function view(id: string, bytes: number, recordedAt: number, change: Partial<SegmentView> = {}): SegmentView {
  return { id, state: 'whole', bytes, recordedAt, from: recordedAt, to: recordedAt + 1000, instruments: [], ...change };
}

describe('the recording service', () => {
  it('writes what it was told within half a second, in segments of some minutes, each beginning with the book', async () => {
    const { service, store, tell, pass } = await desk();
    service.listener.onBookState(ETH, 'syncing', 'waiting');
    tell(true);
    service.listener.onBookState(ETH, 'live', 'in step');
    await pass(400);
    expect(tradeIds(store.segments)).toEqual([1]);
    for (let minute = 0; minute < 14; minute++) {
      tell();
      await pass(60_000);
    }
    await service.stop();
    expect(store.segments).toHaveLength(3);
    expect(tradeIds(store.segments)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    const [state, ...rest] = eventsOf(store.segments[1] ?? []);
    expect(state).toMatchObject({ kind: 'state', state: 'live', carried: true });
    expect(rest.some((event) => event.kind === 'snapshot' && event.carried === true)).toBe(true);
    expect(service.status()).toMatchObject({ state: 'off', lostEvents: 0, waitingBytes: 0, segments: 3 });
    expect(store.closed).toBe(true);
  });

  it('does nothing but look after the space when recording is off', async () => {
    const { service, store, tell, pass, pruned } = await desk({ enabled: false });
    tell(true);
    await pass(1000);
    await service.stop();
    expect(store.segments).toEqual([]);
    expect(pruned).toEqual([NOW - 30 * DAY]);
  });

  it('waits for a full disk and loses nothing, and says so meanwhile', async () => {
    const { service, store, tell, pass } = await desk();
    tell(true);
    await pass(400);
    store.full = true;
    for (let i = 0; i < 20; i++) {
      tell();
      await pass(400);
    }
    expect(service.status()).toMatchObject({ state: 'failing', lostEvents: 0, lastError: 'The disk is full.' });
    expect((await service.usage()).alerts).toMatchObject([
      { level: 'error', text: expect.stringContaining('Nothing is recorded') as string },
    ]);
    store.full = false;
    await pass(16_000);
    expect(service.status()).toMatchObject({ state: 'recording', waitingBytes: 0 });
    await service.stop();
    expect(tradeIds(store.segments)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect(store.segments).toHaveLength(1);
  });

  it('keeps a bounded number of bytes waiting; what follows a loss is a new segment that begins with the book', async () => {
    const { service, store, tell, pass } = await desk({}, 200);
    tell(true);
    await pass(400);
    store.full = true;
    for (let i = 0; i < 40; i++) {
      tell();
      await pass(400);
      expect(service.status().waitingBytes).toBeLessThanOrEqual(200);
    }
    const { lostEvents } = service.status();
    expect(lostEvents).toBeGreaterThan(20);
    store.full = false;
    await pass(16_000);
    tell();
    await pass(800);
    await service.stop();
    const ids = tradeIds(store.segments);
    expect(ids[0]).toBe(1);
    expect(ids.at(-1)).toBe(42);
    expect(new Set(ids).size).toBe(ids.length);
    // Told events are in a segment, or counted as lost: two for each change, carried ones come on top.
    const kept = store.segments.flatMap(eventsOf).filter(({ carried }) => carried !== true).length;
    expect(kept + service.status().lostEvents).toBeGreaterThanOrEqual(84);
    for (const segment of store.segments.slice(1)) {
      const first = eventsOf(segment).find(({ kind }) => kind === 'snapshot' || kind === 'delta');
      expect(first).toBeDefined();
      const book = new Map<number, number>();
      for (const event of eventsOf(segment)) {
        if (event.kind !== 'snapshot' && event.kind !== 'delta') continue;
        event.depth.bidTicks.forEach((ticks, i) => book.set(ticks, event.depth.bidLots[i] as number));
      }
      expect(book.size).toBe(10);
    }
  });

  it('deletes what is too old and then the oldest beyond the budget, and tells what is left', async () => {
    const { service, store, pass, pruned } = await desk();
    store.views = [
      view('2023-10-01/000000000-a', 10, NOW - 31 * DAY),
      view('2023-11-01/000000000-b', 600e6, NOW - 3 * DAY),
      view('2023-11-02/000000000-c', 500e6, NOW - 2 * DAY),
      view('2023-11-02/000000001-d', 400e6, NOW - DAY, { state: 'damaged' }),
      view('2023-11-02/000000002-e', 90e6, NOW, { state: 'writing' }),
    ];
    store.free = 1e9;
    const told: number[] = [];
    service.events.on(({ recordings }) => told.push(recordings.bytes));
    await pass(30_000);
    await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 60_000 });
    expect(store.removed).toEqual(['2023-10-01/000000000-a', '2023-11-01/000000000-b']);
    const use = await service.usage();
    expect(use).toMatchObject({
      storeBytes: 1000,
      walBytes: 10,
      freeBytes: 1e9,
      budgetBytes: 1e9,
      recordings: { bytes: 990e6, segments: 3, damaged: 1, days: [{ day: '2023-11-02', bytes: 990e6, segments: 3 }] },
    });
    expect(use.alerts.map(({ text }) => text.split(/[;:]/)[0])).toEqual([
      'Only 1.00 GB are free on the disk',
      'Recordings take 0.99 GB of their 1.00 GB (recording.maxGb)',
      '1 recorded segment is damaged.',
    ]);
    expect(pruned).toEqual([NOW - 30 * DAY]);
    await service.stop();
  });
});

describe('moving recordings', () => {
  it('tells its progress, and can be stopped between and within segments', async () => {
    const { service, store } = await desk();
    store.views = [
      view('2023-11-02/000000000-a', 100, NOW),
      view('2023-11-02/000000001-b', 50, NOW),
      view('2023-11-05/000000000-c', 7, NOW + 9e8),
    ];
    const jobs: RecordingJob[] = [];
    service.jobs.on((job) => jobs.push(job));
    let cancelled: boolean | undefined;
    store.onMove = (id) => {
      if (id.endsWith('-b')) cancelled = service.cancelJob(jobs[0]?.id ?? '').ok;
      return Promise.resolve();
    };
    const started = await service.archive({ from: NOW, to: NOW + 5000 }, '/archive');
    expect(started.ok).toBe(true);
    expect((await service.archive({}, '/archive')).ok).toBe(false);
    await vi.waitFor(() => expect(jobs.at(-1)?.state).toBe('cancelled'), { timeout: 60_000 });
    expect(cancelled).toBe(true);
    expect(jobs.map(({ segmentsDone, bytesDone }) => [segmentsDone, bytesDone])).toEqual([
      [0, 0],
      [0, 50],
      [0, 100],
      [1, 100],
      [1, 125],
      [1, 100],
    ]);
    expect([...store.archived.keys()]).toEqual(['2023-11-02/000000000-a']);
    expect(store.views.map(({ id }) => id.slice(-1))).toEqual(['b', 'c']);

    const back = await service.restore({}, '/archive');
    expect(back.ok).toBe(true);
    await vi.waitFor(() => expect(service.latestJob()).toMatchObject({ kind: 'restore', state: 'done', segmentsDone: 1 }), {
      timeout: 60_000,
    });
    expect(store.views).toHaveLength(3);
    expect(service.cancelJob(back.ok ? back.value.jobId : '')).toMatchObject({ ok: false, error: { code: 'NO_SUCH_JOB' } });
    await service.stop();
  });
});
