import type { EpochMs } from '../../base/clock.ts';
import type { DirectionalView, Feature } from '../../contracts/analysis.ts';
import type { StructureLevelView, StructureView } from '../../contracts/structure.ts';
import { type Timeframe, TIMEFRAMES } from '../../market/timeframe.ts';
import { type AnalysisModule, feature, perSymbol, type SymbolAnalysis } from '../module.ts';
import { TrackRecord } from '../track-record.ts';

const MINUTE_MS = 60_000;
const HORIZON_MS = 15 * MINUTE_MS;
/** What the levels, the swings and the rule are of. */
const TIMEFRAME: Timeframe = '1m';
/** Of each timeframe this level's trend is told. */
const FRAME_LEVEL = 2;
/** Two highs and two lows. */
const PIVOTS_FOR_A_TREND = 4;
/** Swings of single candles are everywhere: support and resistance are told from level 2 up. */
const LEAST_LEVEL = 2;
const SIGN = { up: 1, down: -1, sideways: 0 } as const;

/**
 * Market structure of one symbol (`MarketStructure`, Williams' fractals), as the structure service keeps it: of minutes, and the trends of all
 * timeframes, the month of seconds among them. Its rule: where the
 * trends of levels 2 and 3 agree, the price goes on that way over a quarter of an hour (Dow's rising and falling highs and lows; Lo, Mamaysky &
 * Wang 2000 on what such patterns tell). Judged by what it called since it was loaded.
 */
export class PivotsAnalysis implements SymbolAnalysis {
  readonly #record = new TrackRecord({ horizonMs: HORIZON_MS });
  readonly #frames = new Map<Timeframe, StructureLevelView | undefined>();
  #levels: readonly StructureLevelView[] = [];
  #close = Number.NaN;

  onStructure({ timeframe, levels }: StructureView): void {
    if (timeframe === TIMEFRAME) this.#levels = levels;
    this.#frames.set(timeframe, levels[FRAME_LEVEL - 1]);
  }

  onMinute(openTime: EpochMs, close: number): void {
    this.#close = close;
    this.#record.step(openTime + MINUTE_MS, close, this.#direction());
  }

  features(): Feature[] {
    const levels = this.#levels.map((level) => trendFeature(`level${level.level}`, `Level ${level.level}`, level));
    const frames = TIMEFRAMES.map((timeframe) =>
      trendFeature(`frame${timeframe}`, `${timeframe}, level ${FRAME_LEVEL}`, this.#frames.get(timeframe)),
    );
    const prices = this.#levels
      .filter(({ level }) => level >= LEAST_LEVEL)
      .flatMap(({ high, low }) => [high?.price, low?.price])
      .filter((price) => price !== undefined);
    const above = prices.filter((price) => price > this.#close);
    const below = prices.filter((price) => price < this.#close);
    const bps = (price: number): number => (1e4 * (price - this.#close)) / this.#close;
    return [
      ...levels,
      ...frames,
      feature('bias', 'Bias', this.#bias(), '', 2, {
        hint: 'Trends of the levels, up 1 and down −1 times their strength, weighted by the number of the level',
      }),
      feature('resistance', 'To the swing above', above.length === 0 ? Number.NaN : bps(Math.min(...above)), 'bps', 1, {
        hint: 'The nearest of the newest pivots from level 2 up',
      }),
      feature('support', 'To the swing below', below.length === 0 ? Number.NaN : bps(Math.max(...below)), 'bps', 1, {
        hint: 'The nearest of the newest pivots from level 2 up',
      }),
      this.#record.feature(),
    ];
  }

  predictions(): DirectionalView[] {
    const direction = this.#direction();
    return this.#record.views(direction, `highs and lows of levels 2 and 3 both go ${direction > 0 ? 'up' : 'down'}`);
  }

  #bias(): number {
    let sum = 0;
    let weight = 0;
    for (const level of this.#levels) {
      const trend = trendOf(level);
      if (Number.isNaN(trend)) continue;
      sum += trend * level.trendStrength * level.level;
      weight += level.level;
    }
    return weight === 0 ? Number.NaN : sum / weight;
  }

  #direction(): -1 | 0 | 1 {
    const [second, third] = [this.#levels[1], this.#levels[2]];
    if (second === undefined || third === undefined) return 0;
    const trend = trendOf(second);
    return trend === trendOf(third) ? (trend as -1 | 0 | 1) : 0;
  }
}

function trendFeature(id: string, name: string, level: StructureLevelView | undefined): Feature {
  if (level === undefined) return feature(id, name, Number.NaN, '', 0);
  const { trend, trendStrength, count } = level;
  return feature(id, name, trendOf(level), '', 0, {
    text: trend === 'sideways' ? 'sideways' : `${trend} ${Math.round(100 * trendStrength)} %`,
    hint: `Trend of ${count} pivots; the share of the last six steps that agree with it`,
  });
}

/** 1, 0 or −1; NaN before there are two highs and two lows. */
function trendOf({ count, trend }: StructureLevelView): number {
  return count < PIVOTS_FOR_A_TREND ? Number.NaN : SIGN[trend];
}

export function create(): AnalysisModule {
  return perSymbol((symbol, data) => {
    const analysis = new PivotsAnalysis();
    for (const timeframe of TIMEFRAMES) {
      const known = data.latest('structure', { symbol, timeframe });
      if (known !== undefined) analysis.onStructure(known);
      data.subscribe('structure', { symbol, timeframe }, (view) => analysis.onStructure(view));
    }
    data.bars({ symbol, timeframe: TIMEFRAME }, 1, ({ openTime, close }) => analysis.onMinute(openTime, close));
    return analysis;
  });
}
