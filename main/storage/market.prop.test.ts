import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COB_BUCKETS, type CobView, cobViewSchema } from '../../core/contracts/market-views.ts';
import { type Candle, toColumns } from '../../core/market/candle.ts';
import { TIMEFRAME_MS, STORED_TIMEFRAMES } from '../../core/market/timeframe.ts';
import type { Trade } from '../../core/market/trade.ts';
import * as arbitrary from './test-arbitraries.ts';
import { expectOk, type TestStore, testStore } from './test-store.ts';

const SYMBOL = 'ETH/USDT';
const OTHER = 'BTC/USDT';

/** Rows of a query on a store that is closed. */
async function rowsOf(path: string, query: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    const result = await connection.run(query);
    return await result.getRowObjectsJS();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function withStore(task: (opened: { current: TestStore }) => Promise<void>, batchRows: number): Promise<void> {
  const holder = { current: await testStore({ batchRows }) };
  try {
    await task(holder);
  } finally {
    await holder.current.remove();
  }
}

const slot = fc.integer({ min: 0, max: 40 });
const candle = fc.tuple(slot, arbitrary.candleBody).map(([index, body]) => ({ index, body: { ...body } }));

type CandleStep =
  | { kind: 'append'; candles: { index: number; body: Omit<Candle, 'openTime'> }[] }
  | { kind: 'replace'; candles: { index: number; body: Omit<Candle, 'openTime'> }[] }
  | { kind: 'flush' | 'reopen' };

const candleStep: fc.Arbitrary<CandleStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('append' as const), candles: fc.array(candle, { minLength: 1, maxLength: 12 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('replace' as const), candles: fc.array(candle, { maxLength: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);

describe('candles', () => {
  it('are one per open time, the newest told, whatever was appended, replaced, written or reopened before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...STORED_TIMEFRAMES),
        fc.array(candleStep, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: -2, max: 45 }),
        fc.integer({ min: 0, max: 45 }),
        fc.constantFrom(1, 7, 1000),
        async (timeframe, steps, limit, beforeIndex, toIndex, batchRows) => {
          const length = TIMEFRAME_MS[timeframe];
          await withStore(async (opened) => {
            const model = new Map<number, Candle>();
            opened.current.store.market.appendCandle('binance', OTHER, timeframe, { ...plainCandle(3 * length) });
            for (const step of steps) {
              const market = opened.current.store.market;
              if (step.kind === 'flush') expectOk(await market.flush());
              if (step.kind === 'reopen') opened.current = await opened.current.reopen();
              if (step.kind !== 'append' && step.kind !== 'replace') continue;
              const candles = step.candles.map(({ index, body }) => ({ openTime: index * length, ...body }));
              if (step.kind === 'append') {
                for (const each of candles) market.appendCandle('binance', SYMBOL, timeframe, each);
              } else {
                expectOk(await market.replaceCandles('binance', SYMBOL, timeframe, candles));
                const times = candles.map((each) => each.openTime);
                for (const time of model.keys()) if (time >= Math.min(...times) && time <= Math.max(...times)) model.delete(time);
              }
              for (const each of candles) model.set(each.openTime, each);
            }
            const all = [...model.values()].sort((a, b) => a.openTime - b.openTime);
            const check = async () => {
              const market = opened.current.store.market;
              const before = beforeIndex * length;
              expect(expectOk(await market.candlesBefore(SYMBOL, timeframe, before, limit))).toStrictEqual(
                all.filter((each) => each.openTime < before).slice(-limit),
              );
              expect(expectOk(await market.candlesBefore(SYMBOL, timeframe, Number.POSITIVE_INFINITY, 1000))).toStrictEqual(all);
              const [from, to] = [Math.max(0, before), toIndex * length];
              expect(expectOk(await market.candleColumns(SYMBOL, timeframe, from, to))).toStrictEqual(
                toColumns(all.filter((each) => each.openTime >= from && each.openTime < to)),
              );
              const [first, last] = [all[0]?.openTime, all[all.length - 1]?.openTime];
              expect(expectOk(await market.candleBounds(SYMBOL, timeframe))).toStrictEqual(
                first === undefined || last === undefined ? undefined : { first, last },
              );
              expect(expectOk(await market.candlesBefore(OTHER, timeframe, Number.POSITIVE_INFINITY, 10))).toHaveLength(1);
            };
            await check();
            opened.current = await opened.current.reopen();
            await check();
          }, batchRows);
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);
});

function plainCandle(openTime: number): Candle {
  return { openTime, open: 1, high: 2, low: 0.5, close: 1.5, volume: 3, buyVolume: 1, tradeCount: 4, filled: false };
}

describe('trades', () => {
  it('are stored exactly and once, in order of time, however often and in whatever order they are told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ trade: arbitrary.trade, at: slot, number: fc.integer({ min: 0, max: 3 }), flush: fc.boolean() }), {
          minLength: 1,
          maxLength: 30,
        }),
        async (told) => {
          const opened = await testStore({ batchRows: 5 });
          const model = new Map<string, Trade>();
          try {
            for (const { trade, at, number, flush } of told) {
              const each: Trade = { ...trade, id: number, tsEvent: at };
              opened.store.market.appendTrade('binance', SYMBOL, each);
              model.set(`${at} ${number}`, each);
              if (flush) expectOk(await opened.store.market.flush());
            }
            await opened.store.close();
            const rows = await rowsOf(opened.path, 'SELECT * FROM trades ORDER BY ts_event, trade_id');
            const expected = [...model.values()].sort((a, b) => a.tsEvent - b.tsEvent || a.id - b.id);
            expect(rows).toStrictEqual(
              expected.map((trade) => ({
                venue: 'binance',
                symbol: SYMBOL,
                trade_id: BigInt(trade.id),
                price: trade.price,
                quantity: trade.quantity,
                side: trade.side,
                ts_event: BigInt(trade.tsEvent),
                ts_received: BigInt(trade.tsReceived),
              })),
            );
          } finally {
            await opened.remove();
          }
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});

describe('consolidated book seconds', () => {
  it('are one row per second: the last snapshot, and means matched by price', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ view: arbitrary.cobView, step: fc.integer({ min: 0, max: 700 }), flush: fc.boolean() }), {
          minLength: 1,
          maxLength: 25,
        }),
        async (snapshots) => {
          const opened = await testStore();
          const seconds = new Map<number, CobView[]>();
          try {
            let t = 5_000;
            for (const { view, step, flush } of snapshots) {
              t += step;
              const snapshot = { ...view, symbol: SYMBOL, t };
              expect(cobViewSchema.safeParse(snapshot).success).toBe(true);
              opened.store.market.appendCob(snapshot);
              const second = Math.floor(t / 1000) * 1000;
              seconds.set(second, [...(seconds.get(second) ?? []), snapshot]);
              // A flush in the middle of a second writes it as it stands; the whole one has to replace that.
              if (flush) expectOk(await opened.store.market.flush());
            }
            // Says nothing about the market, so it leaves no trace.
            opened.store.market.appendCob({ ...(snapshots[0]?.view as CobView), symbol: SYMBOL, t: t + 5_000, venues: [] });
            await opened.store.close();
            const rows = await rowsOf(opened.path, 'SELECT * FROM cob_1s ORDER BY second');
            expect(rows.map((row) => Number(row['second']))).toEqual([...seconds.keys()].sort((a, b) => a - b));
            for (const row of rows) checkSecond(row, seconds.get(Number(row['second'])) ?? []);
          } finally {
            await opened.remove();
          }
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});

/** The row against the definition, computed the slow way: by absolute price, not by index. */
function checkSecond(row: Record<string, unknown>, views: readonly CobView[]): void {
  const last = views[views.length - 1] as CobView;
  expect(row).toMatchObject({
    t: BigInt(last.t),
    samples: BigInt(views.length),
    venues: JSON.stringify(last.venues),
    excluded: JSON.stringify(last.excluded),
    best_bid: last.bestBid,
    best_ask_quantity: last.bestAskQuantity,
    mid: last.mid,
    microprice: last.microprice,
    anchor: last.anchor,
    imbalance_ma_60s: last.imbalanceMa.s60,
  });
  expect(floats(row['last_buckets'])).toEqual([
    ...last.bidQuantity,
    ...last.askQuantity,
    ...last.bidNotional,
    ...last.askNotional,
  ]);
  const means: number[] = [];
  for (const side of ['bidNotional', 'askNotional'] as const) {
    for (let bucket = 0; bucket < COB_BUCKETS; bucket++) {
      const price = last.anchor + bucket * last.bucketWidth;
      const values = views
        .map((view) => view[side][(price - view.anchor) / view.bucketWidth])
        .filter((value) => value !== undefined);
      means.push(values.reduce((sum, value) => sum + value, 0) / values.length);
    }
  }
  const stored = floats(row['mean_notional']);
  expect(stored).toHaveLength(means.length);
  means.forEach((mean, i) => expect(stored[i]).toBeCloseTo(Math.fround(mean), 0));
}

function floats(blob: unknown): number[] {
  if (!(blob instanceof Uint8Array)) throw new Error('a BLOB was expected');
  // Copied: the bytes may lie anywhere in a shared buffer, unaligned.
  return [...new Float32Array(Uint8Array.from(blob).buffer)];
}
