import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';
import { type Annotation, annotationProfitPct } from '../../core/contracts/annotations.ts';
import type { ChartColours } from '../charts/chart-colours.ts';
import type { ChartScale } from '../charts/chart-scale.ts';
import { formatSigned } from '../ui/format.ts';
import { regionOf } from './geometry.ts';
import type { Preview } from './gesture.ts';

type DrawTarget = Parameters<IPrimitivePaneRenderer['draw']>[0];

export interface RegionScene {
  readonly annotations: readonly Annotation[];
  readonly selectedId: string | undefined;
  /** The region being dragged, and the annotation that it replaces meanwhile. */
  readonly preview: { readonly region: Preview; readonly replaces: string | undefined } | undefined;
}

/** Draws the annotated trades over the candles. */
export class RegionPrimitive implements ISeriesPrimitive<Time> {
  readonly #scale: () => ChartScale;
  readonly #colours: () => ChartColours;
  readonly #views: readonly IPrimitivePaneView[];
  #scene: RegionScene = { annotations: [], selectedId: undefined, preview: undefined };
  #requestUpdate: (() => void) | undefined;

  constructor(scale: () => ChartScale, colours: () => ChartColours) {
    this.#scale = scale;
    this.#colours = colours;
    const renderer: IPrimitivePaneRenderer = { draw: (target) => this.#draw(target) };
    this.#views = [{ zOrder: () => 'top', renderer: () => renderer }];
  }

  attached({ requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.#requestUpdate = requestUpdate;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  show(scene: RegionScene): void {
    this.#scene = scene;
    this.#requestUpdate?.();
  }

  #draw(target: DrawTarget): void {
    const { annotations, selectedId, preview } = this.#scene;
    const scale = this.#scale();
    target.useMediaCoordinateSpace(({ context }) => {
      for (const annotation of annotations) {
        if (annotation.id === preview?.replaces) continue;
        this.#drawRegion(context, scale, annotation, annotation.id === selectedId);
      }
      if (preview !== undefined) this.#drawRegion(context, scale, preview.region, true);
    });
  }

  #drawRegion(context: CanvasRenderingContext2D, scale: ChartScale, annotation: Preview, selected: boolean): void {
    const region = regionOf(annotation, scale);
    if (region === undefined) return;
    const { entry, exit } = region;
    if (Math.max(entry.x, exit.x) < 0 || Math.min(entry.x, exit.x) > scale.width) return;
    const colours = this.#colours();
    const profit = annotationProfitPct(annotation);
    const line = annotation.direction === 'long' ? colours.up : colours.down;
    const left = Math.min(entry.x, exit.x);
    const width = Math.max(1, Math.abs(exit.x - entry.x));
    const top = Math.min(entry.y, exit.y);
    const height = Math.max(1, Math.abs(exit.y - entry.y));

    context.save();
    context.fillStyle = profit >= 0 ? colours.upSoft : colours.downSoft;
    context.fillRect(left, top, width, height);
    context.strokeStyle = line;
    context.lineWidth = selected ? 2 : 1;
    context.strokeRect(left, top, width, height);
    context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(entry.x, entry.y);
    context.lineTo(exit.x, exit.y);
    context.stroke();
    context.setLineDash([]);
    drawHandle(context, entry.x, entry.y, line, colours.background, selected);
    drawHandle(context, exit.x, exit.y, line, colours.background, selected);
    this.#drawLabel(
      context,
      `${annotation.direction === 'long' ? '▲ Long' : '▼ Short'} ${formatSigned(profit, 2)} %`,
      left,
      top,
      line,
    );
    context.restore();
  }

  #drawLabel(context: CanvasRenderingContext2D, text: string, left: number, top: number, colour: string): void {
    const colours = this.#colours();
    context.font = `11px ${colours.font}`;
    const width = context.measureText(text).width + 10;
    const y = Math.max(0, top - 20);
    context.fillStyle = colours.surfaceRaised;
    context.fillRect(left, y, width, 17);
    context.fillStyle = colour;
    context.textBaseline = 'middle';
    context.fillText(text, left + 5, y + 9);
  }
}

function drawHandle(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  line: string,
  fill: string,
  selected: boolean,
): void {
  context.beginPath();
  context.arc(x, y, selected ? 5 : 3, 0, 2 * Math.PI);
  context.fillStyle = selected ? fill : line;
  context.fill();
  context.stroke();
}
