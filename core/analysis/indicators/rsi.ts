import { type ExponentialMean, wilderMean } from './exponential-mean.ts';
import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';

class Rsi implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #gains: ExponentialMean;
  readonly #losses: ExponentialMean;
  #previous = Number.NaN;

  constructor(length: number) {
    this.#gains = wilderMean(length);
    this.#losses = wilderMean(length);
  }

  step(bar: Bar, closed: boolean): void {
    const change = bar.close - this.#previous;
    if (closed) this.#previous = bar.close;
    if (Number.isNaN(change)) return;
    const gain = this.#gains.step(change > 0 ? change : 0, closed);
    const loss = this.#losses.step(change < 0 ? -change : 0, closed);
    const moved = gain + loss;
    this.values[0] = moved === 0 ? 50 : (100 * gain) / moved;
  }
}

/**
 * Relative strength index (Wilder 1978): 100 − 100 / (1 + mean gain / mean loss), both by Wilder's smoothing, begun with the simple means
 * of the first n changes. 50 where the price has not moved at all.
 */
export const rsi = defineIndicator({
  id: 'rsi',
  name: 'Relative strength index',
  short: 'RSI',
  keywords: ['wilder', 'momentum', 'oscillator'],
  placement: 'pane',
  params: [period(14)],
  outputs: [{ id: 'rsi', name: 'RSI', kind: 'line' }],
  levels: [30, 70],
  warmUp: (params) => params.period + 1,
  create: (params) => new Rsi(params.period),
});
