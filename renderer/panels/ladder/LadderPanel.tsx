import './ladder.css';
import { type KeyboardEvent, memo, useEffect, useRef } from 'react';
import { COB_BUCKETS } from '../../../core/contracts/market-views.ts';
import { useActions } from '../../app/actions.ts';
import { useDesk, usePanelSettings } from '../../app/desk-context.ts';
import { hasBook, useCobReadout } from '../../stores/cob.ts';
import { useSelection } from '../../stores/selection.ts';
import { usePriceDecimals } from '../../stores/watchlist.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatNumber } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { excludedByReason } from './excluded.ts';
import { followBook } from './follow-book.ts';
import { LADDER_DEFAULTS } from './ladder-settings.ts';
import { Imbalance } from './Imbalance.tsx';
import { Sources, SourcesButton } from './LadderSources.tsx';

/** The consolidated order book around the mid, one row per price bucket. */
export function LadderPanel() {
  const { bootstrap } = useDesk();
  const live = useCobReadout(({ view }) => hasBook(view));
  return (
    <div className="panel ladder" data-testid="ladder">
      <header className="ladder-head">
        <div className="ladder-title">
          <ModeBadge mode={bootstrap.mode} testId="ladder-mode" />
          <SourcesButton />
          <Spread />
        </div>
        <Imbalance />
      </header>
      <Sources />
      {live ? <Rows /> : <NoBook />}
    </div>
  );
}

function NoBook() {
  // As texts, so that it is only rendered when a reason changes.
  const known = useCobReadout(({ view }) => view !== undefined);
  const excluded = useCobReadout(({ view }) => excludedByReason(view?.excluded ?? []).join('\n'));
  return (
    <EmptyState title="No live order book">
      {known ? (
        <>
          {(excluded || 'No venue has a live book').split('\n').map((line) => (
            <p key={line}>{line}.</p>
          ))}
          <p>It comes back by itself once a venue is in sync.</p>
        </>
      ) : (
        'Waiting for the first snapshot of the book.'
      )}
    </EmptyState>
  );
}

function Spread() {
  const spread = useCobReadout(({ view }) => (hasBook(view) ? Math.round(view.spreadBps * 10) / 10 : undefined));
  if (spread === undefined) return null;
  const crossed = spread < 0;
  return (
    <span
      className="num ladder-spread"
      title={
        crossed
          ? 'One venue’s best bid is above another’s best ask, by this much in basis points of the mid'
          : 'Spread in basis points of the mid'
      }
      data-testid="ladder-spread"
    >
      <span className={crossed ? 'warn' : 'dim'}>{crossed ? 'crossed' : 'spread'}</span> {formatNumber(Math.abs(spread), 1)}{' '}
      <span className="dim">bps</span>
    </span>
  );
}

function Rows() {
  const { presentTicket } = useActions();
  const symbol = useSelection((state) => state.symbol);
  const decimals = usePriceDecimals(symbol);
  const body = useRef<HTMLDivElement>(null);

  const [{ sums }, update] = usePanelSettings('ladder', LADDER_DEFAULTS);

  useEffect(() => (body.current === null ? undefined : followBook(body.current, sums)), [sums]);

  function choose(target: EventTarget): void {
    const price = target instanceof Element ? target.closest<HTMLElement>('[data-price]')?.dataset.price : undefined;
    if (price !== undefined) presentTicket({ type: 'limit', limitPrice: Number(price).toFixed(decimals) });
  }

  return (
    <div className="ladder-body">
      <div className="ladder-columns">
        <span className="ladder-side" aria-hidden="true">
          <span className="ladder-notional">{quoteOf(symbol)}</span>
          <span>bid</span>
        </span>
        <button
          type="button"
          className="ladder-sums"
          aria-pressed={sums}
          aria-label="Sums from the mid"
          title="Numbers of each row, or sums of all rows from the mid on. The faint bars show the sums."
          onClick={() => update({ sums: !sums })}
          data-testid="ladder-sums"
        >
          price <b aria-hidden="true">Σ</b>
        </button>
        <span className="ladder-side ladder-ask" aria-hidden="true">
          <span>ask</span>
          <span className="ladder-notional">{quoteOf(symbol)}</span>
        </span>
      </div>
      {/* The rows are buttons; this only saves 41 handlers. */}
      <div
        ref={body}
        className="ladder-rows"
        role="group"
        aria-label="Prices; Enter puts one into the ticket"
        onClick={(event) => choose(event.target)}
        onKeyDown={moveFocus}
      >
        <StaticRows />
      </div>
      <MidLine decimals={decimals} />
    </div>
  );
}

/** `ETH/USD:ETH` → `USD`, which the values are in. */
function quoteOf(symbol: string): string {
  return symbol.split(/[/:]/)[1] ?? '';
}

const ROWS = Array.from({ length: COB_BUCKETS }, (_, row) => row);
const MIDDLE = (COB_BUCKETS - 1) / 2;

/** Never rendered again: `LadderPainter` owns what is inside the cells. */
const StaticRows = memo(function StaticRows() {
  return ROWS.map((row) => (
    <button
      key={row}
      type="button"
      className="ladder-row"
      data-row={row}
      data-testid={`ladder-row-${MIDDLE - row}`}
      tabIndex={row === MIDDLE ? 0 : -1}
    >
      <span className="ladder-side ladder-bid num">
        <span className="ladder-depth" data-cell="bid-depth" />
        <span className="ladder-bar" data-cell="bid-bar" />
        <span className="ladder-notional" data-cell="bid-notional" />
        <span className="ladder-quantity" data-cell="bid-quantity" />
      </span>
      <span className="ladder-price num" data-cell="price" />
      <span className="ladder-side ladder-ask num">
        <span className="ladder-depth" data-cell="ask-depth" />
        <span className="ladder-bar" data-cell="ask-bar" />
        <span className="ladder-quantity" data-cell="ask-quantity" />
        <span className="ladder-notional" data-cell="ask-notional" />
      </span>
    </button>
  ));
});

function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
  const row = event.target instanceof Element ? event.target.closest('[data-row]') : null;
  const next = event.key === 'ArrowUp' ? row?.previousElementSibling : row?.nextElementSibling;
  if (next instanceof HTMLElement) next.focus();
  event.preventDefault();
}

function MidLine({ decimals }: { readonly decimals: number }) {
  const { presentTicket } = useActions();
  const mid = useCobReadout(({ view }) => (hasBook(view) ? view.mid.toFixed(decimals) : undefined));
  const best = useCobReadout(({ view }) =>
    hasBook(view) ? `${view.bestBid.toFixed(decimals)} / ${view.bestAsk.toFixed(decimals)}` : undefined,
  );
  const direction = useCobReadout((state) => state.direction);
  if (mid === undefined) return null;
  return (
    <button
      type="button"
      className="ladder-mid num"
      title="Put the mid into the ticket"
      onClick={() => presentTicket({ type: 'limit', limitPrice: mid })}
      data-testid="ladder-mid"
    >
      <span className="dim">mid</span>
      <strong className={direction ?? ''}>{mid}</strong>
      <span className="dim" title="Best bid and best ask">
        {best}
      </span>
    </button>
  );
}
