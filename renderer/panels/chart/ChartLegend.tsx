import type { DataMode } from '../../../core/contracts/primitives.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import { LivePrice } from '../../app/LivePrice.tsx';
import { formatCandleTime } from '../../charts/candle-time.ts';
import { useForecasts } from '../../stores/forecasts.ts';
import { formatCompact, formatNumber, formatSigned } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { useFramed } from '../../ui/use-framed.ts';
import { useChartReadout } from './chart-readout.ts';

interface ChartLegendProps {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly mode: DataMode;
  readonly decimals: number;
  readonly loadingOlder: boolean;
}

type Readout = ReturnType<typeof useChartReadout.getState>;
const shownCandle = (state: Readout) => state.hovered ?? state.newest;
/** More than the time axis is below the candles: then the library's logo, which is bound to stay, is there too. */
const PANES_PX = 60;
const belowMain = (state: Readout) => state.places.belowMain;
const isHovering = (state: Readout) => state.hovered !== undefined;

/** What the chart shows and the values of the candle under the crosshair, else of the newest. */
export function ChartLegend({ symbol, timeframe, mode, decimals, loadingOlder }: ChartLegendProps) {
  const candle = useFramed(useChartReadout, shownCandle);
  const hovering = useFramed(useChartReadout, isHovering);
  const change = candle === undefined ? 0 : (100 * (candle.close - candle.open)) / candle.open;
  return (
    <div className="chart-legend" data-testid="chart-legend">
      <strong>{symbol}</strong> <span>{timeframe}</span> <ModeBadge mode={mode} /> <LivePrice testId="chart-price" />{' '}
      {candle !== undefined && (
        <span className="chart-ohlc num">
          {hovering && <span>{formatCandleTime(candle.openTime, TIMEFRAME_MS[timeframe])} </span>}O{' '}
          {formatNumber(candle.open, decimals)} H {formatNumber(candle.high, decimals)} L {formatNumber(candle.low, decimals)} C{' '}
          {formatNumber(candle.close, decimals)} <span className={change >= 0 ? 'up' : 'down'}>{formatSigned(change, 2)} %</span>{' '}
          V {formatCompact(candle.volume)}
          {candle.filled && ' · no trades'}
        </span>
      )}
      {loadingOlder && <span className="chart-older">Loading older candles…</span>}
    </div>
  );
}

/** What the marks of predictions mean, while there are any. */
export function PredictionLegend() {
  const predicted = useForecasts((state) => state.predictions !== undefined && state.predictions.length > 0);
  const bottom = useFramed(useChartReadout, belowMain);
  if (!predicted) return null;
  return (
    <div
      className="chart-marks"
      style={bottom > PANES_PX ? { bottom: `${bottom + 6}px`, left: '12px' } : undefined}
      title="Predictions are drawn where and when they come due"
      data-testid="prediction-legend"
    >
      <span>
        <b>○</b> open
      </span>
      <span>
        <b>●</b> hit
      </span>
      <span>
        <b>×</b> miss
      </span>
    </div>
  );
}
