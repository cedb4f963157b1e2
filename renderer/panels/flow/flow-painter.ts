import type { ChartCandle } from '../../charts/candle-series.ts';
import type { FlowBars } from './flow-bars.ts';
import { compactVolume, type FlowColours, readFlowColours, timeLabel } from './flow-look.ts';
import { barAt, barsInView, type FlowView, labelStepMs, xOfBar } from './flow-view.ts';
import type { OfiBars } from './ofi-bars.ts';
import { unknownRuns } from './unknown-runs.ts';

export interface FlowScene {
  readonly bars: FlowBars;
  readonly ofi: OfiBars;
  readonly view: FlowView;
  readonly barMs: number;
  /** Seconds of a bar, by which a partly known one is told. */
  readonly barSeconds: number;
  /** Each day's own sum, or one from the first bar in view on. */
  readonly cvdStart: 'session' | 'view';
  /** Marked time; undefined: none. */
  readonly time: number | undefined;
}

export const AXIS_RIGHT = 62;
const AXIS_BOTTOM = 18;
const LANES = [
  { name: 'CVD', share: 0.34 },
  { name: 'Delta', share: 0.22 },
  { name: 'OFI', share: 0.22 },
  { name: 'Buys / sells', share: 0.22 },
] as const;
const DAY_MS = 86_400_000;
const LANE_PAD = 4;

interface Lane {
  readonly top: number;
  readonly height: number;
}

/** Draws cumulative delta, delta, order flow imbalance and volume by side, each in a lane of its own over one time axis. */
export class FlowPainter {
  readonly #canvas: HTMLCanvasElement;
  #colours: FlowColours | undefined;
  /** The widest of what a lane showed, so that its scale does not twitch. */
  readonly #scales = LANES.map(() => 0);
  readonly #labels: { readonly y: number; readonly text: string }[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  get plotWidth(): number {
    return Math.max(0, this.#canvas.clientWidth - AXIS_RIGHT);
  }

  /** After a change of theme. */
  repaint(): void {
    this.#colours = undefined;
  }

  paint(scene: FlowScene): void {
    const context = this.#canvas.getContext('2d');
    const ratio = window.devicePixelRatio;
    const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
    if (context === null || width <= AXIS_RIGHT || height <= AXIS_BOTTOM) return;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    this.#colours ??= readFlowColours(this.#canvas, context);
    const colours = this.#colours;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `11px ${colours.font}`;
    const plotWidth = width - AXIS_RIGHT;
    const lanes = lanesOf(height - AXIS_BOTTOM);
    const { first, last } = barsInView(scene.view, plotWidth);
    const from = scene.bars.indexFrom(first);
    const to = scene.bars.indexFrom(last + 1);

    context.save();
    context.beginPath();
    context.rect(0, 0, plotWidth, height);
    context.clip();
    this.#drawTimeGrid(context, scene, plotWidth, height);
    this.#drawCvd(context, scene, lanes[0] as Lane, plotWidth, from, to);
    const candleAt = (index: number): ChartCandle => scene.bars.candles[index] as ChartCandle;
    const { delta } = scene.bars;
    this.#drawBars(context, scene, 1, lanes[1] as Lane, plotWidth, from, to, (i) => ({ up: delta[i] as number }));
    this.#drawBars(context, scene, 2, lanes[2] as Lane, plotWidth, from, to, (i) => {
      const known = scene.ofi.at(candleAt(i).openTime);
      // A bar that still goes on is not wanting for what is yet to come.
      return {
        up: known?.ofi ?? Number.NaN,
        faint: known !== undefined && i < scene.bars.candles.length - 1 && known.seconds < scene.barSeconds,
      };
    });
    this.#drawBars(context, scene, 3, lanes[3] as Lane, plotWidth, from, to, (i) => {
      const { volume, buyVolume } = candleAt(i);
      return Number.isNaN(delta[i]) ? { up: Number.NaN } : { up: buyVolume, down: volume - buyVolume };
    });
    this.#drawCrosshair(context, scene, plotWidth, height);
    context.restore();
    this.#drawFrames(context, lanes, plotWidth);
  }

  /** Time of the bar under a point; undefined beside the plot. */
  timeAt(x: number, { view, bars }: Pick<FlowScene, 'view' | 'bars'>): number | undefined {
    if (x < 0 || x >= this.plotWidth) return undefined;
    return bars.timeOf(Math.floor(barAt(view, x, this.plotWidth)));
  }

  #drawTimeGrid(context: CanvasRenderingContext2D, scene: FlowScene, plotWidth: number, height: number): void {
    const colours = this.#colours as FlowColours;
    const { view, barMs } = scene;
    const step = Math.max(barMs, labelStepMs(barMs, view.barPx, 84));
    const startMs = barAt(view, 0, plotWidth) * barMs;
    const endMs = view.right * barMs;
    const bottom = height - AXIS_BOTTOM;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let time = Math.ceil(startMs / step) * step; time < endMs; time += step) {
      const x = Math.round(xOfBar(view, time / barMs, plotWidth)) + 0.5;
      const isDay = time % DAY_MS === 0;
      context.strokeStyle = isDay ? colours.crosshair : colours.border;
      context.globalAlpha = isDay ? 0.9 : 0.5;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, bottom);
      context.stroke();
      context.globalAlpha = 1;
      context.fillStyle = colours.dim;
      if (x > 26 && x < plotWidth - 26) context.fillText(timeLabel(time, step), x, bottom + AXIS_BOTTOM / 2 + 1);
    }
  }

  #drawCvd(context: CanvasRenderingContext2D, scene: FlowScene, lane: Lane, plotWidth: number, from: number, to: number): void {
    const colours = this.#colours as FlowColours;
    const { bars, view } = scene;
    const values = scene.cvdStart === 'session' ? bars.session : bars.whole;
    let base = 0;
    if (scene.cvdStart === 'view') {
      let before = from - 1;
      while (before >= 0 && Number.isNaN(values[before])) before--;
      base = before < 0 ? 0 : (values[before] as number);
    }
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = from; i < to; i++) {
      const value = (values[i] as number) - base;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (!(low < high)) [low, high] = low === high ? [low - 1, high + 1] : [0, 1];
    const y = (value: number): number => lane.top + LANE_PAD + ((high - value) / (high - low)) * (lane.height - 2 * LANE_PAD);
    this.#drawUnknown(context, scene, lane, plotWidth, (i) => !Number.isNaN(values[i]));
    if (low <= 0 && high >= 0) this.#drawZero(context, y(0), plotWidth);
    context.beginPath();
    let broken = true;
    let before = Number.NaN;
    for (let i = from; i < to; i++) {
      const candle = bars.candles[i] as ChartCandle;
      const bar = bars.barOf(candle.openTime);
      const value = values[i] as number;
      if (Number.isNaN(value)) {
        broken = true;
        continue;
      }
      const isNewSession = scene.cvdStart === 'session' && candle.openTime % DAY_MS === 0;
      const x = xOfBar(view, bar + 0.5, plotWidth);
      if (broken || bar !== before + 1 || isNewSession) context.moveTo(x, y(value - base));
      else context.lineTo(x, y(value - base));
      broken = false;
      before = bar;
    }
    context.strokeStyle = colours.line;
    context.lineWidth = 1.6;
    context.lineJoin = 'round';
    context.stroke();
    context.lineWidth = 1;
    this.#label(lane, y(high), high);
    this.#label(lane, y(low), low);
  }

  #drawBars(
    context: CanvasRenderingContext2D,
    scene: FlowScene,
    index: number,
    lane: Lane,
    plotWidth: number,
    from: number,
    to: number,
    valueOf: (index: number) => { readonly up: number; readonly down?: number; readonly faint?: boolean },
  ): void {
    const colours = this.#colours as FlowColours;
    const { bars, view } = scene;
    const shown: { readonly bar: number; readonly up: number; readonly down: number; readonly faint: boolean }[] = [];
    let most = 0;
    for (let i = from; i < to; i++) {
      const { up, down = Math.max(0, -up), faint = false } = valueOf(i);
      const bar = bars.barOf((bars.candles[i] as ChartCandle).openTime);
      if (Number.isNaN(up)) continue;
      const above = Math.max(0, up);
      most = Math.max(most, above, down);
      shown.push({ bar, up: above, down, faint });
    }
    const scale = scaleFor(this.#scales[index] as number, most);
    this.#scales[index] = scale;
    const zero = lane.top + lane.height / 2;
    const reach = lane.height / 2 - LANE_PAD;
    this.#drawZero(context, zero, plotWidth);
    this.#drawUnknown(context, scene, lane, plotWidth, (i) => !Number.isNaN(valueOf(i).up));
    const gap = view.barPx >= 4 ? 1 : 0;
    const barWidth = Math.max(1, view.barPx - gap);
    for (const faint of [false, true]) {
      for (const side of ['up', 'down'] as const) {
        context.beginPath();
        for (const entry of shown) {
          if (entry.faint !== faint || entry[side] === 0) continue;
          const height = Math.max(0.5, (entry[side] / scale) * reach);
          context.rect(xOfBar(view, entry.bar, plotWidth), side === 'up' ? zero - height : zero, barWidth, height);
        }
        context.fillStyle = faint ? colours[`${side}Faint`] : colours[side];
        context.fill();
      }
    }
    this.#label(lane, lane.top + LANE_PAD, scale);
    this.#label(lane, lane.top + lane.height - LANE_PAD, index === 3 ? scale : -scale);
  }

  /** Hatched, and in words where there is room: runs of bars are put together first. */
  #drawUnknown(
    context: CanvasRenderingContext2D,
    { view, bars }: FlowScene,
    lane: Lane,
    plotWidth: number,
    isKnown: (index: number) => boolean,
  ): void {
    const colours = this.#colours as FlowColours;
    if (colours.hatch === null) return;
    const { first, last } = barsInView(view, plotWidth);
    for (const { from, to } of unknownRuns(bars, first, last, isKnown)) {
      const left = Math.max(0, xOfBar(view, from, plotWidth));
      const width = Math.min(plotWidth, xOfBar(view, to, plotWidth)) - left;
      context.fillStyle = colours.hatch;
      context.fillRect(left, lane.top + 1, width, lane.height - 1);
      if (width < 110) continue;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillStyle = colours.surface;
      context.fillRect(left + width / 2 - 38, lane.top + lane.height / 2 - 8, 76, 16);
      context.fillStyle = colours.dim;
      context.fillText('not recorded', left + width / 2, lane.top + lane.height / 2 + 1);
    }
  }

  #drawZero(context: CanvasRenderingContext2D, y: number, plotWidth: number): void {
    context.strokeStyle = (this.#colours as FlowColours).border;
    context.beginPath();
    context.moveTo(0, Math.round(y) + 0.5);
    context.lineTo(plotWidth, Math.round(y) + 0.5);
    context.stroke();
  }

  /** Drawn at the end: beside the plot, outside of what is clipped. */
  #label(lane: Lane, y: number, value: number): void {
    this.#labels.push({ y: Math.min(Math.max(y, lane.top + 8), lane.top + lane.height - 7), text: compactVolume(value) });
  }

  #drawCrosshair(context: CanvasRenderingContext2D, scene: FlowScene, plotWidth: number, height: number): void {
    const { time, view, bars, barMs } = scene;
    if (time === undefined) return;
    const colours = this.#colours as FlowColours;
    const bar = bars.barOf(time);
    const x = Math.round(xOfBar(view, bar + 0.5, plotWidth)) + 0.5;
    if (x < 0 || x > plotWidth) return;
    context.strokeStyle = colours.crosshair;
    context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, height - AXIS_BOTTOM);
    context.stroke();
    context.setLineDash([]);
    const text = timeLabel(bars.timeOf(bar), barMs);
    const width = context.measureText(text).width + 10;
    const left = Math.min(Math.max(0, x - width / 2), plotWidth - width);
    context.fillStyle = colours.raised;
    context.fillRect(left, height - AXIS_BOTTOM + 1, width, AXIS_BOTTOM - 1);
    context.fillStyle = colours.text;
    context.fillText(text, left + width / 2, height - AXIS_BOTTOM / 2 + 1);
  }

  #drawFrames(context: CanvasRenderingContext2D, lanes: readonly Lane[], plotWidth: number): void {
    const colours = this.#colours as FlowColours;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    lanes.forEach((lane, i) => {
      const y = Math.round(lane.top + lane.height) + 0.5;
      context.strokeStyle = colours.border;
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(plotWidth + AXIS_RIGHT, y);
      context.stroke();
      const { name } = LANES[i] as (typeof LANES)[number];
      const width = context.measureText(name).width;
      context.globalAlpha = 0.9;
      context.fillStyle = colours.surface;
      context.fillRect(4, lane.top + 3, width + 6, 14);
      context.globalAlpha = 1;
      context.fillStyle = colours.dim;
      context.fillText(name, 7, lane.top + 10.5);
    });
    context.beginPath();
    context.moveTo(plotWidth + 0.5, 0);
    context.lineTo(plotWidth + 0.5, (lanes.at(-1)?.top ?? 0) + (lanes.at(-1)?.height ?? 0));
    context.stroke();
    context.fillStyle = colours.dim;
    for (const { y, text } of this.#labels.splice(0)) context.fillText(text, plotWidth + 6, y);
  }
}

function lanesOf(height: number): Lane[] {
  let top = 0;
  return LANES.map(({ share }) => {
    const lane = { top, height: share * height };
    top += lane.height;
    return lane;
  });
}

/** What a full bar stands for: grows at once, shrinks when it is well off. */
function scaleFor(before: number, most: number): number {
  if (most <= 0) return before > 0 ? before : 1;
  return most > before || most < 0.6 * before ? most : before;
}
