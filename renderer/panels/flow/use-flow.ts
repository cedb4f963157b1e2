import { type RefObject, useEffect, useRef } from 'react';
import { type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import { useDesk } from '../../app/desk-context.ts';
import { CandleFeed, type FeedState } from '../../charts/candle-feed.ts';
import { pointAt, useCrosshair } from '../../stores/crosshair.ts';
import { dayOf } from '../../ui/day.ts';
import { paced } from '../../ui/paced.ts';
import { FlowBars } from './flow-bars.ts';
import { FlowPainter, type FlowScene } from './flow-painter.ts';
import { barsInView, type FlowView, isAtNewest, newestView, panned, zoomed } from './flow-view.ts';
import { type OfiBar, OfiBars } from './ofi-bars.ts';

export interface FlowHandle {
  toNewest(): void;
  retry(): void;
}

/** One bar in figures; NaN: not known. */
export interface FlowReading {
  readonly openTime: number;
  readonly hovering: boolean;
  readonly buy: number;
  readonly sell: number;
  readonly delta: number;
  readonly cvd: number;
  readonly ofi: OfiBar | undefined;
  /** The bar is not over. */
  readonly running: boolean;
  /** Open time of the first candle that the bar's session is summed from. */
  readonly knownFrom: number | undefined;
}

interface FlowOptions {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly handle: RefObject<FlowHandle | undefined>;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly cvdStart: 'session' | 'view';
  readonly onFeed: (state: FeedState) => void;
  readonly onReading: (reading: FlowReading | undefined) => void;
}

/** The market moves faster than it can be read. */
const PAINT_PERIOD_MS = 100;
const FRAME_MS = 16;
const FIRST_BAR_PX = 6;
const OLDER_AHEAD_BARS = 120;
const PAN_BARS = 10;
const ZOOM_STEP = 1.25;

/** Feeds and draws the order flow on a canvas, past React, and follows pointer and keys. */
export function useFlow(options: FlowOptions): void {
  const { canvas, handle, symbol, timeframe } = options;
  const { client, theme } = useDesk();
  const latest = useRef(options);
  latest.current = options;
  const redraw = useRef<(anew: boolean) => void>(() => {});

  useEffect(() => {
    const element = canvas.current;
    if (element === null || symbol === '') return undefined;
    const barMs = TIMEFRAME_MS[timeframe];
    const bars = new FlowBars(barMs);
    const painter = new FlowPainter(element);
    let view: FlowView = newestView(FIRST_BAR_PX, 0);
    let follows = true;
    let hovered: number | undefined;
    let changedFrom = Number.POSITIVE_INFINITY;
    /** After each change of what is in view, not with every trade: a page that cannot be had is not asked for again and again. */
    let moved = true;

    const scene = (): FlowScene => ({
      bars,
      ofi,
      view,
      barMs,
      barSeconds: barMs / 1_000,
      cvdStart: latest.current.cvdStart,
      time: hovered ?? useCrosshair.getState().time,
    });
    const paint = (): void => {
      // A panel behind another tab is not in the document.
      if (!element.isConnected || element.clientWidth === 0) return;
      if (changedFrom < Number.POSITIVE_INFINITY) {
        bars.update(source.candles, changedFrom);
        changedFrom = Number.POSITIVE_INFINITY;
      }
      if (follows) view = newestView(view.barPx, bars.newestBar);
      const { first, last } = barsInView(view, painter.plotWidth);
      ofi.cover(bars.timeOf(Math.max(first, bars.oldestBar)), bars.timeOf(last + 1));
      painter.paint(scene());
      latest.current.onReading(readingAt(bars, ofi, scene().time, latest.current.cvdStart, first));
      if (moved && bars.candles.length > 0) reachBack(source, bars, first, timeframe, latest.current.cvdStart);
      moved = false;
    };
    const drawing = paced(FRAME_MS, paint);
    const following = paced(PAINT_PERIOD_MS, paint);
    redraw.current = (anew) => {
      if (anew) painter.repaint();
      drawing.ask();
    };
    const ofi = new OfiBars(client, symbol, timeframe, following.ask);
    const source = new CandleFeed(client, symbol, timeframe, {
      onReset: (candles) => {
        bars.reset(candles);
        moved = true;
        changedFrom = Number.POSITIVE_INFINITY;
        drawing.ask();
      },
      onUpdate: (candle) => {
        changedFrom = Math.min(changedFrom, candle.openTime);
        following.ask();
      },
      onState: (state) => latest.current.onFeed(state),
    });

    const look = (next: FlowView): void => {
      view = next;
      follows = isAtNewest(view, bars.newestBar);
      moved = true;
      drawing.ask();
    };
    const pan = (count: number): void => look(panned(view, count, bars.oldestBar, bars.newestBar, painter.plotWidth));
    const zoom = (factor: number, x = painter.plotWidth): void =>
      look(zoomed(view, factor, x, bars.oldestBar, bars.newestBar, painter.plotWidth));
    const toNewest = (): void => look(newestView(view.barPx, bars.newestBar));
    handle.current = { toNewest, retry: () => source.retry() };
    const endInput = listen(element, {
      pan,
      zoom,
      toNewest,
      dragged: (px) => pan(-px / view.barPx),
      pointed: (x) => {
        hovered = x === undefined ? undefined : painter.timeAt(x, scene());
        pointAt('flow', hovered);
        drawing.ask();
      },
    });
    const endCrosshair = useCrosshair.subscribe(({ from }) => {
      if (from !== 'flow') drawing.ask();
    });
    const resized = new ResizeObserver(() => {
      moved = true;
      drawing.ask();
    });
    resized.observe(element);
    return () => {
      endInput();
      endCrosshair();
      resized.disconnect();
      drawing.end();
      following.end();
      ofi.close();
      source.close();
      pointAt('flow', undefined);
      handle.current = undefined;
      redraw.current = () => {};
      latest.current.onReading(undefined);
    };
  }, [canvas, handle, client, symbol, timeframe]);

  useEffect(() => {
    // The tokens follow the theme attribute, which the workspace sets in the same commit.
    const frame = requestAnimationFrame(() => redraw.current(true));
    return () => cancelAnimationFrame(frame);
  }, [theme, options.cvdStart]);
}

/** The cumulative delta of a session needs its candles from 00:00 UTC on, where as many can be held. */
function reachBack(source: CandleFeed, bars: FlowBars, first: number, timeframe: Timeframe, cvdStart: 'session' | 'view'): void {
  const oldest = bars.timeOf(bars.oldestBar);
  const day = dayOf(Math.max(oldest, bars.timeOf(first)));
  if (cvdStart === 'session' && timeframe !== '1s' && oldest > day) void source.reach(day);
  else if (first - bars.oldestBar < OLDER_AHEAD_BARS) void source.loadOlder();
}

function readingAt(
  bars: FlowBars,
  ofi: OfiBars,
  time: number | undefined,
  cvdStart: 'session' | 'view',
  firstInView: number,
): FlowReading | undefined {
  const { candles } = bars;
  const wanted = time === undefined ? candles.length - 1 : bars.indexFrom(bars.barOf(time));
  const isThere = time === undefined || bars.barOf(candles[wanted]?.openTime ?? -1) === bars.barOf(time);
  const index = isThere ? wanted : candles.length - 1;
  const candle = candles[index];
  const oldest = candles[0];
  if (candle === undefined || oldest === undefined) return undefined;
  const delta = bars.delta[index] as number;
  const base = cvdStart === 'session' ? 0 : (bars.whole[bars.indexFrom(firstInView) - 1] ?? 0);
  const values = cvdStart === 'session' ? bars.session : bars.whole;
  const isKnown = !Number.isNaN(delta);
  return {
    openTime: candle.openTime,
    hovering: time !== undefined && isThere,
    buy: isKnown ? candle.buyVolume : Number.NaN,
    sell: isKnown ? candle.volume - candle.buyVolume : Number.NaN,
    delta,
    cvd: (values[index] as number) - (Number.isNaN(base) ? 0 : base),
    ofi: ofi.at(candle.openTime),
    running: index === candles.length - 1,
    knownFrom: Math.max(oldest.openTime, dayOf(candle.openTime)),
  };
}

interface Input {
  pan(bars: number): void;
  zoom(factor: number, x?: number): void;
  toNewest(): void;
  dragged(px: number): void;
  pointed(x: number | undefined): void;
}

/** Pointer, wheel and keys of the plot. */
function listen(element: HTMLElement, input: Input): () => void {
  const ends = new AbortController();
  const { signal } = ends;
  let dragX: number | undefined;
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) input.dragged(-sideways);
      else if (event.deltaY !== 0) input.zoom(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, event.offsetX);
    },
    { signal, passive: false },
  );
  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      dragX = event.clientX;
      element.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  element.addEventListener(
    'pointermove',
    (event) => {
      if (dragX !== undefined) {
        input.dragged(event.clientX - dragX);
        dragX = event.clientX;
      }
      input.pointed(event.offsetX);
    },
    { signal },
  );
  for (const name of ['pointerup', 'pointercancel'] as const)
    element.addEventListener(name, () => (dragX = undefined), { signal });
  element.addEventListener('pointerleave', () => input.pointed(undefined), { signal });
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => input.pan(-PAN_BARS),
    ArrowRight: () => input.pan(PAN_BARS),
    '+': () => input.zoom(ZOOM_STEP),
    '=': () => input.zoom(ZOOM_STEP),
    '-': () => input.zoom(1 / ZOOM_STEP),
    End: () => input.toNewest(),
  };
  element.addEventListener(
    'keydown',
    (event) => {
      const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
      if (action === undefined) return;
      // The chart has the same keys wherever the focus is.
      event.preventDefault();
      action();
    },
    { signal },
  );
  return () => ends.abort();
}
