import { type DuckDBBlobValue, type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import {
  BATCH_COLUMNS,
  type BatchColumn,
  checkOf,
  chainCheck,
  type EncodedBatch,
  type SegmentHeader,
} from '../../../core/recording/encoded-batch.ts';
import { GIVE_MEMORY_BACK } from '../block-cache.ts';
import { damaged, Refusal } from './failures.ts';
import { segmentHeaderSchema } from './segment-schemas.ts';

const METADATA_KEY = 'cobalt-desk.recording';
const MAIN_COLUMNS = ['batch', 'first_received', 'last_received', 'event_count', 'trade_count', 'check'] as const;

/**
 * Segments as Parquet, one row a batch, by a DuckDB of its own that holds nothing between two calls: the store's connections
 * and its file are not waited for. Calls run one after the other, in DuckDB's threads.
 */
export class ParquetSegments {
  readonly #memoryLimitMb: number;
  #instance: DuckDBInstance | undefined;
  #connection: DuckDBConnection | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(memoryLimitMb: number) {
    this.#memoryLimitMb = memoryLimitMb;
  }

  /**
   * Writes `path` out of batches that `feed` hands over; `head` is asked for when they have all come. The file is whole only
   * when this answers. False: there was no batch, and there is no file.
   */
  write(
    path: string,
    feed: (take: (batch: EncodedBatch) => Promise<void>) => Promise<void>,
    head: () => Pick<SegmentHeader, 'format' | 'mode' | 'recordedAt'>,
  ): Promise<SegmentHeader | undefined> {
    return this.#alone(async (connection) => {
      await connection.run(
        `CREATE OR REPLACE TABLE segment (batch INTEGER, first_received BIGINT, last_received BIGINT, event_count INTEGER, trade_count INTEGER,
           "check" UINTEGER, ${BATCH_COLUMNS.map((name) => `${name} BLOB`).join(', ')})`,
      );
      try {
        const width = MAIN_COLUMNS.length + BATCH_COLUMNS.length;
        const places = Array.from({ length: width }, (_, i) => `$${i + 1}`).join(', ');
        const insert = await connection.prepare(`INSERT INTO segment VALUES (${places})`);
        const instruments: SegmentHeader['instruments'][number][] = [];
        const sum = { batches: 0, events: 0, trades: 0, from: 0, to: 0, check: 0 };
        try {
          await feed(async (batch) => {
            for (const { index, instrument, bookLotSize } of batch.instruments) instruments[index] = { instrument, bookLotSize };
            const check = checkOf(batch.columns);
            insert.bindInteger(1, sum.batches);
            insert.bindBigInt(2, BigInt(batch.firstReceived));
            insert.bindBigInt(3, BigInt(batch.lastReceived));
            insert.bindInteger(4, batch.events);
            insert.bindInteger(5, batch.trades);
            insert.bindUInteger(6, check);
            BATCH_COLUMNS.forEach((name, i) => insert.bindBlob(MAIN_COLUMNS.length + 1 + i, batch.columns[name]));
            await insert.run();
            if (sum.batches++ === 0) sum.from = batch.firstReceived;
            sum.to = batch.lastReceived;
            sum.events += batch.events;
            sum.trades += batch.trades;
            sum.check = chainCheck(sum.check, check);
          });
        } finally {
          insert.destroySync();
        }
        if (sum.batches === 0) return undefined;
        const header: SegmentHeader = { ...head(), instruments, ...sum };
        await connection.run(
          `COPY (SELECT * FROM segment ORDER BY batch) TO ${quoted(path)}
             (FORMAT parquet, COMPRESSION zstd, KV_METADATA {'${METADATA_KEY}': ${quoted(JSON.stringify(header))}})`,
        );
        return header;
      } finally {
        await connection.run('DROP TABLE segment');
      }
    });
  }

  /** Reads the file's end only. */
  header(path: string): Promise<SegmentHeader> {
    return this.#alone((connection) => headerOf(connection, path));
  }

  async read(path: string, take: (batch: EncodedBatch) => void | Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const { header, rows } = await this.#alone(async (connection) => {
      const found = await headerOf(connection, path);
      const result = await connection
        .runAndReadAll(
          `SELECT ${[...MAIN_COLUMNS, ...BATCH_COLUMNS].map((name) => `"${name}"`).join(', ')} FROM read_parquet(${quoted(path)})`,
        )
        .catch((thrown: unknown) => {
          throw new Refusal(damaged(path, String(thrown).split('\n', 1)[0] ?? ''));
        });
      return { header: found, rows: result.getRows() };
    });
    let check = 0;
    for (const [index, row] of rows.entries()) {
      if (signal?.aborted === true) throw new Refusal(cancelled(path));
      const [batch, firstReceived, lastReceived, events, trades, stored] = row.slice(0, MAIN_COLUMNS.length).map(Number) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const columns = {} as Record<BatchColumn, Uint8Array>;
      BATCH_COLUMNS.forEach((name, i) => {
        columns[name] = (row[MAIN_COLUMNS.length + i] as DuckDBBlobValue).bytes;
      });
      if (batch !== index || checkOf(columns) !== stored)
        throw new Refusal(damaged(path, `batch ${index} does not have the CRC that it was written with`));
      check = chainCheck(check, stored);
      const named = index === 0 ? header.instruments.map((each, at) => ({ index: at, ...each })) : [];
      await take({ events, trades, firstReceived, lastReceived, instruments: named, columns });
    }
    if (check !== header.check || rows.length !== header.batches)
      throw new Refusal(damaged(path, `${rows.length} of ${header.batches} batches, or not those it was written with`));
  }

  async close(): Promise<void> {
    await this.#tail;
    this.#connection?.closeSync();
    this.#instance?.closeSync();
    this.#connection = undefined;
    this.#instance = undefined;
  }

  #alone<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const answer = this.#tail.then(async () => task(await this.#connected()));
    this.#tail = answer.catch(() => undefined);
    return answer;
  }

  async #connected(): Promise<DuckDBConnection> {
    this.#instance ??= await DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: `${this.#memoryLimitMb}MB`,
      ...GIVE_MEMORY_BACK,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    this.#connection ??= await this.#instance.connect();
    return this.#connection;
  }
}

async function headerOf(connection: DuckDBConnection, path: string): Promise<SegmentHeader> {
  let text: string | undefined;
  try {
    const result = await connection.runAndReadAll(`SELECT key, value FROM parquet_kv_metadata(${quoted(path)})`);
    for (const [key, value] of result.getRows() as [DuckDBBlobValue, DuckDBBlobValue][]) {
      if (Buffer.from(key.bytes).toString('utf8') === METADATA_KEY) text = Buffer.from(value.bytes).toString('utf8');
    }
  } catch (thrown) {
    throw new Refusal(damaged(path, String(thrown).split('\n', 1)[0] ?? ''));
  }
  if (text === undefined) throw new Refusal(damaged(path, 'it does not say what it holds'));
  const parsed = segmentHeaderSchema.safeParse(jsonOrUndefined(text));
  if (!parsed.success) throw new Refusal(damaged(path, 'what it says of itself cannot be read, or is of a newer version'));
  return parsed.data;
}

export function cancelled(path: string) {
  return { code: 'RECORDING_CANCELLED', message: `Stopped at ${path}, as asked.`, retryable: true } as const;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
