import type { PivotView, StructureView } from '../../../core/contracts/structure.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import { formatCandleTime } from '../../charts/candle-time.ts';
import { useSelection } from '../../stores/selection.ts';
import { formatNumber, formatShare } from '../../ui/format.ts';
import { hasTrend, TREND_MARKS } from './TrendMatrix.tsx';

interface NewestPivotsProps {
  readonly view: StructureView | undefined;
  readonly timeframe: Timeframe;
  readonly decimals: number;
}

/** The newest high and low of each level on the chart's timeframe; a click brings one into view. */
export function NewestPivots({ view, timeframe, decimals }: NewestPivotsProps) {
  return (
    <table className="table structure-pivots" aria-label={`Newest pivots of ${timeframe} candles`} data-testid="structure-pivots">
      <thead>
        <tr>
          <th scope="col">{timeframe}</th>
          <th scope="col">Trend</th>
          <th scope="col">Newest high</th>
          <th scope="col">Newest low</th>
          <th scope="col" className="right" title="Pivots among the analysed candles">
            Pivots
          </th>
        </tr>
      </thead>
      <tbody>
        {view?.levels.map((level) => {
          const { mark, text, tone } = TREND_MARKS[level.trend];
          return (
            <tr key={level.level}>
              <td>L{level.level}</td>
              <td className={hasTrend(level) ? tone : 'dim'}>{hasTrend(level) ? `${mark} ${text}` : '–'}</td>
              <PivotCell pivot={level.high} timeframe={timeframe} decimals={decimals} />
              <PivotCell pivot={level.low} timeframe={timeframe} decimals={decimals} />
              <td className="right num dim">{formatNumber(level.count, 0)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface PivotCellProps {
  readonly pivot: PivotView | undefined;
  readonly timeframe: Timeframe;
  readonly decimals: number;
}

function PivotCell({ pivot, timeframe, decimals }: PivotCellProps) {
  const jumpTo = useSelection((state) => state.jumpTo);
  if (pivot === undefined) return <td className="dim">–</td>;
  const { label, price, time, confirmedAt, strength } = pivot;
  const length = TIMEFRAME_MS[timeframe];
  const title = `${formatCandleTime(time, length)}, known since ${formatCandleTime(confirmedAt, Math.min(length, 60_000))}, strength ${formatShare(strength, 0)}. Click to see it on the chart.`;
  const tone = label === undefined ? 'dim' : label === 'HH' || label === 'HL' ? 'up' : 'down';
  return (
    <td>
      <button type="button" className="structure-pivot" title={title} onClick={() => jumpTo(time)}>
        <span className={`structure-label ${tone}`}>{label ?? '–'}</span>
        <span className="num">{formatNumber(price, decimals)}</span>
        <span className="structure-strength" aria-hidden="true">
          <span style={{ width: `${100 * strength}%` }} />
        </span>
      </button>
    </td>
  );
}
