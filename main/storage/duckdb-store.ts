import { mkdir, realpath, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../../core/base/clock.ts';
import { err, ok, type Result } from '../../core/base/result.ts';
import type {
  AnnotationRepository,
  FlowRepository,
  LearningRepository,
  MarketRepository,
  OrderRepository,
  QualityRepository,
  SettingsRepository,
  Store,
  StoreFailure,
  TableRetention,
} from '../ports/store.ts';
import { DuckDbAnnotationRepository } from './annotation-repository.ts';
import { Database } from './database.ts';
import { lockedFailure, storeFailure } from './failures.ts';
import { fileBytes, walPath } from './file-size.ts';
import { DuckDbFlowRepository } from './flow-repository.ts';
import type { HistoryRepository } from '../ports/history.ts';
import type { ImportRepository } from '../ports/import.ts';
import { DuckDbHistoryRepository } from './history-repository.ts';
import { DuckDbImportRepository } from './import-repository.ts';
import { DuckDbLearningRepository } from './learning-repository.ts';
import { DuckDbMarketRepository } from './market-repository.ts';
import { MarketWriter } from './market-writer.ts';
import { type Migration, migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { DuckDbOrderRepository } from './order-repository.ts';
import { DuckDbQualityRepository } from './quality-repository.ts';
import { DuckDbSettingsRepository } from './settings-repository.ts';
import type { StoreLog } from './store-log.ts';
import { DuckDbTableRetention } from './table-retention.ts';

export interface StoreOptions {
  /** The store's file, `<userData>/sim/store.duckdb` or `<userData>/live/store.duckdb`; folder and file are made when missing. */
  readonly path: string;
  /** Wall time: flush timer, retries, and the date of migrations. Not the market's clock, which may run faster. */
  readonly wall: Clock;
  /** Longest time that appended market data waits for a write. */
  readonly flushMs: number;
  /** As many appended rows are written at once. */
  readonly batchRows: number;
  readonly log?: StoreLog;
  /** Where DuckDB may spill; beside the store by default. */
  readonly tempFolder?: string;
  readonly memoryLimitMb?: number;
  /** Bound on the market rows kept in memory while the disk takes none. */
  readonly maxPendingRows?: number;
  /** The layout's steps; only tests pass others. */
  readonly migrations?: readonly Migration[];
}

/** DuckDB's lock keeps other processes out; this keeps this process from opening a file twice. */
const openPaths = new Set<string>();

/**
 * Opens (and, when new, makes) a store. One process owns the file.
 *
 * Failures: STORE_LOCKED when it is open already; STORE_CORRUPT when it is damaged or no store, and then the file is left
 * as it is; STORE_FULL; STORE_FAILED for a store of a newer or different build and everything else.
 */
export async function openStore(options: StoreOptions): Promise<Result<Store, StoreFailure>> {
  const log = options.log ?? (() => undefined);
  let path = options.path;
  let claimed = false;
  try {
    await mkdir(dirname(path), { recursive: true });
    path = join(await realpath(dirname(path)), basename(path));
    if (openPaths.has(path)) return err(lockedFailure(path, 'this program already'));
    openPaths.add(path);
    claimed = true;
    await removeEmpty(path);
    const opened = await Database.open({
      path,
      tempFolder: options.tempFolder ?? `${path}.tmp`,
      memoryLimitMb: options.memoryLimitMb ?? 1024,
    });
    if (!opened.ok) {
      openPaths.delete(path);
      return opened;
    }
    const database = opened.value;
    const migrated = await database.journal.run((sql) =>
      migrate(sql, path, options.migrations ?? MIGRATIONS, options.wall.now()),
    );
    if (!migrated.ok) {
      await database.close();
      openPaths.delete(path);
      return migrated;
    }
    if (migrated.value.length > 0) log('info', `store ${path}: applied layout ${migrated.value.join(', ')}`);
    return ok(new DuckDbStore(database, options, log));
  } catch (thrown) {
    if (claimed) openPaths.delete(path);
    return err(storeFailure(thrown, path, true));
  }
}

/** A process killed while it made the file can leave an empty one, which holds nothing and which DuckDB refuses. */
async function removeEmpty(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() && found.size === 0 && (await fileBytes(walPath(path))) === 0) await unlink(path);
}

class DuckDbStore implements Store {
  readonly market: MarketRepository;
  readonly flow: FlowRepository;
  readonly annotations: AnnotationRepository;
  readonly learning: LearningRepository;
  readonly orders: OrderRepository;
  readonly settings: SettingsRepository;
  readonly retention: TableRetention;
  readonly quality: QualityRepository;
  readonly imports: ImportRepository;
  readonly histories: HistoryRepository;
  readonly #database: Database;
  readonly #writer: MarketWriter;
  #bytes = 0;
  #measuring = false;
  #closing: Promise<void> | undefined;

  constructor(database: Database, options: StoreOptions, log: StoreLog) {
    this.#database = database;
    this.#writer = new MarketWriter(database, {
      wall: options.wall,
      flushMs: options.flushMs,
      batchRows: options.batchRows,
      maxPendingRows: options.maxPendingRows ?? 200_000,
      log,
    });
    const market = new DuckDbMarketRepository(database, this.#writer);
    this.market = market;
    this.flow = new DuckDbFlowRepository(database, this.#writer);
    this.imports = new DuckDbImportRepository(database, {
      flush: () => market.flush(),
      onStored: (table, key, newest) => market.noteStored(table, key, newest),
    });
    this.annotations = new DuckDbAnnotationRepository(database);
    this.learning = new DuckDbLearningRepository(database);
    this.orders = new DuckDbOrderRepository(database);
    this.settings = new DuckDbSettingsRepository(database);
    this.retention = new DuckDbTableRetention(database);
    this.quality = new DuckDbQualityRepository(database);
    this.histories = new DuckDbHistoryRepository(database);
    this.#measure();
  }

  /** `bytes` is that of the call before: measuring the files does not hold anybody up. */
  health(): { path: string; bytes: number; pendingRows: number; waitingMs: number; lastError: string | undefined } {
    this.#measure();
    return {
      path: this.#database.path,
      bytes: this.#bytes,
      pendingRows: this.#writer.pendingRows,
      waitingMs: this.#writer.waitingMs,
      lastError: this.#database.journal.lastError ?? this.#writer.problem ?? this.#database.reader.lastError,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.market.flush();
    await this.#writer.close();
    await this.#database.close();
    openPaths.delete(this.#database.path);
  }

  #measure(): void {
    if (this.#measuring || this.#closing !== undefined) return;
    this.#measuring = true;
    void Promise.all([fileBytes(this.#database.path), fileBytes(walPath(this.#database.path))]).then(([file, log]) => {
      this.#bytes = file + log;
      this.#measuring = false;
    });
  }
}
