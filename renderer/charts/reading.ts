import { formatCompact, formatNumber } from '../ui/format.ts';

/**
 * An indicator's value that is no price: as many decimals as tell something at its size, or at that of the largest beside it, so that the
 * values of one indicator can be compared.
 */
export function formatReading(value: number, size = Math.abs(value)): string {
  if (size >= 1e5) return formatCompact(value).replace('-', '−');
  return formatNumber(value, size >= 1 || size === 0 ? 2 : size >= 0.01 ? 4 : 6).replace('-', '−');
}
