import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from './database.ts';
import { expectFailure, expectOk } from './test-store.ts';

let folder: string;
let database: Database;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cobalt-sql-'));
  const path = join(folder, 'store.duckdb');
  database = expectOk(await Database.open({ path, tempFolder: join(folder, 'tmp'), memoryLimitMb: 256 }));
});

afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

describe('queries', () => {
  it('answer texts and numbers beyond what was stored when they were first asked', async () => {
    const all = () => database.reader.read((sql) => sql.rows('SELECT a, v FROM t ORDER BY a'));
    const add = (a: bigint, v: string) => database.journal.run((sql) => sql.insert('INSERT INTO t VALUES ($1, $2)', [a, v]));
    expectOk(await database.journal.run((sql) => sql.run('CREATE TABLE t (a BIGINT, v VARCHAR)')));
    expectOk(await add(1n, 'short'));
    expect(expectOk(await all())).toEqual([{ a: 1n, v: 'short' }]);
    expectOk(await add(500_000n, 'a much longer text than there was before'));
    expect(expectOk(await all())).toEqual([
      { a: 1n, v: 'short' },
      { a: 500_000n, v: 'a much longer text than there was before' },
    ]);
  });

  it('keep the sign of zero, the last digit and the size of numbers', async () => {
    expectOk(await database.journal.run((sql) => sql.run('CREATE TABLE n (d DOUBLE)')));
    const values = [-0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 2 ** 53, 1e300];
    for (const value of values) expectOk(await database.journal.run((sql) => sql.insert('INSERT INTO n VALUES ($1)', [value])));
    const rows = expectOk(await database.reader.read((sql) => sql.rows('SELECT d FROM n')));
    expect(rows.map((row) => row['d'])).toStrictEqual(values);
  });

  it('cannot write while they read', async () => {
    const failure = expectFailure(await database.reader.read((sql) => sql.run('CREATE TABLE t (a BIGINT)')));
    expect(failure.code).toBe('STORE_FAILED');
    // The connection is usable after.
    expect(expectOk(await database.reader.read((sql) => sql.rows('SELECT 1 AS one')))).toEqual([{ one: 1 }]);
  });

  it('see the store as it was when they began', async () => {
    expectOk(await database.journal.run((sql) => sql.run('CREATE TABLE t AS SELECT 1 AS a')));
    const counts = await database.reader.read(async (sql) => {
      const before = await sql.rows('SELECT count(*)::INTEGER AS n FROM t');
      expectOk(await database.journal.run((journal) => journal.run('INSERT INTO t VALUES (2)')));
      return [...before, ...(await sql.rows('SELECT count(*)::INTEGER AS n FROM t'))];
    });
    expect(expectOk(counts)).toEqual([{ n: 1 }, { n: 1 }]);
  });
});
