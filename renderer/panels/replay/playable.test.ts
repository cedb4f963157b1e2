import { describe, expect, it } from 'vitest';
import { playablesOf } from './playable.ts';

describe('playablesOf', () => {
  it('names recordings and imported histories by what they hold', () => {
    const [recording, trades, minutes] = playablesOf({
      recordings: [
        {
          market: 'SIM',
          from: 1_000,
          to: 9_000,
          instruments: [
            { venue: 'binance', symbol: 'ETH/USDT' },
            { venue: 'bybit', symbol: 'ETH/USDT' },
          ],
          gaps: [{ from: 2_000, to: 3_000 }],
          bytes: 2 * 1024 ** 2,
        },
      ],
      histories: [
        { market: 'SIM', venue: 'binance', symbol: 'SOL/USDT', content: 'trades', from: 1_000, to: 5_000, count: 12_345 },
        { market: 'LIVE', venue: 'mexc', symbol: 'ADA/USDT', content: 'candles', from: 0, to: 120_000, count: 2 },
      ],
    });
    expect(recording).toMatchObject({ title: 'Recorded on SIM', about: '2.0 MB: ETH/USDT on Binance, Bybit' });
    expect(recording).not.toHaveProperty('history');
    expect(trades).toMatchObject({
      market: 'SIM',
      history: { venue: 'binance', symbol: 'SOL/USDT', content: 'trades' },
      title: 'SOL/USDT on Binance: imported trades',
      about: '12,345 trades, no order book',
      gaps: [],
    });
    expect(minutes).toMatchObject({
      market: 'LIVE',
      title: 'ADA/USDT on MEXC: imported 1m candles',
      about: '2 1m candles, no order book',
    });
  });
});
