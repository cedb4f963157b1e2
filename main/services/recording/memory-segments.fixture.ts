import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { SegmentView } from '../../../core/contracts/recording.ts';
import type { EncodedBatch } from '../../../core/recording/encoded-batch.ts';
import type { RecordingFailure, RecordingStore } from '../../ports/recording.ts';

type Answer<T> = Promise<Result<T, RecordingFailure>>;

/** Segments in memory, on a disk that can be full. */
export class MemorySegments implements RecordingStore {
  readonly segments: EncodedBatch[][] = [];
  views: SegmentView[] = [];
  readonly archived = new Map<string, SegmentView>();
  readonly removed: string[] = [];
  full = false;
  free: number | undefined = 1e12;
  /** Called with each segment that is moved; may stop or hold the move. */
  onMove: (id: string, signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  closed = false;
  #open: EncodedBatch[] | undefined;

  recover() {
    return Promise.resolve(ok([]));
  }

  async begin(): Answer<void> {
    await Promise.resolve();
    if (this.full) return this.#refused();
    this.#open = undefined;
    return ok(undefined);
  }

  async append(batch: EncodedBatch): Answer<void> {
    await Promise.resolve();
    if (this.full) return this.#refused();
    if (this.#open === undefined) {
      this.#open = [];
      this.segments.push(this.#open);
    }
    this.#open.push(batch);
    return ok(undefined);
  }

  end(): Answer<void> {
    return this.begin();
  }

  list() {
    return Promise.resolve(ok([...this.views]));
  }

  header(id: string): Answer<never> {
    return Promise.resolve(fail('RECORDING_UNKNOWN', id));
  }

  read(id: string): Answer<void> {
    return Promise.resolve(fail('RECORDING_UNKNOWN', id));
  }

  remove(id: string): Answer<void> {
    this.removed.push(id);
    this.views = this.views.filter((view) => view.id !== id);
    return Promise.resolve(ok(undefined));
  }

  async archive(id: string, _folder: string, signal: AbortSignal, progress: (bytes: number) => void): Answer<void> {
    const view = this.views.find((each) => each.id === id);
    if (view === undefined) return fail('RECORDING_UNKNOWN', id);
    progress(view.bytes / 2);
    await this.onMove(id, signal);
    if (signal.aborted) return fail('RECORDING_CANCELLED', 'stopped');
    progress(view.bytes / 2);
    this.views = this.views.filter((each) => each !== view);
    this.archived.set(id, view);
    return ok(undefined);
  }

  listArchive() {
    return Promise.resolve(ok([...this.archived.values()]));
  }

  restore(id: string): Answer<void> {
    const view = this.archived.get(id);
    if (view === undefined) return Promise.resolve(fail('RECORDING_FAILED', `no ${id}`));
    this.archived.delete(id);
    this.views.push(view);
    return Promise.resolve(ok(undefined));
  }

  freeBytes() {
    return Promise.resolve(this.free);
  }

  settled() {
    return Promise.resolve();
  }

  close() {
    this.closed = true;
    return Promise.resolve();
  }

  #refused() {
    return fail('RECORDING_FULL', 'The disk is full.', { retryable: true });
  }
}
