import { type RefObject, useEffect, useRef } from 'react';
import { PointerTool } from '../../annotation/pointer-tool.ts';
import { RegionPrimitive, type RegionScene } from '../../annotation/region-primitive.ts';
import { useDesk } from '../../app/desk-context.ts';
import { CandleChart } from '../../charts/candle-chart.ts';
import { CandleFeed, type FeedState } from '../../charts/candle-feed.ts';
import type { ChartCandle } from '../../charts/candle-series.ts';
import { readChartColours } from '../../charts/chart-colours.ts';
import { PredictionPrimitive } from '../../charts/prediction-primitive.ts';
import { useAnnotations } from '../../stores/annotations.ts';
import { useForecasts } from '../../stores/forecasts.ts';
import { useSelection } from '../../stores/selection.ts';
import type { ChartSettings } from './chart-settings.ts';

export interface ChartHandle {
  scrollToNewest(): void;
  zoom(factor: number): void;
  pan(bars: number): void;
  cancelGesture(): boolean;
  retry(): void;
}

interface ChartOptions {
  readonly plot: RefObject<HTMLDivElement | null>;
  readonly handle: RefObject<ChartHandle | undefined>;
  readonly symbol: string;
  readonly settings: ChartSettings;
  readonly decimals: number;
  readonly onFeed: (state: FeedState) => void;
  readonly onHover: (candle: ChartCandle | undefined) => void;
  readonly onNewest: (candle: ChartCandle) => void;
}

let firstCandlesTold = false;

/** Told once, after the frame that holds the candles: start-up time is measured by it. */
function tellFirstCandles(): void {
  if (firstCandlesTold) return;
  firstCandlesTold = true;
  requestAnimationFrame(() => requestAnimationFrame(() => window.dispatchEvent(new CustomEvent('desk:first-candles'))));
}

/** Builds the chart in `plot` and keeps it fed. Candles go straight to the canvas, past React. */
export function useChart(options: ChartOptions): void {
  const { plot, handle, symbol, settings, decimals } = options;
  const { client, theme } = useDesk();
  const latest = useRef(options);
  latest.current = options;
  const parts = useRef<{ chart: CandleChart; regions: RegionPrimitive; forecasts: PredictionPrimitive }>(undefined);
  const feed = useRef<CandleFeed>(undefined);
  const colours = useRef(readChartColours());
  const preview = useRef<RegionScene['preview']>(undefined);

  useEffect(() => {
    if (plot.current === null) return;
    const element = plot.current;
    colours.current = readChartColours();
    const chart = new CandleChart(element, colours.current, decimals, {
      onNeedOlder: () => void feed.current?.loadOlder(),
      onHover: (candle) => latest.current.onHover(candle),
    });
    const regions = new RegionPrimitive(
      () => chart.scale,
      () => colours.current,
    );
    const forecasts = new PredictionPrimitive(
      () => chart.scale,
      () => colours.current,
    );
    chart.attach(forecasts);
    chart.attach(regions);
    parts.current = { chart, regions, forecasts };
    const drawRegions = (): void => {
      const annotations = annotationsOf(latest.current.symbol);
      regions.show({ annotations, selectedId: useSelection.getState().selectedAnnotationId, preview: preview.current });
    };
    const drawForecasts = (): void => {
      forecasts.show({
        predictions: useForecasts.getState().predictions ?? [],
        horizons: new Set(latest.current.settings.horizons),
      });
    };
    const pointer = new PointerTool(element, chart, {
      annotations: () => annotationsOf(latest.current.symbol),
      selectedId: () => useSelection.getState().selectedAnnotationId,
      tool: () => useAnnotations.getState().tool,
      snap: () => latest.current.settings.snap,
      symbol: () => latest.current.symbol,
      timeframe: () => latest.current.settings.timeframe,
      tickDecimals: () => latest.current.decimals,
      select: (id) => useSelection.getState().selectAnnotation(id),
      commit: (change) => void useAnnotations.getState().change(client, change),
      preview: (next) => {
        preview.current = next;
        drawRegions();
      },
      newId: () => `ann_${crypto.randomUUID()}`,
      now: () => Date.now(),
    });
    handle.current = {
      scrollToNewest: () => chart.scrollToNewest(),
      zoom: (factor) => chart.zoom(factor),
      pan: (bars) => chart.pan(bars),
      cancelGesture: () => pointer.cancel(),
      retry: () => feed.current?.retry(),
    };
    const ends = [
      useAnnotations.subscribe(drawRegions),
      useForecasts.subscribe(drawForecasts),
      useSelection.subscribe((state, before) => {
        if (state.selectedAnnotationId !== before.selectedAnnotationId) drawRegions();
        if (state.jump !== undefined && state.jump !== before.jump) void jumpTo(state.jump.time);
      }),
    ];
    const jumpTo = async (time: number): Promise<void> => {
      await feed.current?.reach(time);
      chart.centreOn(time);
    };
    drawRegions();
    drawForecasts();
    return () => {
      for (const end of ends) end();
      pointer.remove();
      chart.remove();
      parts.current = undefined;
      handle.current = undefined;
    };
  }, [plot, handle, client, decimals]);

  useEffect(() => {
    const chart = parts.current?.chart;
    if (chart === undefined || symbol === '') return;
    chart.setTimeframe(settings.timeframe);
    const source = new CandleFeed(client, symbol, settings.timeframe, {
      onReset: (candles, added) => {
        chart.reset(candles, added);
        const newest = candles.at(-1);
        if (newest !== undefined) {
          latest.current.onNewest(newest);
          tellFirstCandles();
        }
      },
      onUpdate: (candle) => {
        chart.update(candle, source.candles);
        if (candle === source.candles.at(-1)) latest.current.onNewest(candle);
      },
      onState: (state) => latest.current.onFeed(state),
    });
    feed.current = source;
    parts.current?.regions.show({
      annotations: annotationsOf(symbol),
      selectedId: useSelection.getState().selectedAnnotationId,
      preview: undefined,
    });
    return () => {
      source.close();
      feed.current = undefined;
    };
  }, [client, symbol, settings.timeframe, decimals]);

  useEffect(() => {
    parts.current?.forecasts.show({
      predictions: useForecasts.getState().predictions ?? [],
      horizons: new Set(settings.horizons),
    });
  }, [settings.horizons]);

  useEffect(() => {
    // The tokens follow the theme attribute, which the workspace sets in the same commit.
    const frame = requestAnimationFrame(() => {
      colours.current = readChartColours();
      parts.current?.chart.applyColours(colours.current);
    });
    return () => cancelAnimationFrame(frame);
  }, [theme]);
}

function annotationsOf(symbol: string) {
  const { byId } = useAnnotations.getState();
  return byId === undefined ? [] : [...byId.values()].filter((annotation) => annotation.symbol === symbol);
}
