import { useCallback, useMemo, useRef, useState } from 'react';
import { useDesk, usePanelSettings } from '../../app/desk-context.ts';
import type { FeedState } from '../../charts/candle-feed.ts';
import { HEATMAP_DEFAULTS, metricOf } from '../../charts/heatmap-settings.ts';
import { knownInstances } from '../../charts/indicator-instance.ts';
import { useSelection } from '../../stores/selection.ts';
import { usePriceDecimals } from '../../stores/watchlist.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Button } from '../../ui/Button.tsx';
import { ChartLegend, PredictionLegend } from './ChartLegend.tsx';
import { HeatLegend } from './HeatLegend.tsx';
import { OverlayReadings, PaneReadings } from './IndicatorLegend.tsx';
import { FlowLegend } from './FlowLegend.tsx';
import { ChartTip } from './ChartTip.tsx';
import { ChartToolbar } from './ChartToolbar.tsx';
import { CHART_DEFAULTS } from './chart-settings.ts';
import { type ChartHandle, useChart } from './use-chart.ts';
import { useHeadroom } from './use-headroom.ts';
import { useChartKeys } from './use-chart-keys.ts';
import './chart.css';

/** The candle chart: history on scroll, live candles, annotated trades, predictions, the trader's orders and fills. */
export function ChartPanel() {
  const { bootstrap } = useDesk();
  const symbol = useSelection((state) => state.symbol);
  const [settings, changeSettings] = usePanelSettings('chart', CHART_DEFAULTS);
  const [heatmap, changeHeatmap] = usePanelSettings('heatmap', HEATMAP_DEFAULTS);
  const [feed, setFeed] = useState<FeedState>({ kind: 'loading' });
  const plot = useRef<HTMLDivElement>(null);
  const chart = useRef<ChartHandle>(undefined);
  const legends = useRef<HTMLDivElement>(null);
  const decimals = usePriceDecimals(symbol);
  const indicators = useMemo(() => knownInstances(settings.indicators), [settings.indicators]);
  const toNewest = useCallback(() => chart.current?.scrollToNewest(), []);

  const keepShares = useCallback(
    (shares: ReadonlyMap<string, number>) =>
      changeSettings({
        indicators: indicators.map((instance) => ({ ...instance, share: shares.get(instance.key) ?? instance.share })),
      }),
    [changeSettings, indicators],
  );

  useChart({ plot, handle: chart, symbol, settings, heatmap, decimals, onFeed: setFeed, onShares: keepShares });
  useChartKeys(chart, settings, changeSettings);
  useHeadroom(legends, plot, chart, settings.footprint || settings.profile !== 'off', decimals);

  return (
    <section className="chart-panel" aria-label={`${symbol} chart`} data-testid="chart-panel">
      <ChartToolbar
        settings={settings}
        onChange={changeSettings}
        heatmap={heatmap}
        onHeatmap={changeHeatmap}
        onNewest={toNewest}
      />
      <div className="chart-stage">
        <div className="chart-plot" ref={plot} data-testid="chart-plot" data-feed={feed.kind} />
        <div ref={legends} className={settings.heatmap ? 'chart-legends chart-legends-over' : 'chart-legends'}>
          <ChartLegend
            symbol={symbol}
            timeframe={settings.timeframe}
            mode={bootstrap.mode}
            decimals={decimals}
            loadingOlder={feed.kind === 'ready' && feed.loadingOlder}
          />
          {settings.heatmap && <HeatLegend metric={metricOf(heatmap)} decimals={decimals} />}
          <FlowLegend decimals={decimals} onZoom={() => chart.current?.widenCandles()} />
          <OverlayReadings instances={indicators} decimals={decimals} onChange={changeSettings} />
        </div>
        <PaneReadings instances={indicators} decimals={decimals} onChange={changeSettings} />
        {settings.horizons.length > 0 && <PredictionLegend />}
        <span className="chart-zone" title="All times are UTC">
          UTC
        </span>
        <ChartTip decimals={decimals} />
        {feed.kind === 'loading' && <div className="chart-cover">Loading candles…</div>}
        {feed.kind === 'failed' && (
          <div className="chart-cover">
            <EmptyState title="The candles could not be loaded">
              <p>{feed.message}</p>
              <Button onClick={() => chart.current?.retry()}>Try again</Button>
            </EmptyState>
          </div>
        )}
      </div>
    </section>
  );
}
