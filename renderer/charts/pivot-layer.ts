import type { EpochMs } from '../../core/base/clock.ts';
import type { PivotLevelNumber, PivotView } from '../../core/contracts/structure.ts';
import type { Timeframe } from '../../core/market/timeframe.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import type { ChartColours } from './chart-colours.ts';
import type { ChartScale } from './chart-scale.ts';
import { type DrawTarget, PaneDrawing } from './pane-drawing.ts';
import { PivotFeed, type PivotSpan } from './pivot-feed.ts';

/** Between the candle's end and the tip of the mark. */
const CLEAR_PX = 3;
const FAINTEST = 0.4;
/** A label needs this much room to the next mark on its side. */
const LABEL_ROOM_PX = 26;
const LEVEL_MARKS = ['', '¹', '²', '³', '⁴', '⁵'];

/**
 * Confirmed pivots at their own candles: a triangle over a high and under a low, the larger the higher its level, the
 * fainter the weaker; green where structure rises (HH, HL), red where it falls (LH, LL), with label and level where there is room.
 */
export class PivotLayer extends PaneDrawing {
  readonly #client: () => DeskClient;
  #feed: PivotFeed | undefined;
  #view: PivotSpan | undefined;
  /** By time. */
  #pivots: readonly PivotView[] = [];

  constructor(scale: () => ChartScale, colours: () => ChartColours, client: () => DeskClient) {
    super(scale, colours, 'top');
    this.#client = client;
  }

  /** Shows the pivots of `level` and above, none for 0. `anew`: of another symbol or timeframe. */
  follow(symbol: string, timeframe: Timeframe, level: PivotLevelNumber | 0, anew: boolean): void {
    this.close();
    if (anew) this.#view = undefined;
    if (anew || level === 0) this.#show([]);
    if (level === 0 || symbol === '') return;
    this.#feed = new PivotFeed(this.#client(), { symbol, timeframe, level }, (pivots) => this.#show(pivots));
    if (this.#view !== undefined) this.#feed.cover(this.#view.from, this.#view.to);
  }

  cover(from: EpochMs, to: EpochMs): void {
    this.#view = { from, to };
    this.#feed?.cover(from, to);
  }

  close(): void {
    this.#feed?.close();
    this.#feed = undefined;
  }

  #show(pivots: readonly PivotView[]): void {
    this.#pivots = pivots.toSorted((a, b) => a.time - b.time);
    this.redraw();
  }

  protected override draw(target: DrawTarget): void {
    if (this.#pivots.length === 0) return;
    const scale = this.scale();
    const from = scale.timeAt(0);
    const to = scale.timeAt(scale.width);
    if (from === undefined || to === undefined) return;
    const colours = this.colours();
    const marks = this.#pivots.flatMap((pivot) => {
      const y = pivot.time < from || pivot.time > to ? undefined : scale.priceY(pivot.price);
      return y === undefined ? [] : [{ pivot, x: scale.barX(pivot.time), y }];
    });
    const labelled = roomyMarks(marks);
    target.useMediaCoordinateSpace(({ context }) => {
      context.save();
      context.font = `10px ${colours.font}`;
      context.textAlign = 'center';
      for (const mark of marks) {
        const { pivot, x, y } = mark;
        const isHigh = pivot.kind === 'high';
        const out = isHigh ? -1 : 1;
        const half = 2 + 0.75 * pivot.level;
        const tip = y + out * CLEAR_PX;
        const base = tip + out * (1.5 * half);
        const { label } = pivot;
        context.fillStyle = label === undefined ? colours.textDim : label === 'HH' || label === 'HL' ? colours.up : colours.down;
        context.globalAlpha = FAINTEST + (1 - FAINTEST) * pivot.strength;
        context.beginPath();
        context.moveTo(x, tip);
        context.lineTo(x - half, base);
        context.lineTo(x + half, base);
        context.closePath();
        context.fill();
        if (label === undefined || !labelled.has(mark)) continue;
        context.textBaseline = isHigh ? 'bottom' : 'top';
        context.fillText(`${label}${LEVEL_MARKS[pivot.level]}`, x, base + out * 2);
      }
      context.restore();
    });
  }
}

export interface Mark {
  readonly pivot: PivotView;
  readonly x: number;
}

/** The marks whose labels fit beside the others of their side, those of higher levels first. */
export function roomyMarks<T extends Mark>(marks: readonly T[]): ReadonlySet<T> {
  const labelled = new Set<T>();
  const taken = { high: [] as number[], low: [] as number[] };
  for (const mark of marks.toSorted((a, b) => b.pivot.level - a.pivot.level || b.pivot.time - a.pivot.time)) {
    const places = taken[mark.pivot.kind];
    if (places.some((x) => Math.abs(x - mark.x) < LABEL_ROOM_PX)) continue;
    places.push(mark.x);
    labelled.add(mark);
  }
  return labelled;
}
