import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { nextInt, SplitMix32 } from '../../../core/base/rng.ts';
import { decodeBatch } from '../../../core/recording/event-codec.ts';
import { KilledProcess } from '../killed-process.fixture.ts';
import { openSegmentStore } from './segment-store.ts';
import type { RecorderReport } from './test-recorder.ts';
import { INSTRUMENT } from './test-recording.ts';

const ROUNDS = 8;
let recorder: KilledProcess<RecorderReport>;
beforeAll(async () => {
  recorder = await KilledProcess.of(join(import.meta.dirname, 'test-recorder.ts'));
  return () => recorder.remove();
}, 120_000);

describe('a process that is killed while it records', () => {
  it('leaves every event that was answered for, once each and in order, eight times in a row', async () => {
    const path = join(recorder.folder, 'recording');
    const rng = new SplitMix32(20_200_312);
    /** What was found, segment after segment; one that was closed is read again at the end only. */
    const found = new Map<string, readonly number[]>();
    let next = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const reports = await recorder.run([path, String(next)], 3 + nextInt(rng, 120));
      const answered = reports.at(-1)?.lastId ?? next - 1;
      const store = openSegmentStore({ folder: path, mode: 'SIM', wall: new ManualClock(1_800_000_000_000) });
      const recovered = await store.recover();
      expect(recovered.ok).toBe(true);
      const listed = await store.list();
      if (!listed.ok) throw new Error(listed.error.message);
      expect(listed.value.filter(({ state }) => state !== 'whole')).toEqual([]);
      if (round === ROUNDS - 1) found.clear();
      for (const { id } of listed.value) {
        if (found.has(id)) continue;
        const ids: number[] = [];
        found.set(id, ids);
        const read = await store.read(id, (batch) => {
          const events = decodeBatch(batch, [{ instrument: INSTRUMENT, bookLotSize: '0.0001' }]);
          if (!events.ok) throw new Error(events.error.message);
          for (const event of events.value) if (event.kind === 'trade') ids.push(event.trade.id);
        });
        expect(read).toEqual({ ok: true, value: undefined });
      }
      const ids = listed.value.flatMap(({ id }) => found.get(id) ?? []);
      // No hole and nothing twice; of what was not answered for, at most the batch in flight is there too.
      expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => i));
      expect(ids.length).toBeGreaterThan(answered);
      next = ids.length;
      await store.close();
    }
    const left: string[] = [];
    for (const day of await readdir(path)) left.push(...(await readdir(join(path, day))));
    expect(left.filter((name) => !name.endsWith('.parquet'))).toEqual([]);
    expect(next).toBeGreaterThan(500);
  }, 120_000);
});
