import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { type SystemStatus, systemStatusSchema, type WorkerHealth } from '../../../core/contracts/system.ts';
import type { SupervisedWorker } from '../../ports/worker-host.ts';
import { createSystemService } from './system-service.ts';

function setUp() {
  const wall = new ManualClock(1_000_000);
  const market = new ManualClock(5_000);
  const health: WorkerHealth = { name: 'inference', state: 'ready', restarts: 2, pid: 77 };
  const store = { path: '/store', bytes: 10, pendingRows: 3, waitingMs: 40, lastError: undefined as string | undefined };
  const memory = vi.fn<() => Promise<Record<string, number>>>().mockResolvedValue({ main: 120, inference: 80, lab: 9 });
  const eventLoop = { p99Ms: () => 1.5, reset: vi.fn() };
  const service = createSystemService({
    mode: 'SIM',
    market,
    wall,
    speed: () => 10,
    venues: () => [],
    workers: [{ name: 'inference', health: () => health } as SupervisedWorker],
    store: { health: () => store },
    subscriptions: () => [
      { kind: 'cob', topics: 1, subscribers: 2, events: 30, conflated: 0, dropped: 0, waiting: 0, failures: 0 },
    ],
    processMemory: memory,
    eventLoop,
  });
  const told: SystemStatus[] = [];
  service.events.on((status) => told.push(status));
  return { wall, market, store, memory, eventLoop, service, told };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the system status', () => {
  it('is told once a second of wall time, in market time, as the contract has it', async () => {
    const { wall, market, told, service } = setUp();
    wall.advanceBy(999);
    expect(told).toEqual([]);
    await settle();
    wall.advanceBy(1);
    await settle();
    market.advanceTo(25_000);
    wall.advanceBy(1_000);
    expect(told).toHaveLength(2);
    expect(systemStatusSchema.parse(told[1])).toEqual(told[1]);
    expect(told[1]).toMatchObject({
      mode: 'SIM',
      account: 'PAPER',
      now: 25_000,
      speed: 10,
      workers: [{ name: 'inference', state: 'ready', restarts: 2, pid: 77, rssMb: 80 }],
      mainProcess: { eventLoopDelayMsP99: 1.5, rssMb: 120, uptimeS: 2 },
      store: { path: '/store', bytes: 10, pendingRows: 3, waitingMs: 40 },
      subscriptions: [{ kind: 'cob', topics: 1, subscribers: 2, events: 30 }],
    });
    service.close();
    wall.advanceBy(10_000);
    expect(told).toHaveLength(2);
  });

  it('knows no memory before it was measured, and keeps the last figure when measuring fails', async () => {
    const { wall, memory, told, service } = setUp();
    expect(service.snapshot()).toMatchObject({ mainProcess: { rssMb: 0 } });
    expect(service.snapshot().workers[0]).not.toHaveProperty('rssMb');
    wall.advanceBy(1_000);
    await settle();
    memory.mockRejectedValue(new Error('no such process'));
    wall.advanceBy(1_000);
    await settle();
    wall.advanceBy(1_000);
    expect(told.at(-1)?.mainProcess.rssMb).toBe(120);
  });

  it('tells of a store that fails, and stops when it has recovered', () => {
    const { store, service } = setUp();
    expect(service.snapshot().store).not.toHaveProperty('lastError');
    store.lastError = 'the disk is full';
    expect(service.snapshot().store.lastError).toBe('the disk is full');
  });

  it('begins a new event-loop window every thirty reports', () => {
    const { wall, eventLoop } = setUp();
    wall.advanceBy(29_000);
    expect(eventLoop.reset).not.toHaveBeenCalled();
    wall.advanceBy(31_000);
    expect(eventLoop.reset).toHaveBeenCalledTimes(2);
  });
});

describe('notices', () => {
  it('are replaced by their id, moved to the end, and withdrawn', () => {
    const { wall, service } = setUp();
    service.notify('a', 'warning', 'first');
    service.notify('b', 'info', 'other');
    wall.advanceBy(5);
    service.notify('a', 'error', 'second');
    expect(service.snapshot().notices).toEqual([
      { id: 'b', level: 'info', text: 'other', at: 1_000_000 },
      { id: 'a', level: 'error', text: 'second', at: 1_000_005 },
    ]);
    service.withdraw('b');
    service.withdraw('never told');
    expect(service.snapshot().notices.map((notice) => notice.id)).toEqual(['a']);
  });

  it('are the newest fifty', () => {
    const { service } = setUp();
    for (let i = 0; i < 60; i++) service.notify(`n${i}`, 'info', 'text');
    const ids = service.snapshot().notices.map((notice) => notice.id);
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([50, 'n10', 'n59']);
  });

  it('of a status that was told do not change afterwards', () => {
    const { wall, service, told } = setUp();
    service.notify('a', 'info', 'text');
    wall.advanceBy(1_000);
    service.withdraw('a');
    expect(told[0]?.notices).toHaveLength(1);
  });
});
