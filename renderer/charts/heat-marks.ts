import type { ChartColours } from './chart-colours.ts';
import type { MarkSpan } from './heat-layer.ts';
import type { HeatSlots } from './heat-slots.ts';

const BUBBLE_MAX_PX = 9;
/** Smaller ones would only be dust over the candles. */
const BUBBLE_MIN_PX = 2.5;
const MOST_BUBBLES = 150;

/** The mid of the merged book, broken where it is not known. */
export function drawMid(
  context: CanvasRenderingContext2D,
  slots: HeatSlots,
  spans: readonly MarkSpan[],
  priceY: (price: number) => number,
  theme: 'dark' | 'light',
): void {
  context.beginPath();
  for (const { from, to, x, pxPerSlot } of spans) {
    let isBroken = true;
    for (let slot = from; slot < to; slot++) {
      const mid = slots.at(slot)?.mid ?? Number.NaN;
      if (Number.isNaN(mid)) {
        isBroken = true;
        continue;
      }
      if (isBroken) context.moveTo(x + (slot - from) * pxPerSlot, priceY(mid));
      else context.lineTo(x + (slot - from) * pxPerSlot, priceY(mid));
      isBroken = false;
    }
  }
  context.lineJoin = 'round';
  context.strokeStyle = theme === 'dark' ? 'rgb(244 247 251 / 70%)' : 'rgb(22 32 44 / 70%)';
  context.lineWidth = 1;
  context.stroke();
}

interface Bubble {
  readonly x: number;
  readonly price: number;
  readonly notional: number;
  readonly isBuy: boolean;
}

/** One bubble a slot and side at its mean price, the area by notional against the largest in view; the largest only. */
export function drawBubbles(
  context: CanvasRenderingContext2D,
  slots: HeatSlots,
  spans: readonly MarkSpan[],
  priceY: (price: number) => number,
  theme: 'dark' | 'light',
  colours: ChartColours,
): void {
  const bubbles: Bubble[] = [];
  let largest = 0;
  for (const { from, to, x, pxPerSlot } of spans) {
    for (let slot = from; slot < to; slot++) {
      const flow = slots.at(slot)?.flow;
      if (flow === undefined) continue;
      const at = x + (slot - from) * pxPerSlot;
      largest = Math.max(largest, flow.buyNotional, flow.sellNotional);
      bubbles.push({ x: at, price: flow.buyNotional / flow.buyVolume, notional: flow.buyNotional, isBuy: true });
      bubbles.push({ x: at, price: flow.sellNotional / flow.sellVolume, notional: flow.sellNotional, isBuy: false });
    }
  }
  if (largest === 0) return;
  const least = largest * (BUBBLE_MIN_PX / BUBBLE_MAX_PX) ** 2;
  const shown = bubbles.filter(({ notional }) => notional >= least).sort((a, b) => b.notional - a.notional);
  shown.length = Math.min(shown.length, MOST_BUBBLES);
  context.strokeStyle = theme === 'dark' ? 'rgb(0 0 0 / 55%)' : 'rgb(255 255 255 / 75%)';
  context.lineWidth = 1;
  for (const isBuy of [true, false]) {
    context.beginPath();
    for (const bubble of shown) {
      if (bubble.isBuy !== isBuy) continue;
      const radius = BUBBLE_MAX_PX * Math.sqrt(bubble.notional / largest);
      const y = priceY(bubble.price);
      context.moveTo(bubble.x + radius, y);
      context.arc(bubble.x, y, radius, 0, 2 * Math.PI);
    }
    context.globalAlpha = 0.6;
    context.fillStyle = isBuy ? colours.up : colours.down;
    context.fill();
    context.globalAlpha = 1;
    context.stroke();
  }
}
