import type { Clock } from '../../../core/base/clock.ts';
import { Emitter } from '../../../core/base/emitter.ts';
import type { IdGen } from '../../../core/base/ids.ts';
import { fail, type Failure, ok, reasonOf, type Result } from '../../../core/base/result.ts';
import type { HistoryDownload, HistoryJob } from '../../../core/contracts/history-jobs.ts';
import type { Candle } from '../../../core/market/candle.ts';
import { openTimeOf, storedTimeframeOf, type StoredTimeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import { readJobs, type SavedJob, saveJobs } from './download-jobs.ts';
import type { CandleHistory } from './history.ts';

/** Jobs that download at the same time; the others queue. */
const MOST_RUNNING = 2;
/** Jobs that are over and stay on the list. */
const MOST_OVER = 20;
const PAGE = 1_000;
/** Pages that are skipped at once where all of their candles are stored. */
const STRIDE = 64;
/** Wall time between two requests of a job, which leaves the venue's limit to live data. */
const PAUSE_WALL_MS = 100;
const YIELD_WALL_MS = 250;
const RETRY_WALL_MS = 5_000;
const RETRY_WALL_MS_MAX = 60_000;
/** Market time after a period's end in which its candle may not be final. */
const SETTLE_MS = 5_000;

export interface HistoryDownloadsDeps {
  readonly history: (symbol: string) => CandleHistory | undefined;
  readonly store: Pick<Store, 'market' | 'settings'>;
  /** Candles that were fetched and stored, oldest first. */
  readonly onFetched: (symbol: string, timeframe: StoredTimeframe, candles: readonly Candle[]) => void;
  /** Live data is being fetched: downloads wait. */
  readonly isBusy: () => boolean;
  readonly clock: Clock;
  readonly wall: Clock;
  readonly ids: IdGen;
  readonly log: Log;
}

interface Job extends SavedJob {
  done: number;
  readonly total: number;
  fetched: number;
  unavailable: number;
  startedWall: number | undefined;
}

/**
 * Downloads of months of candles. What is stored is the progress: a job that was cut off looks through its span again,
 * passes over what is there and goes on. Two jobs at a time, one request at a time each, none while live data is fetched.
 */
export class HistoryDownloads {
  readonly events: Emitter<{ jobs: HistoryJob[] }>;
  readonly #deps: HistoryDownloadsDeps;
  /** Newest last. */
  #jobs: Job[] = [];
  readonly #running = new Map<string, Promise<void>>();
  readonly #wake = new Set<() => void>();
  #closed = false;
  #loading: Promise<Result<void>> | undefined;

  constructor(deps: HistoryDownloadsDeps) {
    this.#deps = deps;
    this.events = new Emitter((thrown) => deps.log.error({ detail: reasonOf(thrown) }, 'a download listener failed'));
  }

  /** Reads the list of the last session and goes on with what was not done. */
  async resume(): Promise<Result<void>> {
    const loaded = await this.#load();
    if (loaded.ok) this.#startQueued();
    return loaded;
  }

  #load(): Promise<Result<void>> {
    this.#loading ??= readJobs(this.#deps.store.settings).then((saved) => {
      if (!saved.ok) {
        this.#loading = undefined;
        return saved;
      }
      this.#jobs = saved.value.map((job) => newJob({ ...job, state: isOver(job) ? job.state : 'queued' }));
      for (const job of this.#jobs) if (job.state === 'done') job.done = job.total;
      return ok(undefined);
    });
    return this.#loading;
  }

  async start({ symbol, timeframes, from, to }: HistoryDownload): Promise<Result<{ jobId: string }>> {
    const { history, clock, wall, ids } = this.#deps;
    const loaded = await this.#load();
    if (!loaded.ok) return loaded;
    if (history(symbol) === undefined) return fail('UNKNOWN_SYMBOL', `${symbol} is not followed. Add it first.`);
    const until = Math.min(to, clock.now() - SETTLE_MS);
    if (from >= until) return fail('BAD_REQUEST', 'The span to download begins in the future.');
    const job = newJob({
      id: ids.next('hist'),
      symbol,
      timeframes: [...new Set(timeframes)],
      from,
      to: until,
      state: 'queued',
      createdAt: wall.now(),
    });
    if (job.total === 0) return fail('BAD_REQUEST', 'The span is shorter than one candle of the timeframes that were chosen.');
    this.#jobs.push(job);
    const saved = await this.#save();
    if (!saved.ok) return saved;
    this.#startQueued();
    return ok({ jobId: job.id });
  }

  /** Ends a job; one that is over leaves the list. What was downloaded stays. */
  async cancel(id: string): Promise<Result<void>> {
    const loaded = await this.#load();
    if (!loaded.ok) return loaded;
    const job = this.#jobs.find((each) => each.id === id);
    if (job === undefined) return fail('UNKNOWN_JOB', 'This download is not on the list any more.');
    if (isOver(job)) this.#jobs = this.#jobs.filter((each) => each !== job);
    else job.state = 'cancelled';
    this.#wakeAll();
    await this.#running.get(id);
    return this.#save();
  }

  snapshot(): { jobs: HistoryJob[] } {
    return { jobs: this.#jobs.map((job) => this.#describe(job)).reverse() };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakeAll();
    await Promise.all(this.#running.values());
  }

  #startQueued(): void {
    for (const job of this.#jobs) {
      if (this.#closed || this.#running.size >= MOST_RUNNING) break;
      if (job.state !== 'queued' || this.#running.has(job.id)) continue;
      const run = this.#run(job)
        .catch((thrown: unknown) => this.#end(job, 'failed', reasonOf(thrown)))
        .finally(() => {
          this.#running.delete(job.id);
          this.#startQueued();
        });
      this.#running.set(job.id, run);
    }
    this.events.emit(this.snapshot());
  }

  async #run(job: Job): Promise<void> {
    job.state = 'running';
    job.startedWall = this.#deps.wall.now();
    for (const timeframe of storedTimeframes(job)) {
      const { from, to } = spanOf(job, timeframe);
      if (!(await this.#series(job, timeframe, from, to))) return;
    }
    await this.#end(job, 'done');
  }

  /** @returns whether the job goes on */
  async #series(job: Job, timeframe: StoredTimeframe, first: number, to: number): Promise<boolean> {
    const { market } = this.#deps.store;
    const length = TIMEFRAME_MS[timeframe];
    const beginning = await this.#untilReached(job, (history) => history.beginning(job.symbol, timeframe, to));
    if (beginning === undefined) return false;
    const from = Math.min(to, Math.max(first, beginning.value ?? to));
    job.unavailable += (from - first) / length;
    job.done += (from - first) / length;
    let start = from;
    while (start < to) {
      const stride = Math.min(to, start + STRIDE * PAGE * length);
      const stored = await market.candleCount(job.symbol, timeframe, start, stride);
      if (!stored.ok) return this.#fail(job, stored.error);
      if (stored.value === (stride - start) / length) {
        job.done += stored.value;
        start = stride;
        continue;
      }
      for (; start < stride; start = Math.min(stride, start + PAGE * length)) {
        const end = Math.min(stride, start + PAGE * length);
        const fetched = await this.#untilReached(job, (history) => history.ensure(job.symbol, timeframe, start, end));
        if (fetched === undefined) return false;
        const count = await market.candleCount(job.symbol, timeframe, start, end);
        if (!count.ok) return this.#fail(job, count.error);
        if (fetched.value.length > 0) this.#deps.onFetched(job.symbol, timeframe, fetched.value);
        job.fetched += fetched.value.length;
        job.unavailable += (end - start) / length - count.value;
        job.done += (end - start) / length;
        this.events.emit(this.snapshot());
        if (fetched.value.length > 0) await this.#sleep(job, PAUSE_WALL_MS);
      }
    }
    return true;
  }

  /** Asks until the venues can be reached. Undefined when the job ended meanwhile. */
  async #untilReached<T>(
    job: Job,
    ask: (history: CandleHistory) => Promise<Result<T>>,
  ): Promise<{ readonly value: T } | undefined> {
    for (let waitMs = RETRY_WALL_MS; ; waitMs = Math.min(RETRY_WALL_MS_MAX, 2 * waitMs)) {
      while (this.#deps.isBusy() && this.#goesOn(job)) await this.#sleep(job, YIELD_WALL_MS);
      if (!this.#goesOn(job)) return undefined;
      const history = this.#deps.history(job.symbol);
      if (history === undefined) {
        await this.#end(job, 'failed', `${job.symbol} is not followed any more.`);
        return undefined;
      }
      const answer = await ask(history);
      if (!this.#goesOn(job)) return undefined;
      if (answer.ok) {
        if (job.state === 'waiting') {
          job.state = 'running';
          delete job.message;
        }
        return answer;
      }
      if (!answer.error.code.startsWith('VENUE_') && !answer.error.retryable) {
        await this.#fail(job, answer.error);
        return undefined;
      }
      job.state = 'waiting';
      job.message = answer.error.message;
      this.events.emit(this.snapshot());
      await this.#sleep(job, waitMs);
    }
  }

  #goesOn(job: Job): boolean {
    return !this.#closed && !isOver(job);
  }

  async #fail(job: Job, { message }: Failure): Promise<false> {
    await this.#end(job, 'failed', message);
    return false;
  }

  async #end(job: Job, state: 'done' | 'failed', message?: string): Promise<void> {
    job.state = state;
    if (message !== undefined) job.message = message;
    this.#deps.log.info({ symbol: job.symbol, state, fetched: job.fetched, message }, 'a history download ended');
    const saved = await this.#save();
    if (!saved.ok) this.#deps.log.warn({ reason: saved.error.message }, 'the list of downloads could not be saved');
  }

  async #save(): Promise<Result<void>> {
    const over = this.#jobs.filter(isOver);
    const dropped = new Set(over.slice(0, Math.max(0, over.length - MOST_OVER)));
    this.#jobs = this.#jobs.filter((job) => !dropped.has(job));
    this.events.emit(this.snapshot());
    return saveJobs(this.#deps.store.settings, this.#jobs);
  }

  /** Wall time; ends early when a job was cancelled. */
  #sleep(job: Job, ms: number): Promise<void> {
    if (!this.#goesOn(job)) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wake.delete(wake);
        resolve();
      };
      const cancel = this.#deps.wall.after(ms, wake);
      this.#wake.add(wake);
    });
  }

  #wakeAll(): void {
    for (const wake of this.#wake) wake();
  }

  #describe(job: Job): HistoryJob {
    const { done, total, fetched, unavailable, startedWall, ...saved } = job;
    const elapsedMs = startedWall === undefined ? 0 : this.#deps.wall.now() - startedWall;
    const isRunning = job.state === 'running' && elapsedMs > 0 && done > 0;
    return {
      ...saved,
      timeframes: [...saved.timeframes],
      doneCandles: done,
      totalCandles: total,
      fetchedCandles: fetched,
      unavailableCandles: unavailable,
      ...(isRunning
        ? { candlesPerSecond: (1_000 * done) / elapsedMs, remainingMs: Math.round(((total - done) * elapsedMs) / done) }
        : {}),
    };
  }
}

function isOver({ state }: SavedJob): boolean {
  return state === 'done' || state === 'cancelled' || state === 'failed';
}

function storedTimeframes({ timeframes }: SavedJob): readonly StoredTimeframe[] {
  return [...new Set(timeframes.map(storedTimeframeOf))];
}

/** On the grid, from the start of what is derived. */
function spanOf(job: SavedJob, timeframe: StoredTimeframe): { readonly from: number; readonly to: number } {
  const starts = job.timeframes
    .filter((wanted) => storedTimeframeOf(wanted) === timeframe)
    .map((wanted) => openTimeOf(job.from, wanted));
  return { from: Math.min(...starts), to: Math.max(openTimeOf(job.to, timeframe), Math.min(...starts)) };
}

function newJob(saved: SavedJob): Job {
  const total = storedTimeframes(saved).reduce((sum, timeframe) => {
    const { from, to } = spanOf(saved, timeframe);
    return sum + (to - from) / TIMEFRAME_MS[timeframe];
  }, 0);
  return { ...saved, done: 0, total, fetched: 0, unavailable: 0, startedWall: undefined };
}
