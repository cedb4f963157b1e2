import { type Annotation, annotationProfitPct } from '../../core/contracts/annotations.ts';
import type { ChartColours } from '../charts/chart-colours.ts';
import type { ChartScale } from '../charts/chart-scale.ts';
import { type DrawTarget, PaneDrawing } from '../charts/pane-drawing.ts';
import { formatSigned } from '../ui/format.ts';
import { regionOf } from './geometry.ts';
import type { Preview } from './gesture.ts';

const DAY_MS = 86_400_000;
const LABEL_HEIGHT_PX = 17;

export interface RegionScene {
  readonly annotations: readonly Annotation[];
  readonly selectedId: string | undefined;
  /** The region being dragged, and the annotation that it replaces meanwhile. */
  readonly preview: { readonly region: Preview; readonly replaces: string | undefined } | undefined;
}

/** Draws the annotated trades over the candles. */
export class RegionPrimitive extends PaneDrawing {
  #scene: RegionScene = { annotations: [], selectedId: undefined, preview: undefined };

  constructor(scale: () => ChartScale, colours: () => ChartColours) {
    super(scale, colours, 'top');
  }

  show(scene: RegionScene): void {
    this.#scene = scene;
    this.redraw();
  }

  protected override draw(target: DrawTarget): void {
    const { annotations, selectedId, preview } = this.#scene;
    if (annotations.length === 0 && preview === undefined) return;
    const scale = this.scale();
    const from = scale.timeAt(0) ?? Number.NEGATIVE_INFINITY;
    const to = scale.timeAt(scale.width) ?? Number.POSITIVE_INFINITY;
    target.useMediaCoordinateSpace(({ context }) => {
      const labels: Label[] = [];
      for (const annotation of annotations) {
        // By time first: a place on the axis costs a search. A day of slack for what lies inside of the first candle.
        if (annotation.exit.time < from - DAY_MS || annotation.entry.time > to) continue;
        if (annotation.id === preview?.replaces) continue;
        this.#drawRegion(context, scale, annotation, annotation.id === selectedId, labels);
      }
      if (preview !== undefined) this.#drawRegion(context, scale, preview.region, true, labels);
      this.#drawLabels(context, labels, scale.width);
    });
  }

  #drawRegion(
    context: CanvasRenderingContext2D,
    scale: ChartScale,
    annotation: Preview,
    selected: boolean,
    labels: Label[],
  ): void {
    const region = regionOf(annotation, scale);
    if (region === undefined) return;
    const { entry, exit } = region;
    if (Math.max(entry.x, exit.x) < 0 || Math.min(entry.x, exit.x) > scale.width) return;
    const colours = this.colours();
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
    context.restore();
    labels.push({
      text: `${annotation.direction === 'long' ? '▲ Long' : '▼ Short'} ${formatSigned(profit, 2)} %`,
      left,
      top,
      bottom: top + height,
      colour: line,
      selected,
    });
  }

  /** Above its region, else below it; one that would cover another is left out, but never the selected one's. */
  #drawLabels(context: CanvasRenderingContext2D, labels: readonly Label[], plotWidth: number): void {
    const colours = this.colours();
    const taken: { readonly x: number; readonly y: number; readonly width: number }[] = [];
    context.save();
    context.font = `11px ${colours.font}`;
    context.textBaseline = 'middle';
    for (const label of labels.toSorted((a, b) => Number(b.selected) - Number(a.selected))) {
      const width = context.measureText(label.text).width + 10;
      const x = Math.min(Math.max(0, label.left), plotWidth - width);
      const isFree = (y: number): boolean =>
        taken.every((other) => Math.abs(other.y - y) >= LABEL_HEIGHT_PX || x >= other.x + other.width || x + width <= other.x);
      const y = [Math.max(0, label.top - LABEL_HEIGHT_PX - 3), label.bottom + 3].find(isFree);
      if (y === undefined) continue;
      taken.push({ x, y, width });
      context.fillStyle = colours.surfaceRaised;
      context.fillRect(x, y, width, LABEL_HEIGHT_PX);
      context.fillStyle = label.colour;
      context.fillText(label.text, x + 5, y + LABEL_HEIGHT_PX / 2 + 0.5);
    }
    context.restore();
  }
}

interface Label {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
  readonly colour: string;
  readonly selected: boolean;
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
