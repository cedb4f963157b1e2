import { type RefObject, useEffect, useRef } from 'react';
import { useDesk } from '../../app/desk-context.ts';
import { CandleFeed, type FeedState } from '../../charts/candle-feed.ts';
import type { ChartCandle } from '../../charts/candle-series.ts';
import type { HeatmapSettings } from '../../charts/heatmap-settings.ts';
import { useSelection } from '../../stores/selection.ts';
import { useToasts } from '../../stores/toasts.ts';
import { paced } from '../../ui/paced.ts';
import { ChartLayers } from './chart-layers.ts';
import { useChartReadout } from './chart-readout.ts';
import type { ChartSettings } from './chart-settings.ts';

export interface ChartHandle {
  scrollToNewest(): void;
  zoom(factor: number): void;
  /** As wide as a footprint needs them. */
  widenCandles(): void;
  pan(bars: number): void;
  /** Pixels at the top that candles stay out of. */
  setHeadroom(px: number): void;
  cancelGesture(): boolean;
  retry(): void;
}

interface ChartOptions {
  readonly plot: RefObject<HTMLDivElement | null>;
  readonly handle: RefObject<ChartHandle | undefined>;
  readonly symbol: string;
  readonly settings: ChartSettings;
  readonly heatmap: HeatmapSettings;
  readonly decimals: number;
  readonly onFeed: (state: FeedState) => void;
  readonly onShares: (shares: ReadonlyMap<string, number>) => void;
}

/** The candles are drawn at most this often: every trade of a fast market would draw the whole chart. */
const DRAW_PERIOD_MS = 50;
/** With indicators or the book: every pane is drawn anew each time, which takes several times as long. */
const DRAW_PERIOD_MANY_MS = 100;

let firstCandlesTold = false;

/** Told once, after the frame that holds the candles: start-up time is measured by it. */
function tellFirstCandles(): void {
  if (firstCandlesTold) return;
  firstCandlesTold = true;
  requestAnimationFrame(() => requestAnimationFrame(() => window.dispatchEvent(new CustomEvent('desk:first-candles'))));
}

/** Builds the chart in `plot` and keeps it fed. Candles go straight to the canvas, past React. */
export function useChart(options: ChartOptions): void {
  const { plot, handle, symbol, settings, heatmap, decimals } = options;
  const { client, theme } = useDesk();
  const latest = useRef(options);
  latest.current = options;
  const newestTheme = useRef(theme);
  newestTheme.current = theme;
  const layers = useRef<ChartLayers>(undefined);
  const feed = useRef<CandleFeed>(undefined);

  useEffect(() => {
    if (plot.current === null) return;
    const built = new ChartLayers(plot.current, {
      client: () => client,
      symbol: () => latest.current.symbol,
      settings: () => latest.current.settings,
      heatmap: () => latest.current.heatmap,
      theme: () => newestTheme.current,
      decimals: () => latest.current.decimals,
      feed: () => feed.current,
      keepShares: (shares) => latest.current.onShares(shares),
    });
    layers.current = built;
    handle.current = {
      scrollToNewest: () => built.chart.scrollToNewest(),
      zoom: (factor) => built.chart.zoom(factor),
      widenCandles: () => built.flow.widenCandles(),
      pan: (bars) => built.chart.pan(bars),
      setHeadroom: (px) => built.chart.setHeadroom(px),
      cancelGesture: () => built.pointer.cancel(),
      retry: () => feed.current?.retry(),
    };
    const jumpTo = async (time: number): Promise<void> => {
      const source = feed.current;
      const reached = await source?.reach(time);
      if (source !== feed.current) return;
      built.chart.centreOn(time);
      if (reached === false) {
        const { timeframe } = latest.current.settings;
        const text = `The ${timeframe} candles do not reach back that far. A coarser timeframe does.`;
        useToasts.getState().show({ level: 'info', title: 'Too far back', text });
      }
    };
    const end = useSelection.subscribe((now, before) => {
      if (now.jump !== undefined && now.jump !== before.jump) void jumpTo(now.jump.time);
    });
    return () => {
      end();
      built.remove();
      layers.current = undefined;
      handle.current = undefined;
    };
  }, [plot, handle, client, decimals]);

  useEffect(() => {
    const built = layers.current;
    if (built === undefined || symbol === '') return;
    const { chart } = built;
    chart.setTimeframe(settings.timeframe);
    // By open time: of a candle that changed several times since, the newest state is drawn.
    const waiting = new Map<number, ChartCandle>();
    const pace = paced(
      () => (built.isPlain ? DRAW_PERIOD_MS : DRAW_PERIOD_MANY_MS),
      () => {
        // What changed behind another tab is drawn with the first change after.
        if (!built.isShown) return;
        const ascending = [...waiting.values()].sort((a, b) => a.openTime - b.openTime);
        chart.update(ascending, source.candles);
        built.readIndicators();
        built.flow.ask();
        waiting.clear();
        const newest = source.candles.at(-1);
        if (newest !== useChartReadout.getState().newest) useChartReadout.setState({ newest });
      },
    );
    const source = new CandleFeed(client, symbol, settings.timeframe, {
      onReset: (candles, added) => {
        waiting.clear();
        chart.reset(candles, added);
        built.readIndicators();
        built.flow.follow();
        const newest = candles.at(-1);
        if (newest === undefined) return;
        useChartReadout.setState({ newest, oldest: candles[0]?.openTime });
        built.reachSession(candles);
        tellFirstCandles();
      },
      onUpdate: (candle) => {
        waiting.set(candle.openTime, candle);
        pace.ask();
      },
      onState: (state) => latest.current.onFeed(state),
    });
    feed.current = source;
    built.restart();
    return () => {
      source.close();
      pace.end();
      feed.current = undefined;
    };
  }, [client, symbol, settings.timeframe, decimals]);

  useEffect(() => layers.current?.drawPredictions(), [settings.horizons]);

  useEffect(() => layers.current?.followFlow(), [settings.footprint, settings.profile, settings.rowTicks]);

  useEffect(() => layers.current?.drawPivots(), [settings.pivotLevel]);

  useEffect(() => layers.current?.followHeatmap(), [settings.heatmap]);

  useEffect(() => layers.current?.followLargeTrades(), [settings.largeTrades]);

  useEffect(
    () => layers.current?.showHeatmap(),
    [settings.heatmapOpacity, settings.heatmapMid, settings.heatmapTrades, heatmap.metric, heatmap.gamma, heatmap.hidden],
  );

  useEffect(() => layers.current?.showIndicators(), [settings.indicators]);

  useEffect(() => {
    // The tokens follow the theme attribute, which the workspace sets in the same commit.
    const frame = requestAnimationFrame(() => layers.current?.repaint());
    return () => cancelAnimationFrame(frame);
  }, [theme]);
}
