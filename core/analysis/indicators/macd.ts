import { type ExponentialMean, exponentialMean } from './exponential-mean.ts';
import { type Bar, defineIndicator, type Indicator } from './indicator.ts';

class Macd implements Indicator {
  readonly values = new Float64Array(3).fill(Number.NaN);
  readonly #fast: ExponentialMean;
  readonly #slow: ExponentialMean;
  readonly #signal: ExponentialMean;

  constructor(fast: number, slow: number, signal: number) {
    this.#fast = exponentialMean(fast);
    this.#slow = exponentialMean(slow);
    this.#signal = exponentialMean(signal);
  }

  step(bar: Bar, closed: boolean): void {
    const macdLine = this.#fast.step(bar.close, closed) - this.#slow.step(bar.close, closed);
    const signal = Number.isNaN(macdLine) ? Number.NaN : this.#signal.step(macdLine, closed);
    this.values[0] = macdLine;
    this.values[1] = signal;
    this.values[2] = macdLine - signal;
  }
}

/**
 * Moving average convergence/divergence (Appel 1979): EMA(fast) − EMA(slow) of the close, its EMA as the signal, and their difference.
 * Each EMA begins with the simple mean of its own first values.
 */
export const macd = defineIndicator({
  id: 'macd',
  name: 'MACD',
  short: 'MACD',
  keywords: ['convergence', 'divergence', 'appel', 'momentum', 'oscillator'],
  placement: 'pane',
  params: [
    { id: 'fast', name: 'Fast length', default: 12, min: 1, max: 1_000, step: 1 },
    { id: 'slow', name: 'Slow length', default: 26, min: 1, max: 1_000, step: 1 },
    { id: 'signal', name: 'Signal length', default: 9, min: 1, max: 1_000, step: 1 },
  ],
  outputs: [
    { id: 'macd', name: 'MACD', kind: 'line' },
    { id: 'signal', name: 'Signal', kind: 'line' },
    { id: 'histogram', name: 'Histogram', kind: 'histogram' },
  ],
  levels: [0],
  warmUp: (params) => Math.max(params.fast, params.slow) + params.signal - 1,
  create: (params) => new Macd(params.fast, params.slow, params.signal),
});
