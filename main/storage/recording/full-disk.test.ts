import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { reasonOf } from '../../../core/base/result.ts';
import { SplitMix32 } from '../../../core/base/rng.ts';
import { openSegmentStore } from './segment-store.ts';
import { batchesOf } from './test-recording.ts';

/** A small disk of its own, or why there is none: mounting takes root on Linux. */
let disk: { readonly folder: string } | { readonly missing: string };

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'cobalt-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'pipe' });
    disk = { folder };
  } catch (thrown) {
    rmSync(folder, { recursive: true });
    disk = { missing: `no small disk to fill: mounting a tmpfs is not permitted here (${reasonOf(thrown).split('\n')[0]})` };
  }
});

afterEach(() => {
  if ('missing' in disk) return;
  execFileSync('umount', ['-l', disk.folder]);
  rmSync(disk.folder, { recursive: true });
});

function folderOf(context: TestContext): string {
  if ('missing' in disk) context.skip(disk.missing);
  return (disk as { folder: string }).folder;
}

function fill(folder: string, name: string, spare: number): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, name), Buffer.alloc(Math.max(0, bavail * bsize - spare)));
}

describe('a recording on a full disk', () => {
  it('takes the same batch again when there is room, and ends as if nothing had been', async (context) => {
    const folder = folderOf(context);
    const store = openSegmentStore({ folder: join(folder, 'recording'), mode: 'SIM', wall: new ManualClock(1_700_000_000_000) });
    const batches = batchesOf(new SplitMix32(1), 0, 60, 10, 1_583_366_400_000);
    let refused = 0;
    fill(folder, 'filler', 150_000);
    for (const batch of batches) {
      let answer = await store.append(batch);
      if (!answer.ok) {
        refused++;
        expect(answer.error).toMatchObject({ code: 'RECORDING_FULL', retryable: true });
        expect((await store.append(batch)).ok).toBe(false);
        unlinkSync(join(folder, 'filler'));
        answer = await store.append(batch);
        expect(answer.ok).toBe(true);
      }
    }
    expect(refused).toBe(1);

    // Now the journal has no room to become a segment: it stays, and becomes one with the end of the next.
    fill(folder, 'filler', 0);
    expect((await store.end()).ok).toBe(true);
    await store.settled();
    const before = await store.list();
    expect(before.ok && before.value).toMatchObject([
      { state: 'writing', problem: expect.stringContaining('is full') as string },
    ]);
    expect(readdirSync(join(folder, 'recording', '2020-03-05')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    unlinkSync(join(folder, 'filler'));
    const [more] = batchesOf(new SplitMix32(2), 5000, 1, 10, 1_583_366_400_000);
    if (more !== undefined) expect((await store.append(more)).ok).toBe(true);
    expect((await store.end()).ok).toBe(true);
    await store.settled();
    const after = await store.list();
    if (!after.ok) throw new Error(after.error.message);
    expect(after.value.map(({ state, trades }) => [state, trades])).toEqual([
      ['whole', 600],
      ['whole', 10],
    ]);
    let read = 0;
    for (const { id } of after.value) expect((await store.read(id, ({ trades }) => void (read += trades))).ok).toBe(true);
    expect(read).toBe(610);
    await store.close();
  });

  it('leaves no half copy in an archive that has no room, and the original where it was', async (context) => {
    const archive = folderOf(context);
    const folder = mkdtempSync(join(tmpdir(), 'cobalt-recording-'));
    const store = openSegmentStore({ folder, mode: 'SIM', wall: new ManualClock(1_700_000_000_000) });
    for (const batch of batchesOf(new SplitMix32(1), 0, 60, 10, 1_583_366_400_000)) await store.append(batch);
    await store.end();
    await store.settled();
    const listed = await store.list();
    const [{ id } = { id: '' }] = listed.ok ? listed.value : [];
    fill(archive, 'filler', 30_000);
    const moved = await store.archive(id, archive, new AbortController().signal, () => undefined);
    expect(moved).toMatchObject({ ok: false, error: { code: 'RECORDING_FULL' } });
    expect(readdirSync(join(archive, id.slice(0, 10)))).toEqual([]);
    expect((await store.read(id, () => undefined)).ok).toBe(true);
    await store.close();
    rmSync(folder, { recursive: true });
  });
});
