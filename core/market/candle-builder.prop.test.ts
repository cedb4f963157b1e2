import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateCandles, deriveClosedCandles, partialCandle } from './candle-aggregation.ts';
import { CandleBuilder } from './candle-builder.ts';
import type { Candle } from './candle.ts';
import { openTimeOf, TIMEFRAME_MS, type Timeframe, TIMEFRAMES } from './timeframe.ts';
import type { Trade } from './trade.ts';

const START = Date.UTC(2020, 2, 12, 23, 58, 30);
const FRAMES: readonly Timeframe[] = TIMEFRAMES;

/** Trades in time order; whole quantities, so that sums do not depend on their order. */
const trades = fc
  .array(
    fc.record({
      afterMs: fc.oneof({ weight: 5, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.nat(90_000) }),
      price: fc.integer({ min: 1, max: 50 }),
      quantity: fc.integer({ min: 1, max: 9 }),
      buy: fc.boolean(),
    }),
    { minLength: 1, maxLength: 80, size: 'max' },
  )
  .map((steps) => {
    let time = START;
    return steps.map(({ afterMs, price, quantity, buy }, i): Trade => {
      time += afterMs;
      return { id: i + 1, price, quantity, side: buy ? 'buy' : 'sell', tsEvent: time, tsReceived: time };
    });
  });

/** Every period from the first trade's up to `until`, by looking at all trades for each. */
function naiveCandles(all: readonly Trade[], timeframe: Timeframe, until: number): Candle[] {
  const sorted = [...all].sort((a, b) => a.tsEvent - b.tsEvent || a.id - b.id);
  const candles: Candle[] = [];
  const length = TIMEFRAME_MS[timeframe];
  for (let openTime = openTimeOf((sorted[0] as Trade).tsEvent, timeframe); openTime + length <= until; openTime += length) {
    const inside = sorted.filter(({ tsEvent }) => tsEvent >= openTime && tsEvent < openTime + length);
    const prices = inside.map(({ price }) => price);
    const previous = candles.at(-1)?.close ?? Number.NaN;
    const sum = (list: readonly Trade[]) => list.reduce((total, { quantity }) => total + quantity, 0);
    candles.push(
      inside.length === 0
        ? {
            openTime,
            open: previous,
            high: previous,
            low: previous,
            close: previous,
            volume: 0,
            buyVolume: 0,
            tradeCount: 0,
            filled: true,
          }
        : {
            openTime,
            open: prices[0] as number,
            high: Math.max(...prices),
            low: Math.min(...prices),
            close: prices.at(-1) as number,
            volume: sum(inside),
            buyVolume: sum(inside.filter(({ side }) => side === 'buy')),
            tradeCount: inside.length,
            filled: false,
          },
    );
  }
  return candles;
}

function collect(closeDelayMs = 0): { builder: CandleBuilder; closed: Record<Timeframe, Candle[]>; ends: number[] } {
  const closed = Object.fromEntries(TIMEFRAMES.map((timeframe) => [timeframe, []])) as unknown as Record<Timeframe, Candle[]>;
  const ends: number[] = [];
  const builder = new CandleBuilder({
    closeDelayMs,
    listener: {
      onClosed: (timeframe, candle) => {
        closed[timeframe].push(candle);
        ends.push(candle.openTime + TIMEFRAME_MS[timeframe]);
      },
    },
  });
  return { builder, closed, ends };
}

describe('CandleBuilder against all trades at once', () => {
  it('closes the same candles on every timeframe, in order of their end, wherever the clock ticks in between', () => {
    fc.assert(
      fc.property(trades, fc.array(fc.nat(79), { maxLength: 10, size: 'max' }), fc.nat(200_000), (all, ticksAt, afterMs) => {
        const { builder, closed, ends } = collect();
        all.forEach((trade, i) => {
          builder.addTrade(trade);
          if (ticksAt.includes(i)) builder.advanceTo(trade.tsEvent);
        });
        const until = (all.at(-1) as Trade).tsEvent + afterMs;
        builder.advanceTo(until);
        for (const timeframe of FRAMES) expect(closed[timeframe]).toEqual(naiveCandles(all, timeframe, until));
        expect(ends).toEqual([...ends].sort((a, b) => a - b));
      }),
    );
  });

  it('does not depend on the order of trades within what is still open', () => {
    fc.assert(
      fc.property(trades, fc.infiniteStream(fc.nat()), (all, keys) => {
        const first = openTimeOf((all[0] as Trade).tsEvent, '1s');
        const sameSecond = all.map((trade, i) => ({ ...trade, tsEvent: first + (i % 1000) }));
        const shuffled = sameSecond.map((trade) => ({ trade, key: keys.next().value as number })).sort((a, b) => a.key - b.key);
        const { builder, closed } = collect();
        for (const { trade } of shuffled) builder.addTrade(trade);
        builder.advanceTo(first + 1_000);
        expect(closed['1s']).toEqual(naiveCandles(sameSecond, '1s', first + 1_000));
      }),
    );
  });

  it('continues from the venue’s candles at any second as if it had seen every trade', () => {
    fc.assert(
      fc.property(trades, fc.nat(100), (all, percent) => {
        const begin = openTimeOf((all[0] as Trade).tsEvent, '1s');
        const last = (all.at(-1) as Trade).tsEvent;
        const liveFrom = openTimeOf(begin + ((last - begin) * percent) / 100, '1s') + 1_000;
        const until = Math.max(last, liveFrom) + 61_000;
        const venue = Object.fromEntries(
          FRAMES.map((timeframe) => [timeframe, naiveCandles(all, timeframe, liveFrom)]),
        ) as Record<Timeframe, Candle[]>;
        const { builder, closed } = collect();
        builder.seed(
          liveFrom,
          Object.fromEntries(
            FRAMES.map((timeframe) => [
              timeframe,
              { partial: partialCandle(timeframe, liveFrom, venue), previous: venue[timeframe].at(-1) },
            ]),
          ),
        );
        for (const trade of all) builder.addTrade(trade);
        builder.advanceTo(until);
        for (const timeframe of FRAMES) {
          const expected = naiveCandles(all, timeframe, until).filter(
            ({ openTime }) => openTime + TIMEFRAME_MS[timeframe] > liveFrom,
          );
          expect(closed[timeframe]).toEqual(expected);
        }
        expect(builder.coveredTrades).toBe(all.filter(({ tsEvent }) => tsEvent < liveFrom).length);
        expect(builder.lateTrades).toBe(0);
      }),
    );
  });

  it('aggregates to what the trades would have built', () => {
    fc.assert(
      fc.property(trades, (all) => {
        const until = openTimeOf((all.at(-1) as Trade).tsEvent, '1m') + 60_000;
        const seconds = naiveCandles(all, '1s', until);
        expect(aggregateCandles(seconds, '1m')).toEqual(naiveCandles(all, '1m', until));
        expect(aggregateCandles(aggregateCandles(seconds, '1m'), '1h')).toEqual(aggregateCandles(seconds, '1h'));
      }),
    );
  });

  it('derives what a minute-by-minute look finds, over holes, quiet minutes and periods that still run', () => {
    const START_MINUTE = Date.UTC(2024, 7, 8, 11, 37) / 60_000;
    const minute = fc.record({
      present: fc.boolean(),
      traded: fc.boolean(),
      prices: fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 })),
      volume: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(
        fc.array(minute, { maxLength: 60, size: 'max' }),
        fc.constantFrom('5m', '15m'),
        fc.nat(20),
        (all, timeframe, later) => {
          let close = 1;
          const minutes = all.flatMap(({ present, traded, prices: [a, b], volume }, i): Candle[] => {
            const openTime = (START_MINUTE + i) * 60_000;
            if (!present) return [];
            const flat = { open: close, high: close, low: close, close, volume: 0, buyVolume: 0, tradeCount: 0 };
            if (!traded) return [{ openTime, ...flat, filled: true }];
            close = b;
            const body = { open: a, high: Math.max(a, b), low: Math.min(a, b), close: b, volume, buyVolume: 0, tradeCount: 1 };
            return [{ openTime, ...body, filled: false }];
          });
          const closedUntil = (minutes.at(-1)?.openTime ?? 0) + 60_000 + later * 60_000;
          const length = TIMEFRAME_MS[timeframe];
          const expected = new Map<number, Candle>();
          for (const each of minutes) {
            const openTime = Math.floor(each.openTime / length) * length;
            if (openTime + length > closedUntil) continue;
            const old = expected.get(openTime);
            if (old === undefined || (old.filled && !each.filled)) expected.set(openTime, { ...each, openTime });
            else if (each.filled) expected.set(openTime, old.filled ? { ...each, openTime } : old);
            else
              expected.set(openTime, {
                ...old,
                high: Math.max(old.high, each.high),
                low: Math.min(old.low, each.low),
                close: each.close,
                volume: old.volume + each.volume,
                tradeCount: old.tradeCount + each.tradeCount,
              });
          }
          expect(deriveClosedCandles(minutes, timeframe, closedUntil)).toEqual([...expected.values()]);
        },
      ),
    );
  });
});
