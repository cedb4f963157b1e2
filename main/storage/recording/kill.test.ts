import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { nextInt, SplitMix32 } from '../../../core/base/rng.ts';
import { decodeBatch } from '../../../core/recording/event-codec.ts';
import { openSegmentStore } from './segment-store.ts';
import type { RecorderReport } from './test-recorder.ts';
import { INSTRUMENT } from './test-recording.ts';

let folder: string;

/** The recorder as one plain JavaScript file, since Node 20 runs no TypeScript. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cobalt-recorder-'));
  await symlink(resolve(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'), 'junction');
  await build({
    configFile: false,
    logLevel: 'error',
    root: import.meta.dirname,
    ssr: { noExternal: true, external: ['@duckdb/node-api'] },
    build: {
      ssr: join(import.meta.dirname, 'test-recorder.ts'),
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'test-recorder.mjs' } },
    },
  });
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Lets a recorder run until it has reported `reports` times, kills it, and answers the last id that it answered for. */
async function recordAndKill(path: string, from: number, reports: number): Promise<number> {
  const recorder = fork(join(folder, 'test-recorder.mjs'), [path, String(from)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  let received = 0;
  let lastId = from - 1;
  recorder.stderr?.on('data', (text: Buffer) => {
    complaint += text.toString();
  });
  recorder.on('message', (report: RecorderReport) => {
    lastId = report.lastId;
    if (++received === reports) recorder.kill('SIGKILL');
  });
  const [, signal] = await once(recorder, 'exit');
  expect(complaint).toBe('');
  if (process.platform !== 'win32') expect(signal).toBe('SIGKILL');
  return lastId;
}

describe('a process that is killed while it records', () => {
  it('leaves every event that was answered for, once each and in order, eight times in a row', async () => {
    const path = join(folder, 'recording');
    const rng = new SplitMix32(20_200_312);
    let next = 0;
    for (let round = 0; round < 8; round++) {
      const answered = await recordAndKill(path, next, 3 + nextInt(rng, 120));
      const store = openSegmentStore({ folder: path, mode: 'SIM', wall: new ManualClock(1_800_000_000_000) });
      const recovered = await store.recover();
      expect(recovered.ok).toBe(true);
      const listed = await store.list();
      if (!listed.ok) throw new Error(listed.error.message);
      expect(listed.value.filter(({ state }) => state !== 'whole')).toEqual([]);
      const ids: number[] = [];
      for (const { id } of listed.value) {
        const read = await store.read(id, (batch) => {
          const events = decodeBatch(batch, [{ instrument: INSTRUMENT, bookLotSize: '0.0001' }]);
          if (!events.ok) throw new Error(events.error.message);
          for (const event of events.value) if (event.kind === 'trade') ids.push(event.trade.id);
        });
        expect(read).toEqual({ ok: true, value: undefined });
      }
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
