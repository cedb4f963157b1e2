import type { Annotation, AnnotationPoint } from '../../core/contracts/annotations.ts';
import type { Timeframe } from '../../core/market/timeframe.ts';
import type { CandleChart } from '../charts/candle-chart.ts';
import type { ChartScale } from '../charts/chart-scale.ts';
import type { Change } from './change-history.ts';
import { type Hit, hitTest } from './geometry.ts';
import { type AnnotationTool, finish, type Gesture, type Preview, previewOf } from './gesture.ts';
import { snapToOhlc, snapToTick } from './snap.ts';

export interface PointerToolContext {
  /** Annotations of the symbol on screen. */
  annotations(): readonly Annotation[];
  selectedId(): string | undefined;
  tool(): AnnotationTool;
  snap(): boolean;
  symbol(): string;
  timeframe(): Timeframe;
  tickDecimals(): number;
  select(id: string | undefined): void;
  commit(change: Change): void;
  preview(preview: { readonly region: Preview; readonly replaces: string | undefined } | undefined): void;
  /** What the pointer rests on, and where; undefined when it is on nothing, drags or left. */
  hover(hit: Hit | undefined, x: number, y: number): void;
  /** A drag that makes no trade was let go. */
  rejected(what: Gesture['kind']): void;
  newId(): string;
  now(): number;
}

/** Turns mouse and touch on the plot into annotation gestures. What it does not take, the chart gets for panning. */
export class PointerTool {
  readonly #element: HTMLElement;
  readonly #chart: CandleChart;
  readonly #context: PointerToolContext;
  readonly #listening = new AbortController();
  #gesture: Gesture | undefined;

  constructor(element: HTMLElement, chart: CandleChart, context: PointerToolContext) {
    this.#element = element;
    this.#chart = chart;
    this.#context = context;
    const options = { signal: this.#listening.signal, capture: true };
    element.addEventListener('pointerdown', (event) => this.#down(event), options);
    element.addEventListener('pointermove', (event) => this.#move(event), options);
    element.addEventListener('pointerup', (event) => this.#up(event), options);
    element.addEventListener('pointercancel', () => this.cancel(), options);
    element.addEventListener('pointerleave', (event) => this.#leave(event), options);
  }

  /** Ends a drag without a trace; true when there was one. */
  cancel(): boolean {
    if (this.#gesture === undefined) return false;
    this.#gesture = undefined;
    this.#context.preview(undefined);
    this.#chart.setDragPans(true);
    return true;
  }

  remove(): void {
    this.cancel();
    this.#listening.abort();
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 || !event.isPrimary) return;
    // The chart's library keeps a press from moving the focus; the keys belong to the chart from here on.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    const scale = this.#chart.scale;
    const { x, y } = this.#position(event);
    if (x < 0 || y < 0 || x > scale.width || y > scale.height) return;
    const hit = hitTest(this.#context.annotations(), this.#context.selectedId(), scale, x, y);
    const tool = this.#context.tool();
    if (hit !== undefined && hit.part !== 'body') {
      this.#context.select(hit.annotation.id);
      this.#begin(event, { kind: 'edit', original: hit.annotation, handle: hit.part, moving: hit.annotation[hit.part] });
      return;
    }
    if (tool !== 'cursor') {
      const point = this.#pointAt(scale, x, y);
      if (point !== undefined) this.#begin(event, { kind: 'draw', direction: tool, anchor: point, moving: point });
      return;
    }
    this.#context.select(hit?.annotation.id);
  }

  /** While it drew, the pointer was captured, and the chart did not see it leave. */
  #leave(event: PointerEvent): void {
    if (event.target !== this.#element) return;
    this.#chart.hideCrosshair();
    this.#context.hover(undefined, 0, 0);
  }

  #begin(event: PointerEvent, gesture: Gesture): void {
    this.#context.hover(undefined, 0, 0);
    this.#gesture = gesture;
    this.#chart.setDragPans(false);
    this.#element.setPointerCapture(event.pointerId);
    this.#showPreview();
  }

  #move(event: PointerEvent): void {
    const scale = this.#chart.scale;
    const { x, y } = this.#position(event);
    if (this.#gesture === undefined) {
      const hit = hitTest(this.#context.annotations(), this.#context.selectedId(), scale, x, y);
      this.#element.style.cursor = this.#cursorOver(hit);
      this.#context.hover(hit, x, y);
      return;
    }
    const point = this.#pointAt(scale, Math.min(Math.max(x, 0), scale.width), Math.min(Math.max(y, 0), scale.height));
    if (point === undefined) return;
    this.#gesture = { ...this.#gesture, moving: point };
    this.#showPreview();
  }

  #up(event: PointerEvent): void {
    const gesture = this.#gesture;
    if (gesture === undefined) return;
    this.#move(event);
    const finished = finish(this.#gesture ?? gesture, {
      id: this.#context.newId(),
      symbol: this.#context.symbol(),
      timeframe: this.#context.timeframe(),
      now: this.#context.now(),
    });
    this.cancel();
    if (finished === undefined) {
      this.#context.rejected(gesture.kind);
      return;
    }
    this.#context.select(finished.id);
    const before = gesture.kind === 'edit' ? gesture.original : undefined;
    if (before === undefined || isMoved(before, finished)) this.#context.commit({ before, after: finished });
  }

  #showPreview(): void {
    const gesture = this.#gesture;
    if (gesture === undefined) return;
    this.#context.preview({ region: previewOf(gesture), replaces: gesture.kind === 'edit' ? gesture.original.id : undefined });
  }

  /** The market point under the pointer, on a candle that exists and on the instrument's price grid. */
  #pointAt(scale: ChartScale, x: number, y: number): AnnotationPoint | undefined {
    const candle = scale.candleAt(x) ?? this.#chart.nearestEnd(x);
    const price = scale.priceAt(y);
    if (candle === undefined || price === undefined) return undefined;
    const snapped = this.#context.snap() ? snapToOhlc(candle, price) : price;
    const onGrid = snapToTick(snapped, this.#context.tickDecimals());
    return onGrid > 0 ? { time: candle.openTime, price: onGrid } : undefined;
  }

  #cursorOver(hit: Hit | undefined): string {
    if (hit !== undefined && hit.part !== 'body') return 'move';
    if (this.#context.tool() !== 'cursor') return 'crosshair';
    return hit === undefined ? '' : 'pointer';
  }

  #position(event: PointerEvent): { x: number; y: number } {
    const box = this.#element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}

function isMoved(a: Annotation, b: Annotation): boolean {
  return (
    a.entry.time !== b.entry.time ||
    a.entry.price !== b.entry.price ||
    a.exit.time !== b.exit.time ||
    a.exit.price !== b.exit.price
  );
}
