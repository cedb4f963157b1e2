import { describe, expect, it } from 'vitest';
import type { VenueHealth } from '../../../core/contracts/system.ts';
import { figuresOf, groupVenues, treeMove, visibleRows, type VisibleRow } from './venue-table.ts';

const health = (change: Partial<VenueHealth>): VenueHealth => ({
  venue: 'binance',
  followed: 'ETH/USDT',
  symbol: 'ETH/USDT',
  primary: false,
  connection: 'open',
  book: 'live',
  bookReason: '',
  messagesPerSecond: 10,
  resyncs: 0,
  gaps: 0,
  rotations: 0,
  backfilledTrades: 0,
  missedTrades: 0,
  ...change,
});

const VENUES: readonly VenueHealth[] = [
  health({ primary: true, latencyMsP50: 20, gaps: 1, clockOffsetMs: 3 }),
  health({ followed: 'BTC/USDT', symbol: 'BTC/USDT', latencyMsP50: 30, gaps: 2, clockOffsetMs: -40 }),
  health({ venue: 'okx', book: 'stale', bookReason: 'silent', messagesPerSecond: 0, dataAgeMs: 9_000 }),
  health({ venue: 'deribit', symbol: 'ETH/USD:ETH', messagesPerSecond: 50, latencyMsP50: 5 }),
];
const BY_NAME = { column: 'name', descending: false } as const;

describe('the figures of a group', () => {
  it('are the worst states and times and the sums of counts', () => {
    expect(figuresOf(VENUES)).toMatchObject({
      connection: 'open',
      book: 'stale',
      live: 3,
      instruments: 4,
      latencyMsP50: 30,
      messagesPerSecond: 70,
      dataAgeMs: 9_000,
      gaps: 3,
      clockOffsetMs: -40,
      latencyMsP99: undefined,
    });
  });
});

describe('the groups', () => {
  it('are venues with their instruments, or followed symbols with theirs', () => {
    const byVenue = groupVenues(VENUES, 'venue', BY_NAME);
    expect(byVenue.map(({ label, instruments }) => [label, ...instruments.map(({ symbol }) => symbol)])).toEqual([
      ['Binance', 'BTC/USDT', 'ETH/USDT'],
      ['Deribit', 'ETH/USD:ETH'],
      ['OKX', 'ETH/USDT'],
    ]);
    const bySymbol = groupVenues(VENUES, 'symbol', BY_NAME);
    expect(bySymbol.map(({ key, instruments }) => [key, ...instruments.map(({ venue }) => venue)])).toEqual([
      ['BTC/USDT', 'binance'],
      ['ETH/USDT', 'binance', 'deribit', 'okx'],
    ]);
  });

  it('are sorted inside and among each other, those without a figure always last', () => {
    const order = (descending: boolean): string[] =>
      groupVenues(VENUES, 'symbol', { column: 'latency', descending }).flatMap(({ key, instruments }) => [
        key,
        ...instruments.map(({ venue }) => venue),
      ]);
    expect(order(false)).toEqual(['ETH/USDT', 'deribit', 'binance', 'okx', 'BTC/USDT', 'binance']);
    expect(order(true)).toEqual(['BTC/USDT', 'binance', 'ETH/USDT', 'binance', 'deribit', 'okx']);
    expect(groupVenues(VENUES, 'venue', { column: 'book', descending: true })[0]?.key).toBe('okx');
  });
});

describe('the keys of the tree', () => {
  const groups = groupVenues(VENUES, 'symbol', BY_NAME);
  const rows = visibleRows(groups, new Set(['ETH/USDT']));
  const press = (key: string, focused: string | undefined, on: readonly VisibleRow[] = rows) => treeMove(key, on, focused);
  const [btc, instrument, eth] = rows.map(({ key }) => key) as [string, string, string];

  it('hide the instruments of a collapsed group', () => {
    expect(rows.map(({ key }) => key)).toEqual(['BTC/USDT', 'binance:BTC/USDT>BTC/USDT', 'ETH/USDT']);
  });

  it('walk through the visible rows and stop at the ends', () => {
    expect(press('ArrowDown', btc)).toEqual({ kind: 'focus', key: instrument });
    expect(press('ArrowDown', eth)).toEqual({ kind: 'focus', key: eth });
    expect(press('ArrowUp', btc)).toEqual({ kind: 'focus', key: btc });
    expect(press('End', btc)).toEqual({ kind: 'focus', key: eth });
    expect(press('Home', eth)).toEqual({ kind: 'focus', key: btc });
    expect(press('ArrowDown', undefined)).toEqual({ kind: 'focus', key: btc });
    expect(press('ArrowDown', btc, [])).toBeUndefined();
  });

  it('open, close and leave groups', () => {
    expect(press('ArrowRight', eth)).toEqual({ kind: 'toggle', key: eth });
    expect(press('ArrowRight', btc)).toEqual({ kind: 'focus', key: instrument });
    expect(press('ArrowLeft', btc)).toEqual({ kind: 'toggle', key: btc });
    expect(press('ArrowLeft', instrument)).toEqual({ kind: 'focus', key: btc });
    expect(press('ArrowLeft', eth)).toBeUndefined();
    expect(press('Enter', eth)).toEqual({ kind: 'toggle', key: eth });
    expect(press('Enter', instrument)).toBeUndefined();
    expect(press('x', btc)).toBeUndefined();
  });
});
