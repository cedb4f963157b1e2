import type { DataMode } from '../../../core/contracts/primitives.ts';
import type { Timeframe } from '../../../core/market/timeframe.ts';
import type { ChartCandle } from '../../charts/candle-series.ts';
import { formatCompact, formatNumber, formatSigned } from '../../ui/format.ts';

interface ChartLegendProps {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly mode: DataMode;
  readonly candle: ChartCandle | undefined;
  readonly decimals: number;
  readonly loadingOlder: boolean;
}

/** What the chart shows and the values of the candle under the crosshair, else of the newest. */
export function ChartLegend({ symbol, timeframe, mode, candle, decimals, loadingOlder }: ChartLegendProps) {
  const change = candle === undefined ? 0 : (100 * (candle.close - candle.open)) / candle.open;
  return (
    <div className="chart-legend" data-testid="chart-legend">
      <strong>{symbol}</strong> <span>{timeframe}</span> <span className={`mode-mark mode-${mode.toLowerCase()}`}>{mode}</span>
      {candle !== undefined && (
        <span className="chart-ohlc">
          O {formatNumber(candle.open, decimals)} H {formatNumber(candle.high, decimals)} L {formatNumber(candle.low, decimals)} C{' '}
          {formatNumber(candle.close, decimals)}{' '}
          <span className={change >= 0 ? 'is-up' : 'is-down'}>{formatSigned(change, 2)} %</span> V {formatCompact(candle.volume)}
          {candle.filled && ' · no trades'}
        </span>
      )}
      {loadingOlder && <span className="chart-older">Loading older candles…</span>}
    </div>
  );
}
