import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IMPORT_FIELDS, IMPORT_KINDS, importSpecSchema, REQUIRED_FIELDS } from '../../../core/contracts/import.ts';
import { fieldsOf, type ImportDraft, specOfDraft, withColumn, withKind } from './import-spec.ts';

const DRAFT: ImportDraft = {
  kind: 'candles',
  symbol: 'ETH/USDT',
  venue: 'binance',
  timeframe: '1m',
  timeUnit: 'ms',
  decimalMark: '.',
  mapping: { time: 'Date', open: 'O', high: 'H', low: 'L', close: 'C' },
};

describe('how a file is to be read', () => {
  it('never has one column for two fields, nor a field of the other kind', () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constantFrom(...IMPORT_KINDS) }),
      fc.record({
        field: fc.constantFrom(...new Set([...IMPORT_FIELDS.candles, ...IMPORT_FIELDS.trades])),
        column: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
        let draft: ImportDraft = { ...DRAFT, mapping: {} };
        for (const step of changes) {
          if ('kind' in step) draft = withKind(draft, step.kind);
          else if (fieldsOf(draft.kind).includes(step.field)) {
            draft = withColumn(draft, step.field, step.column);
            expect(draft.mapping[step.field]).toBe(step.column);
          }
          const columns = Object.values(draft.mapping);
          expect(new Set(columns).size).toBe(columns.length);
          expect(fieldsOf(draft.kind)).toEqual(expect.arrayContaining(Object.keys(draft.mapping)));
          const checked = specOfDraft(draft);
          expect(checked.ok).toBe(REQUIRED_FIELDS[draft.kind].every((field) => draft.mapping[field] !== undefined));
          if (checked.ok) expect(importSpecSchema.safeParse(checked.spec).success).toBe(true);
        }
      }),
    );
  });

  it('says what is missing', () => {
    expect(specOfDraft(DRAFT).ok).toBe(true);
    const missing = (change: Partial<ImportDraft>): readonly string[] => {
      const checked = specOfDraft({ ...DRAFT, ...change });
      return checked.ok ? [] : checked.missing;
    };
    expect(missing({ symbol: 'eth' })).toEqual(['a symbol such as ETH/USDT']);
    expect(missing({ timeframe: undefined, timeUnit: undefined })).toEqual(['the timeframe', 'the unit of time']);
    expect(missing({ mapping: { time: 'Date' } })).toHaveLength(4);
    expect(missing({ kind: 'trades', timeframe: undefined, mapping: { time: 't', price: 'p', quantity: 'q' } })).toEqual([]);
  });

  it('says how decimals are written', () => {
    const checked = specOfDraft({ ...DRAFT, decimalMark: ',' });
    expect(checked.ok && checked.spec.decimalMark).toBe(',');
  });

  it('leaves the timeframe out of trades', () => {
    const checked = specOfDraft({ ...DRAFT, kind: 'trades', mapping: { time: 't', price: 'p', quantity: 'q' } });
    expect(checked.ok && 'timeframe' in checked.spec).toBe(false);
  });
});
