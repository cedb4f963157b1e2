import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';
import { RollingSum } from './rolling-sum.ts';

class RealisedVolatility implements Indicator {
  readonly values = new Float64Array([Number.NaN]);
  readonly #squares: RollingSum;
  #previous = Number.NaN;

  constructor(length: number) {
    this.#squares = new RollingSum(length);
  }

  step(bar: Bar, closed: boolean): void {
    const previous = this.#previous;
    if (closed) this.#previous = bar.close;
    if (Number.isNaN(previous)) return;
    const change = Math.log(bar.close / previous);
    this.values[0] = 100 * Math.sqrt(this.#squares.step(change * change, closed));
  }
}

/**
 * Realised volatility (Andersen, Bollerslev, Diebold and Labys 2003): the root of the summed squared log returns of the last n candles,
 * in %: over those n candles, not annualised. The return over a gap counts as one candle's.
 */
export const realisedVolatility = defineIndicator({
  id: 'realisedVolatility',
  name: 'Realised volatility',
  short: 'RV',
  keywords: ['variance', 'historical volatility', 'deviation'],
  placement: 'pane',
  params: [period(60, 'Length', 1)],
  outputs: [{ id: 'rv', name: 'RV', kind: 'line' }],
  warmUp: (params) => params.period + 1,
  create: (params) => new RealisedVolatility(params.period),
});
