import type { Watchlist } from '../../core/contracts/watchlist.ts';
import { useSelection } from '../stores/selection.ts';
import { useToasts } from '../stores/toasts.ts';
import { symbolAfter, useWatchlist } from '../stores/watchlist.ts';

/** Takes the newest watchlist; when the shown symbol is not in it any more, the window moves on to its neighbour and says so. */
export function takeWatchlist(watchlist: Watchlist): void {
  const before = useWatchlist.getState().known;
  useWatchlist.getState().take(watchlist);
  const { symbol, selectSymbol } = useSelection.getState();
  const next = symbolAfter(symbol, before, watchlist.symbols);
  if (next === undefined || next === symbol) return;
  selectSymbol(next);
  if (symbol === '') return;
  useToasts.getState().show({
    level: 'info',
    title: `${symbol} is not followed any more`,
    text: `The window shows ${next} now. What is stored of ${symbol} is kept.`,
  });
}
