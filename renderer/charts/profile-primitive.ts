import { NO_ROWS, type PriceRows } from '../../core/analysis/flow/price-rows.ts';
import type { ValueArea } from '../../core/analysis/flow/volume-profile.ts';
import type { CandleChart } from './candle-chart.ts';
import { type ChartColours, faded } from './chart-colours.ts';
import { type DrawTarget, PaneDrawing } from './pane-drawing.ts';

const SHARE_OF_WIDTH = 0.2;
const MOST_PX = 220;

/** What `ProfilePrimitive` draws. */
export interface ShownProfile {
  readonly rows: PriceRows;
  /** Height of a row in price. */
  readonly size: number;
  readonly area: ValueArea | undefined;
}

export const NO_PROFILE: ShownProfile = { rows: NO_ROWS, size: 0, area: undefined };

/** Volume by price at the right edge, bought and sold apart, the value area stronger, its point of control as a line. */
export class ProfilePrimitive extends PaneDrawing {
  #profile: ShownProfile = NO_PROFILE;

  constructor(chart: CandleChart, colours: () => ChartColours) {
    super(() => chart.scale, colours, 'bottom');
  }

  show(profile: ShownProfile): void {
    if (profile === this.#profile) return;
    this.#profile = profile;
    this.redraw();
  }

  protected override draw(target: DrawTarget): void {
    const { rows, size, area } = this.#profile;
    if (area === undefined) return;
    const scale = this.scale();
    const colours = this.colours();
    const reach = Math.min(MOST_PX, SHARE_OF_WIDTH * scale.width);
    let most = 0;
    for (let i = 0; i < rows.rows.length; i++) most = Math.max(most, (rows.buy[i] as number) + (rows.sell[i] as number));
    target.useMediaCoordinateSpace(({ context }) => {
      context.save();
      for (let i = 0; i < rows.rows.length; i++) {
        const row = rows.rows[i] as number;
        const top = scale.priceY((row + 1) * size);
        const bottom = scale.priceY(row * size);
        if (top === undefined || bottom === undefined || bottom < 0 || top > scale.height) continue;
        const height = Math.max(1, bottom - top - (bottom - top >= 4 ? 1 : 0));
        const bought = (reach * (rows.buy[i] as number)) / most;
        const sold = (reach * (rows.sell[i] as number)) / most;
        const strength = row === area.poc ? 0.8 : row >= area.low && row <= area.high ? 0.45 : 0.2;
        context.fillStyle = faded(colours.up, strength);
        context.fillRect(scale.width - bought, top, bought, height);
        context.fillStyle = faded(colours.down, strength);
        context.fillRect(scale.width - bought - sold, top, sold, height);
      }
      context.font = `11px ${colours.font}`;
      context.textBaseline = 'middle';
      context.textAlign = 'right';
      const poc = colours.series['series-2'];
      const right = scale.width - reach - 6;
      this.#line(context, (area.high + 1) * size, 'VAH', colours.textDim, [5, 4], right);
      this.#line(context, area.low * size, 'VAL', colours.textDim, [5, 4], right);
      this.#line(context, (area.poc + 0.5) * size, 'POC', poc, [], right - 34);
      context.restore();
    });
  }

  #line(
    context: CanvasRenderingContext2D,
    price: number,
    name: string,
    colour: string,
    dash: readonly number[],
    right: number,
  ): void {
    const scale = this.scale();
    const y = scale.priceY(price);
    if (y === undefined || y < 0 || y > scale.height) return;
    context.strokeStyle = colour;
    context.globalAlpha = 0.7;
    context.setLineDash([...dash]);
    context.beginPath();
    context.moveTo(0, Math.round(y) + 0.5);
    context.lineTo(scale.width, Math.round(y) + 0.5);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    const width = context.measureText(name).width;
    context.fillStyle = this.colours().background;
    context.fillRect(right - width - 3, y - 7, width + 6, 14);
    context.fillStyle = colour;
    context.fillText(name, right, y + 0.5);
  }
}
