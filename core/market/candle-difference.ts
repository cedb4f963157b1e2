import { CANDLE_FIELDS, type CandleField } from '../contracts/data-quality.ts';
import type { Candle } from './candle.ts';

/** Prices are the venue's own decimals. */
const PRICE_TOLERANCE = 1e-9;
/** Volumes are sums, which venues round in their own way (base turnover of inverse contracts most). */
const VOLUME_TOLERANCE = 1e-6;

export interface FieldDifference {
  readonly field: CandleField;
  readonly stored: number;
  readonly told: number;
}

/**
 * In which fields a stored candle is not what the venue tells. Count and taker-buy volume are compared only where both
 * tell them: a count of 0 with a volume above 0 means "not told".
 */
export function differencesOf(stored: Candle, told: Candle): FieldDifference[] {
  const countsTold = tellsCount(stored) && tellsCount(told);
  const differences: FieldDifference[] = [];
  for (const field of CANDLE_FIELDS) {
    if (!countsTold && (field === 'buyVolume' || field === 'tradeCount')) continue;
    const isVolume = field === 'volume' || field === 'buyVolume';
    const [a, b] = [stored[field], told[field]];
    const most = (isVolume ? VOLUME_TOLERANCE : PRICE_TOLERANCE) * Math.max(Math.abs(a), Math.abs(b));
    if (Math.abs(a - b) > most) differences.push({ field, stored: a, told: b });
  }
  return differences;
}

function tellsCount({ tradeCount, volume }: Candle): boolean {
  return tradeCount > 0 || volume === 0;
}
