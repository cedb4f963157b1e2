import { describe, expect, it } from 'vitest';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import { COINM_KLINE_ROW, COINM_TRADE, USDM_INSURANCE_TRADE, USDM_TRADE } from './fixtures/futures-messages.ts';
import { DEPTH_SNAPSHOT, EXCHANGE_INFO, KLINE_MESSAGE, KLINE_ROW, TRADE_MESSAGE } from './fixtures/messages.ts';
import { type JsonObject, toMs } from '../session/wire-values.ts';
import { candleFromRow, isMarketTrade, klineFromEvent, snapshotFromJson, tradeFromJson, tradeFromRow } from './parse.ts';
import { binanceNameOf, instrumentsFrom } from './symbols.ts';

const TICK = decimalStep('0.01') as DecimalStep;
const LOT = decimalStep('0.0001') as DecimalStep;
const dataOf = (message: string): JsonObject => (JSON.parse(message) as { data: JsonObject }).data;

describe('trades', () => {
  const event = dataOf(TRADE_MESSAGE);

  it('carry the taker’s side and the venue’s time', () => {
    expect(tradeFromJson(event, 99)).toEqual({
      ok: true,
      value: { id: 12345, price: 2302.37, quantity: 0.02, side: 'sell', tsEvent: 1723161255342, tsReceived: 99 },
    });
    expect(tradeFromJson({ ...event, m: false }, 99)).toMatchObject({ ok: true, value: { side: 'buy' } });
  });

  it('are refused with a NaN, an impossible or a missing field', () => {
    for (const wrong of [
      { p: 'NaN' },
      { p: '0.00' },
      { p: '-5' },
      { p: 5 },
      { q: '0' },
      { q: '1e400' },
      { T: 'x' },
      { T: -1 },
      { t: 1.5 },
      { t: undefined },
      { m: 'true' },
    ]) {
      const result = tradeFromJson({ ...event, ...wrong }, 99);
      expect(result, JSON.stringify(wrong)).toMatchObject({ ok: false, error: { code: 'BAD_MESSAGE' } });
    }
  });

  it('in microseconds become milliseconds', () => {
    expect(tradeFromJson({ ...event, T: 1741046401271497 }, 99)).toMatchObject({ ok: true, value: { tsEvent: 1741046401271 } });
    expect(toMs(1583366400000)).toBe(1583366400000);
    expect(toMs(Number.NaN)).toBeNaN();
  });
});

describe('contracts', () => {
  const inverse = { kind: 'inverse', contractMultiplier: '100' } as const;

  it('count dollars on COIN-M, which trades and candles turn into base units', () => {
    expect(tradeFromJson(dataOf(COINM_TRADE), 99, inverse)).toMatchObject({
      ok: true,
      value: { price: 40_000, quantity: 0.125 },
    });
    const row = { id: 1, price: '50000', qty: '2', time: 1723161255342, isBuyerMaker: true };
    expect(tradeFromRow(row, inverse)).toMatchObject({ ok: true, value: { quantity: 0.004, side: 'sell' } });
    expect(tradeFromRow({ ...row, qty: '0' }, inverse).ok).toBe(false);
    expect(candleFromRow(COINM_KLINE_ROW, inverse)).toMatchObject({ ok: true, value: { volume: 10.5, buyVolume: 4.25 } });
    expect(candleFromRow(COINM_KLINE_ROW.slice(0, 10), inverse).ok).toBe(false);
  });

  it('tell trades in the book from what the insurance fund took over', () => {
    expect(isMarketTrade(dataOf(USDM_TRADE))).toBe(true);
    expect(isMarketTrade(dataOf(TRADE_MESSAGE))).toBe(true);
    expect(isMarketTrade(dataOf(USDM_INSURANCE_TRADE))).toBe(false);
  });
});

describe('klines', () => {
  it('read from the stream and from REST', () => {
    const expected = { open: 2302, high: 2303.1, low: 2301.9, close: 2302.37, volume: 10.5, buyVolume: 4.25, filled: false };
    expect(klineFromEvent(dataOf(KLINE_MESSAGE))).toEqual({
      ok: true,
      value: { candle: { ...expected, openTime: 1723161255000, tradeCount: 3 }, closed: true },
    });
    expect(candleFromRow(KLINE_ROW)).toEqual({ ok: true, value: { ...expected, openTime: 1723161240000, tradeCount: 30 } });
  });

  it('are refused when they cannot be', () => {
    const row = (index: number, value: unknown): unknown[] => KLINE_ROW.map((field, i) => (i === index ? value : field));
    expect(candleFromRow(row(2, '2302.10')).ok).toBe(false);
    expect(candleFromRow(row(3, '2302.10')).ok).toBe(false);
    expect(candleFromRow(row(4, 'garbage')).ok).toBe(false);
    expect(candleFromRow(row(5, '-1')).ok).toBe(false);
    expect(candleFromRow(row(9, '11')).ok).toBe(false);
    expect(candleFromRow(row(8, -1)).ok).toBe(false);
    expect(candleFromRow(KLINE_ROW.slice(0, 5)).ok).toBe(false);
    expect(candleFromRow('text').ok).toBe(false);
  });

  it('without a trade are marked as filled', () => {
    const quiet = [1, '5', '5', '5', '5', '0.0', 2, '0', 0, '0', '0', '0'];
    expect(candleFromRow(quiet)).toMatchObject({ ok: true, value: { filled: true, tradeCount: 0 } });
  });
});

describe('depth snapshots', () => {
  it('come in ticks and lots', () => {
    expect(snapshotFromJson(DEPTH_SNAPSHOT, TICK, LOT)).toEqual({
      ok: true,
      value: {
        lastUpdateId: 158,
        bids: [
          [230_236, 50_000],
          [230_000, 90_000],
        ],
        asks: [
          [230_239, 70_000],
          [230_500, 10_000],
        ],
      },
    });
  });

  it('are refused with anything off the grid or unreadable', () => {
    for (const bids of [[['2302.361', '1']], [['0.00', '1']], [['1', 'NaN']], [['1']], [[1, 2]], 'none', undefined]) {
      expect(snapshotFromJson({ ...DEPTH_SNAPSHOT, bids }, TICK, LOT).ok, JSON.stringify(bids)).toBe(false);
    }
    expect(snapshotFromJson({ ...DEPTH_SNAPSHOT, lastUpdateId: '158' }, TICK, LOT).ok).toBe(false);
    expect(snapshotFromJson(null, TICK, LOT).ok).toBe(false);
  });
});

describe('symbols', () => {
  it('become instruments in the order asked for, sizes as short exact text', () => {
    const result = instrumentsFrom(EXCHANGE_INFO, ['BTC/USDT', 'ETH/USDT']);
    expect(result).toMatchObject({
      ok: true,
      value: [
        { symbol: 'BTC/USDT', venueSymbol: 'BTCUSDT', tickSize: '0.01', lotSize: '0.00001', minNotional: '5' },
        {
          symbol: 'ETH/USDT',
          venueSymbol: 'ETHUSDT',
          tickSize: '0.01',
          lotSize: '0.0001',
          kind: 'spot',
          base: 'ETH',
          quote: 'USDT',
        },
      ],
    });
  });

  it('that are unknown or not trading are named', () => {
    expect(instrumentsFrom(EXCHANGE_INFO, ['ETH/USDT', 'OLD/USDT', 'XXX/USDT'])).toMatchObject({
      ok: false,
      error: { code: 'VENUE_UNKNOWN_SYMBOL', message: expect.stringContaining('OLD/USDT, XXX/USDT') as string },
    });
    expect(binanceNameOf('ETH/USDT')).toEqual({ kind: 'spot', venueSymbol: 'ETHUSDT' });
    expect(binanceNameOf('ETH/USDT:USDT')).toEqual({ kind: 'linear', venueSymbol: 'ETHUSDT' });
    expect(binanceNameOf('BTC/USD:BTC')).toEqual({ kind: 'inverse', venueSymbol: 'BTCUSD_PERP' });
    for (const other of ['ETH/USDT:BTC', 'ETH/USD:USDT', 'BTC/USDT:BTC', 'BTC/USD:BTC-240927', 'ETHUSDT', '']) {
      expect(binanceNameOf(other), other).toBeUndefined();
    }
  });

  it('without usable filters are a bad answer', () => {
    const symbols = EXCHANGE_INFO.symbols.map((entry) => ({ ...entry, filters: [] }));
    expect(instrumentsFrom({ symbols }, ['ETH/USDT'])).toMatchObject({ ok: false, error: { code: 'VENUE_BAD_ANSWER' } });
    expect(instrumentsFrom({}, ['ETH/USDT'])).toMatchObject({ ok: false, error: { code: 'VENUE_BAD_ANSWER' } });
  });
});
