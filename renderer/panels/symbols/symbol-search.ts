import { createStore, type StoreApi } from 'zustand/vanilla';
import type { SymbolSearch } from '../../../core/contracts/watchlist.ts';
import type { DeskClient } from '../../ipc/desk-client.ts';

/** A pause in typing this long sends the search. */
export const SEARCH_REST_MS = 150;
const MOST_MATCHES = 60;

export interface SearchState {
  readonly query: string;
  /** An answer to `query` is awaited. */
  readonly searching: boolean;
  /** The newest answer, of this query or, while searching, of one before; absent while nothing is asked for. */
  readonly found: SymbolSearch | undefined;
  readonly problem: string | undefined;
}

export interface SymbolSearcher {
  readonly store: StoreApi<SearchState>;
  setQuery(query: string): void;
  close(): void;
}

const NOTHING: SearchState = { query: '', searching: false, found: undefined, problem: undefined };

/** Searches as the trader types. An answer to a query that was overtaken is dropped; an empty query asks for nothing. */
export function createSymbolSearcher(client: Pick<DeskClient, 'command'>): SymbolSearcher {
  const store = createStore<SearchState>(() => NOTHING);
  let newest = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(query: string, mine: number): Promise<void> {
    const result = await client.command('searchSymbols', { query, limit: MOST_MATCHES });
    if (mine !== newest) return;
    store.setState(
      result.ok
        ? { searching: false, found: result.value, problem: undefined }
        : { searching: false, found: undefined, problem: result.error.message },
    );
  }

  return {
    store,
    setQuery(query) {
      clearTimeout(timer);
      const mine = ++newest;
      const asked = query.trim();
      if (asked === '') {
        store.setState({ ...NOTHING, query });
        return;
      }
      store.setState({ query, searching: true, problem: undefined });
      timer = setTimeout(() => void ask(asked, mine), SEARCH_REST_MS);
    },
    close() {
      clearTimeout(timer);
      newest++;
    },
  };
}
