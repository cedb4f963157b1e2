import { describe, expect, it } from 'vitest';
import { searchListed } from './symbol-search.ts';

const LISTED = [
  { symbol: 'ETHW/USDT', venues: ['a', 'b', 'c'] },
  { symbol: 'ETH/BTC', venues: ['a'] },
  { symbol: 'ETH/USDT:USDT', venues: ['a'] },
  { symbol: 'STETH/USDT', venues: ['a', 'b', 'c', 'd'] },
  { symbol: 'ETH/USDT', venues: ['a', 'b'] },
  { symbol: 'BTC/USDT', venues: ['a', 'b'] },
];
const found = (query: string): string[] => searchListed(query, LISTED).map(({ symbol }) => symbol);

describe('searchListed', () => {
  it('puts the base that was typed first, then bases that begin so, then the rest; among equals what more venues trade', () => {
    expect(found('eth')).toEqual(['ETH/USDT', 'ETH/BTC', 'ETH/USDT:USDT', 'ETHW/USDT', 'STETH/USDT']);
  });

  it('wants every word, whatever parts them', () => {
    expect(found('eth/usdt')).toEqual(['ETH/USDT', 'ETH/USDT:USDT', 'ETHW/USDT', 'STETH/USDT']);
    expect(found('eth btc')).toEqual(['ETH/BTC']);
    expect(found('doge')).toEqual([]);
  });

  it('puts a symbol that was typed whole first, and whole words before words that go on', () => {
    const listed = [
      { symbol: 'ETH/USDT', venues: ['a', 'b', 'c'] },
      { symbol: 'ETH/USDT:USDT', venues: ['a', 'b'] },
      { symbol: 'ETH/USD:ETH', venues: ['a'] },
    ];
    const first = (query: string): string | undefined => searchListed(query, listed)[0]?.symbol;
    expect(first('eth/usd:eth')).toBe('ETH/USD:ETH');
    expect(first('eth usd')).toBe('ETH/USD:ETH');
    expect(first('eth/usdt:usdt')).toBe('ETH/USDT:USDT');
    expect(first('eth')).toBe('ETH/USDT');
  });

  it('lists everything for nothing', () => {
    expect(found(' ')).toHaveLength(LISTED.length);
  });
});
