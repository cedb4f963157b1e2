import { beforeEach, describe, expect, it } from 'vitest';
import type { VenueHealth } from '../../core/contracts/system.ts';
import { RATE_SAMPLES, rateKey, summedRates, useVenueRates } from './venue-rates.ts';

const health = (symbol: string, messagesPerSecond: number): VenueHealth => ({
  venue: 'binance',
  followed: symbol,
  symbol,
  primary: true,
  connection: 'open',
  book: 'live',
  bookReason: '',
  messagesPerSecond,
  resyncs: 0,
  gaps: 0,
  rotations: 0,
  backfilledTrades: 0,
  missedTrades: 0,
});

describe('the rates of the venues', () => {
  const { take, clear } = useVenueRates.getState();
  beforeEach(clear);
  const rates = (...symbols: string[]): number[] =>
    summedRates(
      useVenueRates.getState().rings,
      symbols.map((symbol) => rateKey(health(symbol, 0))),
    );

  it('reach back a minute and no further', () => {
    for (let i = 0; i < RATE_SAMPLES + 10; i++) take([health('ETH/USDT', i)]);
    expect(rates('ETH/USDT')).toHaveLength(RATE_SAMPLES);
    expect(rates('ETH/USDT').at(-1)).toBe(RATE_SAMPLES + 9);
  });

  it('add up by time, also when one instrument came later', () => {
    take([health('ETH/USDT', 1)]);
    take([health('ETH/USDT', 2), health('BTC/USDT', 10)]);
    expect(rates('ETH/USDT', 'BTC/USDT')).toEqual([1, 12]);
    expect(rates('SOL/USDT')).toEqual([]);
  });

  it('are forgotten with their instrument', () => {
    take([health('ETH/USDT', 1), health('BTC/USDT', 1)]);
    take([health('ETH/USDT', 2)]);
    expect(rates('BTC/USDT')).toEqual([]);
    expect(useVenueRates.getState().rings.size).toBe(1);
  });
});
