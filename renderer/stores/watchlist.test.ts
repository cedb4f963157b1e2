import { beforeEach, describe, expect, it } from 'vitest';
import type { FollowedSymbol } from '../../core/contracts/watchlist.ts';
import { priceDecimals, symbolAfter, useWatchlist } from './watchlist.ts';

const info = (symbol: string, tickSize = '0.01'): FollowedSymbol => ({
  symbol,
  tickSize,
  lotSize: '0.001',
  minNotional: '5',
  kind: 'spot',
  bucketWidth: 1,
  sources: [{ venue: 'binance', symbol }],
});

describe('the watchlist', () => {
  const { begin, take } = useWatchlist.getState();
  beforeEach(() => begin([]));

  it('offers what the bootstrap named until the stream tells more', () => {
    begin([info('ETH/USDT')]);
    expect(useWatchlist.getState().followed).toBeUndefined();
    expect(useWatchlist.getState().known.map(({ symbol }) => symbol)).toEqual(['ETH/USDT']);
    take({ symbols: [info('ETH/USDT', '0.1'), info('SOL/USDT', '0.001')], venues: ['binance', 'bybit'] });
    expect(useWatchlist.getState().known.map(({ symbol }) => symbol)).toEqual(['ETH/USDT', 'SOL/USDT']);
    expect(useWatchlist.getState().venues).toEqual(['binance', 'bybit']);
    expect([priceDecimals('ETH/USDT'), priceDecimals('SOL/USDT'), priceDecimals('XRP/USDT')]).toEqual([1, 3, 2]);
  });

  it('forgets the services before', () => {
    take({ symbols: [info('SOL/USDT')], venues: ['bybit'] });
    begin([info('ETH/USDT')]);
    expect(useWatchlist.getState()).toMatchObject({ followed: undefined, venues: [] });
  });
});

describe('the shown symbol', () => {
  const list = (...symbols: string[]) => symbols.map((symbol) => ({ symbol }));

  it('stays while it is followed, wherever it is in the list', () => {
    expect(symbolAfter('B', list('A', 'B'), list('C', 'A', 'B'))).toBe('B');
  });

  it('gives way to the one that took its place, or to the last', () => {
    expect(symbolAfter('B', list('A', 'B', 'C'), list('A', 'C'))).toBe('C');
    expect(symbolAfter('C', list('A', 'B', 'C'), list('A', 'B'))).toBe('B');
    expect(symbolAfter('X', list('A'), list('A', 'B'))).toBe('A');
    expect(symbolAfter('A', list('A'), [])).toBeUndefined();
  });
});
