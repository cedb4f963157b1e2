import type { ColumnMapping, DecimalMark, ImportField, ImportSpec, RowError, TimeUnit } from '../contracts/import.ts';
import { REQUIRED_FIELDS } from '../contracts/import.ts';
import type { Candle } from './candle.ts';
import { numberOf, sideOf, timeOf } from './import-columns.ts';
import { TIMEFRAME_MS, type StoredTimeframe } from './timeframe.ts';
import type { Trade } from './trade.ts';

export type ImportRow = readonly (string | null)[];
type ReadingRules = Pick<ImportSpec, 'mapping' | 'timeUnit' | 'decimalMark'>;
type Parsed<T> = { readonly value: T } | { readonly error: Omit<RowError, 'row'> };

/** Where each field stands in the rows, or what is wrong with the mapping, in words. */
export function positionsOf(
  { kind, mapping }: Pick<ImportSpec, 'kind' | 'mapping'>,
  columns: readonly string[],
): ReadonlyMap<ImportField, number> | string {
  const positions = new Map<ImportField, number>();
  for (const [field, name] of Object.entries(mapping) as [ImportField, string][]) {
    const index = columns.indexOf(name);
    if (index < 0) return `The file has no column "${name}" for ${field}; it has ${columns.join(', ')}.`;
    positions.set(field, index);
  }
  const missing = REQUIRED_FIELDS[kind].filter((field) => !positions.has(field));
  return missing.length === 0 ? positions : `Choose the columns of ${missing.join(', ')}: ${kind} need them.`;
}

/** Reads rows by one mapping; every refusal names the column, what was expected and what stands there. */
class RowReader {
  readonly #positions: ReadonlyMap<ImportField, number>;
  readonly #mapping: ColumnMapping;
  readonly #timeUnit: TimeUnit;
  readonly #decimalMark: DecimalMark;

  constructor(positions: ReadonlyMap<ImportField, number>, { mapping, timeUnit, decimalMark = '.' }: ReadingRules) {
    this.#positions = positions;
    this.#mapping = mapping;
    this.#timeUnit = timeUnit;
    this.#decimalMark = decimalMark;
  }

  has(field: ImportField): boolean {
    return this.#positions.has(field);
  }

  text(row: ImportRow, field: ImportField): string | undefined {
    const index = this.#positions.get(field);
    return index === undefined ? undefined : row[index]?.trim();
  }

  error(row: ImportRow, field: ImportField, expected: string): { readonly error: Omit<RowError, 'row'> } {
    const text = this.text(row, field);
    const actual = text === undefined || text === '' ? 'nothing' : text.slice(0, 80);
    const [mark, other] = this.#decimalMark === '.' ? (['point', ','] as const) : (['comma', '.'] as const);
    const written = field !== 'time' && field !== 'side' && text?.includes(other) === true ? `, with a decimal ${mark}` : '';
    return { error: { column: this.#mapping[field] ?? field, expected: `${expected}${written}`, actual } };
  }

  time(row: ImportRow): number | undefined {
    const text = this.text(row, 'time');
    return text === undefined ? undefined : timeOf(text, this.#timeUnit);
  }

  timeExpected(): string {
    return this.#timeUnit === 'iso'
      ? 'a date and time such as 2024-08-08 12:00:00'
      : `a time in ${this.#timeUnit} between 2009 and 2100`;
  }

  /** NaN where there is no number; 0 where the file has no such column. */
  number(row: ImportRow, field: ImportField): number {
    if (!this.has(field)) return 0;
    const text = this.text(row, field);
    return (text === undefined ? undefined : numberOf(text, this.#decimalMark)) ?? Number.NaN;
  }
}

/** Rows → candles of `timeframe`. Source of the rules: DOMAIN's candle, prices above 0 and low ≤ open, close ≤ high. */
export function candleReader(
  spec: ReadingRules,
  positions: ReadonlyMap<ImportField, number>,
  timeframe: StoredTimeframe,
): (row: ImportRow) => Parsed<Candle> {
  const reader = new RowReader(positions, spec);
  const length = TIMEFRAME_MS[timeframe];
  return (row) => {
    const openTime = reader.time(row);
    if (openTime === undefined) return reader.error(row, 'time', reader.timeExpected());
    if (openTime % length !== 0)
      return reader.error(row, 'time', `the open time of a ${timeframe} candle, a multiple of ${timeframe}`);
    const [open, high, low, close] = (['open', 'high', 'low', 'close'] as const).map((field) => reader.number(row, field)) as [
      number,
      number,
      number,
      number,
    ];
    if (!(open > 0)) return reader.error(row, 'open', 'a price above 0');
    if (!(high > 0)) return reader.error(row, 'high', 'a price above 0');
    if (!(low > 0)) return reader.error(row, 'low', 'a price above 0');
    if (!(close > 0)) return reader.error(row, 'close', 'a price above 0');
    if (high < low) return reader.error(row, 'high', `at least the low, ${low}`);
    if (open > high || open < low) return reader.error(row, 'open', `between low ${low} and high ${high}`);
    if (close > high || close < low) return reader.error(row, 'close', `between low ${low} and high ${high}`);
    const volume = reader.number(row, 'volume');
    if (!(volume >= 0)) return reader.error(row, 'volume', 'a volume of 0 or more');
    const buyVolume = reader.number(row, 'buyVolume');
    if (!(buyVolume >= 0 && buyVolume <= volume * (1 + 1e-9)))
      return reader.error(row, 'buyVolume', `between 0 and the volume, ${volume}`);
    const tradeCount = reader.number(row, 'tradeCount');
    if (!(Number.isSafeInteger(tradeCount) && tradeCount >= 0))
      return reader.error(row, 'tradeCount', 'a whole number of 0 or more');
    const filled = reader.has('volume') && volume === 0 && high === low;
    return { value: { openTime, open, high, low, close, volume, buyVolume, tradeCount, filled } };
  };
}

/**
 * Rows → trades, in the file's order. Trades without ids are numbered within their millisecond, so that the same file
 * gives the same trades again. Where the file has no side, it is inferred by the tick test: a trade above the last
 * different price was bought (Lee and Ready, 1991).
 */
export function tradeReader(spec: ReadingRules, positions: ReadonlyMap<ImportField, number>): (row: ImportRow) => Parsed<Trade> {
  const reader = new RowReader(positions, spec);
  let lastPrice = Number.NaN;
  let tickSide: 'buy' | 'sell' = 'buy';
  let lastTime = -1;
  let ordinal = 0;
  return (row) => {
    const tsEvent = reader.time(row);
    if (tsEvent === undefined) return reader.error(row, 'time', reader.timeExpected());
    const price = reader.number(row, 'price');
    if (!(price > 0 && Number.isFinite(price))) return reader.error(row, 'price', 'a price above 0');
    const quantity = reader.number(row, 'quantity');
    if (!(quantity > 0 && Number.isFinite(quantity))) return reader.error(row, 'quantity', 'a quantity above 0');
    const told = reader.has('side') ? sideOf(reader.text(row, 'side') ?? '') : undefined;
    if (reader.has('side') && told === undefined) return reader.error(row, 'side', 'buy or sell');
    if (price > lastPrice) tickSide = 'buy';
    else if (price < lastPrice) tickSide = 'sell';
    lastPrice = price;
    ordinal = tsEvent === lastTime ? ordinal + 1 : 0;
    lastTime = tsEvent;
    const id = reader.has('id') ? reader.number(row, 'id') : ordinal;
    if (!Number.isSafeInteger(id) || id < 0) return reader.error(row, 'id', 'a whole number of 0 or more');
    return { value: { id, price, quantity, side: told ?? tickSide, tsEvent, tsReceived: tsEvent } };
  };
}
