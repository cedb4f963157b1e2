import { createRequire } from 'node:module';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { COB_BUCKETS } from '../../core/contracts/market-views.ts';
import { openStore, type StoreOptions } from './duckdb-store.ts';
import type { Migration } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { expectFailure, expectOk } from './test-store.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cobalt-open-'));
  path = join(folder, 'store.duckdb');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function openAt(at: string, options: Partial<StoreOptions> = {}) {
  return openStore({ path: at, wall: new ManualClock(1_700_000_000_000), flushMs: 500, batchRows: 1000, ...options });
}

/** Runs SQL on a store that is closed. */
async function tamper(...statements: string[]): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  let rows: Record<string, unknown>[] = [];
  for (const statement of statements) rows = await (await connection.run(statement)).getRowObjectsJS();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

const NEXT = MIGRATIONS.length + 1;
const next: Migration = { version: NEXT, name: 'colour', statements: ['ALTER TABLE annotations ADD COLUMN colour VARCHAR'] };

describe('layout', () => {
  it('is made in a new store, in missing folders too, and kept by the next start', async () => {
    const deep = join(folder, 'user data', 'sim', 'store.duckdb');
    const store = expectOk(await openAt(deep));
    expectOk(await store.settings.set('a', { b: [1] }));
    await store.close();
    const again = expectOk(await openAt(deep));
    expect(expectOk(await again.settings.get('a'))).toEqual({ b: [1] });
    await again.close();
  });

  it('moves an older store up, keeping what it holds', async () => {
    const store = expectOk(await openAt(path));
    expectOk(await store.settings.set('a', 1));
    await store.close();
    const logged: string[] = [];
    const newer = expectOk(await openAt(path, { migrations: [...MIGRATIONS, next], log: (_, message) => logged.push(message) }));
    expect(expectOk(await newer.settings.get('a'))).toBe(1);
    await newer.close();
    expect(logged.join()).toContain(`applied layout ${NEXT}`);
    expect(await tamper('SELECT version::INTEGER AS version, name FROM migrations ORDER BY version')).toEqual([
      ...MIGRATIONS.map(({ version, name }) => ({ version, name })),
      { version: NEXT, name: 'colour' },
    ]);
  });

  it('reads the book seconds of every earlier layout, with what they did not tell as not known', async () => {
    for (let version = 1; version < MIGRATIONS.length; version++) {
      path = join(folder, `of version ${version}.duckdb`);
      await expectOk(await openAt(path, { migrations: MIGRATIONS.slice(0, version) })).close();
      await tamper(`INSERT INTO cob_1s BY NAME SELECT 'ETH/USDT' AS symbol, 5000 AS second, 5900 AS t, 10 AS samples, '["binance"]' AS venues,
        '[]' AS excluded, 199 AS best_bid, 201 AS best_ask, 1 AS best_bid_quantity, 1 AS best_ask_quantity, 200 AS mid, 100 AS spread_bps,
        200 AS microprice, 200 AS anchor, 1 AS bucket_width, 0 AS imbalance, 0 AS imbalance_ma_1s, 0 AS imbalance_ma_5s,
        0 AS imbalance_ma_15s, 0 AS imbalance_ma_60s, repeat('\\x00', ${4 * COB_BUCKETS * 4})::BLOB AS last_buckets,
        repeat('\\x00', ${2 * COB_BUCKETS * 4})::BLOB AS mean_notional`);
      const store = expectOk(await openAt(path));
      const read = expectOk(await store.market.cobSeconds('ETH/USDT', 0, 1e12));
      expect({ second: [...read.second], mid: [...read.mid] }).toEqual({ second: [5_000], mid: [200] });
      expect([...read.ofi, ...read.buyVolume, ...read.vpin, ...read.largeShare]).toEqual(Array(4).fill(Number.NaN));
      await store.close();
    }
  });

  it('refuses a store of a newer version, says so, and leaves it as it is', async () => {
    await expectOk(await openAt(path, { migrations: [...MIGRATIONS, next] })).close();
    const before = await readFile(path);
    const failure = expectFailure(await openAt(path));
    expect(failure).toMatchObject({ code: 'STORE_FAILED', retryable: false });
    expect(failure.message).toMatch(new RegExp(`newer Cobalt Desk.*version ${NEXT}.*Update Cobalt Desk`));
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  it('refuses a store whose applied steps are not ours', async () => {
    await expectOk(await openAt(path)).close();
    await tamper(`UPDATE migrations SET sha256 = repeat('0', 64)`);
    expect(expectFailure(await openAt(path)).message).toContain('different build');
  });

  it('undoes a step that fails half-way', async () => {
    await expectOk(await openAt(path)).close();
    const broken: Migration = {
      version: NEXT,
      name: 'broken',
      statements: ['CREATE TABLE half (a INTEGER)', 'CREATE TABLE annotations (a INTEGER)'],
    };
    expect(expectFailure(await openAt(path, { migrations: [...MIGRATIONS, broken] })).code).toBe('STORE_FAILED');
    expect(await tamper(`SELECT table_name FROM information_schema.tables WHERE table_name = 'half'`)).toEqual([]);
    await expectOk(await openAt(path)).close();
  });

  it('refuses the database of another program', async () => {
    await tamper('CREATE TABLE something (a INTEGER)');
    expect(expectFailure(await openAt(path)).message).toContain('something else');
  });
});

describe('one owner', () => {
  it('refuses a second opening in this process, until the first is closed', async () => {
    const store = expectOk(await openAt(path));
    const failure = expectFailure(await openAt(join(folder, '.', 'store.duckdb')));
    expect(failure).toMatchObject({ code: 'STORE_LOCKED', retryable: true });
    expect(failure.message).toContain(path);
    await store.close();
    await expectOk(await openAt(path)).close();
  });

  it('refuses what another process has open, and says which and what to do', async () => {
    await expectOk(await openAt(path)).close();
    const script = join(folder, 'owner.cjs');
    const api = JSON.stringify(createRequire(import.meta.url).resolve('@duckdb/node-api'));
    await writeFile(
      script,
      `const { DuckDBInstance } = require(${api});
       DuckDBInstance.create(process.argv[2]).then((instance) => { globalThis.kept = instance; process.send('open'); });
       process.on('message', () => process.exit(0));`,
    );
    const owner = fork(script, [path]);
    await once(owner, 'message');
    try {
      const failure = expectFailure(await openAt(path));
      expect(failure.code).toBe('STORE_LOCKED');
      expect(failure.message).toContain('close the other one');
      if (process.platform === 'linux') expect(failure.message).toContain(`PID ${owner.pid}`);
    } finally {
      const exited = once(owner, 'exit');
      owner.send('end');
      await exited;
    }
    await expectOk(await openAt(path)).close();
  });
});

describe('damaged files', () => {
  async function refused(): Promise<void> {
    const before = await readFile(path);
    const failure = expectFailure(await openAt(path));
    expect(failure).toMatchObject({ code: 'STORE_CORRUPT', retryable: false });
    expect(failure.message).toContain(path);
    expect(failure.message).toMatch(/backup|move it/);
    expect((await readFile(path)).equals(before)).toBe(true);
  }

  /** A store as a crash leaves it: a file and a log that was not folded in. */
  async function copyWhileOpen(): Promise<string> {
    const store = expectOk(await openAt(path));
    for (let i = 0; i < 50; i++) expectOk(await store.settings.set(`key${i}`, 'x'.repeat(2_000)));
    const copy = join(folder, 'crashed.duckdb');
    await copyFile(path, copy);
    await copyFile(`${path}.wal`, `${copy}.wal`);
    await store.close();
    return copy;
  }

  it('that are no database at all are refused and kept', async () => {
    await writeFile(path, 'These are somebody’s notes, not a store.\n'.repeat(500));
    await refused();
  });

  it('whose header was overwritten are refused and kept', async () => {
    await expectOk(await openAt(path)).close();
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(12_288, 0x5a), 0, 12_288, 0);
    await file.close();
    await refused();
  });

  it('whose blocks were overwritten are refused and kept', async () => {
    const store = expectOk(await openAt(path));
    for (let i = 0; i < 50; i++) expectOk(await store.settings.set(`key${i}`, 'x'.repeat(2_000)));
    await store.close();
    const size = (await readFile(path)).length;
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(size - 12_288, 0x5a), 0, size - 12_288, 12_288);
    await file.close();
    await refused();
  });

  it('that end too early are refused and kept', async () => {
    const store = expectOk(await openAt(path));
    for (let i = 0; i < 50; i++) expectOk(await store.settings.set(`key${i}`, 'x'.repeat(2_000)));
    await store.close();
    await truncate(path, 20_000);
    await refused();
  });

  it('whose write-ahead log ends in the middle of a write open with everything written before it', async () => {
    const copy = await copyWhileOpen();
    const log = await readFile(`${copy}.wal`);
    await truncate(`${copy}.wal`, log.length - 700);
    const store = expectOk(await openAt(copy));
    expect(expectOk(await store.settings.get('key0'))).toBe('x'.repeat(2_000));
    expect(expectOk(await store.settings.get('key49'))).toBeUndefined();
    await store.close();
  });

  it('whose write-ahead log was overwritten are refused and kept', async () => {
    const copy = await copyWhileOpen();
    const log = await open(`${copy}.wal`, 'r+');
    await log.write(Buffer.alloc(20_000, 0x5a), 0, 20_000, 10_000);
    await log.close();
    const [fileBefore, logBefore] = [await readFile(copy), await readFile(`${copy}.wal`)];
    const failure = expectFailure(await openAt(copy));
    expect(failure.code).toBe('STORE_CORRUPT');
    expect(failure.message).toContain(`${copy}.wal`);
    expect((await readFile(copy)).equals(fileBefore)).toBe(true);
    expect((await readFile(`${copy}.wal`)).equals(logBefore)).toBe(true);
  });

  it('with a path that is a folder are a plain failure', async () => {
    await mkdir(path);
    expect(expectFailure(await openAt(path)).code).toBe('STORE_FAILED');
  });

  it('that are empty, as a kill at the first start leaves them, are made anew', async () => {
    await writeFile(path, '');
    await expectOk(await openAt(path)).close();
  });
});
