import {
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type LineData,
  type UTCTimestamp,
  type WhitespaceData,
} from 'lightweight-charts';
import type { IndicatorDefinition } from '../../core/analysis/indicators/indicator.ts';
import { indicatorById } from '../../core/analysis/indicators/registry.ts';
import { BandPrimitive } from './band-primitive.ts';
import type { CandleChart } from './candle-chart.ts';
import type { ChartCandle } from './candle-series.ts';
import { type ChartColours, faded } from './chart-colours.ts';
import type { IndicatorInstance } from './indicator-instance.ts';
import { IndicatorRun } from './indicator-run.ts';
import { formatReading } from './reading.ts';

/** Beyond so many changed candles the whole line is drawn anew. */
const MOST_UPDATES = 200;

type Point = LineData<UTCTimestamp> | WhitespaceData<UTCTimestamp>;

/** One indicator on the chart: its values and the lines, bars, dots and areas that show them. */
export class IndicatorSeries {
  readonly definition: IndicatorDefinition;
  readonly #chart: CandleChart;
  readonly #surface: IChartApi;
  readonly #colours: () => ChartColours;
  readonly #series: (ISeriesApi<'Line'> | ISeriesApi<'Histogram'>)[];
  readonly #band: BandPrimitive | undefined;
  #instance: IndicatorInstance;
  #run: IndicatorRun;
  #drawn = 0;

  constructor(chart: CandleChart, instance: IndicatorInstance, pane: number, colours: () => ChartColours, decimals: number) {
    const definition = indicatorById(instance.indicator);
    if (definition === undefined) throw new Error(`there is no indicator ${instance.indicator}`);
    this.definition = definition;
    this.#chart = chart;
    this.#surface = chart.surface;
    this.#colours = colours;
    this.#instance = instance;
    this.#run = new IndicatorRun(definition, instance.params);
    const isCrowded = definition.outputs.length > 3;
    this.#series = definition.outputs.map(({ kind }) => {
      const isOverlay = definition.placement === 'overlay';
      const common = {
        priceFormat: isOverlay
          ? ({ type: 'price', precision: decimals, minMove: 10 ** -decimals } as const)
          : ({ type: 'custom', formatter: (value: number) => formatReading(value), minMove: 1e-8 } as const),
        priceLineVisible: false,
        lastValueVisible: !isOverlay,
      };
      if (kind === 'histogram') return this.#surface.addSeries(HistogramSeries, common, pane);
      const line = { ...common, lineWidth: kind === 'band' || isCrowded ? 1 : 2, crosshairMarkerVisible: false } as const;
      const dots = { ...line, lineVisible: false, pointMarkersVisible: true, pointMarkersRadius: 1.5 };
      return this.#surface.addSeries(LineSeries, kind === 'dots' ? dots : line, pane);
    });
    if (definition.placement === 'pane')
      this.#series[0]?.priceScale().applyOptions({ scaleMargins: { top: 0.22, bottom: 0.06 } });
    this.#band = this.#newBand();
    this.applyColours();
  }

  get instance(): IndicatorInstance {
    return this.#instance;
  }

  get pane(): number {
    return this.#series[0]?.getPane().paneIndex() ?? 0;
  }

  /** Takes other parameters and colours of the same indicator. */
  change(instance: IndicatorInstance, candles: readonly ChartCandle[]): void {
    const before = this.#instance;
    this.#instance = instance;
    if (JSON.stringify(instance.params) !== JSON.stringify(before.params)) {
      this.#run = new IndicatorRun(this.definition, instance.params);
      this.reset(candles);
    }
    if (instance.colours.join() !== before.colours.join()) this.#repaint(candles);
  }

  reset(candles: readonly ChartCandle[]): void {
    this.#run.reset(candles);
    this.#drawAll(candles);
  }

  update(candles: readonly ChartCandle[], changedTime: number): void {
    const from = this.#run.update(candles, changedTime);
    // The stretch up to a point has the colour of the point before it, which follows from what comes next.
    const first = Math.max(0, from - 1);
    if (candles.length < this.#drawn || this.#drawn - first > MOST_UPDATES) return this.#drawAll(candles);
    this.#series.forEach((series, output) => {
      const shift = this.#shift(output);
      // What is drawn ahead is left to the band.
      if (shift > 0) return;
      for (let i = Math.max(first, -shift); i < candles.length; i++) {
        series.update(this.#point(output, i, candles, shift), i < this.#drawn - 1);
      }
    });
    this.#drawn = candles.length;
  }

  clear(): void {
    this.#run.reset([]);
    this.#drawn = 0;
    for (const series of this.#series) series.setData([]);
  }

  /** The values at a candle, in the order of the outputs. */
  at(index: number): readonly number[] {
    return this.#run.at(index);
  }

  /** After a change of theme. */
  repaint(candles: readonly ChartCandle[]): void {
    this.#repaint(candles);
  }

  remove(): void {
    if (this.#band !== undefined) this.#chart.detach(this.#band);
    for (const series of this.#series) this.#surface.removeSeries(series);
  }

  applyColours(): void {
    const theme = this.#colours();
    this.#series.forEach((series, output) => series.applyOptions({ color: this.#colour(output) }));
    const first = this.#series[0];
    if (first === undefined || this.definition.placement !== 'pane') return;
    for (const line of first.priceLines()) first.removePriceLine(line);
    for (const price of this.definition.levels) {
      const line = { price, color: theme.crosshair, lineWidth: 1, lineStyle: LineStyle.Dotted, axisLabelVisible: false } as const;
      first.createPriceLine(line);
    }
  }

  #repaint(candles: readonly ChartCandle[]): void {
    this.applyColours();
    this.#drawAll(candles);
  }

  #drawAll(candles: readonly ChartCandle[]): void {
    this.#series.forEach((series, output) => {
      const shift = this.#shift(output);
      const points: Point[] = [];
      for (let i = -shift; shift <= 0 && i < candles.length; i++) points.push(this.#point(output, i, candles, shift));
      series.setData(points);
    });
    this.#drawn = candles.length;
  }

  /** Candles by which an output is drawn later than it is computed. */
  #shift(output: number): number {
    const displaced = this.definition.outputs[output]?.displacedBy;
    return displaced === undefined ? 0 : displaced.direction * ((this.#instance.params[displaced.param] ?? 1) - 1);
  }

  #point(output: number, i: number, candles: readonly ChartCandle[], shift: number): Point {
    const time = ((candles[i + shift] as ChartCandle).openTime / 1000) as UTCTimestamp;
    const value = this.#run.value(output, i);
    if (Number.isNaN(value)) return { time };
    const { kind } = this.definition.outputs[output] ?? { kind: 'line' };
    const isForming = i === candles.length - 1;
    if (kind === 'histogram') {
      const theme = this.#colours();
      const colour = value >= 0 ? theme.up : theme.down;
      return { time, value, color: isForming ? faded(colour) : colour };
    }
    if (isForming) return { time, value };
    // No stroke over a gap, and a faint one to the candle that still forms.
    if (Number.isNaN(this.#run.value(output, i + 1))) return { time, value, color: 'transparent' };
    return i === candles.length - 2 && kind !== 'dots' ? { time, value, color: faded(this.#colour(output)) } : { time, value };
  }

  #colour(output: number): string {
    const token = this.#instance.colours[output];
    return token === undefined ? this.#colours().accent : this.#colours().series[token];
  }

  #newBand(): BandPrimitive | undefined {
    const edges = this.definition.outputs.flatMap(({ kind }, output) => (kind === 'band' ? [output] : []));
    const [upper, lower] = [edges[0], edges.at(-1)];
    if (upper === undefined || lower === undefined || upper === lower) return undefined;
    // A getter: the displacement is a parameter that may change.
    const shift = (): number => this.#shift(upper);
    const band = new BandPrimitive(this.#chart, this.#colours, {
      upper: (i) => this.#run.value(upper, i),
      lower: (i) => this.#run.value(lower, i),
      count: () => this.#run.count,
      get shift() {
        return shift();
      },
      strokes: this.definition.outputs[upper]?.displacedBy !== undefined,
      colours: () => ({
        upper: this.#colour(upper),
        lower: this.#colour(lower),
        above: faded(this.#colour(upper), 0.08),
        below: faded(this.#colour(lower), 0.08),
      }),
    });
    this.#chart.attach(band);
    return band;
  }
}
