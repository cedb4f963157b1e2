import type { LargeTrade } from '../../core/contracts/large-trades.ts';
import type { VenueId } from '../../core/market/instrument.ts';

const RADIUS_MAX_PX = 12;
const RADIUS_MIN_PX = 3;
/** More of them would hide each other; the largest are drawn. */
const MOST = 250;

/** The part of a plot that trades are drawn in. */
export interface LargeTradePlace {
  /** Times in [from, to), ms. */
  readonly from: number;
  readonly to: number;
  readonly x: (time: number) => number;
  readonly y: (price: number) => number;
  /** Undefined: of all venues. */
  readonly venues: readonly VenueId[] | undefined;
}

export interface LargeTradeLook {
  readonly buy: string;
  readonly sell: string;
  readonly theme: 'dark' | 'light';
}

/** The trades that are shown in a place, the largest first, at most as many as can be told apart. */
export function tradesIn(trades: readonly LargeTrade[], { from, to, venues }: LargeTradePlace): LargeTrade[] {
  const shown = trades.filter(({ time, venue }) => time >= from && time < to && (venues === undefined || venues.includes(venue)));
  shown.sort((a, b) => b.notional - a.notional);
  shown.length = Math.min(shown.length, MOST);
  return shown;
}

/** Radius in px: the area grows with the notional, against the largest that is shown. */
export function radiusOf(notional: number, largest: number): number {
  return Math.max(RADIUS_MIN_PX, RADIUS_MAX_PX * Math.sqrt(notional / largest));
}

/** The trade whose ring is under a point; of several the smallest, which lies on top. */
export function tradeUnder(trades: readonly LargeTrade[], place: LargeTradePlace, x: number, y: number): LargeTrade | undefined {
  const shown = tradesIn(trades, place);
  const largest = shown[0]?.notional ?? 0;
  return shown.findLast(
    ({ time, price, notional }) => Math.hypot(place.x(time) - x, place.y(price) - y) <= radiusOf(notional, largest),
  );
}

/** A ring for each large trade at its own time and price, in the taker's colour; small ones lie upon large ones. */
export function drawLargeTrades(
  context: CanvasRenderingContext2D,
  trades: readonly LargeTrade[],
  place: LargeTradePlace,
  { buy, sell, theme }: LargeTradeLook,
): void {
  const shown = tradesIn(trades, place);
  const largest = shown[0]?.notional ?? 0;
  const contrast = theme === 'dark' ? 'rgb(0 0 0 / 65%)' : 'rgb(255 255 255 / 80%)';
  for (const { time, price, notional, side } of shown) {
    const [x, y] = [place.x(time), place.y(price)];
    if (Number.isNaN(x + y)) continue;
    const colour = side === 'buy' ? buy : sell;
    context.beginPath();
    context.arc(x, y, radiusOf(notional, largest), 0, 2 * Math.PI);
    context.globalAlpha = 0.3;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = contrast;
    context.lineWidth = 3.5;
    context.stroke();
    context.strokeStyle = colour;
    context.lineWidth = 1.75;
    context.stroke();
  }
}
