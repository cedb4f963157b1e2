import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CobView } from '../../core/contracts/market-views.ts';
import { useCob, useCobReadout } from './cob.ts';

function book(mid: number, venues: CobView['venues'] = ['binance']): CobView {
  return {
    symbol: 'ETH/USDT',
    t: 0,
    venues,
    excluded: [],
    bestBid: mid - 1,
    bestAsk: mid + 1,
    bestBidQuantity: 1,
    bestAskQuantity: 1,
    mid,
    spreadBps: 1,
    microprice: mid,
    anchor: mid,
    bucketWidth: 1,
    bidQuantity: [],
    askQuantity: [],
    bidNotional: [],
    askNotional: [],
    imbalance: 0,
    imbalanceMa: { s1: 0, s5: 0, s15: 0, s60: 0 },
  };
}

describe('the book stores', () => {
  const { take, clear } = useCob.getState();
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    clear();
    vi.useRealTimers();
  });

  it('keep the direction while the mid stands still or there is no book', () => {
    take(book(200));
    expect(useCob.getState().direction).toBeUndefined();
    take(book(201));
    take(book(201));
    take(book(0, []));
    expect(useCob.getState().direction).toBe('up');
    take(book(199));
    take(book(198));
    expect(useCob.getState().direction).toBe('down');
  });

  it('read out the first change at once, then at most ten a second, and never lose the last', () => {
    const shown: (number | undefined)[] = [];
    const end = useCobReadout.subscribe(({ view }) => shown.push(view?.mid));
    for (let i = 0; i < 30; i++) {
      take(book(200 + i));
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(100);
    end();
    expect(shown).toEqual([200, 209, 219, 229]);
  });

  it('show nothing of another symbol', () => {
    take(book(200));
    take(book(201));
    clear();
    expect(useCobReadout.getState().view).toBeUndefined();
    vi.advanceTimersByTime(200);
    expect(useCobReadout.getState().view).toBeUndefined();
    take(book(7000));
    expect(useCobReadout.getState().view?.mid).toBe(7000);
  });
});
