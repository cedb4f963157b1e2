import { describe, it } from 'vitest';
import { type BenchVenue, candleOfTrades, FAULTS, survives } from './lab-bench.ts';
import { MEXC } from './venues.ts';

const BTC: BenchVenue = { ...MEXC, symbol: 'BTC/USDT', venueSymbol: 'BTCUSDT', wake: '/api/v3/depth?symbol=BTCUSDT&limit=5' };

describe('the MEXC connector on the lab', () => {
  it.each(FAULTS)('is right and live again after %s', async (fault) => {
    await survives(MEXC, fault);
  });

  it('follows BTCUSDT', async () => {
    await survives(BTC, 'gap@0s');
  });

  it('is served candles that its trades add up to', async () => {
    await candleOfTrades(MEXC);
  });
});
