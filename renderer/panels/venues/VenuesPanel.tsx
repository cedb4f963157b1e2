import './venues.css';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { usePanelSettings } from '../../app/desk-context.ts';
import { useOverlays } from '../../stores/overlays.ts';
import { useSystem } from '../../stores/system.ts';
import { rateKey, useVenueRates } from '../../stores/venue-rates.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { GroupRow, InstrumentRow } from './VenueRows.tsx';
import {
  groupVenues,
  isMerged,
  treeMove,
  VENUE_COLUMNS,
  VENUE_GROUPINGS,
  type VenueColumn,
  type VenueGrouping,
  visibleRows,
} from './venue-table.ts';

interface Settings {
  by: VenueGrouping;
  column: VenueColumn;
  descending: boolean;
  collapsed: readonly string[];
}
const DEFAULTS: Settings = { by: 'symbol', column: 'name', descending: false, collapsed: [] };

const HEADS: Readonly<Record<VenueColumn, { readonly label: string; readonly title: string }>> = {
  name: { label: 'Venue', title: 'Name' },
  connection: { label: 'Connection', title: 'Connection to the venue’s stream' },
  book: { label: 'Book', title: 'Only a live book is merged; every other is left out until it is proven again' },
  latency: {
    label: 'Latency',
    title: 'From the venue’s stamp to our receipt in ms, clock offset removed: median / 99th percentile',
  },
  rate: { label: 'Messages/s', title: 'Messages per second, and their course over the last minute' },
  age: { label: 'Age', title: 'Time since the last message' },
  gaps: { label: 'Gaps', title: 'Holes seen in the book’s sequence' },
  resyncs: { label: 'Resyncs', title: 'Times that the book was built anew from a snapshot' },
  rotations: { label: 'Rotated', title: 'Times that a fresh connection took over from an ageing one, with overlap' },
  trades: { label: 'Trades', title: 'Trades missed on the stream: fetched afterwards / lost for good' },
  clock: { label: 'Clock', title: 'The venue’s clock minus ours' },
};
const LEFT_ALIGNED: readonly VenueColumn[] = ['name', 'connection', 'book'];

/** Every venue with its instruments: connection, book, times, rates, and what went wrong. */
export function VenuesPanel() {
  const venues = useSystem((state) => state.status?.venues);
  const rings = useVenueRates((state) => state.rings);
  const [{ by, column, descending, collapsed }, update] = usePanelSettings('venues', DEFAULTS);
  const [focused, setFocused] = useState<string>();
  const body = useRef<HTMLTableSectionElement>(null);
  const groups = useMemo(() => groupVenues(venues ?? [], by, { column, descending }), [venues, by, column, descending]);
  const closed = useMemo(() => new Set(Array.isArray(collapsed) ? collapsed : []), [collapsed]);
  const rows = visibleRows(groups, closed);
  const tabStop = rows.some((row) => row.key === focused) ? focused : rows[0]?.key;

  function toggle(key: string): void {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    update({ collapsed: [...next] });
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = treeMove(event.key, rows, focused);
    if (move === undefined) return;
    event.preventDefault();
    if (move.kind === 'toggle') toggle(move.key);
    setFocused(move.key);
    const row = body.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(move.key)}"]`);
    row?.focus();
  }

  if (venues === undefined) return <EmptyState title="Waiting for the first status report…" />;
  if (venues.length === 0) {
    return (
      <EmptyState title="No venue is connected yet">
        <p>Each appears here as soon as the desk connects to it. Which venues a symbol is merged from is yours to choose.</p>
        <Button onClick={() => useOverlays.getState().show('symbols')}>Symbols & venues…</Button>
      </EmptyState>
    );
  }
  const merged = venues.filter(isMerged).length;
  return (
    <div className="panel venues" data-testid="venues">
      <div className="venues-bar">
        <div className="segmented" role="group" aria-label="Group by">
          {VENUE_GROUPINGS.map((grouping) => (
            <button
              key={grouping}
              type="button"
              aria-pressed={grouping === by}
              onClick={() => update({ by: grouping })}
              data-testid={`venues-by-${grouping}`}
            >
              By {grouping}
            </button>
          ))}
        </div>
        <span className={merged === venues.length ? 'up' : 'warn'} data-testid="venues-summary">
          {merged} of {venues.length} books live
        </span>
        <span className="spacer" />
        <Button className="button-small" onClick={() => useOverlays.getState().show('symbols')} data-testid="venues-edit">
          Symbols & venues…
        </Button>
      </div>
      <div className="venues-scroll">
        <table className="table venues-table" role="treegrid" aria-label="Venues and their instruments">
          <thead>
            <tr>
              {VENUE_COLUMNS.map((id) => (
                <th
                  key={id}
                  scope="col"
                  className={`venues-${id} ${LEFT_ALIGNED.includes(id) ? '' : 'right'}`}
                  aria-sort={id !== column ? 'none' : descending ? 'descending' : 'ascending'}
                >
                  <button
                    type="button"
                    className="sort-button"
                    title={`${HEADS[id].title}. Click to sort.`}
                    onClick={() =>
                      update(id === column ? { descending: !descending } : { column: id, descending: id !== 'name' })
                    }
                    data-testid={`venues-sort-${id}`}
                  >
                    {id === 'name' && by === 'symbol' ? 'Symbol' : HEADS[id].label}
                    <span aria-hidden="true">{id !== column ? '' : descending ? ' ▾' : ' ▴'}</span>
                  </button>
                </th>
              ))}
              <th scope="col" className="venues-error">
                Last error
              </th>
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={onKeyDown}>
            {groups.map((group) => (
              <GroupRow
                key={group.key}
                group={group}
                by={by}
                expanded={!closed.has(group.key)}
                tabStop={tabStop}
                rings={rings}
                onFocus={setFocused}
                onToggle={() => toggle(group.key)}
              >
                {group.instruments.map((health) => (
                  <InstrumentRow
                    key={rateKey(health)}
                    health={health}
                    by={by}
                    tabStop={tabStop}
                    rings={rings}
                    onFocus={setFocused}
                  />
                ))}
              </GroupRow>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
