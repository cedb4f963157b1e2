import { describe, expect, it } from 'vitest';
import { type BenchVenue, candleOfTrades, FAULTS, survives } from './lab-bench.ts';
import { DERIBIT } from './venues.ts';

const BTC: BenchVenue = {
  ...DERIBIT,
  symbol: 'BTC/USD:BTC',
  venueSymbol: 'BTC-PERPETUAL',
  wake: '/api/v2/public/get_order_book?instrument_name=BTC-PERPETUAL',
};

describe('the Deribit connector on the lab', () => {
  it.each(FAULTS)('is right and live again after %s', async (fault) => {
    await survives(DERIBIT, fault);
  });

  it('follows BTC-PERPETUAL, in lots of 10 USD, and answers heartbeats', async () => {
    const bench = await survives(BTC, 'gap@0s');
    expect(bench.lost).toBe(0);
  });

  it.each([
    ['ETH-PERPETUAL', DERIBIT],
    ['BTC-PERPETUAL', BTC],
  ])('is served candles of %s that its trades add up to', async (_, venue) => {
    await candleOfTrades(venue);
  });
});
