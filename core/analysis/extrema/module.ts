import type { DirectionalView, Feature } from '../../contracts/analysis.ts';
import { CloseWindow } from '../close-window.ts';
import type { Bar } from '../indicators/indicator.ts';
import { RollingExtreme } from '../indicators/rolling-extreme.ts';
import { RollingMoments } from '../indicators/rolling-moments.ts';
import { type AnalysisModule, feature, perSymbol, type SymbolAnalysis } from '../module.ts';
import { TrackRecord } from '../track-record.ts';

const MINUTE_MS = 60_000;
const HOUR = 60;
const DAY = 1_440;
const HORIZON_MS = 15 * MINUTE_MS;
const HISTORY = 7 * DAY;
/** Deviations from the mean at which a price counts as extreme: Bollinger's bands. */
const EXTREME = 2;

/** Highest high and lowest low of the last `length` minutes. */
class Range {
  high = Number.NaN;
  low = Number.NaN;
  readonly #highs: RollingExtreme;
  readonly #lows: RollingExtreme;

  constructor(length: number) {
    this.#highs = new RollingExtreme(length, 'highest');
    this.#lows = new RollingExtreme(length, 'lowest');
  }

  push({ high, low }: Bar): void {
    this.high = this.#highs.step(high, true);
    this.low = this.#lows.step(low, true);
  }

  /** Where a price stands in it: 0 at the low, 1 at the high. NaN while unknown or without a range. */
  place(price: number): number {
    return this.high > this.low ? (price - this.low) / (this.high - this.low) : Number.NaN;
  }
}

/**
 * Where a symbol's price stands against its extremes, from its closed minutes. Its rule: a price two deviations of the last hour's closes
 * from their mean comes back within a quarter of an hour (mean reversion at extremes: Bollinger on Bollinger Bands, 2001; short-term
 * reversal of returns: Lehmann 1990, Jegadeesh 1990). What it is worth here, its record says.
 */
export class ExtremaAnalysis implements SymbolAnalysis {
  readonly #hour = new Range(HOUR);
  readonly #day = new Range(DAY);
  readonly #moments = new RollingMoments(HOUR);
  readonly #record = new TrackRecord({ horizonMs: HORIZON_MS });
  readonly #times = new CloseWindow(HOUR);
  readonly #highs = new CloseWindow(HOUR);
  readonly #lows = new CloseWindow(HOUR);
  #close = Number.NaN;

  push(bar: Bar): void {
    this.#hour.push(bar);
    this.#day.push(bar);
    this.#moments.step(bar.close, true);
    this.#times.push(bar.openTime);
    this.#highs.push(bar.high);
    this.#lows.push(bar.low);
    this.#close = bar.close;
    this.#record.step(bar.openTime + MINUTE_MS, bar.close, this.#direction());
  }

  features(): Feature[] {
    const close = this.#close;
    const [hour, day] = [this.#hour, this.#day];
    const bps = (from: number): number => (1e4 * (from - close)) / close;
    return [
      feature('z', 'From the mean', this.#z(), 'σ', 2, {
        hint: 'The close against the mean of the last 60 minutes’ closes, in their standard deviations; extreme from 2',
      }),
      feature('placeHour', 'Place in the hour', 100 * hour.place(close), '%', 0, {
        hint: '0 % at the lowest low, 100 % at the highest high',
      }),
      feature('placeDay', 'Place in the day', 100 * day.place(close), '%', 0, { hint: 'Of the last 1,440 minutes' }),
      feature('high', 'To the hour’s high', bps(hour.high), 'bps', 1),
      feature('highAgo', 'Hour’s high, ago', this.#minutesSince(this.#highs, hour.high), 'min', 0),
      feature('low', 'To the hour’s low', bps(hour.low), 'bps', 1),
      feature('lowAgo', 'Hour’s low, ago', this.#minutesSince(this.#lows, hour.low), 'min', 0),
      feature('dayHigh', 'To the day’s high', bps(day.high), 'bps', 1),
      feature('dayLow', 'To the day’s low', bps(day.low), 'bps', 1),
      this.#record.feature(),
    ];
  }

  predictions(): DirectionalView[] {
    const z = this.#z();
    const basis = `the price is ${Math.abs(z).toFixed(1)} deviations ${z > 0 ? 'above' : 'below'} the mean of the last hour`;
    return this.#record.views(this.#direction(), basis);
  }

  /** How long before the newest candle the last one with this extreme opened; NaN when it is not known. */
  #minutesSince({ values, from, to }: CloseWindow, extreme: number): number {
    for (let i = to - 1; i >= from; i--) {
      if (values[i] === extreme) return (this.#times.newest - (this.#times.values[i] as number)) / MINUTE_MS;
    }
    return Number.NaN;
  }

  #z(): number {
    const { mean, deviation } = this.#moments;
    return deviation > 0 ? (this.#close - mean) / deviation : Number.NaN;
  }

  #direction(): -1 | 0 | 1 {
    const z = this.#z();
    return z >= EXTREME ? -1 : z <= -EXTREME ? 1 : 0;
  }
}

export function create(): AnalysisModule {
  return perSymbol((symbol, data) => {
    const analysis = new ExtremaAnalysis();
    data.bars({ symbol, timeframe: '1m' }, HISTORY, (bar) => analysis.push(bar));
    return analysis;
  });
}
