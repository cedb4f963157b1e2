import type { CandleColumns } from '../../market/candle.ts';
import type { Bar, Indicator } from './indicator.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One row of candle columns after the other, without an object for each. */
export class BarCursor implements Mutable<Bar> {
  openTime = 0;
  // Fractions first, so that the engine keeps these fields as doubles from the beginning.
  open = 0.5;
  high = 0.5;
  low = 0.5;
  close = 0.5;
  volume = 0.5;

  load(columns: CandleColumns, i: number): void {
    this.openTime = columns.openTime[i] as number;
    this.open = columns.open[i] as number;
    this.high = columns.high[i] as number;
    this.low = columns.low[i] as number;
    this.close = columns.close[i] as number;
    this.volume = columns.volume[i] as number;
  }
}

/**
 * Feeds candles `from … to − 1` to an indicator as closed ones: the same steps as live, hence the same bits.
 * @returns a column per output, `to − from` long; NaN while warming up
 */
export function computeColumns(
  indicator: Indicator,
  columns: CandleColumns,
  from = 0,
  to: number = columns.openTime.length,
): Float64Array[] {
  return computeSet([indicator], columns, from, to);
}

/** The same for several indicators in one pass: the columns of the first one's outputs, then the second one's, and so on. */
export function computeSet(
  indicators: readonly Indicator[],
  columns: CandleColumns,
  from = 0,
  to: number = columns.openTime.length,
): Float64Array[] {
  const outputs: Float64Array[] = [];
  // Looked up once: indicators are of many classes, and asking each of them anew for its values costs as much as a step.
  const sources = indicators.map(({ values }) => values);
  for (const values of sources) {
    for (let o = 0; o < values.length; o++) outputs.push(new Float64Array(to - from));
  }
  const bar = new BarCursor();
  for (let i = from; i < to; i++) {
    bar.load(columns, i);
    let column = 0;
    for (let k = 0; k < indicators.length; k++) {
      (indicators[k] as Indicator).step(bar, true);
      const values = sources[k] as Float64Array;
      for (let o = 0; o < values.length; o++) (outputs[column++] as Float64Array)[i - from] = values[o] as number;
    }
  }
  return outputs;
}
