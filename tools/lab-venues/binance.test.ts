import { describe, it } from 'vitest';
import { candleOfTrades, FAULTS, survives } from './lab-bench.ts';
import { BINANCE } from './venues.ts';

describe('the Binance connector on the lab', () => {
  it.each(FAULTS)('is right and live again after %s', async (fault) => {
    await survives(BINANCE, fault);
  });

  it('is served candles that its trades add up to', async () => {
    await candleOfTrades(BINANCE);
  });
});
