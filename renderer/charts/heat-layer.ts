import type { EpochMs } from '../../core/base/clock.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { paced } from '../ui/paced.ts';
import type { CandleChart, Stretch } from './candle-chart.ts';
import type { ChartColours } from './chart-colours.ts';
import { HeatFeed } from './heat-feed.ts';
import { eachRow, type HeatLook, HeatRaster } from './heat-raster.ts';
import { bucketsPerRow, heatStepMs } from './heat-steps.ts';
import { drawBubbles, drawMid } from './heat-marks.ts';
import { type DrawTarget, PaneDrawing } from './pane-drawing.ts';

/** The book changes ten times a second. A little longer than candles wait: when they are drawn, the book is too. */
const DRAW_PERIOD_MS = 120;

export interface HeatSettings {
  readonly metric: HeatLook['metric'];
  readonly gamma: number;
  readonly theme: HeatLook['theme'];
  /** Venues that are left out. */
  readonly hidden: readonly string[];
  readonly opacity: number;
  readonly mid: boolean;
  readonly trades: boolean;
}

export interface HeatReading {
  /** Lower edge of the row. */
  readonly price: number;
  /** Upper edge. */
  readonly priceTo: number;
  /** Start of the recorded second. */
  readonly time: EpochMs;
  readonly value: number;
}

/** The heatmap of the merged book behind the candles, at its prices and times. What is not known is left out. */
export class HeatLayer extends PaneDrawing {
  readonly #chart: CandleChart;
  readonly #element: HTMLElement;
  readonly #onScale: (scale: number) => void;
  readonly #raster = new HeatRaster();
  readonly #pace = paced(DRAW_PERIOD_MS, () => {
    // A chart behind another tab is not in the document.
    if (this.#isStale && this.#element.isConnected) this.redraw();
  });
  #feed: HeatFeed | undefined;
  /** Something changed since it was drawn. */
  #isStale = false;
  #settings: HeatSettings | undefined;
  #look: HeatLook | undefined;
  /** Of which the venues of the look were chosen. */
  #venues: readonly VenueId[] = [];

  constructor(chart: CandleChart, element: HTMLElement, colours: () => ChartColours, onScale: (scale: number) => void) {
    super(() => chart.scale, colours, 'bottom');
    this.#chart = chart;
    this.#element = element;
    this.#onScale = onScale;
  }

  get isEmpty(): boolean {
    return this.#feed === undefined;
  }

  /** Follows a symbol's book, or none. */
  follow(client: DeskClient, symbol: string | undefined): void {
    this.#feed?.close();
    this.#feed =
      symbol === undefined
        ? undefined
        : new HeatFeed(client, symbol, (changed) => {
            this.#raster.invalidate(changed);
            this.#isStale = true;
            this.#pace.ask();
          });
    this.#raster.invalidate('all');
    this.redraw();
  }

  show(settings: HeatSettings): void {
    this.#settings = settings;
    this.#look = undefined;
    this.redraw();
  }

  close(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#pace.end();
  }

  /** What is known at a point of the pane. */
  readingAt(x: number, y: number): HeatReading | undefined {
    const [feed, look] = [this.#feed, this.#look];
    const { bucketWidth, slots } = feed ?? { bucketWidth: 0, slots: undefined };
    const price = this.scale().priceAt(y);
    if (look === undefined || slots === undefined || price === undefined || bucketWidth === 0) return undefined;
    const stretch = this.#chart.stretches.findLast((candidate) => candidate.x <= x);
    if (stretch === undefined) return undefined;
    const column = slots.at(slots.slotOf(stretch.from + (x - stretch.x) / stretch.pxPerMs));
    if (column === undefined) return undefined;
    const buckets = this.#bucketsPerRow(bucketWidth);
    const wanted = Math.floor(price / bucketWidth / buckets);
    let reading: HeatReading | undefined;
    eachRow(column, look.metric, look.venues, buckets, (row, value) => {
      const low = row * buckets * bucketWidth;
      if (row === wanted) reading = { price: low, priceTo: low + buckets * bucketWidth, time: column.time, value };
    });
    return reading;
  }

  protected override draw(target: DrawTarget): void {
    const [feed, settings] = [this.#feed, this.#settings];
    const { stretches } = this.#chart;
    const [first, last] = [stretches[0], stretches.at(-1)];
    if (feed === undefined || settings === undefined || first === undefined || last === undefined) return;
    this.#isStale = false;
    feed.cover(first.from, last.to, heatStepMs(this.#chart.timeframeMs, this.#chart.barPx));
    const { bucketWidth, slots, live } = feed;
    const scale = this.scale();
    const [low, high] = [scale.priceAt(scale.height), scale.priceAt(0)];
    if (bucketWidth === 0 || low === undefined || high === undefined || !(high > low)) return;
    const look = this.#lookNow(settings, live.venues);
    const pxPerPrice = scale.height / (high - low);
    const priceY = (price: number): number => (high - price) * pxPerPrice;
    // Past the newest second nothing is known.
    const end = Math.min(slots.slotOf(last.to) + 1, slots.slotOf(live.newest) + 1);
    const start = slots.slotOf(first.from);
    if (start >= end) return;
    this.#raster.prepare(slots, look, {
      slots: [start, end],
      low: low / bucketWidth,
      high: high / bucketWidth,
      bucketsPerRow: this.#bucketsPerRow(bucketWidth),
    });
    this.#onScale(this.#raster.scale);
    target.useMediaCoordinateSpace(({ context }) => {
      context.save();
      context.imageSmoothingEnabled = false;
      context.globalAlpha = settings.opacity;
      for (const stretch of stretches) {
        const [from, to] = [stretch.from / slots.stepMs, Math.min(stretch.to, live.newest + 1_000) / slots.stepMs];
        const width = (to - from) * slots.stepMs * stretch.pxPerMs;
        if (to > from) this.#raster.draw(context, [from, to], stretch.x, width, (bucket) => priceY(bucket * bucketWidth));
      }
      context.globalAlpha = 1;
      const marks = marksOf(stretches, slots.stepMs, end);
      if (settings.mid) drawMid(context, slots, marks, priceY, look.theme);
      if (settings.trades) drawBubbles(context, slots, marks, priceY, look.theme, this.colours());
      context.restore();
    });
  }

  #bucketsPerRow(bucketWidth: number): number {
    const scale = this.scale();
    const [low, high] = [scale.priceAt(scale.height) ?? 0, scale.priceAt(0) ?? 0];
    return bucketsPerRow((scale.height * bucketWidth) / (high - low));
  }

  /** The same object while nothing of it changed. */
  #lookNow(settings: HeatSettings, venues: readonly VenueId[]): HeatLook {
    if (this.#look !== undefined && venues === this.#venues) return this.#look;
    const shown = venues.filter((venue) => !settings.hidden.includes(venue));
    const before = this.#look?.venues;
    const wanted = shown.length === venues.length ? undefined : shown;
    this.#venues = venues;
    if (this.#look === undefined || before?.join(' ') !== wanted?.join(' ')) {
      this.#look = { metric: settings.metric, gamma: settings.gamma, theme: settings.theme, venues: wanted };
    }
    return this.#look;
  }
}

/** Slots and where their middle lies, by stretch. */
export interface MarkSpan {
  readonly from: number;
  readonly to: number;
  /** Of the middle of slot `from`. */
  readonly x: number;
  readonly pxPerSlot: number;
}

function marksOf(stretches: readonly Stretch[], stepMs: number, end: number): MarkSpan[] {
  return stretches.map((stretch) => {
    const from = Math.floor(stretch.from / stepMs);
    return {
      from,
      to: Math.min(Math.ceil(stretch.to / stepMs), end),
      x: stretch.x + ((from + 0.5) * stepMs - stretch.from) * stretch.pxPerMs,
      pxPerSlot: stepMs * stretch.pxPerMs,
    };
  });
}
