import {
  CandlestickSeries,
  type CandlestickData,
  ColorType,
  createChart,
  CrosshairMode,
  HistogramSeries,
  type HistogramData,
  type IChartApi,
  type ISeriesApi,
  type IPriceLine,
  type ISeriesPrimitive,
  LineStyle,
  type Logical,
  type LogicalRange,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { EpochMs } from '../../core/base/clock.ts';
import { type Timeframe, TIMEFRAME_MS } from '../../core/market/timeframe.ts';
import type { ChartCandle } from './candle-series.ts';
import { formatCandleTime } from './candle-time.ts';
import type { ChartColours } from './chart-colours.ts';
import type { ChartScale } from './chart-scale.ts';
import { firstView } from './first-view.ts';
import { type PriceLineStyle, priceLineOptions } from './price-line.ts';
import { barIndexOf, exactIndexOf, timeOfIndex } from './time-index.ts';

/** When fewer bars than this are left of the view, older history is asked for. */
const OLDER_AHEAD_BARS = 120;
/** Room right of the newest candle: forecasts a quarter of an hour ahead and their labels. */
const RIGHT_MARGIN_BARS = 24;

/** Share of the plot above the highest candle, and the most of it that a legend may take. */
const HEADROOM = 0.08;
const HEADROOM_MOST = 0.35;

export interface CandleChartEvents {
  onNeedOlder(): void;
  /**
   * The candle under the crosshair, or undefined when it is not over the plot. `byPointer`: not by `markTime`. `point`: where in the
   * candles' pane.
   */
  onHover(
    candle: ChartCandle | undefined,
    byPointer: boolean,
    point: { readonly x: number; readonly y: number } | undefined,
  ): void;
  /** Another stretch of time came into view. */
  onView(from: EpochMs, to: EpochMs): void;
}

/** What is computed from the candles and drawn beside them: told of each change before the view is moved. */
export interface CandleFollower {
  /** No candles until the next `reset`. */
  clear(): void;
  reset(candles: readonly ChartCandle[]): void;
  /** The candle at `changedTime` is the earliest that changed or was appended. */
  update(candles: readonly ChartCandle[], changedTime: number): void;
}

/** A part of the view in which no candle is missing: its times lie evenly. */
export interface Stretch {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Where `from` lies, in CSS pixels from the plot's left. */
  readonly x: number;
  readonly pxPerMs: number;
}

/** Candles and volume on lightweight-charts, and the mapping between market and screen that everything drawn over them uses. */
export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candleSeries: ISeriesApi<'Candlestick'>;
  readonly #volumeSeries: ISeriesApi<'Histogram'>;
  #colours: ChartColours;
  #candles: readonly ChartCandle[] = [];
  #timeframeMs = TIMEFRAME_MS['1m'];
  #fresh = true;
  /** Open time of the newest candle on screen. */
  #drawnTo = 0;
  /** A view that was asked for and comes with the next frame; until then the library still answers with the one before. */
  #asked: LogicalRange | undefined;
  #follower: CandleFollower | undefined;
  #marking = false;

  constructor(container: HTMLElement, colours: ChartColours, tickDecimals: number, events: CandleChartEvents) {
    this.#colours = colours;
    this.#chart = createChart(container, {
      autoSize: true,
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { scaleMargins: { top: HEADROOM, bottom: 0.22 } },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: RIGHT_MARGIN_BARS, minBarSpacing: 0.4 },
      kineticScroll: { mouse: false, touch: true },
      localization: { timeFormatter: (time: Time) => formatCandleTime((time as number) * 1000, this.#timeframeMs) },
    });
    this.#volumeSeries = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    this.#candleSeries = this.#chart.addSeries(CandlestickSeries, {
      priceFormat: { type: 'price', precision: tickDecimals, minMove: 10 ** -tickDecimals },
    });
    this.applyColours(colours);
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range === null || this.#candles.length === 0) return;
      if (range.from < OLDER_AHEAD_BARS) events.onNeedOlder();
      const from = timeOfIndex(this.#candles, this.#timeframeMs, Math.floor(range.from));
      const to = timeOfIndex(this.#candles, this.#timeframeMs, Math.ceil(range.to));
      if (from !== undefined && to !== undefined) events.onView(from, to);
    });
    this.#chart.subscribeCrosshairMove((move) => {
      const isOver = move.point !== undefined && move.logical !== undefined;
      const candle = isOver ? this.#candles[move.logical as number] : undefined;
      // Leaving comes without an event of the pointer, and so does what is told again when candles change.
      const byPointer = candle === undefined ? !this.#marking : move.sourceEvent !== undefined;
      events.onHover(candle, byPointer, isOver && (move.paneIndex ?? 0) === 0 ? move.point : undefined);
    });
  }

  get scale(): ChartScale {
    const timeScale = this.#chart.timeScale();
    const series = this.#candleSeries;
    const xOf = (index: number): number => timeScale.logicalToCoordinate(index as Logical) ?? Number.NaN;
    const indexAt = (x: number): number | undefined => timeScale.coordinateToLogical(x) ?? undefined;
    return {
      barX: (time) => xOf(barIndexOf(this.#candles, this.#timeframeMs, time)),
      timeX: (time) => {
        const index = exactIndexOf(this.#candles, this.#timeframeMs, time);
        // The library answers for whole bars only; a fraction is laid between two of them.
        const whole = Math.floor(index);
        return xOf(whole) + (index - whole) * (xOf(whole + 1) - xOf(whole));
      },
      priceY: (price) => series.priceToCoordinate(price) ?? undefined,
      timeAt: (x) => {
        const index = indexAt(x);
        return index === undefined ? undefined : timeOfIndex(this.#candles, this.#timeframeMs, index);
      },
      priceAt: (y) => series.coordinateToPrice(y) ?? undefined,
      candleAt: (x) => {
        const index = indexAt(x);
        return index === undefined ? undefined : this.#candles[index];
      },
      // The library's own figures: asking the page would lay it out.
      width: timeScale.width(),
      height: this.#chart.paneSize().height,
    };
  }

  /** The first or last candle, for a pointer that is beyond it. */
  nearestEnd(x: number): ChartCandle | undefined {
    const index = this.#chart.timeScale().coordinateToLogical(x);
    return index === null ? undefined : index < 0 ? this.#candles[0] : this.#candles.at(-1);
  }

  /** The library's chart, for layers that own series and panes. */
  get surface(): IChartApi {
    return this.#chart;
  }

  get candles(): readonly ChartCandle[] {
    return this.#candles;
  }

  /** First and last index on the bar axis that are in view; beyond the candles too. */
  get visibleIndexes(): { readonly from: number; readonly to: number } | undefined {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    return range === null ? undefined : { from: Math.floor(range.from), to: Math.ceil(range.to) };
  }

  get timeframeMs(): number {
    return this.#timeframeMs;
  }

  /** Width of a candle's slot in CSS pixels. */
  get barPx(): number {
    return this.#chart.timeScale().options().barSpacing;
  }

  /** What is in view from the first candle on, the time past the newest one included. */
  get stretches(): readonly Stretch[] {
    const range = this.visibleIndexes;
    const found: Stretch[] = [];
    if (range === undefined || this.#candles.length === 0) return found;
    const pxPerMs = this.barPx / this.#timeframeMs;
    const last = this.#candles.length - 1;
    for (let start = Math.max(0, range.from); start <= Math.min(last, range.to); ) {
      let end = start;
      while (end < last && end < range.to && this.#opens(end + 1) === this.#opens(end) + this.#timeframeMs) end++;
      const ahead = end === last ? Math.max(0, range.to - last) : 0;
      const to = this.#opens(end) + (1 + ahead) * this.#timeframeMs;
      found.push({ from: this.#opens(start), to, x: this.indexX(start) - this.barPx / 2, pxPerMs });
      start = end + 1;
    }
    return found;
  }

  #opens(index: number): EpochMs {
    return (this.#candles[index] as ChartCandle).openTime;
  }

  indexX(index: number): number {
    return this.#chart.timeScale().logicalToCoordinate(index as Logical) ?? Number.NaN;
  }

  follow(follower: CandleFollower): void {
    this.#follower = follower;
  }

  attach(primitive: ISeriesPrimitive<Time>): void {
    this.#candleSeries.attachPrimitive(primitive);
  }

  detach(primitive: ISeriesPrimitive<Time>): void {
    this.#candleSeries.detachPrimitive(primitive);
  }

  setTimeframe(timeframe: Timeframe): void {
    this.#timeframeMs = TIMEFRAME_MS[timeframe];
    this.#fresh = true;
    this.#candles = [];
    this.#asked = undefined;
    this.#chart.timeScale().applyOptions({ secondsVisible: timeframe === '1s', timeVisible: timeframe !== '1d' });
    this.#candleSeries.setData([]);
    this.#volumeSeries.setData([]);
    this.#follower?.clear();
  }

  /** Shows the whole series; `added` candles in front (below zero: taken from there) keep the view where it is. */
  reset(candles: readonly ChartCandle[], added: number): void {
    const timeScale = this.#chart.timeScale();
    const range = timeScale.getVisibleLogicalRange();
    this.#candles = candles;
    this.#drawnTo = candles.at(-1)?.openTime ?? 0;
    this.#candleSeries.setData(candles.map((candle) => this.#bar(candle)));
    this.#volumeSeries.setData(candles.map((candle) => this.#volumeBar(candle)));
    this.#follower?.reset(candles);
    if (this.#fresh && candles.length > 0) {
      this.#fresh = false;
      timeScale.setVisibleLogicalRange(firstView(candles.length, RIGHT_MARGIN_BARS));
      this.#chart.priceScale('right').applyOptions({ autoScale: true });
    } else if (added !== 0 && range !== null) {
      timeScale.setVisibleLogicalRange({ from: range.from + added, to: range.to + added });
    }
  }

  /** Draws candles that changed or were appended, the older first. */
  update(changed: readonly ChartCandle[], candles: readonly ChartCandle[]): void {
    const first = changed[0];
    if (first === undefined) return;
    this.#candles = candles;
    for (const candle of changed) {
      // Compared with what is drawn: candles that arrived since then may still wait for their turn.
      const historical = candle.openTime < this.#drawnTo;
      this.#drawnTo = Math.max(this.#drawnTo, candle.openTime);
      this.#candleSeries.update(this.#bar(candle), historical);
      this.#volumeSeries.update(this.#volumeBar(candle), historical);
    }
    this.#follower?.update(candles, first.openTime);
  }

  /** Brings `time` to the middle of the view, keeping the zoom. */
  centreOn(time: number): void {
    const index = barIndexOf(this.#candles, this.#timeframeMs, time);
    this.#view(({ from, to }) => ({ from: index - (to - from) / 2, to: index + (to - from) / 2 }));
  }

  /** Keeps the zoom. At once: on the way there, an animation would have to be waited for. */
  scrollToNewest(): void {
    const end = this.#candles.length + RIGHT_MARGIN_BARS;
    this.#view(({ from, to }) => ({ from: end - (to - from), to: end }));
    this.#chart.priceScale('right').applyOptions({ autoScale: true });
  }

  /** Zooms about the right edge by `factor` (< 1 shows fewer bars). */
  zoom(factor: number): void {
    this.#view(({ from, to }) => ({ from: to - (to - from) * factor, to }));
  }

  /** Keeps candles out of the uppermost `px` pixels, as far as that leaves room for them. */
  setHeadroom(px: number): void {
    const { height } = this.#chart.paneSize();
    const top = height > 0 ? Math.min(HEADROOM_MOST, Math.max(HEADROOM, px / height)) : HEADROOM;
    this.#chart.priceScale('right').applyOptions({ scaleMargins: { top, bottom: 0.22 } });
  }

  /** Makes candles `barPx` wide; the last one in view, or the newest, comes to the right edge, with room for `margin` bars. */
  widen(barPx: number, margin: number): void {
    const count = this.#chart.timeScale().width() / barPx;
    this.#view(({ to }) => {
      const end = Math.min(to, this.#candles.length - 1 + margin);
      return { from: end - count, to: end };
    });
  }

  pan(bars: number): void {
    this.#view(({ from, to }) => ({ from: from + bars, to: to + bars }));
  }

  addPriceLine(style: PriceLineStyle): IPriceLine {
    return this.#candleSeries.createPriceLine(priceLineOptions(style));
  }

  changePriceLine(line: IPriceLine, style: PriceLineStyle): void {
    line.applyOptions(priceLineOptions(style));
  }

  removePriceLine(line: IPriceLine): void {
    this.#candleSeries.removePriceLine(line);
  }

  /** Puts the crosshair on the candle of a time; nowhere when there is none, and for undefined. */
  markTime(time: EpochMs | undefined): void {
    const candle = time === undefined ? undefined : this.#candles[barIndexOf(this.#candles, this.#timeframeMs, time)];
    this.#marking = true;
    if (candle === undefined) this.#chart.clearCrosshairPosition();
    else this.#chart.setCrosshairPosition(candle.close, (candle.openTime / 1000) as UTCTimestamp, this.#candleSeries);
    this.#marking = false;
  }

  /** For a pointer that left while the chart was not told. */
  hideCrosshair(): void {
    this.#chart.clearCrosshairPosition();
  }

  /** While the mouse draws, it must not pan the chart. */
  setDragPans(enabled: boolean): void {
    this.#chart.applyOptions({ handleScroll: { pressedMouseMove: enabled, horzTouchDrag: enabled, vertTouchDrag: enabled } });
  }

  applyColours(colours: ChartColours): void {
    this.#colours = colours;
    this.#chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: colours.background },
        textColor: colours.textDim,
        fontFamily: colours.font,
        panes: { separatorColor: colours.border, separatorHoverColor: colours.surfaceRaised },
      },
      grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
      crosshair: {
        vertLine: { color: colours.crosshair, style: LineStyle.Dashed, labelBackgroundColor: colours.surfaceRaised },
        horzLine: { color: colours.crosshair, style: LineStyle.Dashed, labelBackgroundColor: colours.surfaceRaised },
      },
      rightPriceScale: { borderColor: colours.border },
      timeScale: { borderColor: colours.border },
    });
    this.#candleSeries.applyOptions({
      upColor: colours.up,
      downColor: colours.down,
      wickUpColor: colours.up,
      wickDownColor: colours.down,
      borderVisible: false,
    });
    if (this.#candles.length > 0) this.#volumeSeries.setData(this.#candles.map((candle) => this.#volumeBar(candle)));
  }

  remove(): void {
    this.#chart.remove();
  }

  /** Several changes within one frame add up: held-down keys must not lose steps. */
  #view(change: (range: { readonly from: number; readonly to: number }) => { from: number; to: number }): void {
    const range = this.#asked ?? this.#chart.timeScale().getVisibleLogicalRange();
    if (range === null) return;
    if (this.#asked === undefined) requestAnimationFrame(() => (this.#asked = undefined));
    this.#asked = change(range) as LogicalRange;
    this.#chart.timeScale().setVisibleLogicalRange(this.#asked);
  }

  #bar(candle: ChartCandle): CandlestickData<UTCTimestamp> {
    return {
      time: (candle.openTime / 1000) as UTCTimestamp,
      open: candle.open,
      high: candle.high,
      low: candle.low,
      close: candle.close,
    };
  }

  #volumeBar(candle: ChartCandle): HistogramData<UTCTimestamp> {
    return {
      time: (candle.openTime / 1000) as UTCTimestamp,
      value: candle.volume,
      color: candle.close >= candle.open ? this.#colours.upVolume : this.#colours.downVolume,
    };
  }
}
