import { describe, expect, it } from 'vitest';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import { type DepthDelta, emptyDelta } from '../session/depth-delta.ts';
import { idOfText } from '../session/trade-sequence.ts';
import { isObject } from '../session/wire-values.ts';
import { DepthParser, topicOf } from './depth-parser.ts';
import { TRADE_INVERSE, TRADE_SPOT } from './fixtures/messages.ts';
import { candleFromRow, depthFromJson, tradeFromJson } from './parse.ts';
import { bybitNameOf } from './symbols.ts';

const TICK = decimalStep('0.1') as DecimalStep;
const LOT = decimalStep('0.001') as DecimalStep;
const entryOf = (message: string): unknown => (JSON.parse(message) as { data: unknown[] }).data[0];

function fast(text: string): DepthDelta | undefined {
  const message = Buffer.from(text);
  const topic = topicOf(message);
  const delta = emptyDelta(1);
  if (topic === undefined) return undefined;
  return new DepthParser().parse(message, '{"topic":"'.length + topic.length + 1, TICK, LOT, delta) ? delta : undefined;
}

function slow(text: string): DepthDelta | undefined {
  const parsed: unknown = JSON.parse(text);
  const delta = emptyDelta(1);
  return isObject(parsed) && depthFromJson(parsed, TICK, LOT, delta).ok ? delta : undefined;
}

const data = '"data":{"s":"BTCUSDT","b":[["60000.10","1.5"],["60000","0"]],"a":[["60001.0","0.001"]],"u":77,"seq":900}';
const LINEAR = `{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":1723161255345,${data},"cts":1723161255342}`;
const SPOT = `{"topic":"orderbook.200.BTCUSDT","ts":1723161255345,"type":"snapshot",${data},"cts":1723161255342}`;

describe('order book messages', () => {
  it('are read from bytes as from JSON, in the order of keys of contracts and of spot, with and without cts and seq', () => {
    const shapes = [LINEAR, SPOT].flatMap((text) => [
      text,
      text.replace(',"cts":1723161255342', ''),
      text.replace(',"seq":900', ''),
      text.replace('"u":77', '"u":1'),
      text.replace('[["60001.0","0.001"]]', '[]'),
    ]);
    for (const text of shapes) {
      expect(fast(text), text).toBeDefined();
      expect(fast(text), text).toEqual(slow(text));
    }
    expect(fast(LINEAR)).toMatchObject({ snapshot: false, finalId: 77, tsEvent: 1723161255342, bidCount: 2, askCount: 1 });
    expect(fast(SPOT)).toMatchObject({ snapshot: true });
  });

  it('with u = 1 are the whole book, whatever their type says', () => {
    expect(fast(LINEAR.replace('"u":77', '"u":1'))?.snapshot).toBe(true);
    expect(slow(LINEAR.replace('"u":77', '"u":1'))?.snapshot).toBe(true);
  });

  it('off the grid, with other numbers or cut are refused by both', () => {
    for (const wrong of ['"60000.15"', '"-1"', '"NaN"', '"0"', '60000.1']) {
      expect([fast(LINEAR.replace('"60000.10"', wrong)), slow(LINEAR.replace('"60000.10"', wrong))]).toEqual([
        undefined,
        undefined,
      ]);
    }
    expect(slow(LINEAR.replace('"u":77', '"u":"77"'))).toBeUndefined();
    expect(slow(LINEAR.replace('"delta"', '"other"'))).toBeUndefined();
    for (let end = 0; end < LINEAR.length; end++) expect(fast(LINEAR.slice(0, end)), String(end)).toBeUndefined();
  });
});

describe('quantities', () => {
  it('of inverse contracts, which count USD, become base units', () => {
    const trade = tradeFromJson(entryOf(TRADE_INVERSE), 'inverse', 9);
    expect(trade).toMatchObject({ ok: true, value: { price: 50_000, quantity: 0.1, side: 'sell', tsEvent: 1723161255342 } });
    const row = ['1723161240000', '50000', '50010', '49990', '50005', '5000', '0.1'];
    expect(candleFromRow(row, 'inverse')).toMatchObject({ ok: true, value: { volume: 0.1 } });
    expect(candleFromRow(row, 'linear')).toMatchObject({ ok: true, value: { volume: 5000 } });
  });

  it('of spot are base units, and ids beyond 2^53 stay apart', () => {
    const trade = tradeFromJson(entryOf(TRADE_SPOT), 'spot', 9);
    expect(trade).toMatchObject({ ok: true, value: { quantity: 0.02, id: idOfText('2290000000123456789') } });
    const ids = new Set(Array.from({ length: 20_000 }, (_, i) => idOfText(`22900000001234${String(i).padStart(5, '0')}`)));
    expect(ids.size).toBe(20_000);
    for (const id of ids) expect(Number.isSafeInteger(id) && id >= 0).toBe(true);
  });

  it('that are none are refused', () => {
    const entry = entryOf(TRADE_SPOT) as object;
    for (const wrong of [{ p: 'NaN' }, { p: undefined }, { v: '0' }, { S: 'buy' }, { T: '1' }, { i: 5 }, { i: '' }]) {
      for (const kind of ['spot', 'linear', 'inverse'] as const) {
        expect(tradeFromJson({ ...entry, ...wrong }, kind, 9), JSON.stringify(wrong)).toMatchObject({ ok: false });
      }
    }
  });
});

describe('symbols', () => {
  it('name a category by their settlement', () => {
    expect(bybitNameOf('BTC/USDT')).toMatchObject({ kind: 'spot', venueSymbol: 'BTCUSDT' });
    expect(bybitNameOf('BTC/USDT:USDT')).toMatchObject({ kind: 'linear', venueSymbol: 'BTCUSDT' });
    expect(bybitNameOf('BTC/USDC:USDC')).toMatchObject({ kind: 'linear', venueSymbol: 'BTCPERP' });
    expect(bybitNameOf('BTC/USD:BTC')).toMatchObject({ kind: 'inverse', venueSymbol: 'BTCUSD' });
    for (const other of ['BTCUSDT', 'BTC/USDT:BTC', 'BTC/USD:ETH', 'btc/usdt', '']) expect(bybitNameOf(other)).toBeUndefined();
  });
});
