import { describe, expect, it } from 'vitest';
import { createBybitMarketData } from '../../main/venues/bybit/market-data.ts';
import { type BenchVenue, FAULTS, LabBench, survives } from './lab-bench.ts';

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
    const bench = await new LabBench(venue).open();
    try {
      const minute = bench.startAt + 60_000;
      await bench.passing(() => bench.state === 'live');
      await bench.after(125_000);
      const candles = await bench.data.candles(bench.instrument, '1m', minute, minute + 60_000, 10);
      const candle = candles.ok ? candles.value[0] : undefined;
      const within = bench.trades.filter(({ tsEvent }) => tsEvent >= minute && tsEvent < minute + 60_000);
      expect(within.length).toBeGreaterThan(10);
      expect(candle).toMatchObject({
        openTime: minute,
        open: within[0]?.price,
        close: within.at(-1)?.price,
        high: Math.max(...within.map(({ price }) => price)),
        low: Math.min(...within.map(({ price }) => price)),
      });
      const volume = within.reduce((sum, { quantity }) => sum + quantity, 0);
      expect(candle?.volume).toBeCloseTo(volume, 6);
    } finally {
      await bench.close();
    }
  });
});
