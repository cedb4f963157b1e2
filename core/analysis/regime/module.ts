import type { DirectionalView, Feature } from '../../contracts/analysis.ts';
import { CloseWindow } from '../close-window.ts';
import { type AnalysisData, type AnalysisModule, feature, perSymbol, type SymbolAnalysis } from '../module.ts';
import { TrackRecord } from '../track-record.ts';
import {
  driftStatistic,
  efficiencyRatio,
  TREND_REGIMES,
  trendCode,
  VOLATILITY_REGIMES,
  volatilityCode,
  volatilityRatio,
} from './regime.ts';
import { annualised, realisedVolatility } from './volatility.ts';

const MINUTE_MS = 60_000;
/** Returns of the window, and of what is usual: an hour and a day of minutes. */
const SHORT = 60;
const LONG = 1_440;
const HORIZON_MS = 15 * MINUTE_MS;
/** Stored minutes that the rule is judged by at the start: a week. */
const HISTORY = 7 * LONG;

/**
 * Regime and volatility of one symbol, from its closed minutes. Its rule: a trend of the last hour goes on for a quarter of an hour
 * (time-series momentum: Moskowitz, Ooi & Pedersen 2012, there over months; what it is worth over minutes, its record says).
 */
export class RegimeAnalysis implements SymbolAnalysis {
  readonly #closes = new CloseWindow(LONG + 1);
  readonly #record = new TrackRecord({ horizonMs: HORIZON_MS });

  push(openTime: number, close: number): void {
    this.#closes.push(close);
    this.#record.step(openTime + MINUTE_MS, close, this.#direction());
  }

  features(): Feature[] {
    const closes = this.#closes;
    const { values, to } = closes;
    const drift = this.#drift();
    const isFull = closes.length > SHORT;
    const efficiency = isFull ? efficiencyRatio(values, to - SHORT - 1, to) : Number.NaN;
    const hour = isFull ? realisedVolatility(values, to - SHORT - 1, to) : Number.NaN;
    const day = closes.length > LONG ? realisedVolatility(values, closes.from, to) : Number.NaN;
    const ratio = closes.length > LONG ? volatilityRatio(values, closes.from, to - SHORT - 1, to) : Number.NaN;
    const trend = trendCode(drift);
    const volatility = volatilityCode(ratio);
    return [
      feature('trend', 'Trend', Number.isNaN(drift) ? drift : trend, '', 0, {
        text: TREND_REGIMES[trend + 1] as string,
        hint: 'Up or down when the last hour moved further than nine in ten random walks of its volatility would have',
      }),
      feature('drift', 'Drift', drift, 'σ', 2, { hint: 'The move of the last hour in units of its own realised volatility' }),
      feature('efficiency', 'Efficiency', efficiency, '', 2, {
        hint: 'Kaufman: the way from first to last close over the sum of all ways between, last hour; ±1 is a straight line',
      }),
      feature('volatility', 'Volatility', Number.isNaN(ratio) ? ratio : volatility, '', 0, {
        text: VOLATILITY_REGIMES[volatility + 1] as string,
        hint: 'The last hour against the last day: wild from 1.5 times, calm from two thirds',
      }),
      feature('ratio', 'Against usual', ratio, '×', 2, { hint: 'Volatility of the last hour over that of the last day' }),
      feature('hour', 'Volatility, hour', 100 * hour, '%', 3, { hint: 'Realised over the last 60 minutes, not annualised' }),
      feature('year', 'Volatility, day', 100 * annualised(day, LONG * MINUTE_MS), '% a year', 1, {
        hint: 'Realised over the last 1,440 minutes, annualised by the root of time',
      }),
      this.#record.feature(),
    ];
  }

  predictions(): DirectionalView[] {
    const drift = this.#drift();
    const basis = `the last hour moved ${Math.abs(drift).toFixed(1)} of its own deviations ${drift > 0 ? 'up' : 'down'}`;
    return this.#record.views(this.#direction(), basis);
  }

  #drift(): number {
    const { values, to, length } = this.#closes;
    return length > SHORT ? driftStatistic(values, to - SHORT - 1, to) : Number.NaN;
  }

  #direction(): -1 | 0 | 1 {
    return trendCode(this.#drift());
  }
}

export function create(): AnalysisModule {
  return perSymbol((symbol: string, data: AnalysisData) => {
    const analysis = new RegimeAnalysis();
    data.bars({ symbol, timeframe: '1m' }, HISTORY, ({ openTime, close }) => analysis.push(openTime, close));
    return analysis;
  });
}
