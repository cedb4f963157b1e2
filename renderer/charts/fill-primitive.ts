import type { Fill } from '../../core/contracts/orders.ts';
import type { ChartColours } from './chart-colours.ts';
import type { ChartScale } from './chart-scale.ts';
import { type DrawTarget, PaneDrawing } from './pane-drawing.ts';

const HALF_PX = 5;
const HEIGHT_PX = 8;
const REACH_PX = 9;

/** Marks the trader's fills at their candle and price: the tip of a triangle, from below for a buy, from above for a sell. */
export class FillPrimitive extends PaneDrawing {
  #fills: readonly Fill[] = [];

  constructor(scale: () => ChartScale, colours: () => ChartColours) {
    super(scale, colours, 'top');
  }

  show(fills: readonly Fill[]): void {
    this.#fills = fills;
    this.redraw();
  }

  protected override draw(target: DrawTarget): void {
    if (this.#fills.length === 0) return;
    const scale = this.scale();
    const colours = this.colours();
    target.useMediaCoordinateSpace(({ context }) => {
      context.save();
      context.lineWidth = 1;
      context.strokeStyle = colours.background;
      for (const fill of visibleFills(this.#fills, scale)) {
        const x = scale.barX(fill.at);
        const y = scale.priceY(Number(fill.price));
        if (y === undefined) continue;
        const base = fill.side === 'buy' ? y + HEIGHT_PX : y - HEIGHT_PX;
        context.fillStyle = fill.side === 'buy' ? colours.up : colours.down;
        context.beginPath();
        context.moveTo(x, y);
        context.lineTo(x - HALF_PX, base);
        context.lineTo(x + HALF_PX, base);
        context.closePath();
        context.fill();
        context.stroke();
      }
      context.restore();
    });
  }
}

/** The fill whose mark lies under the pointer; of several the newest. `fills` is newest first. */
export function fillAt(fills: readonly Fill[], scale: ChartScale, x: number, y: number): Fill | undefined {
  return visibleFills(fills, scale).find((fill) => {
    const tip = scale.priceY(Number(fill.price));
    if (tip === undefined) return false;
    const middle = fill.side === 'buy' ? tip + HEIGHT_PX / 2 : tip - HEIGHT_PX / 2;
    return Math.hypot(x - scale.barX(fill.at), y - middle) <= REACH_PX;
  });
}

function visibleFills(fills: readonly Fill[], scale: ChartScale): readonly Fill[] {
  const from = scale.timeAt(0);
  const to = scale.timeAt(scale.width);
  if (from === undefined || to === undefined) return [];
  // A day of slack: on coarse candles a fill lies well inside of its candle.
  return fills.filter((fill) => fill.at >= from - DAY_MS && fill.at <= to + DAY_MS);
}

const DAY_MS = 86_400_000;
