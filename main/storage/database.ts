import { DuckDBInstance } from '@duckdb/node-api';
import { err, ok, type Result } from '../../core/base/result.ts';
import type { StoreFailure, Stored } from '../ports/store.ts';
import { GIVE_MEMORY_BACK, trimBlockCache } from './block-cache.ts';
import { closedFailure, invalidatesDatabase, Refusal, storeFailure } from './failures.ts';
import { Sql } from './sql.ts';

export interface DatabaseOptions {
  readonly path: string;
  /** Where DuckDB may spill large sorts. */
  readonly tempFolder: string;
  readonly memoryLimitMb: number;
  /** What DuckDB may keep of the file's blocks while it has nothing to do; 32 unless given. */
  readonly cacheMb?: number;
}

const CACHE_MB = 32;
/** Tasks from one look at what DuckDB keeps to the next. */
const LOOK_EVERY_TASKS = 64;

/**
 * One connection and the queue in front of it. A connection runs one statement at a time, and a second one would
 * wait inside DuckDB on a pool thread (or, for an appender, on the JS thread), so tasks wait here instead.
 */
export class Session {
  readonly #database: Database;
  #tail: Promise<unknown> = Promise.resolve();
  #lastError: string | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The newest task's failure, until a task succeeds. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** As `run`, on the store as it is at one moment. For every query beside writers. */
  read<T>(task: (sql: Sql) => Promise<T>): Stored<T> {
    return this.run((sql) => sql.snapshot(() => task(sql)));
  }

  /** Runs `task` alone on this session's connection. What it throws becomes the failure. */
  run<T>(task: (sql: Sql) => Promise<T>): Stored<T> {
    if (this.#database.closed) return Promise.resolve(err(closedFailure(this.#database.path)));
    const answer = this.#tail.then(() => this.#runNow(task));
    this.#tail = answer;
    return answer;
  }

  async #runNow<T>(task: (sql: Sql) => Promise<T>): Stored<T> {
    const answer = await this.#database.use(this, task);
    if (answer.ok) this.#lastError = undefined;
    else if (!answer.refused) this.#lastError = answer.error.message;
    return answer.ok ? ok(answer.value) : err(answer.error);
  }

  /** Resolves when every task handed in so far has ended. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: StoreFailure; readonly refused: boolean };

/**
 * The open file with four connections, so that none waits long for another:
 * - `journal`: orders, annotations, predictions, settings; each call is one small transaction, durable when it answers;
 * - `market`: bulk appends and back-fill;
 * - `reader`: every query;
 * - `bulk`: files that are imported, in temporary tables of this connection.
 * Commits of two connections only meet in DuckDB's write-ahead log, for about the time of one sync.
 */
export class Database {
  readonly path: string;
  readonly journal: Session;
  readonly market: Session;
  readonly reader: Session;
  readonly bulk: Session;
  readonly #options: DatabaseOptions;
  #instance: DuckDBInstance | undefined;
  readonly #connections = new Map<Session, Sql>();
  #invalid = false;
  #closed = false;
  #active = 0;
  #onQuiet: (() => void) | undefined;
  /** While one task has the store to itself. */
  #alone: Promise<void> | undefined;
  #tasksSinceLook = 0;
  #reopening: Promise<Result<void, StoreFailure>> | undefined;

  private constructor(options: DatabaseOptions) {
    this.#options = options;
    this.path = options.path;
    this.journal = new Session(this);
    this.market = new Session(this);
    this.reader = new Session(this);
    this.bulk = new Session(this);
  }

  static async open(options: DatabaseOptions): Promise<Result<Database, StoreFailure>> {
    const database = new Database(options);
    const opened = await database.#connect();
    return opened.ok ? ok(database) : opened;
  }

  /** For `Session` only: runs a task on its connection, reopening the file first when DuckDB had shut itself down. */
  async use<T>(session: Session, task: (sql: Sql) => Promise<T>): Promise<Outcome<T>> {
    if (this.#invalid) {
      this.#reopening ??= this.#reopen().finally(() => {
        this.#reopening = undefined;
      });
      const reopened = await this.#reopening;
      if (!reopened.ok) return { ok: false, error: reopened.error, refused: false };
    }
    while (this.#alone !== undefined) await this.#alone;
    const sql = this.#connections.get(session);
    if (sql === undefined) return { ok: false, error: closedFailure(this.path), refused: true };
    this.#active++;
    try {
      return { ok: true, value: await task(sql) };
    } catch (thrown) {
      if (invalidatesDatabase(thrown)) this.#invalid = true;
      return { ok: false, error: storeFailure(thrown, this.path), refused: thrown instanceof Refusal };
    } finally {
      this.#active--;
      this.#tasksSinceLook++;
      if (this.#active === 0) {
        this.#onQuiet?.();
        if (this.#tasksSinceLook >= LOOK_EVERY_TASKS) void this.#trimCache();
      }
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Takes no more tasks, waits for those it has, moves the write-ahead log into the file and closes it. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([this.journal.idle(), this.market.idle(), this.reader.idle(), this.bulk.idle()]);
    // Folded in here, off the JS thread, the log leaves nothing to write for closeSync. Failing (a full disk) it stays, and is replayed at the next start.
    await this.#connections
      .get(this.market)
      ?.run('CHECKPOINT')
      .catch(() => undefined);
    this.#disconnect();
  }

  /**
   * Gives back what DuckDB keeps of the file's blocks beyond `cacheMb`. It keeps every block that it has written or read, up to its whole
   * memory limit, which a market fills within days, and has no setting for less; a lower limit for all would fail large queries. So the
   * limit is lowered for a moment. A query could fail in it for want of memory: it is done only while no other connection has a task,
   * and those that come wait for the milliseconds that it takes.
   */
  #trimCache(): Stored<void> {
    const { memoryLimitMb, cacheMb = CACHE_MB } = this.#options;
    this.#tasksSinceLook = 0;
    return this.market.run(async (sql) => {
      if (this.#active > 1) {
        this.#tasksSinceLook = LOOK_EVERY_TASKS;
        return;
      }
      let release = (): void => {};
      this.#alone = new Promise((resolve) => {
        release = resolve;
      });
      try {
        await trimBlockCache(sql, { cacheMb, memoryLimitMb });
      } finally {
        this.#alone = undefined;
        release();
      }
    });
  }

  async #connect(): Promise<Result<void, StoreFailure>> {
    try {
      // From the cache, so that a handle which something still holds is shared rather than opened twice behind the file lock's back.
      this.#instance = await DuckDBInstance.fromCache(this.path, {
        threads: '2',
        memory_limit: `${this.#options.memoryLimitMb}MB`,
        temp_directory: this.#options.tempFolder,
        ...GIVE_MEMORY_BACK,
        // The market writer folds the log in itself, when it sees room on the disk: a checkpoint that runs out of space shuts DuckDB down.
        checkpoint_threshold: '1TB',
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      });
      for (const session of [this.journal, this.market, this.reader, this.bulk]) {
        this.#connections.set(session, new Sql(await this.#instance.connect()));
      }
      this.#invalid = false;
      return ok(undefined);
    } catch (thrown) {
      this.#disconnect();
      return err(storeFailure(thrown, this.path, true));
    }
  }

  async #reopen(): Promise<Result<void, StoreFailure>> {
    if (this.#active > 0) {
      await new Promise<void>((resolve) => {
        this.#onQuiet = resolve;
      });
      this.#onQuiet = undefined;
    }
    this.#disconnect();
    return this.#connect();
  }

  #disconnect(): void {
    for (const sql of this.#connections.values()) sql.close();
    this.#connections.clear();
    this.#instance?.closeSync();
    this.#instance = undefined;
  }
}
