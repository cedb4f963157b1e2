import './heatmap.css';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import type { LargeTrade } from '../../../core/contracts/large-trades.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import { useDesk, usePanelSettings } from '../../app/desk-context.ts';
import { useSelection } from '../../stores/selection.ts';
import { usePriceDecimals } from '../../stores/watchlist.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatClock, formatCompact } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { venueName } from '../../ui/venue-name.ts';
import { paced } from '../../ui/paced.ts';
import { colourGradient } from '../../charts/heatmap-colours.ts';
import { HEATMAP_DEFAULTS, metricOf, valueText } from '../../charts/heatmap-settings.ts';
import { followLargeTrades } from '../../stores/large-trades.ts';
import { followHeatmap } from '../../stores/heatmap.ts';
import { type HeatmapCell, HeatmapPainter, type HeatmapView } from './heatmap-painter.ts';
import { HeatmapToolbar } from './HeatmapToolbar.tsx';

/** The book changes ten times a second; nothing is gained by painting it more often. */
const PAINT_PERIOD_MS = 90;

/** Where the resting volume of the merged book lies and lay: time to the right, price upwards. */
export function HeatmapPanel() {
  const { bootstrap, client, theme } = useDesk();
  const symbol = useSelection((state) => state.symbol);
  const decimals = usePriceDecimals(symbol);
  const [settings, update] = usePanelSettings('heatmap', HEATMAP_DEFAULTS);
  const [venues, setVenues] = useState('');
  const [scale, setScale] = useState(0);
  const [hover, setHover] = useState<(HeatmapCell & { x: number; y: number; trade: LargeTrade | undefined }) | undefined>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<HeatmapPainter>(undefined);
  const ask = useRef<() => void>(() => {});

  const metric = metricOf(settings);
  const all = venues === '' ? [] : (venues.split(' ') as VenueId[]);
  const hidden = settings.hidden.split(' ');
  const shown = all.filter((venue) => !hidden.includes(venue));
  const view: HeatmapView = {
    ...settings,
    metric,
    venues: shown.length === all.length ? undefined : shown,
    theme,
    decimals,
  };
  const newestView = useRef(view);
  newestView.current = view;

  useEffect(() => {
    const element = canvas.current;
    if (element === null || symbol === '') return undefined;
    const followed = followHeatmap(client, symbol, () => painting.ask());
    const { columns } = followed;
    const large = followLargeTrades(client, symbol, () => painting.ask());
    const drawing = new HeatmapPainter(element, columns, large.list.trades);
    painter.current = drawing;
    const painting = paced(PAINT_PERIOD_MS, () => {
      // A panel behind another tab is not in the document.
      if (!element.isConnected) return;
      drawing.paint(newestView.current);
      setScale(drawing.scale);
      setVenues(columns.venues.join(' '));
    });
    ask.current = painting.ask;
    painting.ask();
    const resized = new ResizeObserver(([entry]) => {
      if (entry !== undefined) drawing.resize(entry.contentRect.width, entry.contentRect.height);
      painting.ask();
    });
    resized.observe(element);
    return () => {
      followed.end();
      large.end();
      painting.end();
      resized.disconnect();
      setVenues('');
      setHover(undefined);
    };
  }, [client, symbol]);

  useEffect(() => ask.current());

  function point(event: PointerEvent<HTMLCanvasElement>): void {
    const { offsetX: x, offsetY: y } = event.nativeEvent;
    const cell = painter.current?.cellAt(x, y, view);
    setHover(cell && { ...cell, x, y, trade: painter.current?.largeTradeAt(x, y, view) });
  }

  return (
    <div className="panel heatmap" data-testid="heatmap">
      <header className="heatmap-bar">
        <ModeBadge mode={bootstrap.mode} testId="heatmap-mode" />
        <HeatmapToolbar settings={settings} metric={metric} venues={all} hidden={hidden} update={update} />
        <span className="heatmap-scale" data-testid="heatmap-scale" title="What the colours stand for">
          <span className="num dim">{metric === 'imbalance' ? '−1' : '0'}</span>
          <span className="heatmap-ramp" style={{ background: colourGradient(theme, metric) }} />
          <span className="num dim">{metric === 'imbalance' ? '+1' : valueText(metric, scale)}</span>
        </span>
      </header>
      <div className="heatmap-plot">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Heatmap of the order book of ${symbol}`}
          data-testid="heatmap-canvas"
          onPointerMove={point}
          onPointerLeave={() => setHover(undefined)}
        />
        {venues === '' && (
          <div className="heatmap-empty">
            <EmptyState title="No live order book yet">
              The heatmap begins with the first second that a venue’s book is live.
            </EmptyState>
          </div>
        )}
        {hover !== undefined && (
          <div
            className="heatmap-tip num"
            data-testid="heatmap-tip"
            style={{ transform: `translate(${hover.x > 190 ? hover.x - 180 : hover.x + 14}px, ${Math.max(0, hover.y - 14)}px)` }}
          >
            <strong>{hover.price.toFixed(decimals)}</strong> <span className="dim">{formatClock(hover.time)}</span>
            <br />
            {hover.trade !== undefined && <TradeText trade={hover.trade} decimals={decimals} />}
            {Number.isNaN(hover.value) ? <span className="dim">unknown</span> : valueText(metric, hover.value)}
          </div>
        )}
      </div>
    </div>
  );
}

function TradeText({
  trade: { side, notional, price, venue },
  decimals,
}: {
  readonly trade: LargeTrade;
  readonly decimals: number;
}) {
  return (
    <>
      <span className={side === 'buy' ? 'up' : 'down'}>
        {side === 'buy' ? 'bought' : 'sold'} ${formatCompact(notional)} at {price.toFixed(decimals)}
      </span>{' '}
      <span className="dim">{venueName(venue)}</span>
      <br />
    </>
  );
}
