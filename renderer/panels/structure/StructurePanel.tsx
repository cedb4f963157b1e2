import { usePanelSettings } from '../../app/desk-context.ts';
import { useSelection } from '../../stores/selection.ts';
import { usePriceDecimals } from '../../stores/watchlist.ts';
import { formatDate, formatNumber } from '../../ui/format.ts';
import { CHART_DEFAULTS } from '../chart/chart-settings.ts';
import { NewestPivots } from './NewestPivots.tsx';
import { TrendMatrix } from './TrendMatrix.tsx';
import { useStructure } from './use-structure.ts';
import './structure.css';

/** Market structure: the trend of every timeframe and level, and the newest pivots of the chart's timeframe. */
export function StructurePanel() {
  const symbol = useSelection((state) => state.symbol);
  const views = useStructure(symbol);
  const decimals = usePriceDecimals(symbol);
  const [{ timeframe }, changeChart] = usePanelSettings('chart', CHART_DEFAULTS);
  const view = views[timeframe];
  return (
    <div className="panel structure" data-testid="structure">
      <TrendMatrix views={views} shown={timeframe} onShow={(next) => changeChart({ timeframe: next })} />
      <div className="structure-side">
        <NewestPivots view={view} timeframe={timeframe} decimals={decimals} />
        {view?.from !== undefined && view.bounds !== undefined && (
          <p className="structure-context dim num" data-testid="structure-context">
            {formatNumber(view.candles, 0)} candles since {formatDate(view.from)} · highest{' '}
            {formatNumber(view.bounds.high, decimals)} · lowest {formatNumber(view.bounds.low, decimals)}
          </p>
        )}
      </div>
    </div>
  );
}
