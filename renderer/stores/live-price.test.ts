import { beforeEach, describe, expect, it } from 'vitest';
import type { LivePrice } from '../../core/contracts/watchlist.ts';
import { sourceLabel, sourceMeaning, useLivePrice } from './live-price.ts';

const at = (price: number, change: Partial<LivePrice> = {}): LivePrice => ({
  symbol: 'ETH/USDT',
  price,
  source: 'book',
  venue: 'binance',
  t: 0,
  expired: false,
  ...change,
});

describe('the live price', () => {
  const { take, clear } = useLivePrice.getState();
  beforeEach(clear);

  it('keeps its direction while it stands still, also when its source changes', () => {
    take(at(200));
    expect(useLivePrice.getState().direction).toBeUndefined();
    take(at(201));
    take(at(201, { source: 'trade', expired: true }));
    expect(useLivePrice.getState()).toMatchObject({ direction: 'up', price: { source: 'trade', expired: true } });
    take(at(199));
    expect(useLivePrice.getState().direction).toBe('down');
    clear();
    expect(useLivePrice.getState()).toMatchObject({ direction: undefined, price: undefined });
  });

  it('says where it comes from', () => {
    const sources = (['book', 'trade', 'rest', 'candle'] as const).map((source) => ({ source, venue: 'mexc' }) as const);
    expect(sources.map(sourceLabel)).toEqual(['book MEXC', 'trade MEXC', 'REST MEXC', 'candle']);
    expect(new Set(sources.map(sourceMeaning)).size).toBe(4);
  });
});
