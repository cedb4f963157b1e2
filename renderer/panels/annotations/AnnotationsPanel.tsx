import type { KeyboardEvent } from 'react';
import type { Annotation } from '../../../core/contracts/annotations.ts';
import { useDesk } from '../../app/desk-context.ts';
import { annotationsOf, useAnnotations } from '../../stores/annotations.ts';
import { useSelection } from '../../stores/selection.ts';
import { usePriceDecimals } from '../../stores/watchlist.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { AnnotationRow } from './AnnotationRow.tsx';
import { neighbourOf } from './neighbour.ts';
import './annotations.css';

/** Every annotated trade of the symbol, newest entry first; a row brings its trade into view, ↑ and ↓ walk through them. */
export function AnnotationsPanel() {
  const { bootstrap } = useDesk();
  const symbol = useSelection((state) => state.symbol);
  const selectedId = useSelection((state) => state.selectedAnnotationId);
  const decimals = usePriceDecimals(symbol);
  const byId = useAnnotations((state) => state.byId);
  const setTool = useAnnotations((state) => state.setTool);
  if (byId === undefined) return <EmptyState title="Reading annotations…" />;
  const annotations = annotationsOf(symbol).toSorted((a, b) => b.entry.time - a.entry.time || b.createdAt - a.createdAt);
  const missing = Math.max(0, bootstrap.minAnnotations - annotations.length);
  if (annotations.length === 0) {
    return (
      <EmptyState title="No annotated trades yet">
        <p>
          Press <kbd>L</kbd> for a long or <kbd>S</kbd> for a short, press on the entry candle, drag to the exit and release.{' '}
          {missing} are needed to train a model.
        </p>
        <Button onClick={() => setTool('long')}>Annotate a long trade</Button>
      </EmptyState>
    );
  }

  function walk(event: KeyboardEvent<HTMLElement>): void {
    if (event.target instanceof HTMLInputElement || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const next = neighbourOf(annotations, selectedId, event.key === 'ArrowDown' ? 1 : -1);
    if (next === undefined) return;
    showOnChart(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-jump="${next.id}"]`)?.focus();
  }

  return (
    <div className="panel annotations-panel" data-testid="annotations-panel" onKeyDown={walk}>
      <p className="annotations-summary">
        {annotations.length} annotated {annotations.length === 1 ? 'trade' : 'trades'}
        {missing > 0 && ` · ${missing} more to train`}
      </p>
      <table className="table annotations-table" aria-label="Annotated trades">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Side</span>
            </th>
            <th scope="col">Entry (UTC)</th>
            <th scope="col" className="right">
              Entry → exit
            </th>
            <th scope="col" className="right">
              Held
            </th>
            <th scope="col" className="right">
              Profit
            </th>
            <th scope="col">
              <span className="visually-hidden">Delete</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {annotations.map((annotation) => (
            <AnnotationRow
              key={annotation.id}
              annotation={annotation}
              selected={annotation.id === selectedId}
              decimals={decimals}
              onShow={showOnChart}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function showOnChart(annotation: Annotation): void {
  useSelection.getState().selectAnnotation(annotation.id);
  useSelection.getState().jumpTo((annotation.entry.time + annotation.exit.time) / 2);
}
