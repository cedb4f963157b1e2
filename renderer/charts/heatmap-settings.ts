import { formatCompact, formatSigned } from '../ui/format.ts';
import { HEATMAP_METRICS, type HeatmapMetric } from '../../core/market/heatmap.ts';

/** How the heatmap looks, in its panel and behind the candles. */
export const HEATMAP_DEFAULTS = {
  metric: 'totalVolume' as string,
  gamma: 0.6,
  windowSec: 300,
  radius: 20,
  /** Venues that are left out, by name: one that comes later is shown. */
  hidden: '',
  mid: true,
  trades: true,
  /** Large trades, each at its own time and price: in the panel. */
  large: true,
};
export type HeatmapSettings = typeof HEATMAP_DEFAULTS;

export const METRIC_LABELS: readonly (readonly [HeatmapMetric, string])[] = [
  ['totalVolume', 'Bids and asks'],
  ['bidVolume', 'Bids'],
  ['askVolume', 'Asks'],
  ['imbalance', 'Imbalance'],
  ['spread', 'Spread'],
];

/** The metric that was saved, if this version knows it. */
export function metricOf(settings: Pick<HeatmapSettings, 'metric'>): HeatmapMetric {
  return HEATMAP_METRICS.find((known) => known === settings.metric) ?? 'totalVolume';
}

export function valueText(metric: HeatmapMetric, value: number): string {
  if (metric === 'imbalance') return formatSigned(value, 2);
  return metric === 'spread' ? `${value.toFixed(2)} bps` : `$${formatCompact(value)}`;
}
