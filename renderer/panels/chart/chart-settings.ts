import { HORIZONS_MIN, type HorizonMin } from '../../../core/contracts/learning.ts';
import type { PivotLevelNumber } from '../../../core/contracts/structure.ts';
import type { IndicatorInstance } from '../../charts/indicator-instance.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';

export interface ChartSettings {
  timeframe: Timeframe;
  /** Annotation ends jump to the candle's open, high, low or close. */
  snap: boolean;
  /** Horizons whose predictions are drawn. */
  horizons: readonly HorizonMin[];
  /** Pivots of this level and above are drawn; 0: none. */
  pivotLevel: PivotLevelNumber | 0;
  /** The merged book behind the candles; how it is coloured is the heatmap panel's setting. */
  heatmap: boolean;
  /** 0.1 … 1. */
  heatmapOpacity: number;
  heatmapMid: boolean;
  heatmapTrades: boolean;
  /** Large trades of all sources over the candles. */
  largeTrades: boolean;
  /** As it was saved: `knownInstances` says what of it is usable. */
  indicators: readonly IndicatorInstance[];
  /** Sold × bought volume by price row inside each candle. */
  footprint: boolean;
  /** Volume by price at the right edge: of what is in view, or since 00:00 UTC. */
  profile: 'off' | 'visible' | 'session';
  /** Height of their rows in ticks; 0: what suits the candles. */
  rowTicks: number;
}

export const PROFILES = ['off', 'visible', 'session'] as const satisfies readonly ChartSettings['profile'][];
export const ROW_TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000] as const;

/** The choice after this one, from the last one the first. */
export function nextProfile(profile: ChartSettings['profile']): ChartSettings['profile'] {
  return PROFILES[(PROFILES.indexOf(profile) + 1) % PROFILES.length] ?? 'off';
}

export const CHART_DEFAULTS: ChartSettings = {
  timeframe: '1m',
  snap: true,
  horizons: [5, 15],
  pivotLevel: 2,
  heatmap: false,
  heatmapOpacity: 0.5,
  heatmapMid: true,
  heatmapTrades: true,
  largeTrades: false,
  indicators: [],
  footprint: false,
  profile: 'off',
  rowTicks: 0,
};

export function toggleHorizon(horizons: readonly HorizonMin[], horizon: HorizonMin): HorizonMin[] {
  return HORIZONS_MIN.filter((candidate) => (candidate === horizon ? !horizons.includes(horizon) : horizons.includes(candidate)));
}
