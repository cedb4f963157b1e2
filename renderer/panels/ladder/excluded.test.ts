import { expect, it } from 'vitest';
import { excludedByReason } from './excluded.ts';

it('says a reason once for all venues that it holds for', () => {
  expect(
    excludedByReason([
      { venue: 'binance', state: 'stale', reason: 'the connection is refused' },
      { venue: 'bybit', state: 'syncing', reason: '' },
      { venue: 'mexc', state: 'stale', reason: 'the connection is refused' },
    ]),
  ).toEqual(['Binance, MEXC stale: the connection is refused', 'Bybit syncing']);
  expect(excludedByReason([])).toEqual([]);
});
