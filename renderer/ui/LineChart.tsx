import { useEffect, useRef } from 'react';
import { formatCompact, formatNumber } from './format.ts';
import { type Line, niceScale, thin, tickDecimals } from './line-chart-model.ts';

interface LineChartProps {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  /** A fixed value range, e.g. [0, 1] for shares. */
  readonly range?: readonly [number, number];
  /** Repaints when it changes: the canvas cannot follow a change of tokens by itself. */
  readonly theme: string;
  readonly testId: string;
}

/** A small chart with labelled axes, painted on a canvas once a frame at most. */
export function LineChart({ title, xLabel, yLabel, lines, range, theme, testId }: LineChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const newest = useRef<LineChartProps>(undefined);
  const schedule = useRef<() => void>(undefined);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    let frame = 0;
    const paint = (): void => {
      frame = 0;
      if (newest.current !== undefined && element.clientWidth > 0) paintChart(element, newest.current);
    };
    schedule.current = () => {
      if (frame === 0) frame = requestAnimationFrame(paint);
    };
    const observer = new ResizeObserver(() => schedule.current?.());
    observer.observe(element);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, []);

  useEffect(() => {
    newest.current = { title, xLabel, yLabel, lines, range, theme, testId };
    schedule.current?.();
  }, [title, xLabel, yLabel, lines, range, theme, testId]);

  const last = lines
    .map(({ label, points }) => `${label} ${points.length === 0 ? 'none yet' : formatNumber(points.at(-1)?.[1] ?? 0, 3)}`)
    .join(', ');
  return (
    <figure className="line-chart" data-testid={testId}>
      <figcaption>
        <span>{title}</span>
        {lines.map(({ label, colour, points }) => (
          <span key={label} className="line-chart-key">
            <span className="line-chart-swatch" style={{ background: `var(${colour})` }} />
            {label} <span className="num">{points.length === 0 ? '' : formatNumber(points.at(-1)?.[1] ?? 0, 3)}</span>
          </span>
        ))}
      </figcaption>
      <canvas ref={canvas} role="img" aria-label={`${title} by ${xLabel}: ${last}`} />
    </figure>
  );
}

const LEFT = 40;
const RIGHT = 8;
const TOP = 6;
const BOTTOM = 30;

function paintChart(canvas: HTMLCanvasElement, { lines, range, xLabel, yLabel }: LineChartProps): void {
  const ratio = window.devicePixelRatio;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);

  const tokens = getComputedStyle(canvas);
  const token = (name: string): string => tokens.getPropertyValue(name).trim();
  const xs = niceScale(
    lines.flatMap(({ points }) => [points[0]?.[0] ?? Number.NaN, points.at(-1)?.[0] ?? Number.NaN]),
    Math.max(2, width / 90),
  );
  const ys = niceScale(range ?? lines.flatMap(({ points }) => points.map(([, y]) => y)), Math.max(2, height / 40));
  if (xs === undefined || ys === undefined) return;
  const plotWidth = width - LEFT - RIGHT;
  const plotHeight = height - TOP - BOTTOM;
  const lastX = Math.max(...lines.map(({ points }) => points.at(-1)?.[0] ?? 0));
  const xAt = (x: number): number => LEFT + ((x - xs.min) / Math.max(lastX - xs.min, 1e-9)) * plotWidth;
  const yAt = (y: number): number => TOP + (1 - (y - ys.min) / (ys.max - ys.min)) * plotHeight;

  context.font = `10px ${token('--font')}`;
  context.fillStyle = token('--text-dim');
  context.strokeStyle = token('--grid');
  context.lineWidth = 1;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.beginPath();
  const decimals = tickDecimals(ys);
  for (const tick of ys.ticks) {
    const y = Math.round(yAt(tick)) + 0.5;
    context.moveTo(LEFT, y);
    context.lineTo(width - RIGHT, y);
    context.fillText(tick.toFixed(decimals), LEFT - 5, y);
  }
  context.stroke();
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const tick of xs.ticks) {
    if (tick > lastX || !Number.isInteger(tick)) continue;
    const text = tick < 10_000 ? String(tick) : formatCompact(tick);
    // A label at the end of the axis is drawn in from the edge.
    const x = Math.min(xAt(tick), width - 1 - context.measureText(text).width / 2);
    context.fillText(text, x, height - BOTTOM + 4);
  }
  context.fillText(xLabel, LEFT + plotWidth / 2, height - 12);
  context.save();
  context.translate(5, TOP + plotHeight / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(yLabel, 0, -4);
  context.restore();

  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  for (const { points, colour } of lines) {
    context.strokeStyle = token(colour);
    context.fillStyle = token(colour);
    context.beginPath();
    for (const [x, y] of thin(points, Math.max(4, Math.floor(2 * plotWidth)))) context.lineTo(xAt(x), yAt(y));
    context.stroke();
    const end = points.at(-1);
    if (end === undefined) continue;
    context.beginPath();
    context.arc(xAt(end[0]), yAt(end[1]), 2.5, 0, 2 * Math.PI);
    context.fill();
  }
}
