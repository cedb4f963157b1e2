import { describe, expect, it } from 'vitest';
import { aggregateCandles, partialCandle } from './candle-aggregation.ts';
import { CandleBuilder, type CandleBuilderOptions } from './candle-builder.ts';
import type { Candle } from './candle.ts';
import type { Timeframe } from './timeframe.ts';
import type { Trade } from './trade.ts';

const T0 = Date.UTC(2020, 2, 12, 10, 42);
let nextId = 1;

function trade(tsEvent: number, price: number, quantity = 1, side: Trade['side'] = 'buy', id = nextId++): Trade {
  return { id, price, quantity, side, tsEvent, tsReceived: tsEvent };
}

function candle(
  openTime: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
  tradeCount = 1,
): Candle {
  return { openTime, open, high, low, close, volume, buyVolume: 0, tradeCount, filled: volume === 0 };
}

interface Log {
  readonly closed: [Timeframe, Candle][];
  readonly late: [Timeframe, number][];
  readonly skipped: [Timeframe, number, number][];
}

function build(options: Partial<CandleBuilderOptions> = {}): { builder: CandleBuilder; log: Log } {
  const log: Log = { closed: [], late: [], skipped: [] };
  const builder = new CandleBuilder({
    closeDelayMs: 0,
    timeframes: ['1s', '1m'],
    listener: {
      onClosed: (timeframe, closed) => log.closed.push([timeframe, closed]),
      onLateTrade: (timeframe, { id }) => log.late.push([timeframe, id]),
      onSkipped: (timeframe, from, to) => log.skipped.push([timeframe, from, to]),
    },
    ...options,
  });
  return { builder, log };
}

describe('CandleBuilder', () => {
  it('closes a candle when a trade of a later period comes, and fills the seconds between', () => {
    const { builder, log } = build({ timeframes: ['1s'] });
    builder.addTrade(trade(T0 + 10, 100, 2, 'buy'));
    builder.addTrade(trade(T0 + 900, 99, 3, 'sell'));
    expect(log.closed).toEqual([]);
    builder.addTrade(trade(T0 + 3_000, 101));
    expect(log.closed.map(([, closed]) => closed)).toEqual([
      { openTime: T0, open: 100, high: 100, low: 99, close: 99, volume: 5, buyVolume: 2, tradeCount: 2, filled: false },
      { openTime: T0 + 1000, open: 99, high: 99, low: 99, close: 99, volume: 0, buyVolume: 0, tradeCount: 0, filled: true },
      { openTime: T0 + 2000, open: 99, high: 99, low: 99, close: 99, volume: 0, buyVolume: 0, tradeCount: 0, filled: true },
    ]);
  });

  it('closes by the clock only after the delay, finer timeframes first', () => {
    const { builder, log } = build({ closeDelayMs: 250 });
    builder.addTrade(trade(T0 + 59_500, 100));
    builder.advanceTo(T0 + 60_249);
    expect(log.closed).toEqual([]);
    builder.advanceTo(T0 + 60_250);
    expect(log.closed.map(([timeframe, { openTime }]) => [timeframe, openTime - T0])).toEqual([
      ['1s', 59_000],
      ['1m', 0],
    ]);
    expect(builder.forming('1m')).toMatchObject({ openTime: T0 + 60_000, close: 100, filled: true });
  });

  it('counts and reports a late trade, and still adds it where its candle is open', () => {
    const { builder, log } = build();
    builder.addTrade(trade(T0 + 100, 100));
    builder.advanceTo(T0 + 1_000);
    builder.addTrade(trade(T0 + 1_200, 101));
    const late = trade(T0 + 900, 105, 7);
    builder.addTrade(late);
    expect(log.late).toEqual([['1s', late.id]]);
    expect(builder.lateTrades).toBe(1);
    expect(builder.forming('1m')).toMatchObject({ open: 100, high: 105, close: 101, volume: 9, tradeCount: 3 });
    expect(builder.forming('1s')).toMatchObject({ open: 101, high: 101, volume: 1 });
  });

  it('continues the running minute, hour and day from the venue’s candles without counting anything twice', () => {
    const { builder, log } = build({ timeframes: ['1s', '1m', '1h'] });
    const liveFrom = T0 + 17_000;
    const hour = Date.UTC(2020, 2, 12, 10);
    const minutes = [
      candle(hour - 60_000, 90, 91, 89, 90, 5),
      candle(hour, 91, 120, 90, 95, 10),
      candle(T0 - 60_000, 95, 97, 80, 96, 20),
    ];
    const seconds = [
      candle(T0 - 1_000, 50, 50, 50, 50, 99),
      candle(T0, 96, 99, 96, 98, 4),
      candle(T0 + 16_000, 98, 98, 94, 97, 6),
    ];
    builder.seed(liveFrom, {
      '1s': { previous: seconds[2] },
      '1m': { partial: partialCandle('1m', liveFrom, { '1s': seconds }), previous: minutes[2] },
      '1h': { partial: partialCandle('1h', liveFrom, { '1m': minutes, '1s': seconds }) },
    });
    builder.addTrade(trade(liveFrom - 1, 1));
    builder.addTrade(trade(liveFrom + 5, 93, 1));
    expect(builder.coveredTrades).toBe(1);
    expect(builder.forming('1m')).toMatchObject({
      openTime: T0,
      open: 96,
      high: 99,
      low: 93,
      close: 93,
      volume: 11,
      tradeCount: 3,
      filled: false,
    });
    expect(builder.forming('1h')).toMatchObject({ openTime: hour, open: 91, high: 120, low: 80, close: 93, volume: 41 });
    builder.advanceTo(T0 + 60_000);
    expect(log.closed.filter(([timeframe]) => timeframe === '1s')).toHaveLength(43);
    expect(log.closed.at(-1)).toEqual(['1m', expect.objectContaining({ openTime: T0, close: 93, volume: 11 })]);
  });

  it('fills from the seed’s previous close when nothing trades at all', () => {
    const { builder, log } = build({ timeframes: ['1s'] });
    builder.seed(T0, { '1s': { previous: candle(T0 - 1_000, 7, 8, 6, 7.5, 1) } });
    builder.advanceTo(T0 + 2_000);
    expect(log.closed.map(([, closed]) => [closed.openTime - T0, closed.close, closed.filled])).toEqual([
      [0, 7.5, true],
      [1_000, 7.5, true],
    ]);
  });

  it('keeps a seeded part that carries a volume but no trade count, as recorded candles do', () => {
    const { builder } = build({ timeframes: ['1m'] });
    builder.seed(T0 + 30_000, { '1m': { partial: candle(T0, 10, 12, 9, 11, 5, 0) } });
    builder.addTrade(trade(T0 + 31_000, 11.5));
    expect(builder.forming('1m')).toMatchObject({ open: 10, high: 12, low: 9, close: 11.5, volume: 6 });
  });

  it('does not invent a quiet market for hours that nobody watched', () => {
    const { builder, log } = build();
    builder.addTrade(trade(T0 + 10, 100));
    const wake = T0 + 10 * 3_600_000;
    builder.addTrade(trade(wake + 500, 120));
    expect(log.closed.map(([timeframe, closed]) => [timeframe, closed.openTime, closed.filled])).toEqual([
      ['1s', T0, false],
      ['1m', T0, false],
    ]);
    expect(log.skipped).toEqual([
      ['1s', T0 + 1_000, wake],
      ['1m', T0 + 60_000, wake],
    ]);
    expect(builder.forming('1m')).toMatchObject({ openTime: wake, open: 120, volume: 1 });
  });

  it('starts a timeframe without a seed at its first trade although others are seeded', () => {
    const { builder, log } = build();
    builder.seed(T0, { '1m': { previous: candle(T0 - 60_000, 1, 1, 1, 1, 1) } });
    builder.addTrade(trade(T0 + 100, 2));
    builder.advanceTo(T0 + 1_000);
    expect(log.closed.map(([timeframe]) => timeframe)).toEqual(['1s']);
  });
});

describe('aggregateCandles', () => {
  it('lets filled candles speak only where nothing traded', () => {
    const filled = (openTime: number, close: number): Candle => ({
      ...candle(openTime, close, close, close, close, 0, 0),
      filled: true,
    });
    const seconds = [
      filled(T0, 50),
      candle(T0 + 1_000, 10, 12, 9, 11, 2),
      filled(T0 + 2_000, 11),
      filled(T0 + 60_000, 11),
      filled(T0 + 61_000, 11),
    ];
    expect(aggregateCandles(seconds, '1m')).toEqual([
      { openTime: T0, open: 10, high: 12, low: 9, close: 11, volume: 2, buyVolume: 0, tradeCount: 1, filled: false },
      { openTime: T0 + 60_000, open: 11, high: 11, low: 11, close: 11, volume: 0, buyVolume: 0, tradeCount: 0, filled: true },
    ]);
    expect(aggregateCandles([], '1m')).toEqual([]);
  });
});
