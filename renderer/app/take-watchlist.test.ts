import { beforeEach, describe, expect, it } from 'vitest';
import type { FollowedSymbol } from '../../core/contracts/watchlist.ts';
import { useSelection } from '../stores/selection.ts';
import { useToasts } from '../stores/toasts.ts';
import { useWatchlist } from '../stores/watchlist.ts';
import { takeWatchlist } from './take-watchlist.ts';

const list = (...symbols: string[]): { symbols: FollowedSymbol[]; venues: [] } => ({
  symbols: symbols.map((symbol) => ({
    symbol,
    tickSize: '0.01',
    lotSize: '0.01',
    minNotional: '5',
    kind: 'spot',
    bucketWidth: 1,
    sources: [{ venue: 'binance', symbol }],
  })),
  venues: [],
});

describe('a new watchlist', () => {
  beforeEach(() => {
    useToasts.setState({ toasts: [] });
    useWatchlist.getState().begin(list('BTC/USDT', 'ETH/USDT', 'SOL/USDT').symbols);
    useSelection.getState().selectSymbol('ETH/USDT');
  });

  it('leaves the shown symbol alone while it is followed', () => {
    takeWatchlist(list('ETH/USDT'));
    expect(useSelection.getState().symbol).toBe('ETH/USDT');
    expect(useToasts.getState().toasts).toEqual([]);
  });

  it('moves on from a symbol that is not followed any more, and says so', () => {
    takeWatchlist(list('BTC/USDT', 'SOL/USDT'));
    expect(useSelection.getState().symbol).toBe('SOL/USDT');
    expect(useToasts.getState().toasts).toMatchObject([{ level: 'info', title: 'ETH/USDT is not followed any more' }]);
  });
});
