import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from './database.ts';
import { number } from './sql.ts';
import { expectOk, until } from './test-store.ts';

const CACHE_MB = 2;
const FILLER_ROWS = 500_000;
let folder: string;
let database: Database;

/** A store whose file's blocks fill more memory than it may keep. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cobalt-cache-'));
  const path = join(folder, 'store.duckdb');
  database = expectOk(await Database.open({ path, tempFolder: join(folder, 'tmp'), memoryLimitMb: 256, cacheMb: CACHE_MB }));
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

/** As many tasks as it takes until the store looks at its memory. */
async function haveManyTasks(): Promise<void> {
  for (let i = 0; i < 64; i++) expectOk(await database.journal.run(async () => {}));
}

describe("the database's blocks in memory", () => {
  it('are given back beyond what may be kept, and the memory limit is as before', async () => {
    const limit = () => database.reader.run((sql) => sql.rows(`SELECT current_setting('memory_limit') AS m`));
    const before = expectOk(await limit());
    await haveManyTasks();
    await until(async () => (await cachedMb()) <= CACHE_MB, 'the blocks to go');
    expect(expectOk(await limit())).toEqual(before);
    expect(await rowCount()).toBe(FILLER_ROWS);
  });

  it('stay while another connection is busy, and go when it is not', async () => {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const busy = database.bulk.run(() => ended);
    await haveManyTasks();
    expectOk(await database.market.run(async () => {}));
    expect(await cachedMb()).toBeGreaterThan(CACHE_MB);
    end();
    expectOk(await busy);
    await until(async () => (await cachedMb()) <= CACHE_MB, 'the blocks to go');
  });

  it('go beside tasks that read and write, none of which fails', async () => {
    for (let round = 0; round < 5; round++) {
      await haveManyTasks();
      const rows = database.market.run((sql) => sql.run('INSERT INTO filler SELECT random() FROM range(1000)'));
      const counts = await Promise.all([rowCount(), rowCount()]);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(FILLER_ROWS + 1_000 * round);
      expectOk(await rows);
    }
    expect(await rowCount()).toBe(FILLER_ROWS + 5_000);
  });

  it('and all else that is freed are returned to the system', async () => {
    const setting = `SELECT current_setting('allocator_background_threads') AS given_back`;
    expect(expectOk(await database.reader.run((sql) => sql.rows(setting)))).toEqual([{ given_back: true }]);
  });
});
