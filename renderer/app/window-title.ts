import { useEffect } from 'react';
import { hasBook, useCob } from '../stores/cob.ts';
import { useSelection } from '../stores/selection.ts';
import { priceDecimals } from '../stores/watchlist.ts';
import { formatNumber } from '../ui/format.ts';
import { useDesk } from './desk-context.ts';

const PERIOD_MS = 1_000;

/** The title leads with the market's mode and follows the price once a second. */
export function useWindowTitle(): void {
  const { bootstrap } = useDesk();
  useEffect(() => {
    function update(): void {
      const { symbol } = useSelection.getState();
      const { view } = useCob.getState();
      const price = hasBook(view) ? ` ${formatNumber(view.mid, priceDecimals(symbol))}` : '';
      document.title = `${bootstrap.mode} · ${symbol}${price} · PAPER · Cobalt Desk`;
    }
    update();
    const timer = setInterval(update, PERIOD_MS);
    return () => clearInterval(timer);
  }, [bootstrap]);
}
