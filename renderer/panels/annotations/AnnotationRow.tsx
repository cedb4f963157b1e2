import { memo } from 'react';
import { type Annotation, annotationProfitPct } from '../../../core/contracts/annotations.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useAnnotations } from '../../stores/annotations.ts';
import { formatDateTime, formatHeld, formatNumber, formatSigned } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { NoteField } from './NoteField.tsx';

interface AnnotationRowProps {
  readonly annotation: Annotation;
  readonly selected: boolean;
  readonly decimals: number;
  readonly onShow: (annotation: Annotation) => void;
}

export const AnnotationRow = memo(function AnnotationRow({ annotation, selected, decimals, onShow }: AnnotationRowProps) {
  const { client } = useDesk();
  const change = useAnnotations((state) => state.change);
  const { direction, entry, exit, note, id } = annotation;
  const profit = annotationProfitPct(annotation);
  const when = formatDateTime(entry.time);
  return (
    <>
      <tr aria-selected={selected} data-testid="annotation-row" onClick={() => onShow(annotation)}>
        <td className={direction === 'long' ? 'up' : 'down'} title={direction}>
          {direction === 'long' ? '▲' : '▼'}
        </td>
        <td className="num">
          <button
            type="button"
            className="annotation-jump num"
            title="Show on the chart; ↑ and ↓ walk through the trades"
            data-testid="annotation-jump"
            data-jump={id}
          >
            {when.slice(0, 11)}
          </button>
        </td>
        <td className="num right">
          {formatNumber(entry.price, decimals)} → {formatNumber(exit.price, decimals)}
        </td>
        <td className="num right">{formatHeld(exit.time - entry.time)}</td>
        <td className={`num right ${profit >= 0 ? 'up' : 'down'}`}>{formatSigned(profit, 2)} %</td>
        <td className="right">
          <button
            type="button"
            className="annotation-delete"
            aria-label={`Delete the ${direction} of ${when}`}
            title="Delete (Ctrl+Z brings it back)"
            data-testid="annotation-delete"
            onClick={(event) => {
              event.stopPropagation();
              void change(client, { before: annotation, after: undefined });
            }}
          >
            <Icon name="close" />
          </button>
        </td>
      </tr>
      {(selected || note !== '') && (
        <tr className="annotation-note" aria-selected={selected}>
          <td />
          <td colSpan={5}>
            <NoteField key={note} annotation={annotation} />
          </td>
        </tr>
      )}
    </>
  );
});
