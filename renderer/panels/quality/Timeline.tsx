import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import type { QualitySpan, QualityTimeline } from '../../../core/contracts/data-quality.ts';
import { formatClock, formatDate, formatDateTime, formatDuration, formatHeld, formatShare } from '../../ui/format.ts';
import { venueName } from '../../ui/venue-name.ts';
import { STATE_WORDS } from './state-words.ts';
import { nextEdge, panned, placedSpans, spanAt, timeIn, timeTicks, type TimeWindow, zoomed } from './quality-timeline.ts';

const TRACKS = [
  ['candles', 'Candles'],
  ['book', 'Order book'],
] as const;
const ZOOM_STEP = 1.25;
/** A press that moves further than this pans instead of jumping. */
const DRAG_PX = 4;

interface TimelineProps {
  readonly timeline: QualityTimeline | undefined;
  readonly window: TimeWindow;
  /** Market time; nothing is later. */
  readonly now: number;
  readonly onWindow: (window: TimeWindow) => void;
  readonly onJump: (time: number) => void;
}

/** The tracks over time: hover or walk with ← and → to read, click or Enter to go there on the chart, wheel and drag to move. */
export function Timeline({ timeline, window: view, now, onWindow, onJump }: TimelineProps) {
  const [cursor, setCursor] = useState<number>();
  const plot = useRef<HTMLDivElement>(null);
  const press = useRef<{ readonly x: number; readonly view: TimeWindow; moved: boolean }>(undefined);
  const length = view.to - view.from;
  const at = cursor !== undefined && cursor >= view.from && cursor < view.to ? cursor : undefined;

  const latest = useRef({ view, now, onWindow });
  latest.current = { view, now, onWindow };
  useEffect(() => {
    const element = plot.current;
    if (element === null) return;
    // React's own wheel listener is passive: it could not keep the panel from scrolling.
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const { left, width } = element.getBoundingClientRect();
      const { view: shown, now: newest, onWindow: move } = latest.current;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) move(panned(shown, event.deltaX / width, newest));
      else move(zoomed(shown, event.deltaY > 0 ? ZOOM_STEP : 1 / ZOOM_STEP, (event.clientX - left) / width, newest));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  function shareOf(event: PointerEvent): number {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - left) / width, 0), 1);
  }

  function onPointerMove(event: PointerEvent): void {
    const { current: pressed } = press;
    if (pressed !== undefined && (pressed.moved || Math.abs(event.clientX - pressed.x) > DRAG_PX)) {
      pressed.moved = true;
      const { width } = event.currentTarget.getBoundingClientRect();
      onWindow(panned(pressed.view, (pressed.x - event.clientX) / width, now));
    }
    setCursor(view.from + shareOf(event) * length);
  }

  function onPointerUp(event: PointerEvent): void {
    const { current: pressed } = press;
    press.current = undefined;
    if (pressed?.moved === false) onJump(Math.round(view.from + shareOf(event) * length));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const direction = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : undefined;
    if (direction !== undefined && event.shiftKey) onWindow(panned(view, 0.25 * direction, now));
    else if (direction !== undefined && timeline !== undefined)
      setCursor(nextEdge(timeline, at ?? (direction > 0 ? view.from - 1 : view.to), direction) ?? at);
    else if (event.key === '+' || event.key === '=') onWindow(zoomed(view, 1 / ZOOM_STEP, 0.5, now));
    else if (event.key === '-') onWindow(zoomed(view, ZOOM_STEP, 0.5, now));
    else if (event.key === 'Enter' && at !== undefined) onJump(Math.round(at));
    else return;
    event.preventDefault();
  }

  const ticks = timeTicks(view, 7);
  return (
    <div className="quality-timeline">
      <div className="quality-labels">
        {TRACKS.map(([track, label]) => (
          <span key={track}>
            {label} <span className="dim num">{timeline === undefined ? '' : completeShare(timeline[track], view)}</span>
          </span>
        ))}
      </div>
      <div
        ref={plot}
        className="quality-plot"
        role="slider"
        tabIndex={0}
        aria-label="Data quality over time; left and right walk through its stretches, Enter shows one on the chart"
        aria-valuemin={view.from}
        aria-valuemax={view.to}
        aria-valuenow={Math.round(at ?? view.to)}
        aria-valuetext={timeline === undefined || at === undefined ? 'no time chosen' : readout(timeline, at)}
        data-testid="quality-plot"
        onPointerDown={(event) => {
          press.current = { x: event.clientX, view, moved: false };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => setCursor(undefined)}
        onKeyDown={onKeyDown}
      >
        {TRACKS.map(([track, label]) => (
          <svg key={track} className="quality-track" viewBox="0 0 1 1" preserveAspectRatio="none" aria-label={label} role="img">
            {timeline !== undefined &&
              placedSpans(timeline[track], view, 0.002).map(({ span, x, width }) => (
                <rect
                  key={`${span.from} ${span.state}`}
                  className={`quality-${span.state}`}
                  x={x}
                  width={width}
                  y={0}
                  height={1}
                  data-state={span.state}
                />
              ))}
          </svg>
        ))}
        {at !== undefined && <span className="quality-cursor" style={{ left: `${(100 * (at - view.from)) / length}%` }} />}
        <div className="quality-axis dim num">
          {/* A label at the right edge would be cut off. */}
          {ticks.times
            .filter((time) => time < view.to - 0.06 * length)
            .map((time) => (
              <span key={time} style={{ left: `${(100 * (time - view.from)) / length}%` }}>
                {ticks.days ? formatDate(time).slice(5) : formatClock(time).slice(0, 5)}
              </span>
            ))}
        </div>
      </div>
      <p className="quality-readout" data-testid="quality-readout">
        {timeline === undefined ? (
          <span className="dim">Reading the timeline…</span>
        ) : at === undefined ? (
          <Legend />
        ) : (
          readout(timeline, at)
        )}
      </p>
    </div>
  );
}

/** How much of what is known is whole; and how much is known where that is not the whole window. */
function completeShare(spans: readonly QualitySpan[], view: TimeWindow): string {
  const sums = timeIn(spans, view);
  const known = Object.values(sums).reduce((a, b) => a + b, 0);
  if (known === 0) return 'nothing known';
  const share = formatShare((sums.complete + sums.repaired) / known, 2);
  return known > 0.99 * (view.to - view.from) ? share : `${share} of ${formatHeld(known)}`;
}

function readout(timeline: QualityTimeline, at: number): string {
  const told = TRACKS.map(([track, label]) => {
    const span = spanAt(timeline[track], at);
    if (span === undefined) return `${label}: nothing known`;
    const { state, from, to, venue, reason } = span;
    const of = venue === undefined ? '' : ` (${venueName(venue)})`;
    const why = reason === '' ? '' : `, ${reason}`;
    return `${label}: ${STATE_WORDS[state]}${of} for ${formatDuration((to - from) / 1_000)} from ${formatDateTime(from)}${why}`;
  });
  return `${formatDateTime(at)} UTC · ${told.join(' · ')}`;
}

function Legend() {
  return (
    <>
      {Object.entries(STATE_WORDS).map(([state, word]) => (
        <span key={state} className="quality-key">
          <svg className="quality-swatch" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
            <rect className={`quality-${state}`} width={1} height={1} />
          </svg>
          {word}
        </span>
      ))}
    </>
  );
}
