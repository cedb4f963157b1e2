import { create } from 'zustand';
import type { VenueId } from '../../core/market/instrument.ts';
import type { FollowedSymbol, SymbolInfo, Watchlist } from '../../core/contracts/watchlist.ts';
import { decimalsOf } from '../ui/format.ts';

interface WatchlistState {
  /** What the bootstrap named, for the first paint. */
  readonly known: readonly SymbolInfo[];
  /** The followed symbols in the trader's order; absent until the stream told them. */
  readonly followed: readonly FollowedSymbol[] | undefined;
  /** Venues of this market; empty until the stream told them. */
  readonly venues: readonly VenueId[];
  begin(known: readonly SymbolInfo[]): void;
  take(watchlist: Watchlist): void;
}

/** The symbols that every panel offers. */
export const useWatchlist = create<WatchlistState>((set) => ({
  known: [],
  followed: undefined,
  venues: [],
  begin: (known) => set({ known, followed: undefined, venues: [] }),
  take: ({ symbols, venues }) => set({ known: symbols, followed: symbols, venues }),
}));

/** The symbols to offer: those of the bootstrap until the stream has told them. */
export function useSymbols(): readonly SymbolInfo[] {
  return useWatchlist((state) => state.known);
}

export function useSymbolInfo(symbol: string): SymbolInfo | undefined {
  return useWatchlist(({ known }) => known.find((info) => info.symbol === symbol));
}

export function symbolInfo(symbol: string): SymbolInfo | undefined {
  return useWatchlist.getState().known.find((info) => info.symbol === symbol);
}

/** Digits after the point of a symbol's prices. */
export function priceDecimals(symbol: string): number {
  return decimalsOf(useWatchlist.getState().known.find((info) => info.symbol === symbol)?.tickSize ?? '0.01');
}

export function usePriceDecimals(symbol: string): number {
  return decimalsOf(useSymbolInfo(symbol)?.tickSize ?? '0.01');
}

/**
 * The symbol to show from now on: the one that is shown while it is followed, else the one that took its place in the list.
 * `before` is the list in which it still was. `undefined` when nothing is followed.
 */
export function symbolAfter(
  shown: string,
  before: readonly Pick<SymbolInfo, 'symbol'>[],
  now: readonly Pick<SymbolInfo, 'symbol'>[],
): string | undefined {
  if (now.some(({ symbol }) => symbol === shown)) return shown;
  const place = Math.max(
    0,
    before.findIndex(({ symbol }) => symbol === shown),
  );
  return (now[place] ?? now.at(-1))?.symbol;
}
