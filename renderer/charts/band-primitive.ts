import type { CandleChart } from './candle-chart.ts';
import type { ChartColours } from './chart-colours.ts';
import { type DrawTarget, PaneDrawing } from './pane-drawing.ts';

export interface Band {
  readonly upper: (index: number) => number;
  readonly lower: (index: number) => number;
  readonly count: () => number;
  /** Candles by which the band is drawn later than it is computed. */
  readonly shift: number;
  /** Drawn too where the chart's own lines cannot be: past the newest candle. */
  readonly strokes: boolean;
  readonly colours: () => { readonly upper: string; readonly lower: string; readonly above: string; readonly below: string };
}

/** The area between two lines over the candles; below it, where the lines have crossed, in the other colour. */
export class BandPrimitive extends PaneDrawing {
  readonly #chart: CandleChart;
  readonly #band: Band;

  constructor(chart: CandleChart, colours: () => ChartColours, band: Band) {
    super(() => chart.scale, colours, 'bottom');
    this.#chart = chart;
    this.#band = band;
  }

  protected override draw(target: DrawTarget): void {
    const { upper, lower, count, shift, strokes } = this.#band;
    const range = this.#chart.visibleIndexes;
    if (range === undefined) return;
    const from = Math.max(0, range.from - shift - 1);
    const to = Math.min(count() - 1, range.to - shift + 1);
    const scale = this.scale();
    const points: { readonly x: number; readonly top: number; readonly bottom: number }[] = [];
    for (let i = from; i <= to; i++) {
      const top = scale.priceY(upper(i));
      const bottom = scale.priceY(lower(i));
      if (top === undefined || bottom === undefined || Number.isNaN(top) || Number.isNaN(bottom)) continue;
      points.push({ x: this.#chart.indexX(i + shift), top, bottom });
    }
    if (points.length < 2) return;
    const colours = this.#band.colours();
    target.useMediaCoordinateSpace(({ context }) => {
      context.save();
      for (const isAbove of [true, false]) {
        context.fillStyle = isAbove ? colours.above : colours.below;
        context.beginPath();
        // Where the lines have crossed, the one meets the other, and nothing is filled in this colour.
        for (const { x, top, bottom } of points) context.lineTo(x, isAbove ? Math.min(top, bottom) : Math.max(top, bottom));
        for (const { x, bottom } of points.toReversed()) context.lineTo(x, bottom);
        context.fill();
      }
      if (strokes) {
        context.lineWidth = 1;
        for (const edge of ['upper', 'lower'] as const) {
          context.strokeStyle = colours[edge];
          context.beginPath();
          for (const { x, top, bottom } of points) context.lineTo(x, edge === 'upper' ? top : bottom);
          context.stroke();
        }
      }
      context.restore();
    });
  }
}
