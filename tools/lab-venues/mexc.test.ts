import { describe, it } from 'vitest';
import { createMexcMarketData } from '../../main/venues/mexc/market-data.ts';
import { type BenchVenue, candleOfTrades, FAULTS, survives } from './lab-bench.ts';

const ETH: BenchVenue = {
  venue: 'mexc',
  kind: 'spot',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  streamPath: '/ws',
  create: createMexcMarketData,
  wake: '/api/v3/depth?symbol=ETHUSDT&limit=5',
};
const BTC: BenchVenue = { ...ETH, symbol: 'BTC/USDT', venueSymbol: 'BTCUSDT', wake: '/api/v3/depth?symbol=BTCUSDT&limit=5' };

describe('the MEXC connector on the lab', () => {
  it.each(FAULTS)('is right and live again after %s', async (fault) => {
    await survives(ETH, fault);
  });

  it('follows BTCUSDT', async () => {
    await survives(BTC, 'gap@0s');
  });

  it('is served candles that its trades add up to', async () => {
    await candleOfTrades(ETH);
  });
});
