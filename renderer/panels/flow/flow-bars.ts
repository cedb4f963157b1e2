import { type CvdStart, deltaOf, extendCumulativeDelta } from '../../../core/analysis/flow/cumulative-delta.ts';
import type { ChartCandle } from '../../charts/candle-series.ts';

/** Delta and cumulative delta of candles, by the candles' own index. */
export class FlowBars {
  candles: readonly ChartCandle[] = [];
  readonly delta: number[] = [];
  /** From each 00:00 UTC. */
  readonly session: number[] = [];
  /** From the first candle on. */
  readonly whole: number[] = [];
  readonly #lengthMs: number;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  reset(candles: readonly ChartCandle[]): void {
    this.#take(candles, 0);
  }

  /** The candle at `changedTime` is the earliest that changed or was appended. */
  update(candles: readonly ChartCandle[], changedTime: number): void {
    let from = candles.length;
    while (from > 0 && (candles[from - 1] as ChartCandle).openTime >= changedTime) from--;
    this.#take(candles, Math.min(from, this.delta.length));
  }

  get oldestBar(): number {
    return this.barOf(this.candles[0]?.openTime ?? 0);
  }

  get newestBar(): number {
    return this.barOf(this.candles.at(-1)?.openTime ?? 0);
  }

  barOf(time: number): number {
    return Math.floor(time / this.#lengthMs);
  }

  timeOf(bar: number): number {
    return bar * this.#lengthMs;
  }

  /** First candle of a bar number or a later one. */
  indexFrom(bar: number): number {
    const time = this.timeOf(bar);
    let low = 0;
    let high = this.candles.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.candles[middle] as ChartCandle).openTime < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #take(candles: readonly ChartCandle[], from: number): void {
    this.candles = candles;
    for (const column of [this.delta, this.session, this.whole]) column.length = from;
    for (let i = from; i < candles.length; i++) this.delta.push(deltaOf(candles[i] as ChartCandle));
    for (const [into, start] of [
      [this.session, 'session'],
      [this.whole, 'first'],
    ] as const satisfies readonly (readonly [number[], CvdStart])[])
      extendCumulativeDelta(into, (i) => (candles[i] as ChartCandle).openTime, this.delta, start);
  }
}
