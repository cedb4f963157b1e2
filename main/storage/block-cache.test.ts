import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import type { Trade } from '../../core/market/trade.ts';
import { Database } from './database.ts';
import { TRADE_TABLE } from './market-tables.ts';
import { MarketWriter } from './market-writer.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { migrate } from './migrate.ts';
import { number } from './sql.ts';
import { expectOk } from './test-store.ts';

const CACHE_MB = 2;
const FILLER_ROWS = 500_000;
let folder: string;
let database: Database;

/** A store whose file's blocks fill more memory than it may keep. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cobalt-cache-'));
  const path = join(folder, 'store.duckdb');
  database = expectOk(await Database.open({ path, tempFolder: join(folder, 'tmp'), memoryLimitMb: 256, cacheMb: CACHE_MB }));
  expectOk(await database.journal.run((sql) => migrate(sql, path, MIGRATIONS, 0)));
  expectOk(
    await database.market.run(async (sql) => {
      await sql.run(`CREATE TABLE filler AS SELECT random() AS a FROM range(${FILLER_ROWS})`);
      await sql.run('CHECKPOINT');
    }),
  );
  expect(await cachedMb()).toBeGreaterThan(CACHE_MB);
});

afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function cachedMb(): Promise<number> {
  const [row] = expectOk(
    await database.reader.run((sql) =>
      sql.rows(`SELECT memory_usage_bytes::DOUBLE AS bytes FROM duckdb_memory() WHERE tag = 'BASE_TABLE'`),
    ),
  );
  return row === undefined ? 0 : number(row, 'bytes') / 1e6;
}

async function rowCount(): Promise<number> {
  const [row] = expectOk(await database.reader.read((sql) => sql.rows('SELECT count(a)::DOUBLE AS n FROM filler')));
  return row === undefined ? 0 : number(row, 'n');
}

describe("the database's blocks in memory", () => {
  it('are given back beyond what may be kept, and the memory limit is as before', async () => {
    const limit = () => database.reader.run((sql) => sql.rows(`SELECT current_setting('memory_limit') AS m`));
    const before = expectOk(await limit());
    expect(expectOk(await database.trimCache())).toBe('trimmed');
    expect(await cachedMb()).toBeLessThanOrEqual(CACHE_MB);
    expect(expectOk(await limit())).toEqual(before);
    expect(expectOk(await database.trimCache())).toBe('small');
    expect(await rowCount()).toBe(FILLER_ROWS);
  });

  it('stay while another connection is busy, and tasks that come meanwhile wait', async () => {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const busy = database.journal.run(() => ended);
    expect(expectOk(await database.trimCache())).toBe('busy');
    end();
    expectOk(await busy);
    const [trimmed, ...counts] = await Promise.all([database.trimCache(), rowCount(), rowCount()]);
    expect(expectOk(trimmed)).toBe('trimmed');
    expect(counts).toEqual([FILLER_ROWS, FILLER_ROWS]);
  });

  it('are looked after by the market writer', async () => {
    const log = (): void => {};
    const writer = new MarketWriter(database, { wall: new ManualClock(), flushMs: 500, batchRows: 10, maxPendingRows: 100, log });
    const trades = writer.series(TRADE_TABLE, { venue: 'binance', symbol: 'ETH/USDT' });
    const trade: Trade = { id: 1, price: 200, quantity: 1, side: 'buy', tsEvent: 1, tsReceived: 1 };
    writer.append(trades, trade);
    expectOk(await writer.close());
    expect(await cachedMb()).toBeLessThanOrEqual(CACHE_MB);
  });
});
