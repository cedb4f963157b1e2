import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/base/manual-clock.ts';
import type { Trade } from '../../core/market/trade.ts';
import type { BulkTable } from './bulk-table.ts';
import { Database } from './database.ts';
import { TRADE_TABLE } from './market-tables.ts';
import { MarketWriter } from './market-writer.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { migrate } from './migrate.ts';
import type { SeriesBuffer } from './series-buffer.ts';
import { expectOk, until } from './test-store.ts';

const FLUSH_MS = 500;
let folder: string;
let database: Database;
let wall: ManualClock;
let writer: MarketWriter;
let trades: SeriesBuffer<Trade>;
/** Called once, while a batch is being written. */
let whileWriting: (() => void) | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cobalt-writer-'));
  const path = join(folder, 'store.duckdb');
  database = expectOk(await Database.open({ path, tempFolder: join(folder, 'tmp'), memoryLimitMb: 256 }));
  expectOk(await database.journal.run((sql) => migrate(sql, path, MIGRATIONS, 0)));
  wall = new ManualClock();
  writer = new MarketWriter(database, { wall, flushMs: FLUSH_MS, batchRows: 1_000, maxPendingRows: 10_000, log: () => {} });
  const watched: BulkTable<Trade> = {
    ...TRADE_TABLE,
    columns: TRADE_TABLE.columns.map((column) =>
      column.kind === 'integer' && column.name === 'ts_event'
        ? {
            ...column,
            of: (trade: Trade) => {
              const task = whileWriting;
              whileWriting = undefined;
              task?.();
              return trade.tsEvent;
            },
          }
        : column,
    ),
  };
  trades = writer.series(watched, { venue: 'binance', symbol: 'ETH/USDT' });
});

afterEach(async () => {
  await writer.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

function append(id: number): void {
  const trade: Trade = { id, price: 200, quantity: 1, side: 'buy', tsEvent: id, tsReceived: id };
  writer.append(trades, trade);
}

describe('the market writer', () => {
  it('lets a row that came during a slow write wait no longer for it than any other', async () => {
    append(1);
    whileWriting = () => {
      wall.advanceBy(100);
      append(2);
      wall.advanceBy(300);
    };
    wall.advanceBy(FLUSH_MS);
    await until(() => whileWriting === undefined && writer.pendingRows === 1, 'the first batch');
    expect(writer.waitingMs).toBe(300);
    // Its 300 ms count, whenever the first batch's write is over.
    wall.advanceBy(FLUSH_MS - 300);
    await until(() => {
      wall.advanceBy(0);
      return writer.pendingRows === 0;
    }, 'the second batch');
    expect(wall.now()).toBe(1_100);
    expect(writer.waitingMs).toBe(0);
  });

  it('says since when rows wait', async () => {
    expect(writer.waitingMs).toBe(0);
    append(1);
    wall.advanceBy(200);
    append(2);
    wall.advanceBy(200);
    expect(writer.waitingMs).toBe(400);
    expectOk(await writer.flush());
    expect(writer.waitingMs).toBe(0);
    wall.advanceBy(1_000);
    append(3);
    expect(writer.waitingMs).toBe(0);
  });

  it('goes on saying so while something holds the connection', async () => {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const held = database.market.run(() => ended);
    append(1);
    wall.advanceBy(FLUSH_MS);
    append(2);
    wall.advanceBy(2_000);
    expect(writer.waitingMs).toBe(2_500);
    end();
    expectOk(await held);
    expectOk(await writer.flush());
    expect(writer.waitingMs).toBe(0);
  });
});
