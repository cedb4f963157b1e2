import { Emitter } from '../../../core/base/emitter.ts';
import type { IdGen } from '../../../core/base/ids.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { RecordingJob, SegmentView } from '../../../core/contracts/recording.ts';
import type { Recorded, SegmentLibrary } from '../../ports/recording.ts';

/** Market time; open where a bound is missing. */
export interface SegmentRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export function overlaps({ from, to }: SegmentView, range: SegmentRange): boolean {
  if (from === undefined || to === undefined) return range.from === undefined && range.to === undefined;
  return to >= (range.from ?? Number.NEGATIVE_INFINITY) && from < (range.to ?? Number.POSITIVE_INFINITY);
}

/** Moves segments to an archive folder and back, one job at a time, one segment after the other. */
export class TransferJobs {
  readonly #library: SegmentLibrary;
  readonly #ids: IdGen;
  readonly events = new Emitter<RecordingJob>();
  #job: RecordingJob | undefined;
  #moving = new Set<string>();
  #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(library: SegmentLibrary, ids: IdGen) {
    this.#library = library;
    this.#ids = ids;
  }

  /** The running job, or the last. */
  get latest(): RecordingJob | undefined {
    return this.#job;
  }

  /** Whether a running job is to move this segment. */
  isMoving(id: string): boolean {
    return this.#job?.state === 'running' && this.#moving.has(id);
  }

  archive(range: SegmentRange, folder: string): Promise<Result<{ jobId: string }>> {
    return this.#start('archive', folder, range, () => this.#library.list());
  }

  restore(range: SegmentRange, folder: string): Promise<Result<{ jobId: string }>> {
    return this.#start('restore', folder, range, () => this.#library.listArchive(folder));
  }

  /** Segments that were moved stay where they are; the one in between stays where it was. */
  cancel(jobId: string): Result<void> {
    if (this.#job?.id !== jobId || this.#job.state !== 'running') return fail('NO_SUCH_JOB', 'This job is not running any more.');
    this.#stop.abort();
    return ok(undefined);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #start(
    kind: RecordingJob['kind'],
    folder: string,
    range: SegmentRange,
    list: () => Recorded<SegmentView[]>,
  ): Promise<Result<{ jobId: string }>> {
    const busy = fail('JOB_RUNNING', 'Recordings are being moved already. Wait for the end, or cancel it.', { retryable: true });
    if (this.#job?.state === 'running') return busy;
    const listed = await list();
    if (!listed.ok) return listed;
    if (this.#isRunning()) return busy;
    const segments = listed.value.filter((segment) => segment.state === 'whole' && overlaps(segment, range));
    const jobId = this.#ids.next('job');
    let bytes = 0;
    for (const segment of segments) bytes += segment.bytes;
    this.#stop = new AbortController();
    this.#moving = new Set(segments.map(({ id }) => id));
    const job = {
      id: jobId,
      kind,
      state: 'running',
      folder,
      segments: segments.length,
      segmentsDone: 0,
      bytes,
      bytesDone: 0,
    } as const;
    this.#tell(job);
    this.#ended = this.#run(job, segments, this.#stop.signal);
    return ok({ jobId });
  }

  #isRunning(): boolean {
    return this.#job?.state === 'running';
  }

  async #run(job: RecordingJob, segments: readonly SegmentView[], signal: AbortSignal): Promise<void> {
    let done = 0;
    let bytesDone = 0;
    const now = (change: Partial<RecordingJob> = {}): void => this.#tell({ ...job, segmentsDone: done, bytesDone, ...change });
    for (const { id, bytes } of segments) {
      const before = bytesDone;
      const progress = (more: number): void => {
        bytesDone += more;
        now();
      };
      const moved = await this.#library[job.kind](id, job.folder, signal, progress);
      if (!moved.ok) {
        bytesDone = before;
        if (moved.error.code === 'RECORDING_CANCELLED') now({ state: 'cancelled' });
        else now({ state: 'failed', error: moved.error.message });
        return;
      }
      done++;
      bytesDone = before + bytes;
      now();
    }
    now({ state: 'done' });
  }

  #tell(job: RecordingJob): void {
    this.#job = job;
    this.events.emit(job);
  }
}
