import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  PrimitivePaneViewZOrder,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';
import type { ChartColours } from './chart-colours.ts';
import type { ChartScale } from './chart-scale.ts';

export type DrawTarget = Parameters<IPrimitivePaneRenderer['draw']>[0];

/** One thing drawn over the candles: a series primitive with one view, redrawn when asked. */
export abstract class PaneDrawing implements ISeriesPrimitive<Time> {
  protected readonly scale: () => ChartScale;
  protected readonly colours: () => ChartColours;
  readonly #views: readonly IPrimitivePaneView[];
  #requestUpdate: (() => void) | undefined;

  constructor(scale: () => ChartScale, colours: () => ChartColours, zOrder: PrimitivePaneViewZOrder) {
    this.scale = scale;
    this.colours = colours;
    const renderer: IPrimitivePaneRenderer = { draw: (target) => this.draw(target) };
    this.#views = [{ zOrder: () => zOrder, renderer: () => renderer }];
  }

  attached({ requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.#requestUpdate = requestUpdate;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  protected abstract draw(target: DrawTarget): void;

  protected redraw(): void {
    this.#requestUpdate?.();
  }
}
