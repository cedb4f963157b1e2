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
  type ISeriesPrimitive,
  LineStyle,
  type Logical,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { type Timeframe, TIMEFRAME_MS } from '../../core/market/timeframe.ts';
import type { ChartCandle } from './candle-series.ts';
import type { ChartColours } from './chart-colours.ts';
import type { ChartScale } from './chart-scale.ts';
import { barIndexOf, exactIndexOf, timeOfIndex } from './time-index.ts';

/** When fewer bars than this are left of the view, older history is asked for. */
const OLDER_AHEAD_BARS = 120;
const FIRST_VIEW_BARS = 160;
const RIGHT_MARGIN_BARS = 12;

export interface CandleChartEvents {
  onNeedOlder(): void;
  /** The candle under the crosshair, or undefined when it is not over the plot. */
  onHover(candle: ChartCandle | undefined): void;
}

/** Candles and volume on lightweight-charts, and the mapping between market and screen that everything drawn over them uses. */
export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candleSeries: ISeriesApi<'Candlestick'>;
  readonly #volumeSeries: ISeriesApi<'Histogram'>;
  readonly #container: HTMLElement;
  #colours: ChartColours;
  #candles: readonly ChartCandle[] = [];
  #timeframeMs = TIMEFRAME_MS['1m'];
  #fresh = true;

  constructor(container: HTMLElement, colours: ChartColours, tickDecimals: number, events: CandleChartEvents) {
    this.#container = container;
    this.#colours = colours;
    this.#chart = createChart(container, {
      autoSize: true,
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.22 } },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: RIGHT_MARGIN_BARS, minBarSpacing: 0.4 },
      kineticScroll: { mouse: false, touch: true },
      localization: {
        timeFormatter: (time: Time) => `${new Date((time as number) * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
      },
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
      if (range !== null && range.from < OLDER_AHEAD_BARS && this.#candles.length > 0) events.onNeedOlder();
    });
    this.#chart.subscribeCrosshairMove((move) => {
      events.onHover(move.point === undefined || move.logical === undefined ? undefined : this.#candles[move.logical]);
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
      width: timeScale.width(),
      height: this.#container.clientHeight - timeScale.height(),
    };
  }

  /** The first or last candle, for a pointer that is beyond it. */
  nearestEnd(x: number): ChartCandle | undefined {
    const index = this.#chart.timeScale().coordinateToLogical(x);
    return index === null ? undefined : index < 0 ? this.#candles[0] : this.#candles.at(-1);
  }

  attach(primitive: ISeriesPrimitive<Time>): void {
    this.#candleSeries.attachPrimitive(primitive);
  }

  setTimeframe(timeframe: Timeframe): void {
    this.#timeframeMs = TIMEFRAME_MS[timeframe];
    this.#fresh = true;
    this.#candles = [];
    this.#chart.timeScale().applyOptions({ secondsVisible: timeframe === '1s', timeVisible: timeframe !== '1d' });
    this.#candleSeries.setData([]);
    this.#volumeSeries.setData([]);
  }

  /** Shows the whole series; `added` older candles in front keep the view where it is. */
  reset(candles: readonly ChartCandle[], added: number): void {
    const timeScale = this.#chart.timeScale();
    const range = timeScale.getVisibleLogicalRange();
    this.#candles = candles;
    this.#candleSeries.setData(candles.map((candle) => this.#bar(candle)));
    this.#volumeSeries.setData(candles.map((candle) => this.#volumeBar(candle)));
    if (this.#fresh && candles.length > 0) {
      this.#fresh = false;
      timeScale.setVisibleLogicalRange({ from: candles.length - FIRST_VIEW_BARS, to: candles.length + RIGHT_MARGIN_BARS });
      this.#chart.priceScale('right').applyOptions({ autoScale: true });
    } else if (added > 0 && range !== null) {
      timeScale.setVisibleLogicalRange({ from: range.from + added, to: range.to + added });
    }
  }

  update(candle: ChartCandle, candles: readonly ChartCandle[]): void {
    this.#candles = candles;
    const historical = candle.openTime < (candles.at(-1)?.openTime ?? 0);
    this.#candleSeries.update(this.#bar(candle), historical);
    this.#volumeSeries.update(this.#volumeBar(candle), historical);
  }

  /** Brings `time` to the middle of the view, keeping the zoom. */
  centreOn(time: number): void {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range === null) return;
    const half = (range.to - range.from) / 2;
    const index = barIndexOf(this.#candles, this.#timeframeMs, time);
    this.#chart.timeScale().setVisibleLogicalRange({ from: index - half, to: index + half });
  }

  scrollToNewest(): void {
    this.#chart.timeScale().scrollToRealTime();
    this.#chart.priceScale('right').applyOptions({ autoScale: true });
  }

  /** Zooms about the right edge by `factor` (< 1 shows fewer bars), or pans by bars. */
  zoom(factor: number): void {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range === null) return;
    this.#chart.timeScale().setVisibleLogicalRange({ from: range.to - (range.to - range.from) * factor, to: range.to });
  }

  pan(bars: number): void {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range === null) return;
    this.#chart.timeScale().setVisibleLogicalRange({ from: range.from + bars, to: range.to + bars });
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
        panes: { separatorColor: colours.border },
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
    this.#volumeSeries.setData(this.#candles.map((candle) => this.#volumeBar(candle)));
  }

  remove(): void {
    this.#chart.remove();
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
      color: candle.close >= candle.open ? this.#colours.upSoft : this.#colours.downSoft,
    };
  }
}
