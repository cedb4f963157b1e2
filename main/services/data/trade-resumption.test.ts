import { expect, it } from 'vitest';
import { ManualClock } from '../../../core/base/manual-clock.ts';
import { ok } from '../../../core/base/result.ts';
import type { Instrument, VenueId } from '../../../core/market/instrument.ts';
import type { NewestTrade } from '../../ports/store.ts';
import { tradeResumption } from './trade-resumption.ts';

const MINUTE = 60_000;
const NOW = 100 * MINUTE;

const instrument = (venue: VenueId, symbol: string): Instrument => ({
  venue,
  symbol,
  venueSymbol: symbol.replace('/', ''),
  kind: 'spot',
  base: 'ETH',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minNotional: '5',
  contractMultiplier: '1',
});

it('tells each instrument once where its trades go on, while that is recent', async () => {
  const clock = new ManualClock(NOW);
  const asked: number[] = [];
  const newestTrades = async (from: number) => {
    asked.push(from);
    return ok<NewestTrade[]>([
      { venue: 'binance', symbol: 'ETH/USDT', id: 7, time: NOW - MINUTE },
      { venue: 'bybit', symbol: 'ETH/USDT', id: 8, time: NOW - 5 * MINUTE },
    ]);
  };
  const resumption = await tradeResumption({ newestTrades }, clock);
  if (!resumption.ok) throw new Error(resumption.error.message);
  expect(asked).toEqual([NOW - 10 * MINUTE]);
  const after = resumption.value;
  expect(after(instrument('binance', 'BTC/USDT'))).toBeUndefined();
  expect(after(instrument('binance', 'ETH/USDT'))).toEqual({ id: 7, time: NOW - MINUTE });
  // Followed again later, it was not heard for however long.
  expect(after(instrument('binance', 'ETH/USDT'))).toBeUndefined();
  clock.advanceBy(6 * MINUTE);
  expect(after(instrument('bybit', 'ETH/USDT'))).toBeUndefined();
});
