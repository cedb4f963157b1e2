import { useEffect } from 'react';
import { hasBook, useCob } from '../stores/cob.ts';
import { useSelection } from '../stores/selection.ts';
import { decimalsOf, formatNumber } from '../ui/format.ts';
import { useDesk } from './desk-context.ts';

const PERIOD_MS = 1_000;

/** The title leads with the market's mode and follows the price once a second. */
export function useWindowTitle(): void {
  const { bootstrap } = useDesk();
  useEffect(() => {
    function update(): void {
      const { symbol } = useSelection.getState();
      const { view } = useCob.getState();
      const tickSize = bootstrap.symbols.find((known) => known.symbol === symbol)?.tickSize ?? '0.01';
      const price = hasBook(view) ? ` ${formatNumber(view.mid, decimalsOf(tickSize))}` : '';
      document.title = `${bootstrap.mode} · ${symbol}${price} · PAPER · Cobalt Desk`;
    }
    update();
    const timer = setInterval(update, PERIOD_MS);
    return () => clearInterval(timer);
  }, [bootstrap]);
}
