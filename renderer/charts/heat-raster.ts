import { COB_BUCKETS, COB_RADIUS } from '../../core/contracts/market-views.ts';
import type { CobColumn } from '../../core/market/cob-column.ts';
import { type HeatmapMetric, metricCells } from '../../core/market/heatmap.ts';
import type { VenueId } from '../../core/market/instrument.ts';
import type { HeatSpan } from './heat-feed.ts';
import type { HeatSlots } from './heat-slots.ts';
import { colourTable } from './heatmap-colours.ts';
import { nextScale, shade } from './heatmap-model.ts';

export interface HeatLook {
  readonly metric: HeatmapMetric;
  readonly gamma: number;
  /** Undefined: all. */
  readonly venues: readonly VenueId[] | undefined;
  readonly theme: 'dark' | 'light';
}

/** What must be there: slots from … to − 1, and the rows of buckets low … high. */
export interface HeatWindow {
  readonly slots: HeatSpan;
  readonly low: number;
  readonly high: number;
  readonly bucketsPerRow: number;
}

/** Room beside what is in view, so that not every step of a scroll or of the price scale draws all anew. */
const SPARE = 1.25;
/** Columns whose values the colour scale is made of: all of them would take longer than drawing them. */
const SAMPLED = 64;

const cells = new Float32Array(COB_BUCKETS);

/** Calls `take` for each row of which the column knows something: a volume is that of all of its buckets, anything else their mean. */
export function eachRow(
  column: CobColumn,
  metric: HeatmapMetric,
  venues: readonly VenueId[] | undefined,
  bucketsPerRow: number,
  take: (row: number, value: number) => void,
): void {
  metricCells(column, metric, venues, cells);
  const isSum = metric.endsWith('Volume');
  let row = Number.NaN;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < COB_BUCKETS; i++) {
    const value = cells[i] as number;
    if (Number.isNaN(value)) continue;
    const next = Math.floor((column.anchorIndex - COB_RADIUS + i) / bucketsPerRow);
    if (next !== row && count > 0) {
      take(row, isSum ? sum : sum / count);
      sum = 0;
      count = 0;
    }
    row = next;
    sum += value;
    count++;
  }
  if (count > 0) take(row, isSum ? sum : sum / count);
}

/**
 * The heatmap as pixels, one for each slot and row, on a canvas that is a ring in time: a new slot is one column drawn, a scroll or a
 * moved scale only another place to lay it. All is drawn anew when rows, steps or the look change.
 */
export class HeatRaster {
  readonly #canvas = document.createElement('canvas');
  #slots: HeatSlots | undefined;
  #look: HeatLook | undefined;
  #colours: Uint32Array = new Uint32Array(256);
  #scale = 0;
  #scaledAt = Number.NaN;
  #bucketsPerRow = 1;
  #firstRow = 0;
  #drawn: HeatSpan = [0, 0];
  #stale: HeatSpan[] = [];

  /** What the strongest colour stands for; 0 before anything was drawn. */
  get scale(): number {
    return this.#scale;
  }

  /** These slots are not what they were. */
  invalidate(changed: HeatSpan | 'all'): void {
    if (changed === 'all') this.#drawn = [0, 0];
    else this.#stale.push(changed);
  }

  /** Makes the canvas hold the window. */
  prepare(slots: HeatSlots, look: HeatLook, window: HeatWindow): void {
    const [from, to] = window.slots;
    const isLike = slots === this.#slots && look === this.#look && window.bucketsPerRow === this.#bucketsPerRow;
    const newest = to - 1;
    if (!isLike || newest !== this.#scaledAt) {
      const before = this.#scale;
      if (look.metric !== this.#look?.metric || window.bucketsPerRow !== this.#bucketsPerRow) this.#scale = 0;
      this.#rescale(slots, look, window);
      this.#scaledAt = newest;
      if (this.#scale !== before) this.#drawn = [0, 0];
    }
    const [lowRow, highRow] = [Math.floor(window.low / window.bucketsPerRow), Math.ceil(window.high / window.bucketsPerRow)];
    const fits = lowRow >= this.#firstRow && highRow <= this.#firstRow + this.#canvas.height && to - from <= this.#canvas.width;
    if (look !== this.#look) this.#colours = colourTable(look.theme, look.metric, true);
    this.#slots = slots;
    this.#look = look;
    this.#bucketsPerRow = window.bucketsPerRow;
    const [drawnFrom, drawnTo] = this.#drawn;
    if (!isLike || !fits || from > drawnTo || to < drawnFrom || drawnFrom === drawnTo) {
      const rows = highRow - lowRow;
      if (!fits || this.#canvas.height > 4 * rows * SPARE || this.#canvas.width > 4 * (to - from)) {
        this.#canvas.width = Math.ceil((to - from) * SPARE) + 8;
        this.#canvas.height = Math.ceil(rows * SPARE) + 8;
        this.#firstRow = lowRow - ((this.#canvas.height - rows) >> 1);
      }
      this.#stale = [];
      this.#paint(from, to);
      this.#drawn = [from, to];
      return;
    }
    for (const [staleFrom, staleTo] of this.#stale) this.#paint(Math.max(staleFrom, drawnFrom), Math.min(staleTo, drawnTo));
    this.#stale = [];
    this.#paint(from, drawnFrom);
    this.#paint(drawnTo, to);
    const { width } = this.#canvas;
    // The ring is full: what lies beyond the other end was drawn over.
    this.#drawn =
      from < drawnFrom
        ? [from, Math.min(Math.max(drawnTo, to), from + width)]
        : [Math.max(drawnFrom, to - width), Math.max(drawnTo, to)];
  }

  /** Lays slots from … to (fractions are parts of a slot) between x and x + width, rows by where a bucket's lower edge lies. */
  draw(
    context: CanvasRenderingContext2D,
    [from, to]: HeatSpan,
    x: number,
    width: number,
    bucketY: (bucket: number) => number,
  ): void {
    const { width: size, height: rows } = this.#canvas;
    const top = bucketY((this.#firstRow + rows) * this.#bucketsPerRow);
    const height = bucketY(this.#firstRow * this.#bucketsPerRow) - top;
    const pxPerSlot = width / (to - from);
    for (let start = from; start < to; ) {
      const turn = Math.floor(start / size) * size;
      const end = Math.min(to, turn + size);
      const left = x + (start - from) * pxPerSlot;
      context.drawImage(this.#canvas, start - turn, 0, end - start, rows, left, top, (end - start) * pxPerSlot, height);
      start = end;
    }
  }

  #paint(from: number, to: number): void {
    const { width: size, height: rows } = this.#canvas;
    const context = this.#canvas.getContext('2d');
    const [slots, look] = [this.#slots, this.#look];
    if (context === null || slots === undefined || look === undefined) return;
    for (let start = from; start < to; ) {
      const turn = Math.floor(start / size) * size;
      const end = Math.min(to, turn + size);
      const image = context.createImageData(end - start, rows);
      const pixels = new Uint32Array(image.data.buffer);
      for (let slot = start; slot < end; slot++) {
        const column = slots.at(slot);
        if (column === undefined) continue;
        eachRow(column, look.metric, look.venues, this.#bucketsPerRow, (row, value) => {
          const line = rows - 1 - (row - this.#firstRow);
          if (line < 0 || line >= rows) return;
          pixels[line * image.width + slot - start] = this.#colours[shade(value, look.metric, this.#scale, look.gamma)] as number;
        });
      }
      context.putImageData(image, start - turn, 0);
      start = end;
    }
  }

  #rescale(slots: HeatSlots, { metric, venues }: HeatLook, { slots: [from, to], bucketsPerRow }: HeatWindow): void {
    if (metric === 'imbalance') {
      this.#scale = 1;
      return;
    }
    const seen: number[] = [];
    // On a grid that stays when the view moves on, so that the scale does not waver.
    const every = Math.max(1, Math.ceil((to - from) / SAMPLED));
    for (let slot = Math.ceil(from / every) * every; slot < to; slot += every) {
      const column = slots.at(slot);
      if (column === undefined) continue;
      eachRow(column, metric, venues, bucketsPerRow, (_row, value) => {
        if (value > 0) seen.push(value);
      });
    }
    this.#scale = nextScale(this.#scale, seen);
  }
}
