import type { ColumnMapping, DecimalMark, ImportField, ImportKind, TimeUnit } from '../contracts/import.ts';
import { TIMEFRAMES, type Timeframe, TIMEFRAME_MS } from './timeframe.ts';

export interface DetectedColumns {
  readonly kind: ImportKind;
  readonly timeUnit: TimeUnit | undefined;
  readonly timeframe: Timeframe | undefined;
  readonly decimalMark: DecimalMark;
  readonly mapping: ColumnMapping;
}

/** Names that exchanges and tools give their columns, in lower case without anything but letters and digits. */
const NAMES: Readonly<Record<ImportField, readonly string[]>> = {
  time: [
    'time',
    'timestamp',
    'ts',
    'date',
    'datetime',
    'opentime',
    'opentimems',
    'open_time',
    'tsevent',
    'tradetime',
    'transacttime',
    'unix',
    't',
  ],
  open: ['open', 'o', 'openprice'],
  high: ['high', 'h', 'max', 'highprice'],
  low: ['low', 'l', 'min', 'lowprice'],
  close: ['close', 'c', 'closeprice', 'last'],
  volume: ['volume', 'vol', 'v', 'basevolume', 'volumebase'],
  buyVolume: ['buyvolume', 'takerbuyvolume', 'takerbuybasevolume', 'takerbuybaseassetvolume'],
  tradeCount: ['tradecount', 'trades', 'count', 'numberoftrades', 'n'],
  price: ['price', 'p', 'rate'],
  quantity: ['quantity', 'qty', 'q', 'size', 'amount', 'baseqty'],
  side: ['side', 'takerside', 'direction'],
  id: ['id', 'tradeid', 'aggtradeid', 'tid'],
};
const OF_KIND: Readonly<Record<ImportKind, readonly ImportField[]>> = {
  candles: ['time', 'open', 'high', 'low', 'close', 'volume', 'buyVolume', 'tradeCount'],
  trades: ['time', 'price', 'quantity', 'side', 'id'],
};
/** 2009-01-01 and 2100-01-01. */
const EARLIEST_MS = 1_230_768_000_000;
const LATEST_MS = 4_102_444_800_000;
const PER_MS = { ms: 1, us: 1e3, ns: 1e6 } as const;

/**
 * What a file's columns seem to be: by their names, and where they have none (or only numbers) by their values. A guess
 * for the user to look at: of columns without names only the time is told apart for certain.
 */
export function detectColumns(names: readonly string[], rows: readonly (readonly (string | null)[])[]): DetectedColumns {
  const plain = names.map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  const find = (field: ImportField): string | undefined => {
    const index = plain.findIndex((name) => NAMES[field].includes(name));
    return index < 0 ? undefined : names[index];
  };
  const decimalMark = markOf(rows);
  const kind: ImportKind =
    find('open') !== undefined && find('close') !== undefined
      ? 'candles'
      : find('price') !== undefined
        ? 'trades'
        : kindOfValues(rows, decimalMark);
  const mapping: ColumnMapping = {};
  for (const field of OF_KIND[kind]) {
    const name = find(field);
    if (name !== undefined) mapping[field] = name;
  }
  if (mapping.time === undefined) {
    const index = names.findIndex((_, i) => unitOf(columnOf(rows, i)) !== undefined);
    if (index >= 0) mapping.time = names[index] as string;
  }
  const times = mapping.time === undefined ? [] : columnOf(rows, names.indexOf(mapping.time));
  const timeUnit = unitOf(times);
  if (mapping.side !== undefined && !columnOf(rows, names.indexOf(mapping.side)).every((side) => sideOf(side) !== undefined)) {
    delete mapping.side;
  }
  return {
    kind,
    mapping,
    decimalMark,
    timeUnit,
    timeframe: kind === 'candles' && timeUnit !== undefined ? stepOf(times, timeUnit) : undefined,
  };
}

/** A time → integer milliseconds; undefined when it is none between 2009 and 2100 in that unit. */
export function timeOf(text: string, unit: TimeUnit): number | undefined {
  const ms = unit === 'iso' ? isoMsOf(text.trim()) : epochMsOf(text.trim(), unit);
  return ms !== undefined && ms >= EARLIEST_MS && ms < LATEST_MS ? ms : undefined;
}

function epochMsOf(text: string, unit: Exclude<TimeUnit, 'iso'>): number | undefined {
  // A double does not hold today's nanoseconds.
  if (unit === 'ns' && /^\d{7,}$/.test(text)) return Number(text.slice(0, -6));
  // Between the digits of a time nothing but a fraction's mark can stand.
  const value = numberOf(text) ?? numberOf(text, ',');
  if (value === undefined) return undefined;
  // Fractions of a second come as written: 0.001 of them may be a little less than a millisecond.
  return unit === 's' ? Math.floor(value * 1_000 + 1e-3) : Math.floor(value / PER_MS[unit]);
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i;
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Milliseconds since the epoch of an ISO 8601 date and time; UTC where no zone stands. */
function isoMsOf(text: string): number | undefined {
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number((parts[i] ?? '0').replace(',', '.'))) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = (DAYS_OF_MONTH[month - 1] ?? 0) + (month === 2 && isLeap ? 1 : 0);
  if (day < 1 || day > days || hour > 23 || minute > 59 || second >= 60) return undefined;
  const zone = parts[7] ?? 'Z';
  const offset = /^[+-]/.test(zone)
    ? (zone.startsWith('-') ? -60 : 60) * (60 * Number(zone.slice(1, 3)) + Number(zone.slice(3).replace(':', '') || 0))
    : 0;
  const whole = daysSinceEpoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 - offset;
  return whole * 1_000 + Math.floor(second * 1_000 + 1e-6);
}

/** Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

const PLAIN_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A plain decimal number, with an exponent or without. Groups of thousands are none: they and a fraction look alike. */
export function numberOf(text: string, decimalMark: DecimalMark = '.'): number | undefined {
  if (decimalMark === '.') return PLAIN_NUMBER.test(text) ? Number(text) : undefined;
  if (text.includes('.')) return undefined;
  const pointed = text.replace(',', '.');
  return PLAIN_NUMBER.test(pointed) ? Number(pointed) : undefined;
}

/** The taker's side, in the words that venues use. */
export function sideOf(text: string): 'buy' | 'sell' | undefined {
  switch (text.trim().toLowerCase()) {
    case 'buy':
    case 'b':
    case 'bid':
      return 'buy';
    case 'sell':
    case 's':
    case 'ask':
      return 'sell';
    default:
      return undefined;
  }
}

function columnOf(rows: readonly (readonly (string | null)[])[], index: number): string[] {
  return rows.flatMap((row) => row[index] ?? []);
}

/** Share of a column that must be times for it to hold times: a few broken rows must not hide what the rest are. */
const MOSTLY = 0.9;

function unitOf(texts: readonly string[]): TimeUnit | undefined {
  if (texts.length === 0) return undefined;
  const wanted = MOSTLY * texts.length;
  return (['s', 'ms', 'us', 'ns', 'iso'] as const).find(
    (unit) => texts.filter((text) => timeOf(text, unit) !== undefined).length >= wanted,
  );
}

const POINTED = /^[+-]?\d*\.\d+$/;
const WITH_COMMA = /^[+-]?\d*,\d+$/;
/** May as well be thousands as written in English. */
const GROUPED = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/** How the file's fractions are written. A comma only where it cannot be one of thousands: a price a thousand times too small looks right. */
function markOf(rows: readonly (readonly (string | null)[])[]): DecimalMark {
  let pointed = 0;
  let withComma = 0;
  let grouped = 0;
  for (const row of rows) {
    for (const cell of row) {
      const text = cell?.trim() ?? '';
      if (POINTED.test(text)) pointed++;
      else if (GROUPED.test(text)) grouped++;
      else if (WITH_COMMA.test(text)) withComma++;
    }
  }
  return withComma > 0 && withComma + grouped > pointed ? ',' : '.';
}

/** Without names: many columns of numbers are candles. */
function kindOfValues(rows: readonly (readonly (string | null)[])[], mark: DecimalMark): ImportKind {
  const numeric = (rows[0] ?? []).filter((text) => text !== null && numberOf(text.trim(), mark) !== undefined).length;
  return numeric >= 5 ? 'candles' : 'trades';
}

/** The timeframe that is the commonest step between the times. */
function stepOf(texts: readonly string[], unit: TimeUnit): Timeframe | undefined {
  const times = texts.flatMap((text) => timeOf(text, unit) ?? []).sort((a, b) => a - b);
  const counts = new Map<number, number>();
  for (let i = 1; i < times.length; i++) {
    const step = (times[i] as number) - (times[i - 1] as number);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const [commonest] = [...counts].sort((a, b) => b[1] - a[1]);
  return TIMEFRAMES.find((timeframe) => TIMEFRAME_MS[timeframe] === commonest?.[0]);
}
