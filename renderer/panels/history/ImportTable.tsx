import type { ImportPreview } from '../../../core/contracts/import.ts';
import { fieldName, fieldsOf, type ImportDraft } from './import-spec.ts';

interface ImportTableProps {
  readonly preview: ImportPreview;
  readonly draft: ImportDraft;
}

/** The first rows of the file, each column under the field that it is read as. */
export function ImportTable({ preview, draft }: ImportTableProps) {
  const fieldOf = new Map(fieldsOf(draft.kind).map((field) => [draft.mapping[field], fieldName(field)]));
  return (
    <div className="history-scroll import-preview">
      <table className="table" aria-label="First rows of the file" data-testid="import-preview">
        <thead>
          <tr>
            <th scope="col" className="right">
              Row
            </th>
            {preview.columns.map(({ name, type }) => (
              <th key={name} scope="col" className="right" title={type}>
                {name}
                <span className={fieldOf.has(name) ? 'import-field up' : 'import-field'}>{fieldOf.get(name) ?? 'not read'}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, i) => (
            <tr key={`row ${i + 1}`}>
              <td className="right num dim">{i + 1}</td>
              {preview.columns.map(({ name }, column) => (
                <td key={name} className={fieldOf.has(name) ? 'right num' : 'right num dim'}>
                  {row[column] ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
