import { RangeMiddle } from './donchian.ts';
import { type Bar, defineIndicator, type Indicator } from './indicator.ts';

class Ichimoku implements Indicator {
  readonly values = new Float64Array(5).fill(Number.NaN);
  readonly #conversion: RangeMiddle;
  readonly #base: RangeMiddle;
  readonly #spanB: RangeMiddle;

  constructor(conversion: number, base: number, spanB: number) {
    this.#conversion = new RangeMiddle(conversion);
    this.#base = new RangeMiddle(base);
    this.#spanB = new RangeMiddle(spanB);
  }

  step(bar: Bar, closed: boolean): void {
    const conversion = this.#conversion.step(bar, closed);
    const base = this.#base.step(bar, closed);
    this.values[0] = conversion;
    this.values[1] = base;
    this.values[2] = (conversion + base) / 2;
    this.values[3] = this.#spanB.step(bar, closed);
    this.values[4] = bar.close;
  }
}

/**
 * Ichimoku kinko hyo (Hosoda 1969). Every value stands at the candle that it is computed at. The spans are drawn `displacement` − 1
 * candles later and the lagging line, which is the close, as many earlier (Hosoda counts the candle itself): drawing only, so that no
 * column looks ahead.
 */
export const ichimoku = defineIndicator({
  id: 'ichimoku',
  name: 'Ichimoku cloud',
  short: 'Ichimoku',
  keywords: ['hosoda', 'kinko hyo', 'tenkan', 'kijun', 'senkou', 'chikou', 'kumo'],
  placement: 'overlay',
  params: [
    { id: 'conversion', name: 'Conversion (tenkan)', default: 9, min: 1, max: 1_000, step: 1 },
    { id: 'base', name: 'Base (kijun)', default: 26, min: 1, max: 1_000, step: 1 },
    { id: 'spanB', name: 'Span B (senkou B)', default: 52, min: 1, max: 1_000, step: 1 },
    { id: 'displacement', name: 'Displacement', default: 26, min: 1, max: 200, step: 1 },
  ],
  outputs: [
    { id: 'conversion', name: 'Conversion', kind: 'line' },
    { id: 'base', name: 'Base', kind: 'line' },
    { id: 'spanA', name: 'Span A', kind: 'band', displacedBy: { param: 'displacement', direction: 1 } },
    { id: 'spanB', name: 'Span B', kind: 'band', displacedBy: { param: 'displacement', direction: 1 } },
    { id: 'lagging', name: 'Lagging', kind: 'line', displacedBy: { param: 'displacement', direction: -1 } },
  ],
  warmUp: (params) => Math.max(params.conversion, params.base, params.spanB),
  create: (params) => new Ichimoku(params.conversion, params.base, params.spanB),
});
