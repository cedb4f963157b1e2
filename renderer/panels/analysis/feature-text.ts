import type { Feature } from '../../../core/contracts/analysis.ts';
import { formatNumber } from '../../ui/format.ts';

/** As it stands in the panel: its word, or its number with the unit; a dash where it is not known. */
export function featureText({ value, text, unit, decimals }: Feature): string {
  if (value === null) return '–';
  if (text !== undefined) return text;
  const number = formatNumber(value, decimals).replace('-', '−');
  return unit === '' ? number : `${number} ${unit}`;
}
