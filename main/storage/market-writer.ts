import type { Cancel, Clock } from '../../core/base/clock.ts';
import { ok } from '../../core/base/result.ts';
import type { StoreFailure, Stored } from '../ports/store.ts';
import type { BulkTable, SeriesKey } from './bulk-table.ts';
import type { Database } from './database.ts';
import { fileBytes, roomBytes, walPath } from './file-size.ts';
import { type PendingSeries, SeriesBuffer } from './series-buffer.ts';
import type { StoreLog } from './store-log.ts';

export interface WriterOptions {
  readonly wall: Clock;
  /** Longest time that a row waits before a write is tried. */
  readonly flushMs: number;
  /** As many waiting rows start a write at once. */
  readonly batchRows: number;
  /** Bound on the rows kept while nothing can be written; beyond it the oldest of the largest series go. */
  readonly maxPendingRows: number;
  readonly log: StoreLog;
}

/** Most rows of one transaction: a back-log is written in steps, between which other tasks get their turn. */
const TRANSACTION_ROWS = 16_384;
const RETRY_MS = 500;
const RETRY_MS_MAX = 30_000;
/** Size of the write-ahead log from which it is folded into the file, and the room beyond its size that the disk must have. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;
const CHECKPOINT_ROOM_BYTES = 16 * 1024 * 1024;

/** Writes appended market data in batches, keeps what could not be written, and tries again until it can. */
export class MarketWriter {
  readonly #database: Database;
  readonly #options: WriterOptions;
  readonly #series: PendingSeries[] = [];
  #pending = 0;
  /** When the oldest row that is not durable was appended, or earlier; the same of those behind the batch that is being written. */
  #oldestAt: number | undefined;
  #behindAt: number | undefined;
  /** Rows ever appended, and rows ever written or dropped. */
  #appended = 0;
  #settled = 0;
  #running: Stored<void> | undefined;
  #timer: Cancel | undefined;
  #retryMs = 0;
  #failure: StoreFailure | undefined;
  readonly #dropped = new Map<string, number>();
  #closed = false;
  #foldRefused = false;

  constructor(database: Database, options: WriterOptions) {
    this.#database = database;
    this.#options = options;
  }

  get pendingRows(): number {
    return this.#pending;
  }

  /** Every row that was appended longer ago than this is durable; 0 when all are. */
  get waitingMs(): number {
    return this.#pending === 0 || this.#oldestAt === undefined ? 0 : Math.max(0, this.#options.wall.now() - this.#oldestAt);
  }

  /** What is or went wrong, for the user; `undefined` while all is well. */
  get problem(): string | undefined {
    const dropped = [...this.#dropped].map(([label, rows]) => `${rows} of ${label}`).join(', ');
    if (this.#failure !== undefined) {
      const lost = dropped === '' ? '' : ` Dropped for want of room: ${dropped}.`;
      return `${this.#failure.message} ${this.#pending} market rows are waiting.${lost}`;
    }
    return dropped === '' ? undefined : `Writing has resumed. While it could not, market rows were dropped: ${dropped}.`;
  }

  series<R>(table: BulkTable<R>, key: SeriesKey): SeriesBuffer<R> {
    const series = new SeriesBuffer(table, key);
    this.#series.push(series);
    return series;
  }

  append<R>(series: SeriesBuffer<R>, row: R): void {
    if (this.#closed) return;
    series.push(row);
    const now = this.#options.wall.now();
    if (this.#pending === 0) this.#oldestAt = now;
    this.#behindAt ??= now;
    this.#appended++;
    this.#pending++;
    if (this.#pending > this.#options.maxPendingRows) this.#drop();
    if (this.#running !== undefined) return;
    if (this.#pending >= this.#options.batchRows && this.#failure === undefined) this.#start();
    else this.#arm();
  }

  /** Answers when every row appended so far is durable, or with what prevented it; then they are kept and tried again later. */
  async flush(): Stored<void> {
    const goal = this.#appended;
    while (this.#settled < goal) {
      const written = await (this.#running ?? this.#start());
      if (!written.ok) return written;
    }
    return ok(undefined);
  }

  /** Writes what is left, once, and takes no more. */
  async close(): Stored<void> {
    if (this.#closed) return ok(undefined);
    this.#closed = true;
    const flushed = await this.flush();
    this.#timer?.();
    this.#timer = undefined;
    if (!flushed.ok)
      this.#options.log('error', `${this.#pending} market rows could not be written at the end: ${flushed.error.message}`);
    return flushed;
  }

  /** A row that came while a batch was being written has waited for some of the flush time already. */
  #arm(): void {
    if (this.#timer !== undefined || this.#closed) return;
    const { wall, flushMs } = this.#options;
    const delay = this.#retryMs > 0 ? Math.max(this.#retryMs, flushMs) : Math.max(0, flushMs - this.waitingMs);
    this.#timer = wall.after(delay, () => {
      this.#timer = undefined;
      if (this.#running === undefined && this.#pending > 0) this.#start();
    });
  }

  /** Starts writing batches until less than one waits. */
  #start(): Stored<void> {
    this.#timer?.();
    this.#timer = undefined;
    this.#running = this.#writeAll().then((answer) => {
      this.#running = undefined;
      if (this.#pending > 0) this.#arm();
      return answer;
    });
    return this.#running;
  }

  async #writeAll(): Stored<void> {
    const goal = this.#appended;
    do {
      const written = await this.#writeBatch();
      if (!written.ok) {
        this.#failed(written.error);
        return written;
      }
      this.#succeeded();
    } while (this.#settled < goal || this.#pending >= this.#options.batchRows);
    await this.#checkpointWhenLarge();
    return ok(undefined);
  }

  async #writeBatch(): Stored<void> {
    const touched: PendingSeries[] = [];
    let rows = 0;
    const written = await this.#database.market.run((sql) =>
      sql.transaction(async () => {
        this.#behindAt = undefined;
        for (const series of this.#series) {
          if (rows === TRANSACTION_ROWS) break;
          if (series.size === 0) continue;
          touched.push(series);
          rows += await series.write(sql, TRANSACTION_ROWS - rows);
        }
      }),
    );
    for (const series of touched) series.settle(written.ok);
    if (written.ok) {
      this.#pending -= rows;
      this.#settled += rows;
      if (rows < TRANSACTION_ROWS) this.#oldestAt = this.#behindAt;
    }
    return written;
  }

  #failed(failure: StoreFailure): void {
    if (this.#failure === undefined)
      this.#options.log('error', `market data cannot be written: ${failure.message} (${failure.detail ?? failure.code})`);
    this.#failure = failure;
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs === 0 ? RETRY_MS : 2 * this.#retryMs);
  }

  #succeeded(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#retryMs = 0;
    this.#options.log('info', this.problem ?? 'market data is written again; nothing was lost');
  }

  #drop(): void {
    let largest: PendingSeries | undefined;
    for (const series of this.#series) if (largest === undefined || series.size > largest.size) largest = series;
    if (largest === undefined) return;
    const gone = largest.dropOldest(Math.max(1, Math.ceil(this.#options.maxPendingRows / 16)));
    this.#pending -= gone;
    this.#settled += gone;
    if (gone > 0 && !this.#dropped.has(largest.label)) {
      this.#options.log(
        'warn',
        `more than ${this.#options.maxPendingRows} market rows are waiting: dropping the oldest of ${largest.label}`,
      );
    }
    if (gone > 0) this.#dropped.set(largest.label, (this.#dropped.get(largest.label) ?? 0) + gone);
  }

  /** Folding the log in needs room for what it holds; running out of it half-way would shut DuckDB down. */
  async #checkpointWhenLarge(): Promise<void> {
    const logBytes = await fileBytes(walPath(this.#database.path));
    if (logBytes < CHECKPOINT_BYTES || (await roomBytes(this.#database.path)) < logBytes + CHECKPOINT_ROOM_BYTES) return;
    // Refused while a journal call is writing: the next batch tries again.
    const folded = await this.#database.market.run((sql) => sql.run('CHECKPOINT'));
    if (!folded.ok && !this.#foldRefused)
      this.#options.log('warn', `the store's log was not folded in this time: ${folded.error.detail ?? folded.error.message}`);
    this.#foldRefused = !folded.ok;
  }
}
