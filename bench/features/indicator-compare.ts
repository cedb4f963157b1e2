import { computeColumns } from '../../core/analysis/indicators/batch.ts';
import { indicatorById } from '../../core/analysis/indicators/registry.ts';
import type { CandleColumns } from '../../core/market/candle.ts';
import type { LibraryColumn } from './indicator-libraries.ts';

/** Of the larger of 1 and the value. Prices in the tens of thousands are summed in another order by each library. */
export const TOLERANCE = 1e-8;

/** @returns in words, where ours and a library's values differ; empty when nowhere. Candles of which the library says nothing are left out. */
export function differences(columns: CandleColumns, theirs: LibraryColumn): readonly string[] {
  const definition = indicatorById(theirs.indicator);
  const output = definition?.outputs.findIndex(({ id }) => id === theirs.output) ?? -1;
  if (definition === undefined || output < 0) return [`there is no ${theirs.indicator}.${theirs.output}`];
  const ours = computeColumns(definition.create(theirs.params), columns)[output] as Float64Array;
  const wrong: string[] = [];
  for (let i = theirs.from; i < ours.length; i++) {
    const a = ours[i] as number;
    const b = theirs.values[i] as number;
    if (Number.isNaN(b) || Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b))) continue;
    wrong.push(`${theirs.indicator}.${theirs.output} at candle ${i}: ${a}, ${theirs.library} has ${b}`);
  }
  return wrong;
}
