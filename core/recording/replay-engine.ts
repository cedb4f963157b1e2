import type { EpochMs } from '../base/clock.ts';
import type { Failure, Result } from '../base/result.ts';
import type { ReplayedEvent } from './recorded-event.ts';
import type { ReplayClock } from './replay-clock.ts';

/** A span [from, to) of market time. */
export interface TimeSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** A recording's events in the order in which they were received. */
export interface RecordedEventSource {
  /** The next events, oldest first, at least one; undefined at the end. */
  next(): Promise<Result<readonly ReplayedEvent[] | undefined>>;
}

export interface ReplayListener {
  /** `silent`: on the way to where the replay begins; books take it, nobody is told. */
  onEvent(event: ReplayedEvent, silent: boolean): void;
  /** The replay stands where it begins and every book is as it was then. */
  onBegin(): void;
  /** Nothing was recorded in this span, which begins now; it is over when time has passed its end. */
  onGap(gap: TimeSpan): void;
}

export interface ReplayEngineOptions {
  readonly clock: ReplayClock;
  /** Begins with a segment that started at or before the clock's time, so that every book has a snapshot. */
  readonly source: RecordedEventSource;
  /** Where the replay ends. */
  readonly to: EpochMs;
  /** Ascending and apart. */
  readonly gaps: readonly TimeSpan[];
  readonly listener: ReplayListener;
  /** Somebody still works on what was delivered: time must not go on. */
  readonly held: () => boolean;
}

/**
 * Where `advance` came to: the time asked for, or the end; `stopped` by the caller; `held` by those it delivers to;
 * `starved`: the next events are being read, see `filled`.
 */
export type Advance = 'reached' | 'ended' | 'stopped' | 'held' | 'starved' | 'failed';

/**
 * Plays a recording on its clock. What is delivered, and in which order, depends on the recording and the timers
 * alone: never on how often, how far at a time or how late `advance` is called.
 */
export class ReplayEngine {
  readonly #options: ReplayEngineOptions;
  #batch: readonly ReplayedEvent[] = [];
  #index = 0;
  #ahead: Promise<void> | undefined;
  #nextBatch: readonly ReplayedEvent[] | undefined;
  #exhausted = false;
  #failure: Failure | undefined;
  #gapIndex = 0;
  #delivered = 0;

  constructor(options: ReplayEngineOptions) {
    this.#options = options;
  }

  /** Events told so far, those on the way to the beginning left out. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Why the recording cannot be read any further. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Brings every book to the clock's time without telling anybody, then says that the replay begins. */
  async begin(): Promise<void> {
    const { clock, listener, gaps } = this.#options;
    const at = clock.now();
    for (;;) {
      const event = this.#peek();
      if (event === undefined) {
        if (this.#exhausted || this.#failure !== undefined) break;
        await this.filled();
      } else if (event.tsReceived > at) break;
      else {
        this.#index++;
        listener.onEvent(event, true);
      }
    }
    while ((gaps[this.#gapIndex]?.to ?? Number.POSITIVE_INFINITY) <= at) this.#gapIndex++;
    listener.onBegin();
  }

  /** Plays up to and including `until`, or until `stop` says so; `stop` is asked before each step. */
  advance(until: EpochMs, stop: () => boolean): Advance {
    const { clock, to, gaps, listener, held } = this.#options;
    const goal = Math.min(until, to);
    for (;;) {
      if (held()) return 'held';
      if (stop()) return 'stopped';
      const event = this.#peek();
      if (event === undefined && !this.#exhausted) return this.#failure === undefined ? 'starved' : 'failed';
      const eventAt = event?.tsReceived ?? Number.POSITIVE_INFINITY;
      const gap = gaps[this.#gapIndex];
      const gapAt = gap?.from ?? Number.POSITIVE_INFINITY;
      const nextAt = Math.min(eventAt, gapAt);
      const timerAt = clock.nextDue;
      if (timerAt <= nextAt && timerAt <= goal) clock.fireNext();
      else if (nextAt > goal) {
        clock.moveTo(goal);
        return goal >= to ? 'ended' : 'reached';
      } else if (gap !== undefined && gapAt <= eventAt) {
        clock.moveTo(gapAt);
        this.#gapIndex++;
        listener.onGap(gap);
      } else if (event !== undefined) {
        clock.moveTo(eventAt);
        this.#index++;
        this.#delivered++;
        listener.onEvent(event, false);
      }
    }
  }

  /** Resolves when there is something to go on with, or nothing will come any more. */
  async filled(): Promise<void> {
    if (this.#peek() === undefined) await this.#read();
  }

  /** The next event if it has been read already. Always reads one batch ahead. */
  #peek(): ReplayedEvent | undefined {
    if (this.#index >= this.#batch.length && this.#nextBatch !== undefined) {
      this.#batch = this.#nextBatch;
      this.#index = 0;
      this.#nextBatch = undefined;
    }
    if (this.#nextBatch === undefined && this.#ahead === undefined && !this.#exhausted) void this.#read();
    return this.#batch[this.#index];
  }

  #read(): Promise<void> {
    if (this.#exhausted || this.#failure !== undefined) return Promise.resolve();
    this.#ahead ??= this.#options.source.next().then((batch) => {
      this.#ahead = undefined;
      if (!batch.ok) this.#failure = batch.error;
      else if (batch.value === undefined) this.#exhausted = true;
      else this.#nextBatch = batch.value;
    });
    return this.#ahead;
  }
}
