import { appendRows, type BulkTable, deleteMarks, isAfter, type Mark, newestMark, type SeriesKey } from './bulk-table.ts';
import type { Sql } from './sql.ts';

/** What the writer needs to know of a series, whatever its rows are. */
export interface PendingSeries {
  /** For messages: `trades ETH/USDT`. */
  readonly label: string;
  readonly size: number;
  /** Writes the oldest rows, at most `limit`, in the caller's transaction. Answers how many waiting rows that settles. */
  write(sql: Sql, limit: number): Promise<number>;
  /** The transaction of the last `write` ended. Its rows are durable and leave, or they stay for another try. */
  settle(written: boolean): void;
  dropOldest(count: number): number;
}

/**
 * Appended rows of one series (one venue, symbol and table) that are not durable yet.
 * A row that has the time and id of a stored one replaces it: after a crash the practice market, and after a reconnect
 * a venue, tells some of it again.
 */
export class SeriesBuffer<R> implements PendingSeries {
  readonly table: BulkTable<R>;
  readonly key: SeriesKey;
  readonly #rows: R[] = [];
  #last: Mark | undefined;
  #disordered = false;
  /** Rows at the front that a running transaction is writing, and the newest of them. */
  #inFlight = 0;
  #inFlightNewest: Mark | undefined;
  /** The newest durable row; `undefined` until asked for, `null` when the table has none of this series. */
  #stored: Mark | null | undefined;

  constructor(table: BulkTable<R>, key: SeriesKey) {
    this.table = table;
    this.key = key;
  }

  get label(): string {
    return `${this.table.name} ${this.key.symbol}`;
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Every row not known to be durable, in the order in which they came. */
  get rows(): readonly R[] {
    return this.#rows;
  }

  push(row: R): void {
    const mark = this.#markOf(row);
    if (this.#last !== undefined && !isAfter(mark, this.#last)) this.#disordered = true;
    else this.#last = mark;
    this.#rows.push(row);
  }

  async write(sql: Sql, limit: number): Promise<number> {
    this.#inFlight = Math.min(limit, this.#rows.length);
    const taken = this.#rows.slice(0, this.#inFlight);
    const rows = this.#disordered ? sortedOnce(taken, this.table) : taken;
    this.#inFlightNewest = this.#markOf(rows[rows.length - 1] as R);
    if (this.#stored === undefined) this.#stored = (await newestMark(sql, this.table, this.key)) ?? null;
    const stored = this.#stored;
    if (stored !== null) {
      const overlap = rows.map((row) => this.#markOf(row)).filter((mark) => !isAfter(mark, stored));
      await deleteMarks(sql, this.table, this.key, overlap);
    }
    await appendRows(sql, this.table, this.key, rows);
    return this.#inFlight;
  }

  settle(written: boolean): void {
    if (written) {
      this.#rows.splice(0, this.#inFlight);
      if (this.#rows.length === 0) this.#disordered = false;
      if (this.#inFlightNewest !== undefined) this.noteStored(this.#inFlightNewest);
    }
    this.#inFlight = 0;
    this.#inFlightNewest = undefined;
  }

  /** A row with this mark became durable by another way. */
  noteStored(mark: Mark): void {
    if (this.#stored === null || (this.#stored !== undefined && isAfter(mark, this.#stored))) this.#stored = mark;
  }

  /** Gives up the oldest rows that no transaction is writing. Answers how many. */
  dropOldest(count: number): number {
    return this.#rows.splice(this.#inFlight, count).length;
  }

  #markOf(row: R): Mark {
    return { time: this.table.timeOf(row), id: this.table.idOf(row) };
  }
}

/** Sorted by time and id; of rows with the same the one that came last. */
export function sortedOnce<R>(rows: readonly R[], table: Pick<BulkTable<R>, 'timeOf' | 'idOf'>): R[] {
  const sorted = rows
    .map((row, index) => ({ row, index, time: table.timeOf(row), id: table.idOf(row) }))
    .sort((a, b) => a.time - b.time || a.id - b.id || a.index - b.index);
  return sorted
    .filter((entry, i) => sorted[i + 1]?.time !== entry.time || sorted[i + 1]?.id !== entry.id)
    .map((entry) => entry.row);
}
