import { PointerTool } from '../../annotation/pointer-tool.ts';
import { RegionPrimitive, type RegionScene } from '../../annotation/region-primitive.ts';
import { tradeFigures } from '../../annotation/trade-figures.ts';
import { CandleChart } from '../../charts/candle-chart.ts';
import type { CandleFeed } from '../../charts/candle-feed.ts';
import type { ChartCandle } from '../../charts/candle-series.ts';
import { type ChartColours, readChartColours } from '../../charts/chart-colours.ts';
import { fillAt, FillPrimitive } from '../../charts/fill-primitive.ts';
import { HeatLayer } from '../../charts/heat-layer.ts';
import { type HeatmapSettings, metricOf } from '../../charts/heatmap-settings.ts';
import { LargeTradeLayer } from '../../charts/large-trade-layer.ts';
import { FlowLayer } from '../../charts/flow-layer.ts';
import { PivotLayer } from '../../charts/pivot-layer.ts';
import { knownInstances } from '../../charts/indicator-instance.ts';
import { IndicatorLayer } from '../../charts/indicator-layer.ts';
import { PredictionHistory } from '../../charts/prediction-history.ts';
import { PredictionPrimitive } from '../../charts/prediction-primitive.ts';
import { TradeLineLayer } from '../../charts/trade-line-layer.ts';
import { tradeLines } from '../../charts/trade-lines.ts';
import type { DeskClient } from '../../ipc/desk-client.ts';
import { useAccount } from '../../stores/account.ts';
import { annotationsOf, useAnnotations } from '../../stores/annotations.ts';
import { pointAt, useCrosshair } from '../../stores/crosshair.ts';
import { useForecasts } from '../../stores/forecasts.ts';
import { useOrders } from '../../stores/orders.ts';
import type { Theme } from '../../stores/preferences.ts';
import { useSelection } from '../../stores/selection.ts';
import { symbolInfo } from '../../stores/watchlist.ts';
import { useToasts } from '../../stores/toasts.ts';
import type { ChartSettings } from './chart-settings.ts';
import { dayOf } from '../../ui/day.ts';
import { showNotes } from './flow-notes.ts';
import { forgetReadout, useChartReadout } from './chart-readout.ts';

export interface LayerContext {
  client(): DeskClient;
  symbol(): string;
  settings(): ChartSettings;
  /** How heatmaps are coloured. */
  heatmap(): HeatmapSettings;
  theme(): Theme;
  decimals(): number;
  feed(): CandleFeed | undefined;
  keepShares(shares: ReadonlyMap<string, number>): void;
}

const REJECTED = {
  draw: 'Press on the entry candle, drag to a later one, release on the exit.',
  edit: 'The exit of a trade comes after its entry. The trade is as it was.',
} as const;

/** The chart and everything drawn over it, kept equal to the stores. */
export class ChartLayers {
  readonly chart: CandleChart;
  readonly pointer: PointerTool;
  readonly indicators: IndicatorLayer;
  readonly flow: FlowLayer;
  readonly #context: LayerContext;
  readonly #element: HTMLElement;
  readonly #regions: RegionPrimitive;
  readonly #predictions: PredictionPrimitive;
  readonly #fills: FillPrimitive;
  readonly #pivots: PivotLayer;
  readonly #heat: HeatLayer;
  readonly #large: LargeTradeLayer;
  readonly #lines: TradeLineLayer;
  readonly #ends: readonly (() => void)[];
  #colours: ChartColours = readChartColours();
  #history: PredictionHistory;
  #preview: RegionScene['preview'];
  #view: { readonly from: number; readonly to: number } | undefined;

  constructor(element: HTMLElement, context: LayerContext) {
    this.#context = context;
    this.#element = element;
    const colours = (): ChartColours => this.#colours;
    this.chart = new CandleChart(element, this.#colours, context.decimals(), {
      onNeedOlder: () => void context.feed()?.loadOlder(),
      onHover: (hovered, byPointer, point) => {
        const heat = point === undefined ? undefined : this.#heat.readingAt(point.x, point.y);
        useChartReadout.setState({ hovered, readings: this.indicators.readings(hovered), heat });
        if (byPointer) pointAt('chart', hovered?.openTime);
      },
      onView: (from, to) => {
        this.#view = { from, to };
        this.flow.ask();
        this.#pivots.cover(from, to);
        this.#history.cover(from, to, useForecasts.getState().predictions ?? []);
      },
    });
    this.#heat = new HeatLayer(this.chart, element, colours, (heatScale) => {
      if (heatScale !== useChartReadout.getState().heatScale) useChartReadout.setState({ heatScale });
    });
    // Before all others: it lies behind them.
    this.chart.attach(this.#heat);
    this.#large = new LargeTradeLayer(this.chart, element, colours, () => context.theme());
    this.indicators = new IndicatorLayer(this.chart, element, colours, context.decimals(), {
      onPlaces: (places) => useChartReadout.setState({ places }),
      onShares: (shares) => context.keepShares(shares),
    });
    this.showIndicators();
    const scale = () => this.chart.scale;
    this.#regions = new RegionPrimitive(scale, colours);
    this.#predictions = new PredictionPrimitive(scale, colours);
    this.#fills = new FillPrimitive(scale, colours);
    this.#lines = new TradeLineLayer(this.chart, scale, colours);
    this.flow = new FlowLayer(
      this.chart,
      colours,
      {
        client: () => context.client(),
        symbol: () => context.symbol(),
        timeframe: () => context.settings().timeframe,
        settings: () => context.settings(),
        tickSize: () => Number(symbolInfo(context.symbol())?.tickSize ?? '0.01'),
        bucketWidth: () => symbolInfo(context.symbol())?.bucketWidth ?? 1,
      },
      showNotes,
    );
    this.#pivots = new PivotLayer(scale, colours, () => context.client());
    for (const layer of [this.#large, this.#predictions, this.#pivots, this.#regions, this.#fills, this.#lines])
      this.chart.attach(layer);
    this.#history = this.#newHistory();
    this.pointer = this.#newPointer(element);
    this.#ends = [
      useCrosshair.subscribe(({ from, time }, before) => {
        if (from === 'flow' || before.from === 'flow') this.chart.markTime(from === 'flow' ? time : undefined);
      }),
      useAnnotations.subscribe((now, before) => {
        if (now.byId !== before.byId) this.#drawRegions();
      }),
      useForecasts.subscribe(() => this.drawPredictions()),
      useOrders.subscribe(() => this.#drawTrading()),
      useAccount.subscribe((now, before) => {
        if (now.account?.positions !== before.account?.positions) this.#drawTrading();
      }),
      useSelection.subscribe((now, before) => {
        if (now.selectedAnnotationId !== before.selectedAnnotationId) this.#drawRegions();
      }),
    ];
  }

  remove(): void {
    for (const end of this.#ends) end();
    this.#history.close();
    this.#pivots.close();
    this.#heat.close();
    this.#large.close();
    this.pointer.remove();
    this.indicators.remove();
    this.flow.close();
    showNotes({ footprint: undefined, profile: undefined });
    this.chart.remove();
    forgetReadout();
  }

  /** Another symbol or timeframe: everything over the candles is drawn anew. */
  restart(): void {
    this.pointer.cancel();
    this.#history.close();
    this.#history = this.#newHistory();
    this.#view = undefined;
    forgetReadout();
    this.#drawRegions();
    this.drawPredictions();
    this.#drawTrading();
    this.#followPivots(true);
    this.followHeatmap();
    this.followLargeTrades();
    this.flow.clear();
  }

  /** False behind another tab: then it is not in the document. */
  get isShown(): boolean {
    return this.#element.isConnected;
  }

  /** Nothing but candles: they take a fraction of the time that indicators and the book take. */
  get isPlain(): boolean {
    return this.indicators.isEmpty && this.#heat.isEmpty && this.flow.isEmpty;
  }

  /** After it was switched on or off, or the symbol is another one. */
  followHeatmap(): void {
    const symbol = this.#context.settings().heatmap ? this.#context.symbol() : '';
    this.#heat.follow(this.#context.client(), symbol === '' ? undefined : symbol);
    if (symbol === '') useChartReadout.setState({ heat: undefined, heatScale: 0 });
  }

  /** After they were switched on or off, or the symbol is another one. */
  followLargeTrades(): void {
    const symbol = this.#context.settings().largeTrades ? this.#context.symbol() : '';
    this.#large.follow(this.#context.client(), symbol === '' ? undefined : symbol);
  }

  /** After a change of its look. */
  showHeatmap(): void {
    const { heatmapOpacity, heatmapMid, heatmapTrades } = this.#context.settings();
    const look = this.#context.heatmap();
    this.#heat.show({
      metric: metricOf(look),
      gamma: look.gamma,
      hidden: look.hidden.split(' '),
      theme: this.#context.theme(),
      opacity: heatmapOpacity,
      mid: heatmapMid,
      trades: heatmapTrades,
    });
  }

  /** After a change of the level from which pivots are drawn. */
  drawPivots(): void {
    this.#followPivots(false);
  }

  drawPredictions(): void {
    const live = useForecasts.getState().predictions ?? [];
    if (this.#view !== undefined) this.#history.cover(this.#view.from, this.#view.to, live);
    const predictions = live.length === 0 ? [] : [...live, ...this.#history.before(live)];
    this.#predictions.show({ predictions, horizons: new Set(this.#context.settings().horizons) });
  }

  showIndicators(): void {
    this.indicators.show(knownInstances(this.#context.settings().indicators));
    this.reachSession(this.#context.feed()?.candles ?? []);
    this.readIndicators();
  }

  /** After footprint or profile were switched or set otherwise. */
  followFlow(): void {
    this.flow.follow();
    this.reachSession(this.#context.feed()?.candles ?? []);
  }

  /** A session's VWAP and profile begin at 00:00 UTC: the candles since then are loaded too, where a chart can hold them. */
  reachSession(candles: readonly ChartCandle[]): void {
    const { indicators, timeframe, profile } = this.#context.settings();
    const [first, newest] = [candles[0], candles.at(-1)];
    if (first === undefined || newest === undefined || timeframe === '1s') return;
    const day = dayOf(newest.openTime);
    const isWanted = profile === 'session' || knownInstances(indicators).some(({ indicator }) => indicator === 'vwap');
    if (first.openTime <= day || !isWanted) return;
    // Not from within the page that just came: the feed is done with it a moment later.
    requestAnimationFrame(() => void this.#context.feed()?.reach(day));
  }

  /** After the candles or the indicators changed. */
  readIndicators(): void {
    useChartReadout.setState({ readings: this.indicators.readings(useChartReadout.getState().hovered) });
  }

  /** After a change of theme. */
  repaint(): void {
    this.#colours = readChartColours();
    this.chart.applyColours(this.#colours);
    this.#lines.repaint();
    this.indicators.repaint();
    this.showHeatmap();
  }

  #followPivots(anew: boolean): void {
    const { timeframe, pivotLevel } = this.#context.settings();
    this.#pivots.follow(this.#context.symbol(), timeframe, pivotLevel, anew);
  }

  #drawRegions(): void {
    this.#regions.show({
      annotations: annotationsOf(this.#context.symbol()),
      selectedId: useSelection.getState().selectedAnnotationId,
      preview: this.#preview,
    });
  }

  #drawTrading(): void {
    const symbol = this.#context.symbol();
    const { orders, fills } = useOrders.getState();
    this.#fills.show(fills.filter((fill) => fill.symbol === symbol));
    this.#lines.show(tradeLines(symbol, orders ?? [], useAccount.getState().account?.positions ?? []));
  }

  #newHistory(): PredictionHistory {
    const symbol = this.#context.symbol();
    return new PredictionHistory(
      async (from, to) => {
        const answer = await this.#context.client().command('getPredictions', { symbol, from, to });
        return answer.ok ? answer.value.predictions : undefined;
      },
      () => this.drawPredictions(),
    );
  }

  #newPointer(element: HTMLElement): PointerTool {
    const context = this.#context;
    return new PointerTool(element, this.chart, {
      annotations: () => annotationsOf(context.symbol()),
      selectedId: () => useSelection.getState().selectedAnnotationId,
      tool: () => useAnnotations.getState().tool,
      snap: () => context.settings().snap,
      symbol: () => context.symbol(),
      timeframe: () => context.settings().timeframe,
      tickDecimals: () => context.decimals(),
      select: (id) => useSelection.getState().selectAnnotation(id),
      commit: (change) => void useAnnotations.getState().change(context.client(), change),
      preview: (next) => {
        this.#preview = next;
        this.#drawRegions();
      },
      hover: (hit, x, y) => this.#showTip(hit?.annotation.id, x, y),
      rejected: (what) => useToasts.getState().show({ level: 'info', title: 'No trade was marked', text: REJECTED[what] }),
      newId: () => `ann_${crypto.randomUUID()}`,
      now: () => Date.now(),
    });
  }

  #showTip(annotationId: string | undefined, x: number, y: number): void {
    const symbol = this.#context.symbol();
    const scale = this.chart.scale;
    const fill =
      x > 0
        ? fillAt(
            useOrders.getState().fills.filter((known) => known.symbol === symbol),
            scale,
            x,
            y,
          )
        : undefined;
    const annotation = annotationId === undefined ? undefined : useAnnotations.getState().byId?.get(annotationId);
    if (fill === undefined && annotation === undefined) {
      if (useChartReadout.getState().tip !== undefined) useChartReadout.setState({ tip: undefined });
      return;
    }
    const of =
      fill !== undefined
        ? ({ kind: 'fill', fill } as const)
        : annotation !== undefined
          ? ({ kind: 'annotation', annotation, figures: tradeFigures(annotation, this.#context.feed()?.candles ?? []) } as const)
          : undefined;
    if (of === undefined) return;
    useChartReadout.setState({ tip: { x, y, of, left: x > scale.width / 2, above: y > scale.height / 2 } });
  }
}
