import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { nextInt, SplitMix32 } from '../../core/base/rng.ts';
import { openStore } from './duckdb-store.ts';
import { expectOk } from './test-store.ts';
import type { WriterReport } from './test-writer.ts';

let folder: string;

/** The writer as one plain JavaScript file, since Node 20 runs no TypeScript; DuckDB stays outside and is found through the link. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cobalt-kill-'));
  await symlink(resolve(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'), 'junction');
  await build({
    configFile: false,
    logLevel: 'error',
    root: import.meta.dirname,
    ssr: { noExternal: true, external: ['@duckdb/node-api'] },
    build: {
      ssr: join(import.meta.dirname, 'test-writer.ts'),
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'test-writer.mjs' } },
    },
  });
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Lets a writer run until it has reported `reports` times, kills it, and answers what it reported. */
async function writeAndKill(path: string, from: number, reports: number): Promise<WriterReport[]> {
  const writer = fork(join(folder, 'test-writer.mjs'), [path, String(from)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const received: WriterReport[] = [];
  let complaint = '';
  writer.stderr?.on('data', (text: Buffer) => {
    complaint += text.toString();
  });
  writer.on('message', (report: WriterReport) => {
    received.push(report);
    if (received.length === reports) writer.kill('SIGKILL');
  });
  const [, signal] = await once(writer, 'exit');
  expect(complaint).toBe('');
  if (process.platform !== 'win32') expect(signal).toBe('SIGKILL');
  return received;
}

describe('a process that is killed while it writes', () => {
  it('leaves every acknowledged order and every flushed row, once each, five times in a row', async () => {
    const path = join(folder, 'store.duckdb');
    const rng = new SplitMix32(20_200_312);
    const ordered = new Set<string>();
    let flushed = -1;
    let from = 0;
    for (let round = 0; round < 5; round++) {
      const reports = await writeAndKill(path, from, 5 + nextInt(rng, 60));
      for (const report of reports) {
        if (report.kind === 'ordered') ordered.add(report.id);
        else flushed = Math.max(flushed, report.second);
      }
      const store = expectOk(await openStore({ path, wall: new ManualClock(), flushMs: 500, batchRows: 1000 }));
      const orders = expectOk(await store.orders.openOrders());
      const ids = orders.map((order) => order.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect([...ordered].filter((id) => !ids.includes(id))).toEqual([]);
      for (const order of orders) expect(order.history.map((each) => each.state)).toEqual(['intent', 'accepted']);
      const { openTime } = expectOk(await store.market.candleColumns('ETH/USDT', '1s', 0, Number.POSITIVE_INFINITY));
      // Without holes from the first second on, at least to the last flushed one.
      expect(openTime.length).toBeGreaterThan(flushed);
      expect(openTime).toEqual(Float64Array.from({ length: openTime.length }, (_, i) => i * 1000));
      await store.close();
      for (const [table, column] of [
        ['trades', 'ts_event'],
        ['cob_1s', 'second'],
      ] as const) {
        const { rows, distinct, last } = await countRows(path, table, column);
        expect(rows).toBe(distinct);
        expect(last).toBeGreaterThanOrEqual(flushed * 1000);
        expect(rows).toBe(last / 1000 + 1);
      }
      // The practice market goes on from its last saved time, so it tells some of it again.
      from = Math.max(0, flushed - nextInt(rng, 40));
    }
    expect(ordered.size).toBeGreaterThan(20);
    expect(flushed).toBeGreaterThan(100);
  }, 120_000);
});

async function countRows(path: string, table: string, column: string): Promise<{ rows: number; distinct: number; last: number }> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  const result = await connection.run(
    `SELECT count(*) AS n, count(DISTINCT ${column}) AS d, coalesce(max(${column}), -1000) AS last FROM ${table}`,
  );
  const [row] = await result.getRows();
  connection.closeSync();
  instance.closeSync();
  return { rows: Number(row?.[0]), distinct: Number(row?.[1]), last: Number(row?.[2]) };
}
