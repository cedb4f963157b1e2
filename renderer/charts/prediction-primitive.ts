import type { AutoscaleInfo } from 'lightweight-charts';
import type { HorizonForecast, HorizonMin, Prediction } from '../../core/contracts/learning.ts';
import type { ChartColours } from './chart-colours.ts';
import type { ChartScale } from './chart-scale.ts';
import { type DrawTarget, PaneDrawing } from './pane-drawing.ts';
import { stackLabels } from './label-stack.ts';

export interface PredictionScene {
  readonly predictions: readonly Prediction[];
  readonly horizons: ReadonlySet<HorizonMin>;
}

const MARK_PX = 3;
/** Marks of one horizon that would lie nearer than this to each other are thinned out: a smear says nothing. */
const LEAST_APART_PX = 5;
/** A fan narrower than this, e.g. on daily candles, cannot be read and is left out. */
const LEAST_FAN_PX = 14;
const LABEL_HEIGHT_PX = 15;
/** The chart's legend lies over the top of the plot. */
const LEGEND_HEIGHT_PX = 26;
/** How strongly the open marks of earlier predictions show beside the newest one's. */
const EARLIER_OPEN_ALPHA = 0.4;

/**
 * Draws what was predicted where it was predicted for: a line from the price known at t to the expected price at maturity
 * for the newest prediction, and a mark at maturity for every one: hollow while open, a dot for a hit, a cross for a miss.
 */
export class PredictionPrimitive extends PaneDrawing {
  /** Newest first. */
  #predictions: readonly Prediction[] = [];
  #horizons: ReadonlySet<HorizonMin> = new Set();

  constructor(scale: () => ChartScale, colours: () => ChartColours) {
    super(scale, colours, 'normal');
  }

  /** The newest forecasts are part of the picture when the whole fan is in view. */
  autoscaleInfo(): AutoscaleInfo | null {
    const newest = this.#predictions[0];
    const shown = newest?.horizons.filter((forecast) => this.#horizons.has(forecast.horizonMin)) ?? [];
    const longest = shown.at(-1);
    if (newest === undefined || longest === undefined) return null;
    const scale = this.scale();
    const right = scale.timeX(longest.maturesAt);
    const left = scale.timeX(newest.t);
    if (!(left >= 0 && right <= scale.width && right - left >= LEAST_FAN_PX)) return null;
    const prices = shown.map((forecast) => expectedPrice(newest, forecast));
    return { priceRange: { minValue: Math.min(...prices), maxValue: Math.max(...prices) } };
  }

  show({ predictions, horizons }: PredictionScene): void {
    this.#predictions = predictions.toSorted((a, b) => b.t - a.t);
    this.#horizons = horizons;
    this.redraw();
  }

  protected override draw(target: DrawTarget): void {
    const newest = this.#predictions[0];
    if (newest === undefined || this.#horizons.size === 0) return;
    const scale = this.scale();
    target.useMediaCoordinateSpace(({ context }) => {
      context.save();
      context.lineWidth = 1.5;
      this.#drawMarks(context, scale, newest);
      this.#drawFan(context, scale, newest);
      context.restore();
    });
  }

  #drawMarks(context: CanvasRenderingContext2D, scale: ChartScale, newest: Prediction): void {
    const from = scale.timeAt(0);
    const to = scale.timeAt(scale.width);
    if (from === undefined || to === undefined) return;
    const lastX = new Map<HorizonMin, number>();
    const colours = this.colours();
    for (const prediction of this.#predictions) {
      if (prediction === newest) continue;
      for (const forecast of prediction.horizons) {
        // By time first: most are out of view, and a place on the axis costs a search.
        if (forecast.maturesAt < from || forecast.maturesAt > to || !this.#horizons.has(forecast.horizonMin)) continue;
        const x = scale.timeX(forecast.maturesAt);
        const last = lastX.get(forecast.horizonMin);
        if (last !== undefined && last - x < LEAST_APART_PX) continue;
        const y = scale.priceY(expectedPrice(prediction, forecast));
        if (y === undefined) continue;
        lastX.set(forecast.horizonMin, x);
        context.globalAlpha = forecast.outcome === undefined ? EARLIER_OPEN_ALPHA : 1;
        drawMark(context, x, y, forecast, directionColour(forecast, colours));
      }
    }
    context.globalAlpha = 1;
  }

  /** The newest prediction: lines, marks and labels, which stay in the plot even when a mark lies beyond it. */
  #drawFan(context: CanvasRenderingContext2D, scale: ChartScale, newest: Prediction): void {
    const fromX = scale.timeX(newest.t);
    const fromY = scale.priceY(newest.referencePrice);
    const shown = newest.horizons.filter((forecast) => this.#horizons.has(forecast.horizonMin));
    const longest = shown.at(-1);
    if (fromY === undefined || longest === undefined || fromX > scale.width) return;
    if (scale.timeX(longest.maturesAt) - fromX < LEAST_FAN_PX) return;
    const colours = this.colours();
    context.font = `11px ${colours.font}`;
    const labels = shown.flatMap((forecast) => {
      const x = scale.timeX(forecast.maturesAt);
      const y = scale.priceY(expectedPrice(newest, forecast));
      if (y === undefined || x < 0) return [];
      const colour = directionColour(forecast, colours);
      context.strokeStyle = colour;
      context.setLineDash([2, 3]);
      context.beginPath();
      context.moveTo(fromX, fromY);
      context.lineTo(x, y);
      context.stroke();
      context.setLineDash([]);
      drawMark(context, x, y, forecast, colour);
      const beyond = x > scale.width - MARK_PX;
      const text = `${forecast.horizonMin}m ${directionSign(forecast)} ${Math.round(100 * Math.max(...forecast.probabilities))} %${beyond ? ' →' : ''}`;
      const width = context.measureText(text).width + 8;
      const crossing = beyond ? fromY + ((y - fromY) * (scale.width - fromX)) / (x - fromX) : y;
      return [{ text, colour, width, left: Math.min(x + MARK_PX + 4, scale.width - width - 2), y: crossing }];
    });
    const middles = stackLabels(
      labels.map((label) => label.y),
      LABEL_HEIGHT_PX + 1,
      LEGEND_HEIGHT_PX,
      scale.height,
    );
    context.textBaseline = 'middle';
    labels.forEach(({ text, colour, width, left }, index) => {
      const middle = middles[index] as number;
      context.globalAlpha = 0.9;
      context.fillStyle = colours.surfaceRaised;
      context.fillRect(left, middle - LABEL_HEIGHT_PX / 2, width, LABEL_HEIGHT_PX);
      context.globalAlpha = 1;
      context.fillStyle = colour;
      context.fillText(text, left + 4, middle + 0.5);
    });
  }
}

function expectedPrice(prediction: Prediction, forecast: HorizonForecast): number {
  return prediction.referencePrice * (1 + forecast.expectedReturn);
}

function drawMark(context: CanvasRenderingContext2D, x: number, y: number, forecast: HorizonForecast, colour: string): void {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.beginPath();
  if (forecast.outcome === undefined || forecast.outcome.hit) {
    context.arc(x, y, MARK_PX, 0, 2 * Math.PI);
    if (forecast.outcome === undefined) context.stroke();
    else context.fill();
    return;
  }
  context.moveTo(x - MARK_PX, y - MARK_PX);
  context.lineTo(x + MARK_PX, y + MARK_PX);
  context.moveTo(x + MARK_PX, y - MARK_PX);
  context.lineTo(x - MARK_PX, y + MARK_PX);
  context.stroke();
}

function directionSign({ probabilities: [down, flat, up] }: HorizonForecast): string {
  if (flat >= down && flat >= up) return '■';
  return up > down ? '▲' : '▼';
}

/** The colour of the likeliest direction. */
function directionColour({ probabilities: [down, flat, up] }: HorizonForecast, colours: ChartColours): string {
  if (flat >= down && flat >= up) return colours.textDim;
  return up > down ? colours.up : colours.down;
}
