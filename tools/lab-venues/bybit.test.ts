import { describe, it } from 'vitest';
import { createBybitMarketData } from '../../main/venues/bybit/market-data.ts';
import { type BenchVenue, candleOfTrades, FAULTS, survives } from './lab-bench.ts';

const SPOT: BenchVenue = {
  venue: 'bybit',
  kind: 'spot',
  symbol: 'ETH/USDT',
  venueSymbol: 'ETHUSDT',
  streamPath: '/v5/public',
  create: createBybitMarketData,
  wake: '/v5/market/orderbook?category=spot&symbol=ETHUSDT',
};
const LINEAR: BenchVenue = {
  ...SPOT,
  kind: 'linear',
  symbol: 'BTC/USDT:USDT',
  venueSymbol: 'BTCUSDT',
  wake: '/v5/market/orderbook?category=linear&symbol=BTCUSDT',
};
const INVERSE: BenchVenue = {
  ...SPOT,
  kind: 'inverse',
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'BTCUSD',
  wake: '/v5/market/orderbook?category=inverse&symbol=BTCUSD',
};

describe('the Bybit connector on the lab', () => {
  it.each(FAULTS)('is right and live again after %s', async (fault) => {
    await survives(SPOT, fault);
  });

  it.each([
    ['linear', LINEAR],
    ['inverse', INVERSE],
  ])('follows %s contracts', async (_, venue) => {
    await survives(venue, 'gap@0s');
  });

  it.each([
    ['spot', SPOT],
    ['inverse', INVERSE],
  ])('is served %s candles that its trades add up to', async (_, venue) => {
    await candleOfTrades(venue);
  });
});
