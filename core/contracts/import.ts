import { z } from 'zod';
import { epochMsSchema, idSchema, symbolSchema, timeframeSchema, venueSchema } from './primitives.ts';

export const IMPORT_KINDS = ['candles', 'trades'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** `iso`: a date and time such as 2024-08-08 12:00:00, UTC unless it says otherwise. */
export const TIME_UNITS = ['s', 'ms', 'us', 'ns', 'iso'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** What stands between the whole and the fraction of prices and quantities: `1234.56` or `1234,56`. */
export const DECIMAL_MARKS = ['.', ','] as const;
export type DecimalMark = (typeof DECIMAL_MARKS)[number];

/** What a file's column may be. Candles need time, open, high, low, close; trades need time, price, quantity. */
export const IMPORT_FIELDS = {
  candles: ['time', 'open', 'high', 'low', 'close', 'volume', 'buyVolume', 'tradeCount'],
  trades: ['time', 'price', 'quantity', 'side', 'id'],
} as const satisfies Record<ImportKind, readonly string[]>;
export const REQUIRED_FIELDS = {
  candles: ['time', 'open', 'high', 'low', 'close'],
  trades: ['time', 'price', 'quantity'],
} as const satisfies Record<ImportKind, readonly string[]>;
export const importFieldSchema = z.enum([
  'time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'buyVolume',
  'tradeCount',
  'price',
  'quantity',
  'side',
  'id',
]);
export type ImportField = z.infer<typeof importFieldSchema>;

/** Field → name of the file's column. A field that is left out is not in the file. */
export const columnMappingSchema = z.partialRecord(importFieldSchema, z.string().max(200));
export type ColumnMapping = z.infer<typeof columnMappingSchema>;

/** A file that the user chose in the host's own dialog. The window never learns or names its path. */
export const importFileSchema = z.object({
  token: idSchema,
  name: z.string(),
  bytes: z.number().int(),
  format: z.enum(['csv', 'parquet']),
});
export type ImportFile = z.infer<typeof importFileSchema>;

export const importSpecSchema = z
  .object({
    kind: z.enum(IMPORT_KINDS),
    symbol: symbolSchema,
    /** Under whose name it is stored. */
    venue: venueSchema,
    /** Candles only: one that is told, not derived. */
    timeframe: timeframeSchema.optional(),
    timeUnit: z.enum(TIME_UNITS),
    /** A point where it is absent. */
    decimalMark: z.enum(DECIMAL_MARKS).optional(),
    mapping: columnMappingSchema,
  })
  .strict();
export type ImportSpec = z.infer<typeof importSpecSchema>;

/** Row 1 is the first row of data, after the header. */
export const rowErrorSchema = z.object({
  row: z.number().int(),
  column: z.string(),
  expected: z.string(),
  actual: z.string(),
});
export type RowError = z.infer<typeof rowErrorSchema>;

/** How many errors are told one by one; all are counted. */
export const SHOWN_ROW_ERRORS = 50;
export const PREVIEW_ROWS = 20;

export const importPreviewSchema = z.object({
  file: importFileSchema,
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** The first rows as texts, in the order of `columns`. */
  rows: z.array(z.array(z.string().nullable())),
  totalRows: z.number().int(),
  /** What the file looks like; the user may decide otherwise. */
  detected: z.object({
    kind: z.enum(IMPORT_KINDS),
    timeUnit: z.enum(TIME_UNITS).optional(),
    timeframe: timeframeSchema.optional(),
    decimalMark: z.enum(DECIMAL_MARKS).optional(),
    mapping: columnMappingSchema,
  }),
  /** Of the whole file; only where a spec was given. */
  check: z
    .object({
      goodRows: z.number().int(),
      badRows: z.number().int(),
      /** Rows with the time (and id) of another: of these the last counts. */
      duplicates: z.number().int(),
      from: epochMsSchema.optional(),
      to: epochMsSchema.optional(),
      errors: z.array(rowErrorSchema),
    })
    .optional(),
});
export type ImportPreview = z.infer<typeof importPreviewSchema>;

export const importJobSchema = z.object({
  id: idSchema,
  fileName: z.string(),
  spec: importSpecSchema,
  state: z.enum(['running', 'done', 'cancelled', 'failed']),
  phase: z.enum(['reading', 'writing', 'over']),
  rowsRead: z.number().int(),
  totalRows: z.number().int(),
  /** Rows in the store: 0 until all of them are, at once. */
  imported: z.number().int(),
  badRows: z.number().int(),
  errors: z.array(rowErrorSchema),
  message: z.string().optional(),
  createdAt: epochMsSchema,
});
export type ImportJob = z.infer<typeof importJobSchema>;
