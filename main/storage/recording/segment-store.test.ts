import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import type { Result } from '../../../core/base/result.ts';
import { nextInt, SplitMix32 } from '../../../core/base/rng.ts';
import type { EncodedBatch } from '../../../core/recording/encoded-batch.ts';
import { decodeBatch } from '../../../core/recording/event-codec.ts';
import type { RecordedEvent } from '../../../core/recording/recorded-event.ts';
import type { RecordingFailure, RecordingStore } from '../../ports/recording.ts';
import { frameOf } from './batch-frame.ts';
import { openSegmentStore } from './segment-store.ts';
import { batchesOf, INSTRUMENT } from './test-recording.ts';

const START = Date.UTC(2020, 2, 5, 23, 59, 30);
const NEVER = new AbortController().signal;
let root: string;
let folder: string;
let wall: ManualClock;
let store: RecordingStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cobalt-recording-'));
  folder = join(root, 'sim', "rec'ording");
  wall = new ManualClock(1_700_000_000_000);
  store = openSegmentStore({ folder, mode: 'SIM', wall });
});
afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true, force: true });
});

function valueOf<T>(answer: Result<T, RecordingFailure>): T {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message} (${answer.error.detail ?? ''})`);
  return answer.value;
}

function failureOf(answer: Result<unknown, RecordingFailure>): RecordingFailure {
  if (answer.ok) throw new Error('a failure was expected');
  return answer.error;
}

async function record(batches: readonly EncodedBatch[]): Promise<void> {
  wall.advanceBy(1000);
  valueOf(await store.begin());
  for (const batch of batches) valueOf(await store.append(batch));
  valueOf(await store.end());
  await store.settled();
  const problems = valueOf(await store.list()).flatMap(({ state, problem }) => (state === 'whole' ? [] : [problem]));
  expect(problems).toEqual([]);
}

function eventsOf(batches: readonly EncodedBatch[]): RecordedEvent[] {
  return batches.flatMap((batch) => {
    const decoded = decodeBatch(batch, [{ instrument: INSTRUMENT, bookLotSize: '0.0001' }]);
    if (!decoded.ok) throw new Error(decoded.error.message);
    return decoded.value;
  });
}

async function read(id: string): Promise<EncodedBatch[]> {
  const batches: EncodedBatch[] = [];
  valueOf(await store.read(id, (batch) => void batches.push(batch)));
  return batches;
}

const parquetOf = (id: string): string => join(folder, `${id}.parquet`);

describe('a recorded segment', () => {
  it('is read back equal, says what it holds without being read, and lies in the folder of its day', async () => {
    const rng = new SplitMix32(1);
    const first = batchesOf(rng, 0, 40, 3, START);
    const second = batchesOf(rng, 120, 1, 1, START);
    await record(first);
    await record(second);
    const listed = valueOf(await store.list());
    expect(listed).toMatchObject([
      {
        state: 'whole',
        mode: 'SIM',
        from: START,
        to: START + 119_000,
        events: 240,
        trades: 120,
        recordedAt: 1_700_000_001_000,
        instruments: [{ venue: 'binance', symbol: 'ETH/USDT' }],
      },
      { state: 'whole', from: START + 120_000, events: 2, trades: 1 },
    ]);
    expect(listed.map(({ id }) => id.slice(0, 20))).toEqual(['2020-03-05/235930000', '2020-03-06/000130000']);
    const [one, two] = listed.map(({ id }) => id) as [string, string];
    expect(eventsOf(await read(one))).toEqual(eventsOf(first));
    expect(eventsOf(await read(two))).toEqual(eventsOf(second));
    expect((await read(one))[0]?.instruments).toEqual([{ index: 0, instrument: INSTRUMENT, bookLotSize: '0.0001' }]);
    expect(await readdir(join(folder, '2020-03-05'))).toEqual([`${one.slice(11)}.parquet`]);
  });

  it('that is not ended is listed as being written, and an empty one leaves nothing', async () => {
    valueOf(await store.begin());
    valueOf(await store.end());
    expect(valueOf(await store.list())).toEqual([]);
    for (const batch of batchesOf(new SplitMix32(1), 0, 2, 3, START)) valueOf(await store.append(batch));
    const [writing] = valueOf(await store.list());
    expect(writing).toMatchObject({ state: 'writing', events: 12 });
    expect(failureOf(await store.remove(writing?.id ?? '')).code).toBe('RECORDING_UNKNOWN');
  });

  it('whose process was killed is recovered up to the last whole batch, wherever the tail was torn', async () => {
    const rng = new SplitMix32(5);
    const batches = batchesOf(rng, 0, 6, 3, START);
    for (const batch of batches) valueOf(await store.append(batch));
    const [day = ''] = await readdir(folder);
    const [name = ''] = await readdir(join(folder, day));
    const path = join(folder, day, name);
    const bytes = await readFile(path);
    const lengths = batches.map((batch) => frameOf(batch).length);
    const headLength = bytes.length - lengths.reduce((sum, length) => sum + length, 0);
    for (let round = 0; round < 25; round++) {
      const other = join(root, `other-${round}`);
      const cut = nextInt(rng, bytes.length + 1);
      await mkdir(join(other, day), { recursive: true });
      await writeFile(join(other, day, name), bytes.subarray(0, cut));
      await writeFile(join(other, day, 'half.parquet.tmp'), 'x');
      let whole = 0;
      for (let end = headLength + (lengths[0] ?? 0); whole < 6 && end <= cut; end += lengths[++whole] ?? 0);
      const again = openSegmentStore({ folder: other, mode: 'SIM', wall });
      const [recovery] = valueOf(await again.recover());
      const kept = headLength + lengths.slice(0, whole).reduce((sum, length) => sum + length, 0);
      expect(recovery).toMatchObject({ events: whole * 6, cutBytes: cut < headLength ? cut : cut - kept });
      const listed = valueOf(await again.list());
      expect(listed.map(({ events }) => events)).toEqual(whole === 0 ? [] : [whole * 6]);
      const found: EncodedBatch[] = [];
      for (const { id } of listed) valueOf(await again.read(id, (batch) => void found.push(batch)));
      expect(eventsOf(found)).toEqual(eventsOf(batches.slice(0, whole)));
      await again.close();
    }
  });

  it('with a damaged byte in its journal ends there, and what came before is kept', async () => {
    const batches = batchesOf(new SplitMix32(9), 0, 4, 3, START);
    for (const batch of batches) valueOf(await store.append(batch));
    const [{ id } = { id: '' }] = valueOf(await store.list());
    const file = await open(join(folder, `${id}.journal`), 'r+');
    const { size } = await file.stat();
    await file.write(Uint8Array.of(0x5a, 0xa5), 0, 2, size - (frameOf(batches[3] as EncodedBatch).length + 20));
    await file.close();
    valueOf(await store.end());
    await store.settled();
    expect(eventsOf(await read(id))).toEqual(eventsOf(batches.slice(0, 2)));
  });

  it('that is damaged is listed as damaged, refused by readers, and disturbs nobody else', async () => {
    await record(batchesOf(new SplitMix32(1), 0, 40, 3, START));
    await record(batchesOf(new SplitMix32(2), 500, 40, 3, START));
    await record(batchesOf(new SplitMix32(3), 900, 40, 3, START));
    const ids = valueOf(await store.list()).map(({ id }) => id) as [string, string, string];
    // One loses its end, which says what it holds; another has bytes turned in its middle.
    await truncate(parquetOf(ids[0]), 2_000);
    const { size } = await stat(parquetOf(ids[1]));
    const file = await open(parquetOf(ids[1]), 'r+');
    await file.write(new Uint8Array(64).fill(0xa5), 0, 64, Math.floor(size / 3));
    await file.close();
    const listed = valueOf(await store.list());
    expect(listed.map(({ state }) => state)).toEqual(['damaged', 'whole', 'whole']);
    expect(listed[0]?.problem).toContain('is damaged');
    expect(failureOf(await store.read(ids[0], () => undefined)).code).toBe('RECORDING_DAMAGED');
    expect(failureOf(await store.read(ids[1], () => undefined)).code).toBe('RECORDING_DAMAGED');
    expect((await read(ids[2])).length).toBe(40);
    valueOf(await store.remove(ids[0]));
    expect(valueOf(await store.list())).toHaveLength(2);
  });

  it('is no longer handed out when the reader has had enough', async () => {
    await record(batchesOf(new SplitMix32(1), 0, 40, 3, START));
    const [{ id } = { id: '' }] = valueOf(await store.list());
    const stop = new AbortController();
    let taken = 0;
    const answer = await store.read(
      id,
      () => {
        if (++taken === 5) stop.abort();
      },
      stop.signal,
    );
    expect(failureOf(answer).code).toBe('RECORDING_CANCELLED');
    expect(taken).toBe(5);
  });
});

describe('an archive', () => {
  it('takes a segment and gives it back, byte for byte', async () => {
    const batches = batchesOf(new SplitMix32(1), 0, 40, 3, START);
    await record(batches);
    const [{ id, bytes } = { id: '', bytes: 0 }] = valueOf(await store.list());
    const archive = join(root, 'archive');
    let copied = 0;
    valueOf(await store.archive(id, archive, NEVER, (more) => (copied += more)));
    expect(copied).toBe(bytes);
    expect(valueOf(await store.list())).toEqual([]);
    expect(valueOf(await store.listArchive(archive))).toMatchObject([{ id, state: 'whole', events: 240 }]);
    valueOf(await store.restore(id, archive, NEVER, () => undefined));
    expect(eventsOf(await read(id))).toEqual(eventsOf(batches));
    expect(valueOf(await store.listArchive(archive))).toEqual([]);
  });

  it('that is stopped in the middle of a segment leaves the original and no half copy', async () => {
    await record(batchesOf(new SplitMix32(1), 0, 400, 10, START));
    const [{ id, bytes } = { id: '', bytes: 0 }] = valueOf(await store.list());
    expect(bytes).toBeGreaterThan(300_000);
    const archive = join(root, 'archive');
    const stop = new AbortController();
    const answer = await store.archive(id, archive, stop.signal, () => stop.abort());
    expect(failureOf(answer).code).toBe('RECORDING_CANCELLED');
    expect(valueOf(await store.list())).toMatchObject([{ id, state: 'whole' }]);
    expect(await readdir(join(archive, id.slice(0, 10)))).toEqual([]);
    // A copy that is there already, of the same content, is taken as the copy; of other content it is left alone.
    valueOf(await store.archive(id, archive, NEVER, () => undefined));
    await writeFile(join(root, 'keep'), await readFile(join(archive, `${id}.parquet`)));
    valueOf(await store.restore(id, archive, NEVER, () => undefined));
    await writeFile(join(archive, `${id}.parquet`), 'something else').catch(async () => {
      await mkdir(join(archive, id.slice(0, 10)), { recursive: true });
      await writeFile(join(archive, `${id}.parquet`), 'something else');
    });
    expect(failureOf(await store.archive(id, archive, NEVER, () => undefined)).code).toBe('RECORDING_EXISTS');
    await writeFile(join(archive, `${id}.parquet`), await readFile(join(root, 'keep')));
    valueOf(await store.archive(id, archive, NEVER, () => undefined));
    expect(valueOf(await store.list())).toEqual([]);
  });

  it('may not lie within the recordings, nor be named from nowhere', async () => {
    expect(failureOf(await store.listArchive(join(folder, 'archive'))).message).toContain('outside of');
    expect(failureOf(await store.listArchive('archive')).message).toContain('whole path');
    expect(valueOf(await store.listArchive(join(root, 'none')))).toEqual([]);
  });
});
