import type { HeatmapMetric } from '../../../core/market/heatmap.ts';
import { useDesk } from '../../app/desk-context.ts';
import { colourGradient } from '../../charts/heatmap-colours.ts';
import { valueText } from '../../charts/heatmap-settings.ts';
import { formatClock } from '../../ui/format.ts';
import { useFramed } from '../../ui/use-framed.ts';
import { useChartReadout } from './chart-readout.ts';

type Readout = ReturnType<typeof useChartReadout.getState>;
const scaleOf = (state: Readout) => state.heatScale;
const readingOf = (state: Readout) => state.heat;

interface HeatLegendProps {
  readonly metric: HeatmapMetric;
  readonly decimals: number;
}

/** What the colours behind the candles stand for, and the book under the crosshair. */
export function HeatLegend({ metric, decimals }: HeatLegendProps) {
  const { theme } = useDesk();
  const scale = useFramed(useChartReadout, scaleOf);
  const reading = useFramed(useChartReadout, readingOf);
  const isImbalance = metric === 'imbalance';
  return (
    <div className="chart-heat num" data-testid="chart-heat">
      <span>Book</span>
      {scale > 0 ? (
        <>
          <span>{isImbalance ? '−1' : '0'}</span>
          <span className="chart-heat-ramp" style={{ background: colourGradient(theme, metric, true) }} />
          <span>{isImbalance ? '+1' : valueText(metric, scale)}</span>
        </>
      ) : (
        <span>nothing recorded in view</span>
      )}
      {reading !== undefined && (
        <span className="chart-heat-reading" data-testid="chart-heat-reading">
          {reading.price.toFixed(decimals)} – {reading.priceTo.toFixed(decimals)} <b>{valueText(metric, reading.value)}</b>{' '}
          {formatClock(reading.time)}
        </span>
      )}
    </div>
  );
}
