import { mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { Clock } from '../../../core/base/clock.ts';
import type { DataMode } from '../../../core/contracts/primitives.ts';
import { segmentIdSchema, type SegmentView } from '../../../core/contracts/recording.ts';
import { type EncodedBatch, RECORDING_FORMAT, type SegmentHeader } from '../../../core/recording/encoded-batch.ts';
import type { Recorded, RecordingFailure, RecordingStore, Recovery } from '../../ports/recording.ts';
import { fileBytes } from '../file-size.ts';
import { attempt, recordingFailure, Refusal } from './failures.ts';
import { JournalFile, readJournal } from './journal-file.ts';
import { ParquetSegments } from './parquet-segments.ts';
import { journalPath, leftovers, parquetPath, removeWhenEmpty, type SegmentFile, segmentFiles } from './segment-folder.ts';
import { copyVerified } from './verified-copy.ts';

export interface SegmentStoreOptions {
  /** `<userData>/<mode>/recording`; made when the first segment is. */
  readonly folder: string;
  readonly mode: DataMode;
  readonly wall: Clock;
  readonly memoryLimitMb?: number;
}

/**
 * Segments in a folder a day of market time. The one in progress is a journal; when it has ended it is turned into Parquet under
 * a temporary name, made durable, renamed, and only then the journal goes. Whatever moment a process is killed at, what was
 * answered for is in one of the two, and `recover` finishes it.
 */
export function openSegmentStore(options: SegmentStoreOptions): RecordingStore {
  return new FolderSegmentStore(options);
}

interface Known {
  readonly stamp: string;
  readonly view: SegmentView;
}

class FolderSegmentStore implements RecordingStore {
  readonly #options: SegmentStoreOptions;
  readonly #folder: string;
  readonly #parquet: ParquetSegments;
  #journal: { readonly id: string; readonly file: JournalFile } | undefined;
  /** Ended journals that are being turned into Parquet, or could not be. */
  readonly #ended = new Map<string, RecordingFailure | undefined>();
  #converting: Promise<void> = Promise.resolve();
  /** By path: what a file of that size and time says of itself. */
  readonly #known = new Map<string, Known>();
  /** No journal of ours is begun before those of others were told apart. */
  #lookedThrough: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: SegmentStoreOptions) {
    this.#options = options;
    this.#folder = options.folder;
    this.#parquet = new ParquetSegments(options.memoryLimitMb ?? 256);
  }

  recover(): Recorded<Recovery[]> {
    const found = this.#lookForRemains();
    this.#lookedThrough = found;
    return this.#attempt(this.#folder, 'be looked through', async () => {
      const recovered: Recovery[] = [];
      for (const id of await found) {
        const converted = await attempt(id, 'be turned into Parquet', () => this.#convert(id));
        if (converted.ok) recovered.push(converted.value);
        else this.#ended.set(id, converted.error);
      }
      return recovered;
    });
  }

  /** Journals of processes before this one. */
  async #lookForRemains(): Promise<string[]> {
    for (const path of await leftovers(this.#folder)) await rm(path, { force: true });
    const files = await segmentFiles(this.#folder);
    return files.filter(({ kind }) => kind === 'journal').map(({ id }) => id);
  }

  begin(): Recorded<void> {
    return this.#attempt(this.#folder, 'be written to', async () => {
      await this.#endJournal();
    });
  }

  /** The first batch names the segment, by the market time at which it begins. */
  append(batch: EncodedBatch): Recorded<void> {
    return this.#attempt(this.#folder, 'be written to', async () => {
      this.#journal ??= await this.#create(batch.firstReceived);
      await this.#journal.file.append(batch);
    });
  }

  end(): Recorded<void> {
    return this.begin();
  }

  list(): Recorded<SegmentView[]> {
    return this.#attempt(this.#folder, 'be listed', () => this.#views(this.#folder));
  }

  listArchive(folder: string): Recorded<SegmentView[]> {
    return this.#attempt(folder, 'be listed', () => this.#views(this.#checkedArchive(folder)));
  }

  header(id: string): Recorded<SegmentHeader> {
    return this.#attempt(id, 'be read', async () => this.#parquet.header(await this.#existing(this.#folder, id)));
  }

  read(id: string, take: (batch: EncodedBatch) => void | Promise<void>, signal?: AbortSignal): Recorded<void> {
    return this.#attempt(id, 'be read', async () => this.#parquet.read(await this.#existing(this.#folder, id), take, signal));
  }

  remove(id: string): Recorded<void> {
    return this.#attempt(id, 'be deleted', async () => {
      const path = await this.#existing(this.#folder, id);
      await rm(path);
      await removeWhenEmpty(path);
    });
  }

  archive(id: string, folder: string, signal: AbortSignal, progress: (bytes: number) => void): Recorded<void> {
    return this.#attempt(id, 'be archived', () => this.#move(id, this.#folder, this.#checkedArchive(folder), signal, progress));
  }

  restore(id: string, folder: string, signal: AbortSignal, progress: (bytes: number) => void): Recorded<void> {
    return this.#attempt(id, 'be restored', () => this.#move(id, this.#checkedArchive(folder), this.#folder, signal, progress));
  }

  async freeBytes(): Promise<number | undefined> {
    // The folder may not be there yet; its parents are on the same disk.
    for (let path = this.#folder; ; path = dirname(path)) {
      const disk = await statfs(path).catch(() => undefined);
      if (disk !== undefined) return disk.bavail * disk.bsize;
      if (path === dirname(path)) return undefined;
    }
  }

  settled(): Promise<void> {
    return this.#converting;
  }

  /** Ends the segment in progress. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.end();
    this.#closed = true;
    await this.#converting;
    await this.#parquet.close();
  }

  async #attempt<T>(path: string, what: string, task: () => Promise<T>): Recorded<T> {
    if (this.#closed) {
      const error = {
        code: 'RECORDING_CLOSED',
        message: `The recording in ${this.#folder} is closed.`,
        retryable: false,
      } as const;
      return { ok: false, error };
    }
    return attempt(path, what, task);
  }

  async #create(firstReceived: number) {
    await this.#lookedThrough;
    const recordedAt = this.#options.wall.now();
    const time = new Date(firstReceived).toISOString();
    const id = `${time.slice(0, 10)}/${time.slice(11, 23).replace(/[:.]/g, '')}-${recordedAt.toString(36)}`;
    const path = journalPath(this.#folder, id);
    try {
      return { id, file: await JournalFile.create(path, { mode: this.#options.mode, recordedAt }) };
    } catch (thrown) {
      // Without its head it would only be in the way of the next try.
      await rm(path, { force: true });
      throw thrown;
    }
  }

  async #endJournal(): Promise<void> {
    const journal = this.#journal;
    if (journal === undefined) return;
    this.#journal = undefined;
    this.#ended.set(journal.id, undefined);
    await journal.file.close();
    this.#converting = this.#converting.then(() => this.#convertEnded());
  }

  /** What a full disk prevented is tried again with each segment that ends. */
  async #convertEnded(): Promise<void> {
    for (const id of [...this.#ended.keys()]) {
      const converted = await attempt(id, 'be turned into Parquet', () => this.#convert(id));
      if (converted.ok) this.#ended.delete(id);
      else this.#ended.set(id, converted.error);
    }
  }

  async #convert(id: string): Promise<Recovery> {
    const from = journalPath(this.#folder, id);
    const to = parquetPath(this.#folder, id);
    const temporary = `${to}.tmp`;
    let content: Awaited<ReturnType<typeof readJournal>> | undefined;
    try {
      const header = await this.#parquet.write(
        temporary,
        async (take) => {
          content = await readJournal(from, take);
        },
        () => {
          const { mode, recordedAt } = content?.head ?? { mode: this.#options.mode, recordedAt: this.#options.wall.now() };
          return { format: RECORDING_FORMAT, mode, recordedAt };
        },
      );
      if (header !== undefined) {
        const file = await open(temporary, 'r+');
        await file.sync();
        await file.close();
        await rename(temporary, to);
      }
      await rm(from);
      await removeWhenEmpty(from);
      return { id, events: header?.events ?? 0, cutBytes: content?.cutBytes ?? 0 };
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
  }

  async #views(folder: string): Promise<SegmentView[]> {
    const files = await segmentFiles(folder);
    const views: SegmentView[] = [];
    for (const file of files) {
      // A journal whose Parquet file is there already is about to go.
      if (file.kind === 'journal' && files.some(({ id, kind }) => id === file.id && kind === 'parquet')) continue;
      views.push(file.kind === 'parquet' ? await this.#view(folder, file) : this.#journalView(file));
    }
    return views;
  }

  #journalView({ id, bytes }: SegmentFile): SegmentView {
    const failure = this.#ended.get(id);
    return {
      id,
      // A full disk passes; what cannot be read stays so.
      state: failure === undefined || failure.retryable ? 'writing' : 'damaged',
      bytes,
      mode: this.#options.mode,
      instruments: [],
      ...(this.#journal?.id === id ? { events: this.#journal.file.events } : {}),
      ...(failure === undefined ? {} : { problem: failure.message }),
    };
  }

  async #view(folder: string, { id, bytes, modifiedMs }: SegmentFile): Promise<SegmentView> {
    const path = parquetPath(folder, id);
    const stamp = `${bytes} ${modifiedMs}`;
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.view;
    let view: SegmentView;
    try {
      const { mode, from, to, events, trades, recordedAt, instruments } = await this.#parquet.header(path);
      const names = instruments.map(({ instrument: { venue, symbol } }) => ({ venue, symbol }));
      view = { id, state: 'whole', bytes, mode, from, to, events, trades, recordedAt, instruments: names };
    } catch (thrown) {
      const { message } = recordingFailure(thrown, path, 'be read');
      view = { id, state: 'damaged', bytes, instruments: [], problem: message, recordedAt: Math.floor(modifiedMs) };
    }
    this.#known.set(path, { stamp, view });
    return view;
  }

  async #existing(folder: string, id: string): Promise<string> {
    const path = parquetPath(folder, id);
    if (segmentIdSchema.safeParse(id).success && (await fileBytes(path)) > 0) return path;
    const message = `There is no ended segment ${id} in ${folder}.`;
    throw new Refusal({ code: 'RECORDING_UNKNOWN', message, retryable: false });
  }

  async #move(id: string, from: string, to: string, signal: AbortSignal, progress: (bytes: number) => void): Promise<void> {
    const original = await this.#existing(from, id);
    await mkdir(to, { recursive: true });
    await copyVerified(original, parquetPath(to, id), signal, progress);
    await rm(original);
    await removeWhenEmpty(original);
  }

  #checkedArchive(folder: string): string {
    const inside = relative(this.#folder, folder);
    if (isAbsolute(folder) && inside !== '' && (inside.startsWith('..') || isAbsolute(inside))) return join(folder);
    const message = `${folder} cannot be an archive: give the whole path of a folder outside of ${this.#folder}.`;
    throw new Refusal({ code: 'RECORDING_FAILED', message, retryable: false });
  }
}
