import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowOfTicks, RowSums } from '../../core/analysis/flow/price-rows.ts';
import { fail, ok } from '../../core/base/result.ts';
import type { FootprintBar, OrderFlowEvent } from '../../core/contracts/order-flow.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../core/market/timeframe.ts';
import { TradeTape } from '../../core/market/trade-tape.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { FootprintFeed } from './footprint-feed.ts';

const T0 = 1_700_000_040_000;
const MINUTE = 60_000;
/** The service tells ten times a second, so that nothing leaves the tape untold; here it may also be silent for so long. */
const SILENT_MS = 60_000;

interface Traded {
  readonly at: number;
  readonly ticks: number;
  readonly quantity: number;
  readonly side: 'buy' | 'sell';
}

/** A store and a tape as the services keep them, and the client between them and a feed. */
function services(tapeFrom: number) {
  const stored: Traded[] = [];
  const tape = new TradeTape(0.5, tapeFrom, 120_000);
  let tell: (event: OrderFlowEvent, gap: boolean) => void = () => {};
  let failing = false;
  const snapshot = (): OrderFlowEvent => ({
    kind: 'snapshot',
    tickSize: 0.5,
    since: tape.since,
    seconds: tape.seconds().map(({ ofi: _, ...second }) => second),
  });
  const client = {
    subscribe: (_stream: string, _params: unknown, listener: typeof tell) => {
      tell = listener;
      tell(snapshot(), false);
      return () => {};
    },
    command: async (_name: string, input: { from: number; to: number; rowTicks: number; timeframe: Timeframe }) =>
      failing
        ? fail('STORE_FAILED', 'the disk is gone')
        : ok({
            tickSize: 0.5,
            bars: barsOf(
              stored.filter(({ at }) => at >= input.from && at < input.to),
              input.rowTicks,
              TIMEFRAME_MS[input.timeframe],
            ),
            firstTrade: T0,
          }),
    onConnection: () => () => {},
  } as unknown as DeskClient;
  return {
    client,
    fail: () => (failing = true),
    trade(trade: Traded): void {
      stored.push(trade);
      const { at, ticks, quantity, side } = trade;
      if (!tape.add({ price: ticks * 0.5, quantity, side, tsEvent: at })) tell({ kind: 'older' }, false);
    },
    tell(gap = false): void {
      for (const { ofi: _, ...second } of tape.takeChanged()) tell({ kind: 'second', second }, gap);
    },
    stored,
  };
}

function barsOf(trades: readonly Traded[], rowTicks: number, lengthMs = MINUTE): FootprintBar[] {
  const sums = new Map<number, RowSums>();
  for (const { at, ticks, quantity, side } of trades) {
    const openTime = Math.floor(at / lengthMs) * lengthMs;
    if (!sums.has(openTime)) sums.set(openTime, new RowSums());
    sums.get(openTime)?.add(rowOfTicks(ticks, rowTicks), side === 'buy' ? quantity : 0, side === 'buy' ? 0 : quantity);
  }
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([openTime, rows]) => {
      const { rows: names, buy, sell } = rows.toRows();
      return { openTime, rows: [...names], buy: [...buy], sell: [...sell] };
    });
}

const traded = fc.record({
  at: fc.integer({ min: T0, max: T0 + 5 * MINUTE }),
  ticks: fc.integer({ min: 300, max: 330 }),
  quantity: fc.integer({ min: 1, max: 9 }),
  side: fc.constantFrom('buy' as const, 'sell' as const),
});

describe('FootprintFeed', () => {
  it('tells what adding every trade to its candle and row tells, wherever stored and live ones meet', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(traded, fc.boolean(), fc.boolean()), { maxLength: 40 }),
        fc.nat({ max: 40 }),
        fc.integer({ min: 1, max: 7 }),
        async (all, openedAfter, rowTicks) => {
          const desk = services(T0 + 2 * MINUTE + 17_400);
          const ordered = all.toSorted(([a], [b]) => a.at - b.at);
          for (const [trade] of ordered.slice(0, openedAfter)) desk.trade(trade);
          const feed = new FootprintFeed(desk.client, { symbol: 'ETH/USDT', timeframe: '1m', rowTicks }, () => {});
          const cover = (): void => feed.cover(T0 - MINUTE, T0 + 6 * MINUTE);
          cover();
          let untold: number | undefined;
          for (const [trade, tells, loses] of ordered.slice(openedAfter)) {
            if (untold !== undefined && trade.at - untold > SILENT_MS) {
              desk.tell();
              untold = undefined;
            }
            desk.trade(trade);
            untold ??= trade.at;
            if (!tells) continue;
            desk.tell(loses);
            untold = undefined;
          }
          desk.tell();
          cover();
          await expect.poll(() => feed.isRead(T0), { interval: 1 }).toBe(true);
          await new Promise((resolve) => setImmediate(resolve));
          expect(feed.rowSize).toBe(rowTicks * 0.5);
          const told = [0, 1, 2, 3, 4, 5]
            .map((minute) => ({ openTime: T0 + minute * MINUTE, ...feed.rowsAt(T0 + minute * MINUTE) }))
            .filter(({ rows }) => rows.length > 0);
          expect(told).toEqual(barsOf(desk.stored, rowTicks));
          feed.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('begins anew before it holds too much, and loses nothing', async () => {
    const desk = services(T0 - 1_000);
    const feed = new FootprintFeed(desk.client, { symbol: 'ETH/USDT', timeframe: '1s', rowTicks: 5 }, () => {});
    const count = 5_100;
    for (let i = 0; i < count; i++) {
      desk.trade({ at: T0 + i * 1_000, ticks: 300 + (i % 20), quantity: 1 + (i % 3), side: i % 2 === 0 ? 'buy' : 'sell' });
      desk.tell();
    }
    for (const i of [3, 2_500, 4_999, 5_060, count - 1]) {
      const openTime = T0 + i * 1_000;
      feed.cover(openTime, openTime + 1_000);
      await expect.poll(() => feed.isRead(openTime), { interval: 1 }).toBe(true);
      const [expected] = barsOf(desk.stored.slice(i, i + 1), 5, 1_000);
      expect({ openTime, ...feed.rowsAt(openTime) }).toEqual(expected);
    }
    feed.close();
  });

  it('says why nothing can be read, and knows what it has not read', async () => {
    const desk = services(T0 + MINUTE);
    desk.fail();
    let changes = 0;
    const feed = new FootprintFeed(desk.client, { symbol: 'ETH/USDT', timeframe: '1m', rowTicks: 5 }, () => changes++);
    feed.cover(T0 - MINUTE, T0 + MINUTE);
    await expect.poll(() => feed.failure).toBe('the disk is gone');
    expect(feed.isRead(T0)).toBe(false);
    expect(feed.rowsAt(T0)).toEqual({ rows: [], buy: [], sell: [] });
    expect(changes).toBeGreaterThan(0);
    expect(feed.version).toBe(changes);
    feed.close();
  });
});
