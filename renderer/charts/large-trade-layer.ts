import type { DeskClient } from '../ipc/desk-client.ts';
import { followLargeTrades } from '../stores/large-trades.ts';
import { paced } from '../ui/paced.ts';
import type { CandleChart } from './candle-chart.ts';
import type { ChartColours } from './chart-colours.ts';
import { drawLargeTrades } from './large-trade-marks.ts';
import { type DrawTarget, PaneDrawing } from './pane-drawing.ts';

/** A new trade is drawn with the next candle, or after so long. */
const DRAW_PERIOD_MS = 250;

/** The large trades of all sources over the candles, at their own times and prices. */
export class LargeTradeLayer extends PaneDrawing {
  readonly #chart: CandleChart;
  readonly #theme: () => 'dark' | 'light';
  readonly #pace: ReturnType<typeof paced>;
  #followed: ReturnType<typeof followLargeTrades> | undefined;

  constructor(chart: CandleChart, element: HTMLElement, colours: () => ChartColours, theme: () => 'dark' | 'light') {
    super(() => chart.scale, colours, 'normal');
    this.#chart = chart;
    this.#theme = theme;
    this.#pace = paced(DRAW_PERIOD_MS, () => {
      // A chart behind another tab is not in the document.
      if (element.isConnected) this.redraw();
    });
  }

  /** Follows a symbol's trades, or none. */
  follow(client: DeskClient, symbol: string | undefined): void {
    this.#followed?.end();
    this.#followed = symbol === undefined ? undefined : followLargeTrades(client, symbol, this.#pace.ask);
    this.redraw();
  }

  close(): void {
    this.#followed?.end();
    this.#followed = undefined;
    this.#pace.end();
  }

  protected override draw(target: DrawTarget): void {
    const trades = this.#followed?.list.trades ?? [];
    const { stretches } = this.#chart;
    const [first, last] = [stretches[0], stretches.at(-1)];
    if (trades.length === 0 || first === undefined || last === undefined) return;
    const { priceY } = this.scale();
    // In a hole between candles there is no place for a trade.
    const x = (time: number): number => {
      const stretch = stretches.findLast(({ from }) => from <= time);
      return stretch === undefined || time >= stretch.to ? Number.NaN : stretch.x + (time - stretch.from) * stretch.pxPerMs;
    };
    const place = { from: first.from, to: last.to, x, y: (price: number) => priceY(price) ?? Number.NaN, venues: undefined };
    const { up, down } = this.colours();
    target.useMediaCoordinateSpace(({ context }) => {
      context.save();
      drawLargeTrades(context, trades, place, { buy: up, sell: down, theme: this.#theme() });
      context.restore();
    });
  }
}
