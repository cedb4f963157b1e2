import { indicatorById } from '../../core/analysis/indicators/registry.ts';
import type { CandleChart, CandleFollower } from './candle-chart.ts';
import { type ChartCandle, indexAtOrBefore } from './candle-series.ts';
import type { ChartColours } from './chart-colours.ts';
import type { IndicatorInstance } from './indicator-instance.ts';
import { IndicatorSeries } from './indicator-series.ts';

/** Values by the instances' keys. */
export type Readings = ReadonlyMap<string, readonly number[]>;

export interface PanePlaces {
  /** Top edge of each instance's pane, in CSS pixels from the plot's, by the instances' keys. */
  readonly tops: ReadonlyMap<string, number>;
  /** Bottom edge of the candles' pane, from the plot's bottom. */
  readonly belowMain: number;
}

export interface IndicatorLayerEvents {
  onPlaces(places: PanePlaces): void;
  /** The trader moved a separator: heights against the candles' pane, by the instances' keys. */
  onShares(shares: ReadonlyMap<string, number>): void;
}

const NO_READINGS: Readings = new Map();
const SAME_SHARE = 0.005;

/** The indicators on the chart: those in the candles' unit over them, each other in a pane of its own below. */
export class IndicatorLayer implements CandleFollower {
  readonly #chart: CandleChart;
  readonly #element: HTMLElement;
  readonly #colours: () => ChartColours;
  readonly #decimals: number;
  readonly #events: IndicatorLayerEvents;
  readonly #series = new Map<string, IndicatorSeries>();
  readonly #observer: ResizeObserver;
  readonly #listening = new AbortController();
  #candles: readonly ChartCandle[] = [];
  #frame = 0;

  constructor(
    chart: CandleChart,
    element: HTMLElement,
    colours: () => ChartColours,
    decimals: number,
    events: IndicatorLayerEvents,
  ) {
    this.#chart = chart;
    this.#element = element;
    this.#colours = colours;
    this.#decimals = decimals;
    this.#events = events;
    this.#observer = new ResizeObserver(() => this.#measureSoon());
    // On the window: a separator may be let go anywhere.
    window.addEventListener('pointerup', () => this.#tellShares(), { signal: this.#listening.signal });
    chart.follow(this);
  }

  get isEmpty(): boolean {
    return this.#series.size === 0;
  }

  /** Makes the chart show these, in this order; those that stay keep their pane. */
  show(instances: readonly IndicatorInstance[]): void {
    const wanted = new Map(instances.map((instance) => [instance.key, instance]));
    for (const [key, series] of this.#series) {
      if (wanted.get(key)?.indicator === series.instance.indicator) continue;
      series.remove();
      this.#series.delete(key);
    }
    for (const instance of instances) {
      const present = this.#series.get(instance.key);
      if (present === undefined) this.#add(instance);
      else present.change(instance, this.#candles);
    }
    this.#applyShares();
    this.#observer.disconnect();
    this.#measureSoon();
  }

  reset(candles: readonly ChartCandle[]): void {
    this.#candles = candles;
    for (const series of this.#series.values()) series.reset(candles);
  }

  update(candles: readonly ChartCandle[], changedTime: number): void {
    this.#candles = candles;
    for (const series of this.#series.values()) series.update(candles, changedTime);
  }

  clear(): void {
    this.#candles = [];
    for (const series of this.#series.values()) series.clear();
  }

  /** What the indicators say at a candle, at the newest without one. */
  readings(candle: ChartCandle | undefined): Readings {
    if (this.#series.size === 0) return NO_READINGS;
    const newest = this.#candles.length - 1;
    const index = candle === undefined ? newest : indexAtOrBefore(this.#candles, candle.openTime);
    return new Map([...this.#series].map(([key, series]) => [key, series.at(index)]));
  }

  repaint(): void {
    for (const series of this.#series.values()) series.repaint(this.#candles);
  }

  remove(): void {
    this.#observer.disconnect();
    this.#listening.abort();
    cancelAnimationFrame(this.#frame);
  }

  #add(instance: IndicatorInstance): void {
    const { surface } = this.#chart;
    const series = new IndicatorSeries(this.#chart, instance, this.#paneFor(instance), this.#colours, this.#decimals);
    this.#series.set(instance.key, series);
    if (series.pane > 0) surface.panes()[series.pane]?.setStretchFactor(instance.share);
    series.reset(this.#candles);
  }

  #paneFor({ indicator }: IndicatorInstance): number {
    return indicatorById(indicator)?.placement === 'overlay' ? 0 : this.#chart.surface.panes().length;
  }

  #applyShares(): void {
    const panes = this.#chart.surface.panes();
    panes[0]?.setStretchFactor(1);
    for (const series of this.#series.values()) {
      if (series.pane > 0) panes[series.pane]?.setStretchFactor(series.instance.share);
    }
  }

  #tellShares(): void {
    const panes = this.#chart.surface.panes();
    const main = panes[0]?.getStretchFactor() ?? 1;
    const shares = new Map<string, number>();
    let changed = false;
    for (const [key, series] of this.#series) {
      if (series.pane === 0) continue;
      const share = (panes[series.pane]?.getStretchFactor() ?? main) / main;
      shares.set(key, share);
      changed ||= Math.abs(share - series.instance.share) > SAME_SHARE;
    }
    if (changed) this.#events.onShares(shares);
  }

  #measureSoon(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#measure());
  }

  #measure(): void {
    const panes = this.#chart.surface.panes();
    const rows = panes.map((pane) => pane.getHTMLElement());
    // The library builds its rows with its own next frame.
    if (rows.some((row) => row === null)) return this.#measureSoon();
    const plot = this.#element.getBoundingClientRect();
    const tops = new Map<string, number>();
    for (const [key, series] of this.#series) {
      const row = rows[series.pane];
      if (series.pane > 0 && row !== undefined && row !== null) tops.set(key, row.getBoundingClientRect().top - plot.top);
    }
    const main = rows[0]?.getBoundingClientRect().bottom ?? plot.bottom;
    for (const row of rows) if (row !== null) this.#observer.observe(row);
    this.#events.onPlaces({ tops, belowMain: plot.bottom - main });
  }
}
