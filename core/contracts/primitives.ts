import { z } from 'zod';
import { TIMEFRAMES } from '../market/timeframe.ts';
import { VENUES } from '../market/instrument.ts';

/** Where market data comes from; shown wherever such data is shown. */
export const DATA_MODES = ['SIM', 'LIVE', 'REPLAY'] as const;
export const dataModeSchema = z.enum(DATA_MODES);
export type DataMode = z.infer<typeof dataModeSchema>;

export const symbolSchema = z
  .string()
  .regex(/^[A-Z0-9]{1,20}\/[A-Z0-9]{1,20}(:[A-Z0-9]{1,20})?$/, 'a unified symbol such as ETH/USDT');
export const timeframeSchema = z.enum(TIMEFRAMES);
export const venueSchema = z.enum(VENUES);
export const epochMsSchema = z.number().int().nonnegative().max(8.64e15);
export const idSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, - and _');
/** Exact decimal text: `12.34`. Money and quantities in execution travel so, never as binary floats. */
export const decimalTextSchema = z
  .string()
  .max(40)
  .regex(/^-?\d+(\.\d+)?$/, 'a decimal number such as 12.34');
export const positiveDecimalTextSchema = decimalTextSchema.refine((text) => Number(text) > 0, 'must be above zero');
export const priceSchema = z.number().finite().positive();
