import { describe, it } from 'vitest';
import { type BenchVenue, candleOfTrades, FAULTS, survives } from './lab-bench.ts';
import { BYBIT } from './venues.ts';

const LINEAR: BenchVenue = {
  ...BYBIT,
  kind: 'linear',
  symbol: 'BTC/USDT:USDT',
  venueSymbol: 'BTCUSDT',
  wake: '/v5/market/orderbook?category=linear&symbol=BTCUSDT',
};
const INVERSE: BenchVenue = {
  ...BYBIT,
  kind: 'inverse',
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'BTCUSD',
  wake: '/v5/market/orderbook?category=inverse&symbol=BTCUSD',
};

describe('the Bybit connector on the lab', () => {
  it.each(FAULTS)('is right and live again after %s', async (fault) => {
    await survives(BYBIT, fault);
  });

  it.each([
    ['linear', LINEAR],
    ['inverse', INVERSE],
  ])('follows %s contracts', async (_, venue) => {
    await survives(venue, 'gap@0s');
  });

  it.each([
    ['spot', BYBIT],
    ['inverse', INVERSE],
  ])('is served %s candles that its trades add up to', async (_, venue) => {
    await candleOfTrades(venue);
  });
});
