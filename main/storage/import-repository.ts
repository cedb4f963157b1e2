import { basename } from 'node:path';
import { err, ok, reasonOf } from '../../core/base/result.ts';
import type { RowError } from '../../core/contracts/import.ts';
import { SHOWN_ROW_ERRORS } from '../../core/contracts/import.ts';
import type { Candle } from '../../core/market/candle.ts';
import type { ImportRow } from '../../core/market/import-rows.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import type { StoredTimeframe } from '../../core/market/timeframe.ts';
import type { Trade } from '../../core/market/trade.ts';
import type { ImportRepository, LoadedFile, StagedSummary, Staging } from '../ports/import.ts';
import type { Stored } from '../ports/store.ts';
import { appendRows, type BulkTable, type Mark, type SeriesKey } from './bulk-table.ts';
import type { Database } from './database.ts';
import { Refusal } from './failures.ts';
import { CANDLE_TABLES, TRADE_TABLE } from './market-tables.ts';
import { flag, number, type Row, type Sql, text } from './sql.ts';

interface ImportHooks {
  /** Writes what was appended before, so that it can be replaced. */
  readonly flush: () => Stored<void>;
  /** Rows up to here became durable by another way than appending. */
  readonly onStored: (table: string, key: SeriesKey, newest: Mark) => void;
}

interface CsvColumn {
  readonly name: string;
  readonly type: string;
}

/** Trades have no fewer. */
const FEWEST_COLUMNS = 3;

/** DuckDB says of text without columns only that it was sniffed in vain. */
function tellingReason(reason: string): string {
  return reason.includes('sniffing file')
    ? 'it is no text of rows with the same columns, separated by commas, semicolons or tabs.'
    : reason.replace(/^[A-Z][\w ]* Error: /, '');
}

/**
 * Files on their way into the store, in temporary tables of a connection of their own: live data and queries go on beside
 * them, and a program that ends takes them along.
 */
export class DuckDbImportRepository implements ImportRepository {
  readonly #database: Database;
  readonly #hooks: ImportHooks;
  #made = 0;

  constructor(database: Database, hooks: ImportHooks) {
    this.#database = database;
    this.#hooks = hooks;
  }

  async load(path: string, format: 'csv' | 'parquet'): Stored<LoadedFile> {
    const table = `import_file_${++this.#made}`;
    const { bulk } = this.#database;
    const loaded = await bulk.run(async (sql) => {
      try {
        return format === 'csv' ? await loadCsv(sql, table, path) : await loadParquet(sql, table, path);
      } catch (thrown) {
        const reason = tellingReason(reasonOf(thrown).split('\n', 1)[0] ?? '');
        throw new Refusal(`${basename(path)} could not be read as ${format === 'csv' ? 'CSV' : 'Parquet'}: ${reason}`);
      }
    });
    if (!loaded.ok) return loaded;
    const list = loaded.value.columns.map((_, i) => `c${i}`).join(', ');
    return ok({
      ...loaded.value,
      rows: (first, count) =>
        bulk.run(async (sql) => {
          const result = await sql.run(`SELECT ${list} FROM ${table} WHERE row_nr >= $1 AND row_nr < $2 ORDER BY row_nr`, [
            BigInt(first),
            BigInt(first + count),
          ]);
          return (await result.getRows()) as unknown as ImportRow[];
        }),
      drop: () => bulk.run(async (sql) => void (await sql.run(`DROP TABLE IF EXISTS ${table}`))),
    });
  }

  stageCandles(venue: VenueId, symbol: string, timeframe: StoredTimeframe): Stored<Staging<Candle>> {
    return this.#stage(CANDLE_TABLES[timeframe], { venue, symbol });
  }

  stageTrades(venue: VenueId, symbol: string): Stored<Staging<Trade>> {
    return this.#stage(TRADE_TABLE, { venue, symbol });
  }

  async #stage<R>(table: BulkTable<R>, key: SeriesKey): Stored<Staging<R>> {
    const { bulk } = this.#database;
    const stage = { ...table, name: `import_stage_${++this.#made}` };
    const rowKey = [table.timeColumn, ...(table.idColumn === undefined ? [] : [table.idColumn])].join(', ');
    const made = await bulk.run(async (sql) => {
      await sql.run(`CREATE TEMP TABLE ${stage.name} AS SELECT * FROM ${table.name} LIMIT 0`);
    });
    if (!made.ok) return made;
    return ok({
      append: (rows) => bulk.run((sql) => sql.transaction(() => appendRows(sql, stage, key, rows))),
      summary: () => bulk.run((sql) => summaryOf(sql, stage.name, table.timeColumn, rowKey)),
      commit: () => this.#commit(table, stage.name, key, rowKey),
      drop: () => bulk.run(async (sql) => void (await sql.run(`DROP TABLE IF EXISTS ${stage.name}`))),
    });
  }

  async #commit<R>(table: BulkTable<R>, stage: string, key: SeriesKey, rowKey: string): Stored<void> {
    const flushed = await this.#hooks.flush();
    if (!flushed.ok) return flushed;
    // Written by the connection that all market data is written by: two that delete the same row at once would fail.
    const { bulk, market } = this.#database;
    const summary = await bulk.run((sql) => summaryOf(sql, stage, table.timeColumn, rowKey));
    if (!summary.ok) return summary;
    const { from, to } = summary.value;
    if (from === undefined || to === undefined) return ok(undefined);
    const series = table.keyColumns.map((name, i) => `${name} = $${i + 3}`).join(' AND ');
    const values = [BigInt(from), BigInt(to), ...table.keyColumns.map((name) => key[name])];
    const stored = await market.run(() =>
      // The staged rows are that connection's own, so it writes; this one stands still meanwhile.
      bulk.run((sql) =>
        sql.transaction(async () => {
          await sql.run(
            `DELETE FROM ${table.name} WHERE ${series} AND ${table.timeColumn} BETWEEN $1 AND $2
               AND (${rowKey}) IN (SELECT ${rowKey} FROM ${stage})`,
            values,
          );
          await sql.run(
            `INSERT INTO ${table.name} SELECT * FROM ${stage}
             QUALIFY row_number() OVER (PARTITION BY ${rowKey} ORDER BY rowid DESC) = 1 ORDER BY ${rowKey}`,
          );
        }),
      ),
    );
    if (!stored.ok) return stored;
    if (!stored.value.ok) return err(stored.value.error);
    this.#hooks.onStored(table.name, key, { time: to, id: Number.MAX_SAFE_INTEGER });
    return ok(undefined);
  }
}

async function summaryOf(sql: Sql, stage: string, timeColumn: string, rowKey: string): Promise<StagedSummary> {
  const [row] = await sql.rows(
    `SELECT count(*) AS n, min(${timeColumn}) AS first, max(${timeColumn}) AS last FROM (SELECT DISTINCT ${rowKey} FROM ${stage})`,
  );
  const rows = row === undefined ? 0 : number(row, 'n');
  if (row === undefined || rows === 0) return { rows: 0, from: undefined, to: undefined };
  return { rows, from: number(row, 'first'), to: number(row, 'last') };
}

async function loadCsv(sql: Sql, table: string, path: string) {
  const file = quoted(path);
  const tolerant = 'null_padding = true, ignore_errors = true';
  const found = await sniffed(sql, file, tolerant);
  if (found === undefined) throw new Error('it has no rows');
  const columns = found['Columns'] as unknown as readonly CsvColumn[];
  const delimiter = text(found, 'Delimiter');
  const mark = (name: string): string => (text(found, name) === '(empty)' ? '' : text(found, name));
  const header = flag(found, 'HasHeader');
  const types = columns.map((_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  await sql.run('DROP TABLE IF EXISTS reject_errors');
  await sql.run('DROP TABLE IF EXISTS reject_scans');
  await sql.run(
    `CREATE TEMP TABLE ${table} AS SELECT row_number() OVER () AS row_nr, * FROM read_csv(${file}, auto_detect = false,
       delim = ${quoted(delimiter)}, quote = ${quoted(mark('Quote'))}, escape = ${quoted(mark('Escape'))},
       comment = ${quoted(mark('Comment'))}, skip = ${number(found, 'SkipRows')}, header = ${String(header)},
       columns = {${types}}, ${tolerant}, store_rejects = true, parallel = false)`,
  );
  const rejected = await sql.rows(
    `SELECT line::DOUBLE AS line, any_value(error_message) AS reason, any_value(csv_line) AS content
     FROM reject_errors GROUP BY line ORDER BY line`,
  );
  const unreadable = rejected.slice(0, SHOWN_ROW_ERRORS).map(
    (row): RowError => ({
      row: number(row, 'line') - (header ? 1 : 0),
      column: '(whole row)',
      expected: `${columns.length} columns`,
      actual: String(row['content'] ?? row['reason']).slice(0, 80),
    }),
  );
  return { columns, totalRows: await countOf(sql, table), unreadable, unreadableRows: rejected.length };
}

/** What the file's shape is. Rows such as `5;1,5;2` fall apart at the commas as evenly as at the semicolons, and these are meant. */
async function sniffed(sql: Sql, file: string, options: string): Promise<Row | undefined> {
  const sniff = async (more: string): Promise<Row | undefined> =>
    (await sql.rows(`SELECT * FROM sniff_csv(${file}, ${options}, sample_size = 20480${more})`))[0];
  const found = await sniff('');
  if (found === undefined || text(found, 'Delimiter') !== ',') return found;
  const bySemicolons = await sniff(", delim = ';'").catch(() => undefined);
  const columns = bySemicolons?.['Columns'] as readonly CsvColumn[] | undefined;
  return columns !== undefined && columns.length >= FEWEST_COLUMNS ? bySemicolons : found;
}

async function loadParquet(sql: Sql, table: string, path: string) {
  const file = quoted(path);
  const described = await sql.rows(`DESCRIBE SELECT * FROM read_parquet(${file})`);
  const columns = described.map((row) => ({ name: text(row, 'column_name'), type: text(row, 'column_type') }));
  const list = columns.map(({ name }, i) => `"${name.replaceAll('"', '""')}"::VARCHAR AS c${i}`).join(', ');
  await sql.run(`CREATE TEMP TABLE ${table} AS SELECT row_number() OVER () AS row_nr, ${list} FROM read_parquet(${file})`);
  return { columns, totalRows: await countOf(sql, table), unreadable: [], unreadableRows: 0 };
}

async function countOf(sql: Sql, table: string): Promise<number> {
  const [row] = await sql.rows(`SELECT count(*) AS n FROM ${table}`);
  return row === undefined ? 0 : number(row, 'n');
}

/** DuckDB takes no parameter in a table function's named arguments. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
