import { type FootprintFigures, footprintFigures } from '../../core/analysis/flow/footprint.ts';
import { mergedRows, type PriceRows } from '../../core/analysis/flow/price-rows.ts';
import { formatCompact } from '../ui/format.ts';
import type { CandleChart } from './candle-chart.ts';
import type { ChartCandle } from './candle-series.ts';
import { type ChartColours, faded } from './chart-colours.ts';
import type { FootprintFeed } from './footprint-feed.ts';
import { cellDecimals, mergeFactor, recordedShare } from './footprint-view.ts';
import { type DrawTarget, PaneDrawing } from './pane-drawing.ts';

/** Narrower candles are drawn without their footprint. */
export const FOOTPRINT_BAR_PX = 22;
/** From here on figures fit beside one another. */
const FIGURES_BAR_PX = 66;
const FIGURES_ROW_PX = 12;
const BARS_ROW_PX = 3;
const BODY_PX = 4;
/** Less than this of a candle's volume is said to be a part of it: volumes of one market differ by a rounding. */
const WHOLE_SHARE = 0.99;

interface Cells {
  readonly rows: PriceRows;
  readonly figures: FootprintFigures;
}

/** Sold × bought volume by price row inside each candle, with diagonal imbalances, point of control and delta. */
export class FootprintPrimitive extends PaneDrawing {
  readonly #chart: CandleChart;
  #feed: FootprintFeed | undefined;
  /** Of rows as they are: what was made of them with rows so many times as high. */
  readonly #cells = new WeakMap<PriceRows, { readonly factor: number; readonly cells: Cells }>();

  constructor(chart: CandleChart, colours: () => ChartColours) {
    super(() => chart.scale, colours, 'normal');
    this.#chart = chart;
  }

  show(feed: FootprintFeed | undefined): void {
    this.#feed = feed;
    this.redraw();
  }

  refresh(): void {
    this.redraw();
  }

  /** Height in price of a row as it is drawn; undefined while candles are too narrow for any. */
  get rowSize(): number | undefined {
    const size = this.#feed?.rowSize ?? 0;
    const rowPx = size > 0 ? this.#rowPx(size) : undefined;
    return rowPx === undefined || !(this.#barPx >= FOOTPRINT_BAR_PX) ? undefined : size * this.#factor(rowPx);
  }

  protected override draw(target: DrawTarget): void {
    const feed = this.#feed;
    const range = this.#chart.visibleIndexes;
    if (feed === undefined || range === undefined || feed.rowSize === 0) return;
    const barPx = this.#barPx;
    if (!(barPx >= FOOTPRINT_BAR_PX)) return;
    const rowPx = this.#rowPx(feed.rowSize);
    if (rowPx === undefined) return;
    const withFigures = barPx >= FIGURES_BAR_PX;
    const factor = this.#factor(rowPx);
    const { candles } = this.#chart;
    const shown: { readonly x: number; readonly candle: ChartCandle; readonly cells: Cells }[] = [];
    let most = 0;
    for (let i = Math.max(0, range.from); i <= Math.min(candles.length - 1, range.to); i++) {
      const candle = candles[i] as ChartCandle;
      const rows = feed.rowsAt(candle.openTime);
      if (rows.rows.length === 0) continue;
      const cells = this.#cellsOf(rows, factor);
      for (let r = 0; r < cells.rows.rows.length; r++)
        most = Math.max(most, cells.rows.buy[r] as number, cells.rows.sell[r] as number);
      shown.push({ x: this.#chart.indexX(i), candle, cells });
    }
    if (shown.length === 0) return;
    const size = feed.rowSize * factor;
    target.useMediaCoordinateSpace(({ context }) => {
      context.save();
      context.textBaseline = 'middle';
      const look = { size, barPx, most, height: rowPx * factor, decimals: cellDecimals(most) };
      for (const { x, candle, cells } of shown) {
        if (withFigures) this.#drawFigures(context, x, candle, cells, look);
        else this.#drawBars(context, x, candle, cells, look);
      }
      context.restore();
    });
  }

  get #barPx(): number {
    return this.#chart.indexX(1) - this.#chart.indexX(0);
  }

  #factor(rowPx: number): number {
    return mergeFactor(rowPx, this.#barPx >= FIGURES_BAR_PX ? FIGURES_ROW_PX : BARS_ROW_PX);
  }

  /** Height of a row on screen. */
  #rowPx(rowSize: number): number | undefined {
    const scale = this.scale();
    const price = scale.priceAt(scale.height / 2);
    if (price === undefined) return undefined;
    const [top, bottom] = [scale.priceY(price + rowSize), scale.priceY(price)];
    return top === undefined || bottom === undefined ? undefined : Math.abs(bottom - top);
  }

  #cellsOf(rows: PriceRows, factor: number): Cells {
    const known = this.#cells.get(rows);
    if (known?.factor === factor) return known.cells;
    const merged = mergedRows(rows, factor);
    const cells = { rows: merged, figures: footprintFigures(merged) };
    this.#cells.set(rows, { factor, cells });
    return cells;
  }

  #drawFigures(context: CanvasRenderingContext2D, x: number, candle: ChartCandle, { rows, figures }: Cells, look: Look): void {
    const colours = this.colours();
    const half = Math.min(look.barPx / 2 - 2, 70);
    const [left, right] = [x - half + BODY_PX + 2, x + half];
    const middle = (left + right) / 2;
    const { up, down, text, textDim } = colours;
    const font = (weight: number): string => `${weight} ${Math.min(11, Math.max(9, look.height - 3))}px ${colours.font}`;
    const bottomY = this.#drawCandle(context, x - half, right + 1, candle, rows, look.size);
    if (bottomY === undefined) return;

    for (let i = 0; i < rows.rows.length; i++) {
      const row = rows.rows[i] as number;
      const top = this.#edge(row, 1, look.size);
      const bottom = this.#edge(row, 0, look.size);
      if (top === undefined || bottom === undefined) continue;
      const [buy, sell] = [rows.buy[i] as number, rows.sell[i] as number];
      const height = Math.max(1, bottom - top - 1);
      context.fillStyle = faded(down, 0.05 + (0.4 * sell) / look.most);
      context.fillRect(left, top, middle - left, height);
      context.fillStyle = faded(up, 0.05 + (0.4 * buy) / look.most);
      context.fillRect(middle, top, right - middle, height);
      if (row === figures.poc) {
        context.strokeStyle = colours.series['series-2'];
        context.lineWidth = 1;
        context.strokeRect(left + 0.5, top + 0.5, right - left - 1, height - 1);
      }
      const y = top + height / 2 + 0.5;
      const isSellHeavy = figures.sellImbalance[i] === true;
      const isBuyHeavy = figures.buyImbalance[i] === true;
      context.font = font(isSellHeavy ? 700 : 400);
      context.fillStyle = isSellHeavy ? down : sell === 0 ? textDim : text;
      context.textAlign = 'right';
      context.fillText(cellText(sell, look.decimals), middle - 5, y);
      context.font = font(isBuyHeavy ? 700 : 400);
      context.fillStyle = isBuyHeavy ? up : buy === 0 ? textDim : text;
      context.textAlign = 'left';
      context.fillText(cellText(buy, look.decimals), middle + 5, y);
      context.fillStyle = textDim;
      context.font = font(400);
      context.textAlign = 'center';
      context.fillText('×', middle, y);
    }
    this.#drawSums(context, (left + right) / 2, bottomY + 10, candle, figures, look.decimals);
  }

  /** The candle gives way to its rows and stands small at their left. Answers where it ends below. */
  #drawCandle(
    context: CanvasRenderingContext2D,
    left: number,
    right: number,
    { open, high, low, close }: ChartCandle,
    { rows }: PriceRows,
    size: number,
  ): number | undefined {
    const { up, down, background } = this.colours();
    const scale = this.scale();
    const [yHigh, yLow, yOpen, yClose] = [high, low, open, close].map((price) => scale.priceY(price));
    if (yHigh === undefined || yLow === undefined || yOpen === undefined || yClose === undefined) return undefined;
    const top = Math.min(yHigh, this.#edge(rows.at(-1), 1, size) ?? yHigh);
    const bottom = Math.max(yLow, this.#edge(rows[0], 0, size) ?? yLow);
    context.fillStyle = background;
    context.fillRect(left - 1, top - 1, right - left + 1, bottom - top + 2);
    context.fillStyle = close >= open ? up : down;
    context.fillRect(left + BODY_PX / 2 - 0.5, yHigh, 1, yLow - yHigh);
    context.fillRect(left, Math.min(yOpen, yClose), BODY_PX, Math.max(1, Math.abs(yClose - yOpen)));
    return bottom;
  }

  /** Delta below the candle, and how much of its volume is recorded when that is not all. */
  #drawSums(
    context: CanvasRenderingContext2D,
    x: number,
    y: number,
    candle: ChartCandle,
    { delta, buyVolume, sellVolume }: FootprintFigures,
    decimals: number,
  ): void {
    const colours = this.colours();
    context.textAlign = 'center';
    context.font = `600 11px ${colours.font}`;
    context.fillStyle = delta >= 0 ? colours.up : colours.down;
    context.fillText(`Δ ${delta >= 0 ? '+' : '−'}${cellText(Math.abs(delta), decimals)}`, x, y);
    const share = recordedShare(buyVolume + sellVolume, candle.volume);
    if (share >= WHOLE_SHARE) return;
    context.font = `400 10px ${colours.font}`;
    context.fillStyle = colours.textDim;
    context.fillText(`${Math.floor(100 * share)} % recorded`, x, y + 13);
  }

  #drawBars(context: CanvasRenderingContext2D, x: number, candle: ChartCandle, { rows, figures }: Cells, look: Look): void {
    const colours = this.colours();
    const [left, right] = [x - look.barPx / 2 + 1, x + look.barPx / 2 - 1];
    if (this.#drawCandle(context, left, right, candle, rows, look.size) === undefined) return;
    const middle = (left + BODY_PX + 1 + right) / 2;
    const half = right - middle;
    let most = 0;
    for (let i = 0; i < rows.rows.length; i++) most = Math.max(most, rows.buy[i] as number, rows.sell[i] as number);
    for (let i = 0; i < rows.rows.length; i++) {
      const row = rows.rows[i] as number;
      const top = this.#edge(row, 1, look.size);
      const bottom = this.#edge(row, 0, look.size);
      if (top === undefined || bottom === undefined) continue;
      const height = Math.max(1, bottom - top - (look.height >= 5 ? 1 : 0));
      const sold = (half * (rows.sell[i] as number)) / most;
      const bought = (half * (rows.buy[i] as number)) / most;
      const isPoc = row === figures.poc;
      context.fillStyle = figures.sellImbalance[i] === true ? colours.down : faded(colours.down, isPoc ? 0.75 : 0.45);
      context.fillRect(middle - sold, top, sold, height);
      context.fillStyle = figures.buyImbalance[i] === true ? colours.up : faded(colours.up, isPoc ? 0.75 : 0.45);
      context.fillRect(middle, top, bought, height);
      if (!isPoc) continue;
      context.fillStyle = colours.series['series-2'];
      context.fillRect(left + BODY_PX + 1, top + height / 2 - 0.5, right - left - BODY_PX - 1, 1);
    }
  }

  /** Lower (0) or upper (1) edge of a row on screen. */
  #edge(row: number | undefined, side: 0 | 1, size: number): number | undefined {
    return row === undefined ? undefined : this.scale().priceY((row + side) * size);
  }
}

interface Look {
  /** Height of a drawn row in price. */
  readonly size: number;
  /** On screen. */
  readonly height: number;
  readonly barPx: number;
  readonly most: number;
  readonly decimals: number;
}

function cellText(volume: number, decimals: number): string {
  if (volume === 0) return '0';
  return volume >= 1_000 ? formatCompact(volume) : volume.toFixed(decimals);
}
