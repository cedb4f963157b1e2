import { describe, expect, it } from 'vitest';
import { ok } from '../../core/base/result.ts';
import { LabBench } from './lab-bench.ts';
import { BINANCE, BYBIT, DERIBIT, MEXC } from './venues.ts';

const SPOT = ['BTC/USDT', 'ETH/USDT'];
const INVERSE = ['BTC/USD:BTC', 'ETH/USD:ETH'];
const LINEAR = ['BTC/USDT:USDT', 'ETH/USDT:USDT'];

describe('the lists of the lab', () => {
  it.each([
    [BINANCE, SPOT],
    [BYBIT, [...SPOT, ...LINEAR, ...INVERSE]],
    [DERIBIT, INVERSE],
    [MEXC, SPOT],
  ])('tell all that $venue trades there, and all of it can be followed', async (venue, expected) => {
    const bench = await new LabBench(venue).open();
    try {
      const symbols = await bench.data.symbols();
      expect(symbols).toEqual(ok([...expected].sort()));
      const found = await bench.data.instruments(expected);
      expect(found.ok && found.value.map(({ symbol }) => symbol)).toEqual(expected);
    } finally {
      await bench.close();
    }
  });
});
