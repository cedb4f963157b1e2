import { describe, expect, it } from 'vitest';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { bookMessage, TRADES } from './fixtures/messages.ts';
import { candleFromRow, depthFromJson, isoToMicros, klineFromJson, parseExact, tradeFromJson, tradeFromRow } from './parse.ts';

const TICK = decimalStep('0.1') as DecimalStep;
const LOT = decimalStep('0.00000001') as DecimalStep;

function depth(text: string, decimals = { price: 0, quantity: 0 }) {
  const { type, data } = parseExact(text) as { type: string; data: unknown[] };
  const out = emptyDelta();
  return { parsed: depthFromJson(type, data[0], TICK, LOT, decimals, 7, out), out, decimals };
}

describe('Kraken’s messages', () => {
  it('keep the decimals with which they are sent', () => {
    const text = bookMessage('snapshot', 'BTC/USD', '2024-08-08T23:54:15.342178Z', [['45281.0', '0.10000000']], [], 5);
    const { parsed, out, decimals } = depth(text);
    expect(parsed.ok).toBe(true);
    expect(decimals).toEqual({ price: 1, quantity: 8 });
    expect([out.snapshot, out.bidTicks[0], out.bidLots[0], out.checksum]).toEqual([true, 452810, 10_000_000, 5]);
    expect([out.finalId, out.tsEvent]).toEqual([1723161255342178, 1723161255342]);
  });

  it('may write a number with an exponent, and be a snapshot without a time', () => {
    const text = bookMessage('snapshot', 'BTC/USD', '', [['45281.0', '1e-05']], [['5e4', '2']], 5).replace(',"timestamp":""', '');
    const { parsed, out } = depth(text);
    expect(parsed.ok).toBe(true);
    expect([out.bidLots[0], out.askTicks[0], out.tsEvent]).toEqual([1_000, 500_000, 7]);
  });

  it('are refused when anything in them is impossible', () => {
    const good = bookMessage('update', 'BTC/USD', '2024-08-08T23:54:15.342178Z', [['45281.0', '0.1']], [], 5);
    expect(depth(good).parsed.ok).toBe(true);
    const wrong = [
      good.replace('"checksum":5', '"checksum":null'),
      good.replace('"checksum":5,', ''),
      good.replace('update', 'delta'),
      good.replace('45281.0', '45281.05'),
      good.replace('45281.0', '-45281.0'),
      good.replace('45281.0', '0'),
      good.replace('0.1}', '-0.1}'),
      good.replace('0.1}', '1e999}'),
      good.replace('0.1}', 'null}'),
      good.replace('23:54', '23-54'),
      good.replace('"asks":[]', '"asks":{}'),
    ];
    for (const text of wrong) expect(depth(text).parsed.ok, text).toBe(false);
    const trade = (parseExact(TRADES) as { data: object[] }).data[0] as object;
    expect(tradeFromJson(trade, 0).ok).toBe(true);
    for (const change of [{ price: '0' }, { qty: '-1' }, { side: 'b' }, { trade_id: '5' }, { timestamp: 5 }]) {
      expect(tradeFromJson({ ...trade, ...change }, 0).ok, JSON.stringify(change)).toBe(false);
    }
    expect(tradeFromRow(['1', '1', 1723161255, 'x', 'm', '', 5]).ok).toBe(false);
    expect(candleFromRow([1723161240, '10', '9', '9', '10', '9', '1', 1]).ok).toBe(false);
    expect(klineFromJson({ open: '1' }).ok).toBe(false);
  });

  it('tell times to the microsecond, whatever the number of decimals', () => {
    expect(isoToMicros('2024-08-08T23:54:15Z')).toBe(1723161255000000);
    expect(isoToMicros('2024-08-08T23:54:15.3Z')).toBe(1723161255300000);
    expect(isoToMicros('2024-08-08T23:54:15.123456789Z')).toBe(1723161255123456);
    expect([isoToMicros('2024-08-08'), isoToMicros(5), isoToMicros('2024-13-08T23:54:15Z')]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });
});
