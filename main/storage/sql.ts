import {
  BIGINT,
  type DuckDBConnection,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  type JS,
  LIST,
} from '@duckdb/node-api';

export type Row = Readonly<Record<string, JS>>;

/** A number is bound as DOUBLE, a bigint as BIGINT: comparing a BIGINT column with a DOUBLE would read the whole table. */
export type SqlValue = string | number | bigint | boolean | null | readonly bigint[];

const BIGINT_LIST = LIST(BIGINT);

/**
 * One connection, one statement at a time.
 *
 * DuckDB plans with what it knows of the stored values (longest text, largest number) and does not plan a prepared
 * statement again when those change: run later, it returns cut-off texts and other rows' bytes (seen with 1.5.5). So
 * - a statement that reads a table is prepared anew each time, and
 * - where another connection may write that table, it is prepared and run in one transaction (`snapshot`, `transaction`);
 * - only `insert … values`, whose plan reads nothing, is kept.
 */
export class Sql {
  readonly connection: DuckDBConnection;
  readonly #inserts = new Map<string, DuckDBPreparedStatement>();

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** Runs a statement; its result stays in DuckDB's memory until its chunks are fetched. */
  async run(text: string, values: readonly SqlValue[] = []): Promise<DuckDBMaterializedResult> {
    const statement = await this.connection.prepare(text);
    try {
      bindAll(statement, values);
      return await statement.run();
    } finally {
      statement.destroySync();
    }
  }

  /** Runs `INSERT … VALUES …`, which is prepared once. */
  async insert(text: string, values: readonly SqlValue[]): Promise<void> {
    let statement = this.#inserts.get(text);
    if (statement === undefined) {
      statement = await this.connection.prepare(text);
      this.#inserts.set(text, statement);
    }
    bindAll(statement, values);
    await statement.run();
  }

  async rows(text: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    const result = await this.run(text, values);
    return result.getRowObjectsJS();
  }

  /** Runs `task` in a transaction: all of it is durable when this answers, or none of it happened. */
  transaction<T>(task: () => Promise<T>): Promise<T> {
    return this.#within('BEGIN TRANSACTION', task);
  }

  /** Runs `task` on the store as it is now, whatever is written meanwhile. */
  snapshot<T>(task: () => Promise<T>): Promise<T> {
    return this.#within('BEGIN TRANSACTION READ ONLY', task);
  }

  async #within<T>(begin: string, task: () => Promise<T>): Promise<T> {
    await this.connection.run(begin);
    let value: T;
    try {
      value = await task();
    } catch (thrown) {
      // A statement that failed may have ended the transaction already; what went wrong first is what matters.
      await this.connection.run('ROLLBACK').catch(() => undefined);
      throw thrown;
    }
    await this.connection.run('COMMIT');
    return value;
  }

  close(): void {
    for (const statement of this.#inserts.values()) statement.destroySync();
    this.#inserts.clear();
    this.connection.closeSync();
  }
}

function bindAll(statement: DuckDBPreparedStatement, values: readonly SqlValue[]): void {
  for (let i = 0; i < values.length; i++) bind(statement, i + 1, values[i] as SqlValue);
}

/** Not left to the library: it binds whole numbers as integers, which loses −0 and refuses those beyond 64 bits. */
function bind(statement: DuckDBPreparedStatement, position: number, value: SqlValue): void {
  if (value === null) statement.bindNull(position);
  else if (typeof value === 'number') statement.bindDouble(position, value);
  else if (typeof value === 'bigint') statement.bindBigInt(position, value);
  else if (typeof value === 'string') statement.bindVarchar(position, value);
  else if (typeof value === 'boolean') statement.bindBoolean(position, value);
  else statement.bindList(position, value, BIGINT_LIST);
}

/** `($9, $10, …)`: `count` parameters after the first `before`. */
export function placeholders(before: number, count: number): string {
  return `(${Array.from({ length: count }, (_, index) => `$${before + index + 1}`).join(', ')})`;
}

export function text(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw wrongType(name, 'text', value);
  return value;
}

export function optionalText(row: Row, name: string): string | undefined {
  return row[name] === null ? undefined : text(row, name);
}

/** A DOUBLE or small integer column; BIGINT columns hold integers below 2^53. */
export function number(row: Row, name: string): number {
  const value = row[name];
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw wrongType(name, 'a number', value);
}

export function flag(row: Row, name: string): boolean {
  const value = row[name];
  if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value);
  return value;
}

export function oneOf<const T extends string>(row: Row, name: string, allowed: readonly T[]): T {
  const value = text(row, name);
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw wrongType(name, `one of ${allowed.join(', ')}`, value);
  return found;
}

function wrongType(name: string, expected: string, actual: unknown): Error {
  return new Error(`Corrupt row: column ${name} should hold ${expected} and holds ${String(actual)}`);
}
