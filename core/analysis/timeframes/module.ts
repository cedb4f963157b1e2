import type { EpochMs } from '../../base/clock.ts';
import type { DirectionalView, Feature } from '../../contracts/analysis.ts';
import type { Timeframe } from '../../market/timeframe.ts';
import { indicatorText } from '../market-topics.ts';
import { type AnalysisModule, feature, perSymbol, type SymbolAnalysis } from '../module.ts';
import { TrackRecord } from '../track-record.ts';

const FRAMES = ['1m', '5m', '15m', '1h', '4h', '1d'] as const satisfies readonly Timeframe[];
type Frame = (typeof FRAMES)[number];
const FAST = 20;
const SLOW = 50;
/** From here on Wilder takes a market as trending. */
const TRENDING_ADX = 25;
const MINUTE_MS = 60_000;
const HORIZON_MS = 15 * MINUTE_MS;
/** Share of the known timeframes that must lean one way before the rule calls. */
const AGREEING = 2 / 3;

interface Known {
  fast: number;
  slow: number;
  adx: number;
}

/**
 * Trends of one symbol on six timeframes: which way the EMA of 20 closes stands to that of 50 (a moving-average rule as in Brock,
 * Lakonishok & LeBaron 1992), and by Wilder's ADX whether that is a trend at all. Its rule: where two thirds of the timeframes lean one
 * way more than the other, the price goes that way over a quarter of an hour. Judged by what it called since it was loaded.
 */
export class TimeframesAnalysis implements SymbolAnalysis {
  readonly #known: Record<Frame, Known>;
  readonly #record = new TrackRecord({ horizonMs: HORIZON_MS });

  constructor() {
    const known = (): Known => ({ fast: Number.NaN, slow: Number.NaN, adx: Number.NaN });
    this.#known = { '1m': known(), '5m': known(), '15m': known(), '1h': known(), '4h': known(), '1d': known() };
  }

  set(frame: Frame, which: keyof Known, value: number): void {
    this.#known[frame][which] = value;
  }

  onMinute(openTime: EpochMs, close: number): void {
    this.#record.step(openTime + MINUTE_MS, close, this.#direction());
  }

  features(): Feature[] {
    const frames = FRAMES.map((frame) => {
      const { fast, slow, adx } = this.#known[frame];
      const vote = voteOf(this.#known[frame]);
      const way = vote > 0 ? 'up' : vote < 0 ? 'down' : 'level';
      const isTrend = adx >= TRENDING_ADX;
      return feature(frame, frame, vote, '', 0, {
        text: isTrend ? `${way}, trending` : way,
        hint: `EMA ${FAST} is ${bpsBetween(fast, slow)} bps above EMA ${SLOW}; ADX ${adx.toFixed(0)}, a trend from ${TRENDING_ADX}`,
      });
    });
    return [
      ...frames,
      feature('alignment', 'Alignment', this.#alignment(), '', 2, {
        hint: 'Mean over the timeframes that are known of +1 for up and −1 for down',
      }),
      feature('trending', 'Trending', 100 * this.#trendingShare(), '%', 0, {
        hint: `Timeframes whose ADX is ${TRENDING_ADX} or more`,
      }),
      this.#record.feature(),
    ];
  }

  predictions(): DirectionalView[] {
    const votes = this.#votes();
    const direction = this.#direction();
    const agreeing = votes.filter((vote) => vote === direction).length;
    return this.#record.views(direction, `${agreeing} of ${votes.length} timeframes lean that way`);
  }

  #votes(): number[] {
    return FRAMES.map((frame) => voteOf(this.#known[frame])).filter((vote) => !Number.isNaN(vote));
  }

  #alignment(): number {
    const votes = this.#votes();
    return votes.length === 0 ? Number.NaN : votes.reduce((sum, vote) => sum + vote, 0) / votes.length;
  }

  #trendingShare(): number {
    const known = FRAMES.map((frame) => this.#known[frame].adx).filter((adx) => !Number.isNaN(adx));
    return known.length === 0 ? Number.NaN : known.filter((adx) => adx >= TRENDING_ADX).length / known.length;
  }

  #direction(): -1 | 0 | 1 {
    const alignment = this.#alignment();
    return alignment >= AGREEING ? 1 : alignment <= -AGREEING ? -1 : 0;
  }
}

function voteOf({ fast, slow }: Known): number {
  return Number.isNaN(fast - slow) ? Number.NaN : Math.sign(fast - slow);
}

function bpsBetween(fast: number, slow: number): string {
  return ((1e4 * (fast - slow)) / slow).toFixed(1);
}

export function create(): AnalysisModule {
  return perSymbol((symbol, data) => {
    const analysis = new TimeframesAnalysis();
    for (const timeframe of FRAMES) {
      const follow = (which: keyof Known, indicator: string): void =>
        data.subscribe('indicators', { symbol, timeframe, indicator }, ({ values }) =>
          analysis.set(timeframe, which, values[0] as number),
        );
      follow('fast', indicatorText('ema', { period: FAST }));
      follow('slow', indicatorText('ema', { period: SLOW }));
      follow('adx', indicatorText('adx'));
    }
    data.subscribe('closedCandles', { symbol, timeframe: '1m' }, ({ openTime, close }) => analysis.onMinute(openTime, close));
    return analysis;
  });
}
