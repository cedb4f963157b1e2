import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { reasonOf } from '../../core/base/result.ts';
import type { Store } from '../ports/store.ts';
import { Database } from './database.ts';
import { openStore } from './duckdb-store.ts';
import { expectFailure, expectOk, until } from './test-store.ts';

/** A small disk of its own, or why there is none: mounting takes root on Linux. */
let disk: { readonly folder: string } | { readonly missing: string };

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'cobalt-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], { stdio: 'pipe' });
    disk = { folder };
  } catch (thrown) {
    rmSync(folder, { recursive: true });
    disk = { missing: `no small disk to fill: mounting a tmpfs is not permitted here (${reasonOf(thrown).split('\n')[0]})` };
  }
});

afterEach(() => {
  if ('missing' in disk) return;
  execFileSync('umount', ['-l', disk.folder]);
  rmSync(disk.folder, { recursive: true });
});

function folderOf(context: TestContext): string {
  if ('missing' in disk) context.skip(disk.missing);
  return (disk as { folder: string }).folder;
}

function fill(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'filler'), Buffer.alloc(bavail * bsize));
}

function makeRoom(folder: string): void {
  unlinkSync(join(folder, 'filler'));
}

function append(store: Store, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    store.market.appendTrade('binance', 'ETH/USDT', {
      id: i,
      price: 100 + i,
      quantity: 1,
      side: 'buy',
      tsEvent: i,
      tsReceived: i,
    });
    const body = { open: i, high: i, low: i, close: i, volume: 1, buyVolume: 1, tradeCount: 1, filled: false };
    store.market.appendCandle('binance', 'ETH/USDT', '1s', { openTime: i * 1000, ...body });
  }
}

describe('a full disk', () => {
  it('is told, loses nothing that was saved, and is written to again by itself when there is room', async (context) => {
    const folder = folderOf(context);
    const wall = new ManualClock();
    const logged: string[] = [];
    const path = join(folder, 'store.duckdb');
    const options = { path, wall, flushMs: 500, batchRows: 1000, log: (_: string, message: string) => logged.push(message) };
    let store = expectOk(await openStore(options));
    append(store, 0, 2000);
    expectOk(await store.market.flush());
    expectOk(await store.settings.set('kept', 'yes'));

    fill(folder);
    // The log was extended beyond its content, so a little still fits; then nothing does.
    append(store, 2000, 20_000);
    const failure = expectFailure(await store.market.flush());
    expect(failure).toMatchObject({ code: 'STORE_FULL', retryable: true });
    expect(failure.message).toMatch(/full.*Free some space/);
    expect(store.health().lastError).toMatch(/is full.*market rows are waiting/);
    expect(expectFailure(await store.settings.set('big', 'x'.repeat(1_000_000))).code).toBe('STORE_FULL');
    expect(expectOk(await store.settings.get('kept'))).toBe('yes');
    expect(expectOk(await store.settings.get('big'))).toBeUndefined();
    // Readers go on, what waits included.
    expect(expectOk(await store.market.candlesBefore('ETH/USDT', '1s', Number.POSITIVE_INFINITY, 100_000))).toHaveLength(20_000);

    makeRoom(folder);
    await until(() => {
      wall.advanceBy(1000);
      return store.health().pendingRows === 0;
    }, 'writing to resume by itself');
    expectOk(await store.settings.set('big', 'fits now'));
    expect(store.health().lastError).toBeUndefined();
    expect(logged.join('\n')).toContain('nothing was lost');

    await store.close();
    store = expectOk(await openStore(options));
    expect(expectOk(await store.market.candleColumns('ETH/USDT', '1s', 0, 1e12)).openTime).toEqual(
      Float64Array.from({ length: 20_000 }, (_, i) => i * 1000),
    );
    expect(expectOk(await store.settings.get('kept'))).toBe('yes');
    await store.close();
  });

  it('keeps a bounded number of rows waiting, drops the oldest beyond it, and says how many of what', async (context) => {
    const folder = folderOf(context);
    const wall = new ManualClock();
    const path = join(folder, 'store.duckdb');
    const store = expectOk(await openStore({ path, wall, flushMs: 500, batchRows: 1000, maxPendingRows: 40_000 }));
    fill(folder);
    append(store, 0, 15_000);
    await until(() => store.health().lastError !== undefined, 'the first failed write');
    append(store, 15_000, 60_000);
    const { pendingRows, lastError } = store.health();
    expect(pendingRows).toBeLessThanOrEqual(40_000);
    expect(pendingRows).toBeGreaterThan(30_000);
    expect(lastError).toMatch(/Dropped for want of room: (\d+ of (trades|candles_1s) ETH\/USDT(, )?)+\./);
    makeRoom(folder);
    await until(() => {
      wall.advanceBy(1000);
      return store.health().pendingRows === 0;
    }, 'writing to resume');
    const dropped = [...(store.health().lastError ?? '').matchAll(/(\d+) of (\w+) ETH/g)].map((match) => Number(match[1]));
    expect(store.health().lastError).toContain('Writing has resumed');
    expect(dropped.reduce((sum, rows) => sum + rows, 0)).toBeGreaterThanOrEqual(120_000 - 40_000 - 5_000);
    const kept = expectOk(await store.market.candleColumns('ETH/USDT', '1s', 0, 1e12)).openTime;
    expect(kept[kept.length - 1]).toBe(59_999_000);
    await store.close();
  });

  it('that appears while the log is folded in shuts DuckDB down; the store reopens itself', async (context) => {
    const folder = folderOf(context);
    const path = join(folder, 'store.duckdb');
    const database = expectOk(await Database.open({ path, tempFolder: join(folder, 'tmp'), memoryLimitMb: 256 }));
    expectOk(await database.journal.run((sql) => sql.run('CREATE TABLE t AS SELECT i, hash(i) AS h FROM range(300000) r(i)')));
    fill(folder);
    expect(expectFailure(await database.market.run((sql) => sql.run('CHECKPOINT'))).code).toBe('STORE_FULL');
    const [counted] = expectOk(await database.reader.read((sql) => sql.rows('SELECT count(*)::INTEGER AS n FROM t')));
    expect(counted).toEqual({ n: 300_000 });
    expect(
      expectFailure(
        await database.journal.run((sql) => sql.run('CREATE TABLE u AS SELECT i, hash(i) AS h FROM range(300000) r(i)')),
      ).code,
    ).toBe('STORE_FULL');
    makeRoom(folder);
    expectOk(await database.journal.run((sql) => sql.run('CREATE TABLE u AS SELECT 1 AS a')));
    await database.close();
    const again = expectOk(await Database.open({ path, tempFolder: join(folder, 'tmp'), memoryLimitMb: 256 }));
    expect(
      expectOk(
        await again.reader.read((sql) =>
          sql.rows('SELECT (SELECT count(*) FROM t)::INTEGER AS t, (SELECT count(*) FROM u)::INTEGER AS u'),
        ),
      ),
    ).toEqual([{ t: 300_000, u: 1 }]);
    await again.close();
  });

  it('at the start is a failure that says so', async (context) => {
    const folder = folderOf(context);
    fill(folder);
    const path = join(folder, 'new', 'store.duckdb');
    expect(expectFailure(await openStore({ path, wall: new ManualClock(), flushMs: 500, batchRows: 1000 })).code).toBe(
      'STORE_FULL',
    );
  });
});
