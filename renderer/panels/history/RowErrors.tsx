import type { RowError } from '../../../core/contracts/import.ts';
import { formatNumber } from '../../ui/format.ts';

interface RowErrorsProps {
  readonly errors: readonly RowError[];
  /** Bad rows altogether; only the first are told one by one. */
  readonly total: number;
}

/** What is wrong with which row of a file. */
export function RowErrors({ errors, total }: RowErrorsProps) {
  return (
    <div className="history-scroll">
      <table className="table" aria-label="Rows that cannot be imported" data-testid="row-errors">
        <thead>
          <tr>
            <th scope="col" className="right">
              Row
            </th>
            <th scope="col">Column</th>
            <th scope="col">Expected</th>
            <th scope="col">Found</th>
          </tr>
        </thead>
        <tbody>
          {errors.map(({ row, column, expected, actual }) => (
            <tr key={`${row} ${column}`}>
              <td className="right num">{formatNumber(row, 0)}</td>
              <td>{column}</td>
              <td className="wrap">{expected}</td>
              <td className="wrap down">{actual === '' ? <span className="dim">nothing</span> : actual}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > new Set(errors.map(({ row }) => row)).size && (
        <p className="dim history-more">The first of {formatNumber(total, 0)} bad rows.</p>
      )}
    </div>
  );
}
