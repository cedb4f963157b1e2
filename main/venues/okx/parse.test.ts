import { describe, expect, it } from 'vitest';
import { type DecimalStep, decimalStep } from '../../../core/market/decimal-parse.ts';
import { emptyDelta } from '../session/depth-delta.ts';
import { CONTRACT_TRADE } from './fixtures/messages.ts';
import { candleFromRow, depthFromJson, klineFromRow, tradeFromJson } from './parse.ts';

const step = (text: string): DecimalStep => decimalStep(text) as DecimalStep;
const quantityOf = (kind: 'spot' | 'linear' | 'inverse', multiplier: string): number => {
  const parsed = tradeFromJson(CONTRACT_TRADE, { kind, multiplier: step(multiplier) }, 0);
  return parsed.ok ? parsed.value.quantity : Number.NaN;
};

describe('OKX’s messages', () => {
  it('count contracts, which become base units', () => {
    expect(quantityOf('spot', '1')).toBe(2.5);
    expect(quantityOf('linear', '0.01')).toBe(0.025);
    expect(quantityOf('inverse', '100')).toBe(250 / 50_000);
  });

  it('tell base volume in another field for contracts than for spot', () => {
    const row = ['1723161240000', '10', '12', '9', '11', '300', '3', '33', '1'];
    expect(candleFromRow(row, 'linear')).toMatchObject({ ok: true, value: { volume: 3 } });
    expect(candleFromRow(row, 'spot')).toMatchObject({ ok: true, value: { volume: 300 } });
    expect(klineFromRow(row.slice(0, 8), 'spot').ok).toBe(false);
  });

  it('are refused when anything in them is impossible', () => {
    const contract = { kind: 'spot', multiplier: step('1') } as const;
    const wrong = [
      null,
      { ...CONTRACT_TRADE, px: '-1' },
      { ...CONTRACT_TRADE, px: '0' },
      { ...CONTRACT_TRADE, sz: '0' },
      { ...CONTRACT_TRADE, sz: 'NaN' },
      { ...CONTRACT_TRADE, sz: '1e3' },
      { ...CONTRACT_TRADE, side: 'BUY' },
      { ...CONTRACT_TRADE, tradeId: '' },
      { ...CONTRACT_TRADE, tradeId: '9999999999999999' },
      { ...CONTRACT_TRADE, ts: 'soon' },
    ];
    for (const entry of wrong) expect(tradeFromJson(entry, contract, 0).ok, JSON.stringify(entry)).toBe(false);
    expect(candleFromRow(['1723161240000', '10', '9', '9', '11', '3', '3'], 'spot').ok).toBe(false);
    const books = { asks: [], bids: [['10', '1', '0', '1']], ts: '1723161240000', seqId: 5, prevSeqId: 4 };
    const parse = (action: unknown, entry: unknown): boolean =>
      depthFromJson(action, entry, step('0.1'), step('0.01'), emptyDelta()).ok;
    expect(parse('update', books)).toBe(true);
    expect(parse('update', { ...books, prevSeqId: -1 })).toBe(false);
    expect(parse('snapshot', { ...books, prevSeqId: -1 })).toBe(true);
    expect(parse('partial', books)).toBe(false);
    expect(parse('update', { ...books, seqId: undefined })).toBe(false);
    expect(parse('update', { ...books, bids: [['10.05', '1']] })).toBe(false);
    expect(parse('update', { ...books, bids: [['10', '-1']] })).toBe(false);
  });
});
