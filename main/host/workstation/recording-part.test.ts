import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIdGen } from '../../../core/base/ids.ts';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { ok } from '../../../core/base/result.ts';
import { nextInt, SplitMix32 } from '../../../core/base/rng.ts';
import { L2Book } from '../../../core/market/l2-book.ts';
import { decodeBatch } from '../../../core/recording/event-codec.ts';
import type { RecordedEvent, RecordedInstrument } from '../../../core/recording/recorded-event.ts';
import { createRecordingService } from '../../services/recording/recording-service.ts';
import { openSegmentStore } from '../../storage/recording/segment-store.ts';
import { INSTRUMENT } from '../../storage/recording/test-recording.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cobalt-recording-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Everything in the folder, in order, by a store of its own; instruments by symbol, carried events left out. */
async function readAll(): Promise<{ events: RecordedEvent[]; segments: number }> {
  const store = openSegmentStore({ folder, mode: 'LIVE', wall: new ManualClock(1) });
  const listed = await store.list();
  if (!listed.ok) throw new Error(listed.error.message);
  const events: RecordedEvent[] = [];
  for (const { id } of listed.value) {
    const named: RecordedInstrument[] = [];
    const read = await store.read(id, (batch) => {
      for (const { index, instrument, bookLotSize } of batch.instruments) named[index] = { instrument, bookLotSize };
      const decoded = decodeBatch(batch, named);
      if (!decoded.ok) throw new Error(decoded.error.message);
      events.push(...decoded.value.filter(({ carried }) => carried !== true));
    });
    expect(read.ok).toBe(true);
    expect(named).toEqual([{ instrument: INSTRUMENT, bookLotSize: '0.00001' }]);
  }
  await store.close();
  return { events, segments: listed.value.length };
}

describe('the recorder on a real disk', () => {
  it('gives back what it was told, event for event, over several segments', async () => {
    const wall = new ManualClock(1_700_000_000_000);
    const rng = new SplitMix32(3);
    const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const service = createRecordingService({
      settings: { enabled: true, segmentMinutes: 1, keepDays: 30, maxGb: 1, warnFreeGb: 0 },
      store: openSegmentStore({ folder, mode: 'LIVE', wall }),
      clock: wall,
      wall,
      ids: createIdGen(wall, rng),
      log: silent,
      storeFiles: () => Promise.resolve({ bytes: 0, walBytes: 0 }),
      pruneTables: () => Promise.resolve(ok(0)),
    });
    await service.start();
    const { listener } = service;
    const book = new L2Book({ tickSize: 0.01, lotSize: 0.00001, bucketWidth: 1 });
    const told: RecordedEvent[] = [];
    const none = new Float64Array(0);
    for (let i = 0; i < 2_000; i++) {
      wall.advanceBy(100);
      const at = wall.now();
      const common = { instrument: 0, tsReceived: at };
      if (i % 10 === 9) {
        const trade = { id: i, price: 200.25, quantity: 0.5, side: 'sell', tsEvent: at - 4, tsReceived: at } as const;
        listener.onTrade(INSTRUMENT, trade);
        told.push({ kind: 'trade', ...common, tsEvent: at - 4, trade });
      } else if (i % 100 === 50) {
        listener.onBookState(INSTRUMENT, 'live', `says ${i}`);
        told.push({ kind: 'state', ...common, tsEvent: at, state: 'live', reason: `says ${i}` });
      } else {
        const [ticks, lots] = [20_000 - nextInt(rng, 500), nextInt(rng, 100_000)];
        book.setLevel('bid', ticks, lots);
        const depth = {
          bidCount: 1,
          bidTicks: Float64Array.of(ticks),
          bidLots: Float64Array.of(lots),
          askCount: 0,
          askTicks: none,
          askLots: none,
        };
        listener.onDepth(INSTRUMENT, { snapshot: i === 0, ...depth }, at - 7, at, book);
        told.push({ kind: i === 0 ? 'snapshot' : 'delta', ...common, tsEvent: at - 7, depth });
      }
      // The disk answers now and then.
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await service.stop();
    const { events, segments } = await readAll();
    expect(segments).toBe(4);
    expect(events).toEqual(told);
    expect(service.status()).toMatchObject({ lostEvents: 0, waitingBytes: 0, events: 2_000 });
  });
});
