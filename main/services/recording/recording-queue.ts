import type { Cancel, Clock } from '../../../core/base/clock.ts';
import { BATCH_COLUMNS, type EncodedBatch } from '../../../core/recording/encoded-batch.ts';
import type { RecordingSink } from '../../../core/recording/recording-writer.ts';
import type { Log } from '../../ports/log.ts';
import type { RecordingFailure, SegmentSink } from '../../ports/recording.ts';

const RETRY_MS = 500;
const RETRY_MS_MAX = 15_000;

type Step = { readonly kind: 'begin' | 'end' } | { readonly kind: 'batch'; readonly batch: EncodedBatch; readonly bytes: number };

export interface RecordingQueueOptions {
  readonly sink: SegmentSink;
  readonly wall: Clock;
  /** What may wait while nothing can be written. */
  readonly maxWaitingBytes: number;
  readonly log: Log;
}

/**
 * Between the writer, which must not wait, and the disk, which may take nothing for a while. What was not written is tried again
 * until it is. When too much waits, all of it goes: a chain of book changes with a hole in it is of no use, so the rest of the
 * segment goes too, and `brokenOff` asks for another, which begins with whole books.
 */
export class RecordingQueue implements RecordingSink {
  readonly #options: RecordingQueueOptions;
  #steps: Step[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #retry: Cancel | undefined;
  #retryMs = 0;
  #failure: RecordingFailure | undefined;
  /** From a drop to the next segment. */
  #discarding = false;
  #closing = false;
  lostEvents = 0;
  segments = 0;

  constructor(options: RecordingQueueOptions) {
    this.#options = options;
  }

  get failure(): RecordingFailure | undefined {
    return this.#failure;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** True while events are thrown away until a new segment begins. */
  get brokenOff(): boolean {
    return this.#discarding;
  }

  onSegmentStart(): void {
    this.#discarding = false;
    this.segments++;
    this.#push({ kind: 'begin' });
  }

  onBatch(batch: EncodedBatch): void {
    let bytes = 0;
    for (const name of BATCH_COLUMNS) bytes += batch.columns[name].length;
    if (this.#discarding) {
      this.lostEvents += batch.events;
      return;
    }
    if (this.#waitingBytes + bytes > this.#options.maxWaitingBytes) {
      this.lostEvents += batch.events;
      this.#drop();
      return;
    }
    this.#waitingBytes += bytes;
    this.#push({ kind: 'batch', batch, bytes });
  }

  onSegmentEnd(): void {
    this.#push({ kind: 'end' });
  }

  /** Tries what waits once more, and takes no more. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#running;
    this.#cancelRetry();
    this.#start();
    await this.#running;
    for (const step of this.#steps) if (step.kind === 'batch') this.lostEvents += step.batch.events;
    if (this.#failure !== undefined) {
      const fields = { events: this.lostEvents, reason: this.#failure.message };
      this.#options.log.error(fields, 'recorded events could not be written at the end');
    }
  }

  #cancelRetry(): void {
    this.#retry?.();
    this.#retry = undefined;
  }

  #push(step: Step): void {
    this.#steps.push(step);
    if (this.#retry === undefined) this.#start();
  }

  #start(): void {
    this.#running ??= this.#writeAll().finally(() => {
      this.#running = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const [step] = this.#steps;
      if (step === undefined) return;
      const { sink } = this.#options;
      const answer = await (step.kind === 'batch' ? sink.append(step.batch) : step.kind === 'begin' ? sink.begin() : sink.end());
      if (!answer.ok) {
        this.#failed(answer.error);
        return;
      }
      this.#succeeded();
      // What was dropped meanwhile is not what was written.
      if (this.#steps[0] === step) this.#steps.shift();
      if (step.kind === 'batch') this.#waitingBytes -= step.bytes;
    }
  }

  #failed(failure: RecordingFailure): void {
    if (this.#failure === undefined) {
      const fields = { code: failure.code, reason: failure.message, detail: failure.detail };
      this.#options.log.error(fields, 'events cannot be recorded');
    }
    this.#failure = failure;
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs === 0 ? RETRY_MS : 2 * this.#retryMs);
    if (this.#closing) return;
    this.#retry = this.#options.wall.after(this.#retryMs, () => {
      this.#retry = undefined;
      this.#start();
    });
  }

  #succeeded(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#retryMs = 0;
    this.#options.log.info({ lostEvents: this.lostEvents }, 'events are recorded again');
  }

  /** Keeps what is being written just now, and ends the segment behind it. */
  #drop(): void {
    this.#discarding = true;
    const [first] = this.#steps;
    const kept = this.#running !== undefined && first !== undefined ? [first] : [];
    for (const step of this.#steps) {
      if (step.kind !== 'batch' || kept.includes(step)) continue;
      this.lostEvents += step.batch.events;
      this.#waitingBytes -= step.bytes;
    }
    this.#steps = kept;
    this.#options.log.warn(
      { lostEvents: this.lostEvents },
      'too many recorded events are waiting for the disk: they are dropped',
    );
    this.#push({ kind: 'end' });
  }
}
