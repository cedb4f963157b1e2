import { type Annotation, annotationProfitPct } from '../../../core/contracts/annotations.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useAnnotations } from '../../stores/annotations.ts';
import { useSelection } from '../../stores/selection.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { decimalsOf, formatDateTime, formatHeld, formatNumber, formatSigned } from '../../ui/format.ts';
import './annotations.css';

/** Every annotated trade of the symbol, newest entry first; a row brings its trade into view. */
export function AnnotationsPanel() {
  const { client, bootstrap } = useDesk();
  const symbol = useSelection((state) => state.symbol);
  const selectedId = useSelection((state) => state.selectedAnnotationId);
  const byId = useAnnotations((state) => state.byId);
  const setTool = useAnnotations((state) => state.setTool);
  const change = useAnnotations((state) => state.change);
  if (byId === undefined) return <EmptyState title="Reading annotations…" />;
  const annotations = [...byId.values()]
    .filter((annotation) => annotation.symbol === symbol)
    .toSorted((a, b) => b.entry.time - a.entry.time);
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
  const decimals = decimalsOf(bootstrap.symbols.find((candidate) => candidate.symbol === symbol)?.tickSize ?? '0.01');
  const show = (annotation: Annotation): void => {
    useSelection.getState().selectAnnotation(annotation.id);
    useSelection.getState().jumpTo((annotation.entry.time + annotation.exit.time) / 2);
  };
  return (
    <div className="annotations-panel" data-testid="annotations-panel">
      <p className="annotations-summary">
        {annotations.length} annotated {annotations.length === 1 ? 'trade' : 'trades'}
        {missing > 0 && ` · ${missing} more to train`}
      </p>
      <table>
        <thead>
          <tr>
            <th aria-label="Side" />
            <th>When (UTC)</th>
            <th className="number">Entry → exit</th>
            <th className="number">Held</th>
            <th className="number">Profit</th>
            <th aria-label="Delete" />
          </tr>
        </thead>
        <tbody>
          {annotations.map((annotation) => {
            const profit = annotationProfitPct(annotation);
            return (
              <tr key={annotation.id} aria-selected={annotation.id === selectedId} data-testid="annotation-row">
                <td className={annotation.direction === 'long' ? 'is-up' : 'is-down'} title={annotation.direction}>
                  {annotation.direction === 'long' ? '▲' : '▼'}
                </td>
                <td>
                  <button
                    type="button"
                    className="annotation-jump"
                    title="Show on the chart"
                    data-testid="annotation-jump"
                    onClick={() => show(annotation)}
                  >
                    {formatDateTime(annotation.entry.time).slice(0, 11)}
                  </button>
                </td>
                <td className="number">
                  {formatNumber(annotation.entry.price, decimals)} → {formatNumber(annotation.exit.price, decimals)}
                </td>
                <td className="number">{formatHeld(annotation.exit.time - annotation.entry.time)}</td>
                <td className={`number ${profit >= 0 ? 'is-up' : 'is-down'}`}>{formatSigned(profit, 2)} %</td>
                <td>
                  <button
                    type="button"
                    className="annotation-delete"
                    aria-label={`Delete the ${annotation.direction} of ${formatDateTime(annotation.entry.time)}`}
                    title="Delete"
                    onClick={() => void change(client, { before: annotation, after: undefined })}
                  >
                    ×
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
