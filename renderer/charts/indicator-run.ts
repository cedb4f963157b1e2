import type { Indicator, IndicatorDefinition, IndicatorParams } from '../../core/analysis/indicators/indicator.ts';
import { type ChartCandle, indexAtOrBefore } from './candle-series.ts';

/**
 * One indicator over the candles that a chart holds. All but the newest candle have entered its state; the newest, which may still form,
 * is only previewed, so that a trade costs one step however long the chart is.
 */
export class IndicatorRun {
  readonly definition: IndicatorDefinition;
  readonly params: IndicatorParams;
  #indicator: Indicator;
  #columns: Float64Array[];
  /** Candles in the state. */
  #closed = 0;
  #count = 0;

  constructor(definition: IndicatorDefinition, params: IndicatorParams) {
    this.definition = definition;
    this.params = params;
    this.#indicator = definition.create(params);
    this.#columns = definition.outputs.map(() => new Float64Array(1024));
  }

  /** Candles that have values (or NaN). */
  get count(): number {
    return this.#count;
  }

  value(output: number, index: number): number {
    return index >= 0 && index < this.#count ? (this.#columns[output]?.[index] ?? Number.NaN) : Number.NaN;
  }

  /** Every output at one candle. */
  at(index: number): number[] {
    return this.#columns.map((_, output) => this.value(output, index));
  }

  reset(candles: readonly ChartCandle[]): void {
    this.#indicator = this.definition.create(this.params);
    this.#closed = 0;
    this.#advance(candles);
  }

  /**
   * The candle at `changedTime` is the earliest that changed or was appended.
   * @returns the first index whose values may differ from before
   */
  update(candles: readonly ChartCandle[], changedTime: number): number {
    const changed = Math.max(0, indexAtOrBefore(candles, changedTime));
    // A correction of a candle that is in the state: everything after it follows from it.
    if (changed < this.#closed) {
      this.reset(candles);
      return changed;
    }
    const from = this.#closed;
    this.#advance(candles);
    return from;
  }

  #advance(candles: readonly ChartCandle[]): void {
    const last = candles.length - 1;
    this.#reserve(candles.length);
    for (let i = this.#closed; i <= last; i++) {
      this.#indicator.step(candles[i] as ChartCandle, i < last);
      for (let o = 0; o < this.#columns.length; o++) (this.#columns[o] as Float64Array)[i] = this.#indicator.values[o] as number;
    }
    this.#closed = Math.max(0, last);
    this.#count = candles.length;
  }

  #reserve(length: number): void {
    if ((this.#columns[0]?.length ?? 0) >= length) return;
    this.#columns = this.#columns.map((column) => {
      const grown = new Float64Array(2 * length);
      grown.set(column);
      return grown;
    });
  }
}
