import {
  type ColumnMapping,
  type DecimalMark,
  IMPORT_FIELDS,
  type ImportField,
  type ImportKind,
  type ImportPreview,
  type ImportSpec,
  REQUIRED_FIELDS,
  type TimeUnit,
} from '../../../core/contracts/import.ts';
import { symbolSchema } from '../../../core/contracts/primitives.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';

/** How a file is to be read, while the trader decides it. */
export interface ImportDraft {
  readonly kind: ImportKind;
  readonly symbol: string;
  readonly venue: VenueId;
  readonly timeframe: Timeframe | undefined;
  readonly timeUnit: TimeUnit | undefined;
  readonly decimalMark: DecimalMark;
  readonly mapping: ColumnMapping;
}

/** What the file looks like, for the symbol that is shown and its primary venue. */
export function draftOfPreview({ detected }: ImportPreview, symbol: string, venue: VenueId): ImportDraft {
  const { kind, timeframe, timeUnit, decimalMark = '.', mapping } = detected;
  return { kind, symbol, venue, timeframe, timeUnit, decimalMark, mapping };
}

const FIELD_NAMES: Partial<Record<ImportField, string>> = { buyVolume: 'buy volume', tradeCount: 'trades', id: 'trade id' };

/** A field as the trader reads it. */
export function fieldName(field: ImportField): string {
  return FIELD_NAMES[field] ?? field;
}

export function fieldsOf(kind: ImportKind): readonly ImportField[] {
  return IMPORT_FIELDS[kind];
}

export function isRequired(kind: ImportKind, field: ImportField): boolean {
  return (REQUIRED_FIELDS[kind] as readonly ImportField[]).includes(field);
}

/** Gives a column to a field, or with `undefined` none. A column that another field had is taken from it. */
export function withColumn(draft: ImportDraft, field: ImportField, column: string | undefined): ImportDraft {
  const mapping: ColumnMapping = {};
  for (const known of fieldsOf(draft.kind)) {
    const had = draft.mapping[known];
    if (known !== field && had !== undefined && had !== column) mapping[known] = had;
  }
  if (column !== undefined) mapping[field] = column;
  return { ...draft, mapping };
}

/** The other kind; columns stay with the fields that both kinds have. */
export function withKind(draft: ImportDraft, kind: ImportKind): ImportDraft {
  const mapping: ColumnMapping = {};
  for (const field of fieldsOf(kind)) {
    const column = draft.mapping[field];
    if (column !== undefined) mapping[field] = column;
  }
  return { ...draft, kind, mapping };
}

export type CheckedDraft =
  | { readonly ok: true; readonly spec: ImportSpec }
  | { readonly ok: false; readonly missing: readonly string[] };

/** The spec that the draft stands for, or what is still missing, in words. */
export function specOfDraft(draft: ImportDraft): CheckedDraft {
  const { kind, symbol, venue, timeframe, timeUnit, decimalMark, mapping } = draft;
  const missing: string[] = [];
  if (!symbolSchema.safeParse(symbol).success) missing.push('a symbol such as ETH/USDT');
  if (kind === 'candles' && timeframe === undefined) missing.push('the timeframe');
  if (timeUnit === undefined) missing.push('the unit of time');
  for (const field of REQUIRED_FIELDS[kind]) {
    if (mapping[field] === undefined) missing.push(`the column of “${fieldName(field)}”`);
  }
  if (missing.length > 0 || timeUnit === undefined) return { ok: false, missing };
  const used = withKind(draft, kind).mapping;
  return {
    ok: true,
    spec: {
      kind,
      symbol,
      venue,
      timeUnit,
      decimalMark,
      mapping: used,
      ...(kind === 'candles' && timeframe !== undefined ? { timeframe } : {}),
    },
  };
}
