import type { SeriesQuality } from '../../../core/contracts/data-quality.ts';
import { TIMEFRAMES } from '../../../core/market/timeframe.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatDate, formatDateTime, formatNumber } from '../../ui/format.ts';

const COUNTS = [
  ['holes', 'Holes', 'Candles missing in what the last check looked at', 'down'],
  ['unavailable', 'Of no venue', 'Of the holes, those that no venue has', 'warn'],
  ['repaired', 'Repaired', 'Candles fetched afterwards, since the store was made', ''],
  ['differences', 'Different', 'Built candles in which the venue’s own differed; the venue’s was taken', 'warn'],
  ['compared', 'Compared', 'Candles compared with the venue’s, since the program started', ''],
] as const;

/** What is stored of each timeframe, with its holes, repairs and differences. */
export function SeriesTable({ series }: { readonly series: readonly SeriesQuality[] }) {
  if (series.length === 0)
    return <EmptyState title="No check has run yet">The first one begins once the venues are connected.</EmptyState>;
  const sorted = series.toSorted((a, b) => TIMEFRAMES.indexOf(a.timeframe) - TIMEFRAMES.indexOf(b.timeframe));
  return (
    <div className="quality-scroll">
      <table className="table" aria-label="Stored candles" data-testid="quality-series">
        <thead>
          <tr>
            <th scope="col">Candles</th>
            <th scope="col">Stored</th>
            {COUNTS.map(([id, label, title]) => (
              <th key={id} scope="col" className="right" title={title}>
                {label}
              </th>
            ))}
            <th scope="col" className="right">
              Last check
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((entry) => (
            <SeriesRow key={entry.timeframe} entry={entry} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SeriesRow({ entry }: { readonly entry: SeriesQuality }) {
  const { timeframe, from, to, lastRunAt, problem } = entry;
  return (
    <>
      <tr className={problem === undefined ? undefined : 'quality-has-problem'}>
        <td>{timeframe}</td>
        <td className="num">
          {from === undefined || to === undefined ? <span className="dim">none</span> : `${formatDate(from)} – ${formatDate(to)}`}
        </td>
        {COUNTS.map(([id, , , tone]) => (
          <td key={id} className={`right num ${entry[id] === 0 ? 'dim' : tone}`}>
            {formatNumber(entry[id], 0)}
          </td>
        ))}
        <td className="right num dim">{lastRunAt === undefined ? '–' : formatDateTime(lastRunAt)}</td>
      </tr>
      {problem !== undefined && (
        <tr className="quality-series-problem">
          <td />
          <td colSpan={COUNTS.length + 2} className="warn">
            {problem}
          </td>
        </tr>
      )}
    </>
  );
}
