import type { LargeTrade } from '../../../core/contracts/large-trades.ts';
import { COB_BUCKETS } from '../../../core/contracts/market-views.ts';
import { type HeatmapMetric, metricCells } from '../../../core/market/heatmap.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import { formatClock } from '../../ui/format.ts';
import { colourTable } from '../../charts/heatmap-colours.ts';
import { drawLargeTrades, type LargeTradePlace, tradeUnder } from '../../charts/large-trade-marks.ts';
import { firstRowFor, type HeatmapColumns, nextScale, rowValues, shade } from '../../charts/heatmap-model.ts';

export interface HeatmapView {
  readonly metric: HeatmapMetric;
  readonly gamma: number;
  readonly windowSec: number;
  /** Buckets to each side. */
  readonly radius: number;
  /** Undefined: all. */
  readonly venues: readonly VenueId[] | undefined;
  readonly mid: boolean;
  readonly trades: boolean;
  readonly large: boolean;
  readonly theme: 'dark' | 'light';
  readonly decimals: number;
}

export interface HeatmapCell {
  readonly time: number;
  readonly price: number;
  /** NaN: unknown. */
  readonly value: number;
}

/** Colours and font of the page. */
interface PageLook {
  readonly theme: string | undefined;
  readonly surface: string;
  readonly dim: string;
  readonly border: string;
  readonly up: string;
  readonly down: string;
  readonly font: string;
}

const SECOND_MS = 1_000;
const AXIS_RIGHT = 58;
const AXIS_BOTTOM = 18;
const LABEL_STEP = 22;
const BUBBLE_MAX = 8;
/** Seconds whose values the colour scale is made of: all of them would take longer than drawing them. */
const SAMPLED = 100;

/**
 * Draws the seconds of `HeatmapColumns` on a canvas. Cells live in a ring, one pixel each, a column a second: as time goes on one column
 * is drawn and the ring is laid out with two blits. Everything is drawn anew when the rows, the scale or the look change.
 */
export class HeatmapPainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #columns: HeatmapColumns;
  readonly #large: readonly LargeTrade[];
  readonly #ring = document.createElement('canvas');
  #width = 0;
  #height = 0;
  #drawn = '';
  #newest = 0;
  #firstRow = Number.NaN;
  #scale = 0;
  #colours: Uint32Array = new Uint32Array(256);
  /** Of the page, for one theme: asking for them computes the styles of all that changed. */
  #look: PageLook | undefined;

  /** `large`: the large trades, which change in place. */
  constructor(canvas: HTMLCanvasElement, columns: HeatmapColumns, large: readonly LargeTrade[]) {
    this.#canvas = canvas;
    this.#columns = columns;
    this.#large = large;
  }

  /** What the strongest colour stands for; 0 before anything was drawn. */
  get scale(): number {
    return this.#scale;
  }

  /** The canvas has this size on the page, CSS pixels. Told, for asking the page would lay it out with every picture. */
  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
  }

  paint(view: HeatmapView): void {
    const context = this.#canvas.getContext('2d');
    const ratio = window.devicePixelRatio;
    const [width, height] = [this.#width, this.#height];
    if (context === null || width === 0 || height === 0) return;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const live = this.#columns.newestLive;
    if (live === undefined) return;
    const rows = 2 * view.radius + 1;
    this.#firstRow = firstRowFor(this.#firstRow, rows, live.anchorIndex);
    this.#drawCells(view, rows);
    const [plotWidth, plotHeight] = [width - AXIS_RIGHT, height - AXIS_BOTTOM];
    const slot = (this.#newest / SECOND_MS) % view.windowSec;
    const split = (plotWidth * (view.windowSec - 1 - slot)) / view.windowSec;
    context.imageSmoothingEnabled = false;
    if (slot < view.windowSec - 1)
      context.drawImage(this.#ring, slot + 1, 0, view.windowSec - 1 - slot, rows, 0, 0, split, plotHeight);
    context.drawImage(this.#ring, 0, 0, slot + 1, rows, split, 0, plotWidth - split, plotHeight);
    this.#drawAxes(context, view, rows, plotWidth, plotHeight);
    context.save();
    context.beginPath();
    context.rect(0, 0, plotWidth, plotHeight);
    context.clip();
    if (view.trades) this.#drawTrades(context, view, rows, plotWidth, plotHeight);
    if (view.mid) this.#drawMid(context, view, rows, plotWidth, plotHeight);
    if (view.large) this.#drawLarge(context, view);
    context.restore();
  }

  /** The cell under a point of the canvas in CSS pixels; undefined beside the plot. */
  cellAt(x: number, y: number, view: HeatmapView): HeatmapCell | undefined {
    const [plotWidth, plotHeight] = [this.#width - AXIS_RIGHT, this.#height - AXIS_BOTTOM];
    if (x < 0 || y < 0 || x >= plotWidth || y >= plotHeight || Number.isNaN(this.#firstRow)) return undefined;
    const rows = 2 * view.radius + 1;
    const time = this.#newest - (view.windowSec - 1 - Math.floor((x / plotWidth) * view.windowSec)) * SECOND_MS;
    const row = rows - 1 - Math.floor((y / plotHeight) * rows);
    const values = new Float32Array(rows);
    rowValues(this.#columns.at(time), view.metric, view.venues, this.#firstRow, values);
    return { time, price: (this.#firstRow + row) * this.#columns.bucketWidth, value: values[row] as number };
  }

  /** The large trade under a point of the canvas. */
  largeTradeAt(x: number, y: number, view: HeatmapView): LargeTrade | undefined {
    return view.large ? tradeUnder(this.#large, this.#place(view), x, y) : undefined;
  }

  #place({ windowSec, radius, venues }: HeatmapView): LargeTradePlace {
    const [plotWidth, plotHeight] = [this.#width - AXIS_RIGHT, this.#height - AXIS_BOTTOM];
    const to = this.#newest + SECOND_MS;
    const from = to - windowSec * SECOND_MS;
    const x = (time: number): number => (plotWidth * (time - from)) / (to - from);
    return { from, to, x, y: (price) => this.#y(price, 2 * radius + 1, plotHeight), venues };
  }

  #drawLarge(context: CanvasRenderingContext2D, view: HeatmapView): void {
    const { up: buy, down: sell } = this.#pageLook();
    drawLargeTrades(context, this.#large, this.#place(view), { buy, sell, theme: view.theme });
  }

  #drawCells(view: HeatmapView, rows: number): void {
    const { metric, gamma, windowSec, venues, theme } = view;
    const { newest } = this.#columns;
    const context = this.#ring.getContext('2d');
    if (context === null) return;
    if (newest !== this.#newest || !this.#drawn.startsWith(`${metric} `)) this.#rescale(view);
    const look = `${metric} ${gamma} ${windowSec} ${venues?.join(' ')} ${theme} ${rows} ${this.#firstRow} ${this.#scale}`;
    const anew = look !== this.#drawn || newest < this.#newest || newest - this.#newest >= windowSec * SECOND_MS;
    if (anew) {
      this.#ring.width = windowSec;
      this.#ring.height = rows;
      this.#colours = colourTable(theme, metric);
      this.#drawn = look;
    }
    // The second before the newest is told once more when it is over.
    const from = anew ? newest - (windowSec - 1) * SECOND_MS : Math.max(this.#newest, newest - windowSec * SECOND_MS) - SECOND_MS;
    const image = context.createImageData(1, rows);
    const pixels = new Uint32Array(image.data.buffer);
    const values = new Float32Array(rows);
    for (let time = from; time <= newest; time += SECOND_MS) {
      rowValues(this.#columns.at(time), metric, venues, this.#firstRow, values);
      for (let r = 0; r < rows; r++) {
        const value = values[r] as number;
        pixels[rows - 1 - r] = Number.isNaN(value) ? 0 : (this.#colours[shade(value, metric, this.#scale, gamma)] as number);
      }
      context.putImageData(image, (time / SECOND_MS) % windowSec, 0);
    }
    this.#newest = newest;
  }

  #rescale({ metric, windowSec, venues }: HeatmapView): void {
    if (metric === 'imbalance') {
      this.#scale = 1;
      return;
    }
    const seen: number[] = [];
    const values = new Float32Array(COB_BUCKETS);
    // On a grid that stays as time goes on, so that the scale does not waver.
    const every = Math.ceil(windowSec / SAMPLED);
    const { newest } = this.#columns;
    for (let second = newest / SECOND_MS - windowSec + 1; second <= newest / SECOND_MS; second++) {
      const column = second % every === 0 ? this.#columns.at(second * SECOND_MS) : undefined;
      if (column === undefined) continue;
      metricCells(column, metric, venues, values);
      for (const value of values) if (value > 0) seen.push(value);
    }
    this.#scale = nextScale(this.#scale, seen);
  }

  #pageLook(): PageLook {
    const { theme } = document.documentElement.dataset;
    if (this.#look !== undefined && this.#look.theme === theme) return this.#look;
    const style = getComputedStyle(this.#canvas);
    const token = (name: string): string => style.getPropertyValue(name).trim();
    this.#look = {
      theme,
      surface: token('--surface'),
      dim: token('--text-dim'),
      border: token('--border'),
      up: token('--up'),
      down: token('--down'),
      font: style.fontFamily,
    };
    return this.#look;
  }

  #y(price: number, rows: number, plotHeight: number): number {
    return plotHeight * (1 - (price / this.#columns.bucketWidth - this.#firstRow) / rows);
  }

  #drawAxes(context: CanvasRenderingContext2D, view: HeatmapView, rows: number, plotWidth: number, plotHeight: number): void {
    const look = this.#pageLook();
    context.fillStyle = look.surface;
    context.fillRect(plotWidth, 0, AXIS_RIGHT, plotHeight + AXIS_BOTTOM);
    context.fillRect(0, plotHeight, plotWidth, AXIS_BOTTOM);
    context.fillStyle = look.dim;
    context.strokeStyle = look.border;
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, plotWidth - 1, plotHeight - 1);
    context.font = `11px ${look.font}`;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    const step = Math.ceil((LABEL_STEP * rows) / plotHeight / 5) * 5;
    const first = Math.ceil(this.#firstRow / step) * step;
    for (let index = first; index < this.#firstRow + rows; index += step) {
      const y = this.#y(index * this.#columns.bucketWidth, rows, plotHeight);
      if (y > 6 && y < plotHeight - 4)
        context.fillText((index * this.#columns.bucketWidth).toFixed(view.decimals), plotWidth + 6, y);
    }
    context.textAlign = 'center';
    const every = view.windowSec > 120 ? 60 : 15;
    for (let age = 0; age < view.windowSec; age++) {
      const time = this.#newest - age * SECOND_MS;
      if (time % (every * SECOND_MS) !== 0) continue;
      const x = plotWidth * (1 - (age + 1) / view.windowSec);
      if (x > 28 && x < plotWidth - 20) context.fillText(formatClock(time), x, plotHeight + AXIS_BOTTOM / 2 + 1);
    }
  }

  #drawMid(context: CanvasRenderingContext2D, view: HeatmapView, rows: number, plotWidth: number, plotHeight: number): void {
    const perSecond = plotWidth / view.windowSec;
    context.beginPath();
    let broken = true;
    for (let c = 0; c < view.windowSec; c++) {
      const mid = this.#columns.at(this.#newest - (view.windowSec - 1 - c) * SECOND_MS)?.mid ?? Number.NaN;
      if (Number.isNaN(mid)) {
        broken = true;
        continue;
      }
      const [x, y] = [(c + 0.5) * perSecond, this.#y(mid, rows, plotHeight)];
      if (broken) context.moveTo(x, y);
      else context.lineTo(x, y);
      broken = false;
    }
    context.lineJoin = 'round';
    context.strokeStyle = view.theme === 'dark' ? 'rgb(0 0 0 / 55%)' : 'rgb(255 255 255 / 75%)';
    context.lineWidth = 3.5;
    context.stroke();
    context.strokeStyle = view.theme === 'dark' ? '#f4f7fb' : '#16202c';
    context.lineWidth = 1.5;
    context.stroke();
  }

  /** One bubble a second and side at its mean price; the area grows with the volume. */
  #drawTrades(context: CanvasRenderingContext2D, view: HeatmapView, rows: number, plotWidth: number, plotHeight: number): void {
    const look = this.#pageLook();
    const perSecond = plotWidth / view.windowSec;
    const seconds = Array.from({ length: view.windowSec }, (_, c) => ({
      x: (c + 0.5) * perSecond,
      flow: this.#columns.at(this.#newest - (view.windowSec - 1 - c) * SECOND_MS)?.flow,
    }));
    const largest = Math.max(0, ...seconds.map(({ flow }) => Math.max(flow?.buyVolume ?? 0, flow?.sellVolume ?? 0)));
    if (largest === 0) return;
    for (const side of ['buy', 'sell'] as const) {
      context.beginPath();
      for (const { x, flow } of seconds) {
        const volume = flow?.[`${side}Volume`] ?? 0;
        const radius = BUBBLE_MAX * Math.sqrt(volume / largest);
        if (flow === undefined || radius < 1) continue;
        const y = this.#y(flow[`${side}Notional`] / volume, rows, plotHeight);
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
      context.globalAlpha = 0.55;
      context.fillStyle = side === 'buy' ? look.up : look.down;
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = view.theme === 'dark' ? 'rgb(0 0 0 / 30%)' : 'rgb(255 255 255 / 40%)';
      context.lineWidth = 1;
      context.stroke();
    }
  }
}
