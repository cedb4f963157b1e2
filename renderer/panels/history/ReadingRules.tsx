import { useId } from 'react';
import {
  DECIMAL_MARKS,
  type DecimalMark,
  IMPORT_KINDS,
  type ImportPreview,
  TIME_UNITS,
  type TimeUnit,
} from '../../../core/contracts/import.ts';
import { VENUES } from '../../../core/market/instrument.ts';
import { STORED_TIMEFRAMES } from '../../../core/market/timeframe.ts';
import { useSymbols } from '../../stores/watchlist.ts';
import { venueName } from '../../ui/venue-name.ts';
import { editImport } from './import-store.ts';
import { fieldName, fieldsOf, type ImportDraft, isRequired, withColumn, withKind } from './import-spec.ts';

const UNITS: Readonly<Record<TimeUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  iso: 'date and time (UTC)',
};

const MARKS: Readonly<Record<DecimalMark, string>> = { '.': 'a point: 1234.56', ',': 'a comma: 1234,56' };

interface ReadingRulesProps {
  readonly preview: ImportPreview;
  readonly draft: ImportDraft;
}

/** How the file is read: as what, under whose name, in which unit of time, and which column is which field. */
export function ReadingRules({ preview, draft }: ReadingRulesProps) {
  const symbols = useSymbols();
  const listId = useId();
  return (
    <>
      <div className="history-row">
        <div className="field">
          <span>Rows are</span>
          <div className="segmented" role="group" aria-label="Rows are">
            {IMPORT_KINDS.map((kind) => (
              <button
                key={kind}
                type="button"
                aria-pressed={draft.kind === kind}
                onClick={() => editImport(withKind(draft, kind))}
                data-testid={`import-kind-${kind}`}
              >
                {kind}
              </button>
            ))}
          </div>
        </div>
        <label className="field">
          <span>Symbol</span>
          <input
            className="input"
            list={listId}
            value={draft.symbol}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => editImport({ ...draft, symbol: event.target.value.toUpperCase() })}
            data-testid="import-symbol"
          />
          <datalist id={listId}>
            {symbols.map(({ symbol }) => (
              <option key={symbol} value={symbol} />
            ))}
          </datalist>
        </label>
        <Choice
          label="Venue"
          value={draft.venue}
          options={VENUES.map((venue) => [venue, venueName(venue)] as const)}
          onChange={(venue) => editImport({ ...draft, venue: venue ?? draft.venue })}
          testId="import-venue"
        />
        {draft.kind === 'candles' && (
          <Choice
            label="Timeframe"
            value={draft.timeframe}
            options={STORED_TIMEFRAMES.map((timeframe) => [timeframe, timeframe] as const)}
            onChange={(timeframe) => editImport({ ...draft, timeframe })}
            testId="import-timeframe"
          />
        )}
        <Choice
          label="Time is in"
          value={draft.timeUnit}
          options={TIME_UNITS.map((unit) => [unit, UNITS[unit]] as const)}
          onChange={(timeUnit) => editImport({ ...draft, timeUnit })}
          testId="import-unit"
        />
        <Choice
          label="Decimals follow"
          value={draft.decimalMark}
          options={DECIMAL_MARKS.map((mark) => [mark, MARKS[mark]] as const)}
          onChange={(decimalMark) => editImport({ ...draft, decimalMark: decimalMark ?? draft.decimalMark })}
          testId="import-decimals"
        />
      </div>
      <div className="history-row import-mapping" role="group" aria-label="Columns">
        {fieldsOf(draft.kind).map((field) => (
          <Choice
            key={field}
            label={isRequired(draft.kind, field) ? `${fieldName(field)} *` : fieldName(field)}
            value={draft.mapping[field]}
            none={isRequired(draft.kind, field) ? 'choose…' : 'not in the file'}
            options={preview.columns.map(({ name }) => [name, name] as const)}
            onChange={(column) => editImport(withColumn(draft, field, column))}
            testId={`import-column-${field}`}
            invalid={isRequired(draft.kind, field) && draft.mapping[field] === undefined}
          />
        ))}
      </div>
    </>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T | undefined;
  readonly options: readonly (readonly [value: T, label: string])[];
  /** What choosing nothing is called. */
  readonly none?: string;
  readonly invalid?: boolean;
  readonly onChange: (value: T | undefined) => void;
  readonly testId: string;
}

function Choice<T extends string>({ label, value, options, none = 'choose…', invalid, onChange, testId }: ChoiceProps<T>) {
  return (
    <label className="field">
      <span>{label}</span>
      <select
        className="input"
        value={value ?? ''}
        aria-invalid={invalid ?? value === undefined}
        onChange={(event) => onChange(options.find(([option]) => option === event.target.value)?.[0])}
        data-testid={testId}
      >
        {(value === undefined || none !== 'choose…') && <option value="">{none}</option>}
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
