import './large-trades.css';
import { useEffect, useState } from 'react';
import type { LargeTrade } from '../../../core/contracts/large-trades.ts';
import { useDesk } from '../../app/desk-context.ts';
import { followLargeTrades } from '../../stores/large-trades.ts';
import { useSelection } from '../../stores/selection.ts';
import { usePriceDecimals } from '../../stores/watchlist.ts';
import { formatClock, formatCompact, formatNumber } from '../../ui/format.ts';
import { paced } from '../../ui/paced.ts';
import { venueName } from '../../ui/venue-name.ts';

/** Rows that are shown, the newest first. */
const ROWS = 60;
/** Four times a second is as fast as rows can be read. */
const SHOW_PERIOD_MS = 250;

interface Shown {
  readonly trades: readonly LargeTrade[];
  readonly threshold: number | undefined;
}

const NOTHING: Shown = { trades: [], threshold: undefined };

/** The newest trades of any source that were large when they came; a click brings one into view on the chart. */
export function LargeTrades() {
  const { client } = useDesk();
  const symbol = useSelection((state) => state.symbol);
  const jumpTo = useSelection((state) => state.jumpTo);
  const decimals = usePriceDecimals(symbol);
  const [{ trades, threshold }, show] = useState(NOTHING);

  useEffect(() => {
    if (symbol === '') return undefined;
    const showing = paced(SHOW_PERIOD_MS, () => show({ trades: list.trades.slice(-ROWS).reverse(), threshold: list.threshold }));
    const { list, end } = followLargeTrades(client, symbol, showing.ask);
    showing.ask();
    return () => {
      end();
      showing.end();
      show(NOTHING);
    };
  }, [client, symbol]);

  const largest = trades.reduce((most, { notional }) => Math.max(most, notional), 0);
  return (
    <section className="large-trades" aria-label={`Large trades of ${symbol}`} data-testid="large-trades">
      <header title="The largest 5 % of the last 16,384 trades of all sources, as known when each came">
        Large trades
        {threshold !== undefined && <span className="dim num"> from ${formatCompact(threshold)}</span>}
      </header>
      {trades.length === 0 ? (
        <p className="dim">Which trades are large is known after 500 of them.</p>
      ) : (
        <ol className="num">
          {trades.map((trade) => (
            <li key={`${trade.venue} ${trade.instrument} ${trade.id}`} className={trade.side === 'buy' ? 'up' : 'down'}>
              <button type="button" title={titleOf(trade)} onClick={() => jumpTo(trade.time)}>
                <span
                  className="large-trades-size"
                  aria-hidden="true"
                  style={{ width: `${(100 * trade.notional) / largest}%` }}
                />
                <span className="dim">{formatClock(trade.time)}</span>
                <span>
                  {trade.side === 'buy' ? '▲' : '▼'} {formatNumber(trade.price, decimals)}
                </span>
                <span>${formatCompact(trade.notional)}</span>
                <span className="dim">{venueName(trade.venue)}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function titleOf({ side, quantity, venue, instrument }: LargeTrade): string {
  return `${side === 'buy' ? 'Bought' : 'Sold'} ${formatCompact(quantity)} of ${instrument} on ${venueName(venue)} by a taker. Click to see it on the chart.`;
}
