import { trueRange } from './atr.ts';
import { type ExponentialMean, wilderMean } from './exponential-mean.ts';
import { type Bar, defineIndicator, type Indicator, period } from './indicator.ts';

class Adx implements Indicator {
  readonly values = new Float64Array(3).fill(Number.NaN);
  readonly #up: ExponentialMean;
  readonly #down: ExponentialMean;
  readonly #range: ExponentialMean;
  readonly #index: ExponentialMean;
  #high = Number.NaN;
  #low = Number.NaN;
  #close = Number.NaN;

  constructor(length: number) {
    this.#up = wilderMean(length);
    this.#down = wilderMean(length);
    this.#range = wilderMean(length);
    this.#index = wilderMean(length);
  }

  step(bar: Bar, closed: boolean): void {
    const rise = bar.high - this.#high;
    const fall = this.#low - bar.low;
    const reach = trueRange(bar, this.#close);
    if (closed) {
      this.#high = bar.high;
      this.#low = bar.low;
      this.#close = bar.close;
    }
    // Movement is told between two candles: the first has none.
    if (Number.isNaN(rise)) return;
    const up = this.#up.step(rise > fall && rise > 0 ? rise : 0, closed);
    const down = this.#down.step(fall > rise && fall > 0 ? fall : 0, closed);
    const range = this.#range.step(reach, closed);
    if (Number.isNaN(range)) return;
    const moved = up + down;
    this.values[0] = this.#index.step(moved === 0 ? 0 : (100 * Math.abs(up - down)) / moved, closed);
    this.values[1] = range === 0 ? 0 : (100 * up) / range;
    this.values[2] = range === 0 ? 0 : (100 * down) / range;
  }
}

/**
 * Average directional index with +DI and −DI (Wilder 1978). Directional movement and true range are smoothed by Wilder's method, begun
 * with the simple means of the first n (TA-Lib begins with n − 1 of them and differs early); ADX is so smoothed from DX.
 */
export const adx = defineIndicator({
  id: 'adx',
  name: 'Average directional index',
  short: 'ADX',
  keywords: ['wilder', 'dmi', 'directional movement', '+di', '-di', 'trend'],
  placement: 'pane',
  params: [period(14)],
  outputs: [
    { id: 'adx', name: 'ADX', kind: 'line' },
    { id: 'plusDi', name: '+DI', kind: 'line' },
    { id: 'minusDi', name: '−DI', kind: 'line' },
  ],
  levels: [25],
  warmUp: (params) => 2 * params.period,
  create: (params) => new Adx(params.period),
});
