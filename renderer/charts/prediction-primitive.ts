import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';
import type { HorizonForecast, HorizonMin, Prediction } from '../../core/contracts/learning.ts';
import type { ChartColours } from './chart-colours.ts';
import type { ChartScale } from './chart-scale.ts';

type DrawTarget = Parameters<IPrimitivePaneRenderer['draw']>[0];

export interface PredictionScene {
  readonly predictions: readonly Prediction[];
  readonly horizons: ReadonlySet<HorizonMin>;
}

/**
 * Draws what was predicted where it was predicted for: a line from the price known at t to the expected price at maturity
 * for the newest prediction, and a mark at maturity for every one: hollow while open, a dot for a hit, a cross for a miss.
 */
export class PredictionPrimitive implements ISeriesPrimitive<Time> {
  readonly #scale: () => ChartScale;
  readonly #colours: () => ChartColours;
  readonly #views: readonly IPrimitivePaneView[];
  #scene: PredictionScene = { predictions: [], horizons: new Set() };
  #requestUpdate: (() => void) | undefined;

  constructor(scale: () => ChartScale, colours: () => ChartColours) {
    this.#scale = scale;
    this.#colours = colours;
    const renderer: IPrimitivePaneRenderer = { draw: (target) => this.#draw(target) };
    this.#views = [{ zOrder: () => 'normal', renderer: () => renderer }];
  }

  attached({ requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.#requestUpdate = requestUpdate;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  show(scene: PredictionScene): void {
    this.#scene = scene;
    this.#requestUpdate?.();
  }

  #draw(target: DrawTarget): void {
    const { predictions, horizons } = this.#scene;
    if (predictions.length === 0 || horizons.size === 0) return;
    const scale = this.#scale();
    const newest = predictions.reduce((latest, prediction) => (prediction.t > latest.t ? prediction : latest));
    target.useMediaCoordinateSpace(({ context }) => {
      context.save();
      for (const prediction of predictions) {
        const fromX = scale.timeX(prediction.t);
        for (const forecast of prediction.horizons) {
          if (!horizons.has(forecast.horizonMin)) continue;
          const x = scale.timeX(forecast.maturesAt);
          if (x < 0 || fromX > scale.width) continue;
          this.#drawForecast(context, scale, prediction, forecast, fromX, x, prediction === newest);
        }
      }
      context.restore();
    });
  }

  #drawForecast(
    context: CanvasRenderingContext2D,
    scale: ChartScale,
    prediction: Prediction,
    forecast: HorizonForecast,
    fromX: number,
    x: number,
    isNewest: boolean,
  ): void {
    const y = scale.priceY(prediction.referencePrice * (1 + forecast.expectedReturn));
    const fromY = scale.priceY(prediction.referencePrice);
    if (y === undefined || fromY === undefined) return;
    const colours = this.#colours();
    const colour = directionColour(forecast, colours);
    context.strokeStyle = colour;
    context.fillStyle = colour;
    if (isNewest) {
      context.lineWidth = 1.5;
      context.setLineDash([2, 3]);
      context.beginPath();
      context.moveTo(fromX, fromY);
      context.lineTo(x, y);
      context.stroke();
      context.setLineDash([]);
      context.font = `10px ${colours.font}`;
      context.textBaseline = 'middle';
      context.fillText(`${forecast.horizonMin}m ${Math.round(100 * Math.max(...forecast.probabilities))}%`, x + 7, y);
    }
    context.lineWidth = 1.5;
    context.beginPath();
    if (forecast.outcome === undefined) {
      context.arc(x, y, 3, 0, 2 * Math.PI);
      context.stroke();
    } else if (forecast.outcome.hit) {
      context.arc(x, y, 3, 0, 2 * Math.PI);
      context.fill();
    } else {
      context.moveTo(x - 3, y - 3);
      context.lineTo(x + 3, y + 3);
      context.moveTo(x + 3, y - 3);
      context.lineTo(x - 3, y + 3);
      context.stroke();
    }
  }
}

/** The colour of the likeliest direction. */
function directionColour(forecast: HorizonForecast, colours: ChartColours): string {
  const [down, flat, up] = forecast.probabilities;
  if (flat >= down && flat >= up) return colours.textDim;
  return up > down ? colours.up : colours.down;
}
