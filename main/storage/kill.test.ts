import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import { nextInt, SplitMix32 } from '../../core/base/rng.ts';
import { openStore } from './duckdb-store.ts';
import { KilledProcess } from './killed-process.fixture.ts';
import { expectOk } from './test-store.ts';
import type { WriterReport } from './test-writer.ts';

let writer: KilledProcess<WriterReport>;
beforeAll(async () => {
  writer = await KilledProcess.of(join(import.meta.dirname, 'test-writer.ts'));
  return () => writer.remove();
}, 120_000);

describe('a process that is killed while it writes', () => {
  it('leaves every acknowledged order and every flushed row, once each, five times in a row', async () => {
    const path = join(writer.folder, 'store.duckdb');
    const rng = new SplitMix32(20_200_312);
    const ordered = new Set<string>();
    let flushed = -1;
    let from = 0;
    for (let round = 0; round < 5; round++) {
      const reports = await writer.run([path, String(from)], 5 + nextInt(rng, 60));
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
