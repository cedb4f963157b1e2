import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { SymbolSearch } from '../../../core/contracts/watchlist.ts';
import type { DeskClient } from '../../ipc/desk-client.ts';
import { createSymbolSearcher, SEARCH_REST_MS } from './symbol-search.ts';

interface Asked {
  readonly query: string;
  answer(result: Result<SymbolSearch>): void;
}

function fakeDesk(): { readonly client: Pick<DeskClient, 'command'>; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const command = (_name: string, input: { query: string }): Promise<unknown> =>
    new Promise((resolve) => asked.push({ query: input.query, answer: resolve }));
  return { client: { command: command as DeskClient['command'] }, asked };
}

const found = (symbol: string): Result<SymbolSearch> =>
  ok({ matches: [{ symbol, venues: ['binance'], followed: false }], more: 0, failures: [] });
const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('the symbol search', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('asks once typing rests', async () => {
    const { client, asked } = fakeDesk();
    const search = createSymbolSearcher(client);
    for (const query of ['s', 'so', ' sol ']) {
      search.setQuery(query);
      await vi.advanceTimersByTimeAsync(SEARCH_REST_MS - 1);
    }
    expect(asked).toEqual([]);
    expect(search.store.getState()).toMatchObject({ query: ' sol ', searching: true });
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.map(({ query }) => query)).toEqual(['sol']);
    asked[0]?.answer(found('SOL/USDT'));
    await settled();
    expect(search.store.getState()).toMatchObject({ searching: false, found: { matches: [{ symbol: 'SOL/USDT' }] } });
  });

  it('drops the answers to overtaken queries, in whatever order they come', async () => {
    const { client, asked } = fakeDesk();
    const search = createSymbolSearcher(client);
    search.setQuery('s');
    await vi.advanceTimersByTimeAsync(SEARCH_REST_MS);
    search.setQuery('sol');
    await vi.advanceTimersByTimeAsync(SEARCH_REST_MS);
    asked[1]?.answer(found('SOL/USDT'));
    await settled();
    asked[0]?.answer(found('SAND/USDT'));
    await settled();
    expect(search.store.getState().found?.matches[0]?.symbol).toBe('SOL/USDT');
  });

  it('keeps the last matches on screen while it asks again, and none once the field is empty', async () => {
    const { client, asked } = fakeDesk();
    const search = createSymbolSearcher(client);
    search.setQuery('so');
    await vi.advanceTimersByTimeAsync(SEARCH_REST_MS);
    asked[0]?.answer(found('SOL/USDT'));
    await settled();
    search.setQuery('sol');
    expect(search.store.getState()).toMatchObject({ searching: true, found: { matches: [{ symbol: 'SOL/USDT' }] } });
    search.setQuery('');
    expect(search.store.getState()).toEqual({ query: '', searching: false, found: undefined, problem: undefined });
    await vi.advanceTimersByTimeAsync(SEARCH_REST_MS);
    expect(asked).toHaveLength(1);
  });

  it('says why there is no answer, and nothing after it was closed', async () => {
    const { client, asked } = fakeDesk();
    const search = createSymbolSearcher(client);
    search.setQuery('sol');
    await vi.advanceTimersByTimeAsync(SEARCH_REST_MS);
    asked[0]?.answer(fail('NOT_CONNECTED', 'No connection.'));
    await settled();
    expect(search.store.getState()).toMatchObject({ searching: false, problem: 'No connection.' });
    search.setQuery('eth');
    await vi.advanceTimersByTimeAsync(SEARCH_REST_MS);
    search.close();
    asked[1]?.answer(found('ETH/USDT'));
    await settled();
    expect(search.store.getState().found).toBeUndefined();
  });
});
