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
};

export function toggleHorizon(horizons: readonly HorizonMin[], horizon: HorizonMin): HorizonMin[] {
  return HORIZONS_MIN.filter((candidate) => (candidate === horizon ? !horizons.includes(horizon) : horizons.includes(candidate)));
}
