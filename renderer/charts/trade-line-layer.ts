import type { IPriceLine } from 'lightweight-charts';
import type { CandleChart } from './candle-chart.ts';
import type { PriceLineStyle } from './price-line.ts';
import type { ChartColours } from './chart-colours.ts';
import type { ChartScale } from './chart-scale.ts';
import { type DrawTarget, PaneDrawing } from './pane-drawing.ts';
import { stackLabels } from './label-stack.ts';
import { changesOf, type TradeLine } from './trade-lines.ts';

const LABEL_HEIGHT_PX = 16;
const LABEL_LEFT_PX = 10;
/** Labels keep clear of the chart's legend above and its logo below. */
const CLEAR_TOP_PX = 28;
const CLEAR_BOTTOM_PX = 36;

/**
 * The trader's open orders and position: price lines of the library, touched only where something changed,
 * and what they are at the left, where no forecast is.
 */
export class TradeLineLayer extends PaneDrawing {
  readonly #chart: CandleChart;
  readonly #shown = new Map<string, TradeLine>();
  readonly #lines = new Map<string, IPriceLine>();

  constructor(chart: CandleChart, scale: () => ChartScale, colours: () => ChartColours) {
    super(scale, colours, 'top');
    this.#chart = chart;
  }

  show(wanted: readonly TradeLine[]): void {
    const { added, changed, gone } = changesOf(this.#shown, wanted);
    for (const id of gone) {
      const line = this.#lines.get(id);
      if (line !== undefined) this.#chart.removePriceLine(line);
      this.#lines.delete(id);
      this.#shown.delete(id);
    }
    for (const line of added) {
      this.#lines.set(line.id, this.#chart.addPriceLine(this.#styleOf(line)));
      this.#shown.set(line.id, line);
    }
    for (const line of changed) this.#restyle(line);
    this.redraw();
  }

  /** After a change of theme. */
  repaint(): void {
    for (const line of this.#shown.values()) this.#restyle(line);
  }

  #restyle(line: TradeLine): void {
    this.#shown.set(line.id, line);
    const drawn = this.#lines.get(line.id);
    if (drawn !== undefined) this.#chart.changePriceLine(drawn, this.#styleOf(line));
  }

  protected override draw(target: DrawTarget): void {
    if (this.#shown.size === 0) return;
    const scale = this.scale();
    const colours = this.colours();
    const inView = [...this.#shown.values()].flatMap((line) => {
      const y = scale.priceY(line.price);
      return y === undefined || y < 0 || y > scale.height ? [] : [{ line, y }];
    });
    const middles = stackLabels(
      inView.map(({ y }) => y),
      LABEL_HEIGHT_PX + 1,
      CLEAR_TOP_PX,
      scale.height - CLEAR_BOTTOM_PX,
    );
    target.useMediaCoordinateSpace(({ context }) => {
      context.save();
      context.font = `11px ${colours.font}`;
      context.textBaseline = 'middle';
      inView.forEach(({ line }, index) => {
        const middle = middles[index] as number;
        const width = context.measureText(line.title).width + 10;
        context.fillStyle = colours.surfaceRaised;
        context.fillRect(LABEL_LEFT_PX, middle - LABEL_HEIGHT_PX / 2, width, LABEL_HEIGHT_PX);
        context.fillStyle = this.#colourOf(line);
        context.fillRect(LABEL_LEFT_PX, middle - LABEL_HEIGHT_PX / 2, 2, LABEL_HEIGHT_PX);
        context.fillText(line.title, LABEL_LEFT_PX + 6, middle + 0.5);
      });
      context.restore();
    });
  }

  #styleOf(line: TradeLine): PriceLineStyle {
    return { price: line.price, colour: this.#colourOf(line), dashed: line.kind !== 'position' };
  }

  #colourOf({ kind }: TradeLine): string {
    const { up, down, accent } = this.colours();
    return kind === 'buy' ? up : kind === 'sell' ? down : accent;
  }
}
