import './flow.css';
import { useCallback, useRef, useState } from 'react';
import { TIMEFRAMES, type Timeframe, TIMEFRAME_MS } from '../../../core/market/timeframe.ts';
import { useDesk, usePanelSettings } from '../../app/desk-context.ts';
import type { FeedState } from '../../charts/candle-feed.ts';
import { formatCandleTime } from '../../charts/candle-time.ts';
import { useSelection } from '../../stores/selection.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatClock, formatCompact } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { Toggle } from '../../ui/Toggle.tsx';
import { signedVolume } from './flow-look.ts';
import { LargeTrades } from './LargeTrades.tsx';
import { type FlowHandle, type FlowReading, useFlow } from './use-flow.ts';

export const FLOW_DEFAULTS = {
  timeframe: '1m' as Timeframe,
  /** Where the cumulative delta begins: each 00:00 UTC, or the first bar in view. */
  cvdStart: 'session' as 'session' | 'view',
  /** The list of large trades beside the bars. */
  large: true,
};

const DAY_MS = 86_400_000;

/** What takers bought and sold, bar by bar, and how the best prices of all venues changed meanwhile. */
export function FlowPanel() {
  const { bootstrap } = useDesk();
  const symbol = useSelection((state) => state.symbol);
  const [settings, update] = usePanelSettings('flow', FLOW_DEFAULTS);
  const [feed, setFeed] = useState<FeedState>({ kind: 'loading' });
  const [reading, setReading] = useState<FlowReading>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const handle = useRef<FlowHandle>(undefined);
  const timeframe = TIMEFRAMES.find((known) => known === settings.timeframe) ?? '1m';
  // Bars of hours would each be a session of their own.
  const isIntraday = TIMEFRAME_MS[timeframe] < TIMEFRAME_MS['4h'];
  const cvdStart = isIntraday && settings.cvdStart !== 'view' ? 'session' : 'view';
  const onFeed = useCallback((state: FeedState) => setFeed(state), []);
  useFlow({ canvas, handle, symbol, timeframe, cvdStart, onFeed, onReading: setReading });

  return (
    <div className="panel flow" data-testid="flow">
      <header className="flow-bar">
        <ModeBadge mode={bootstrap.mode} testId="flow-mode" />
        <div className="segmented" role="group" aria-label="Timeframe of the order flow">
          {TIMEFRAMES.map((choice) => (
            <button
              key={choice}
              type="button"
              aria-pressed={choice === timeframe}
              onClick={() => update({ timeframe: choice })}
              data-testid={`flow-timeframe-${choice}`}
            >
              {choice}
            </button>
          ))}
        </div>
        <select
          className="input"
          aria-label="Where the cumulative delta begins"
          title="CVD: cumulative volume delta, bought less sold by takers"
          value={cvdStart}
          disabled={!isIntraday}
          onChange={(event) => update({ cvdStart: event.target.value === 'view' ? 'view' : 'session' })}
          data-testid="flow-start"
        >
          <option value="session">CVD since 00:00 UTC</option>
          <option value="view">CVD from the left edge</option>
        </select>
        <Toggle isOn={settings.large} onToggle={() => update({ large: !settings.large })} testId="flow-large">
          Large trades
        </Toggle>
        <button
          type="button"
          className="flow-newest"
          title="Go to the newest bar (End)"
          aria-label="Go to the newest bar"
          onClick={() => handle.current?.toNewest()}
        >
          ⇥
        </button>
        {reading !== undefined && <Reading reading={reading} barMs={TIMEFRAME_MS[timeframe]} since={cvdStart === 'session'} />}
      </header>
      <div className="flow-body">
        <div className="flow-plot">
          {/* Focusable: arrow keys, + and − act on it. */}
          <canvas
            ref={canvas}
            role="img"
            tabIndex={0}
            aria-label={`Order flow of ${symbol}, ${timeframe}: cumulative delta, delta, order flow imbalance and volume by side. Arrow keys scroll, plus and minus zoom.`}
            data-testid="flow-canvas"
            data-feed={feed.kind}
          />
          {feed.kind === 'loading' && <div className="flow-cover">Loading order flow…</div>}
          {feed.kind === 'failed' && (
            <div className="flow-cover">
              <EmptyState title="The order flow could not be loaded">
                <p>{feed.message}</p>
                <Button onClick={() => handle.current?.retry()}>Try again</Button>
              </EmptyState>
            </div>
          )}
          {feed.kind === 'ready' && reading === undefined && (
            <div className="flow-cover">
              <EmptyState title="No candles yet">The order flow begins with the first trade of {symbol}.</EmptyState>
            </div>
          )}
        </div>
        {settings.large && <LargeTrades />}
      </div>
    </div>
  );
}

/** The bar under the pointer, else the newest one. */
function Reading({ reading, barMs, since }: { readonly reading: FlowReading; readonly barMs: number; readonly since: boolean }) {
  const { openTime, hovering, buy, sell, delta, cvd, ofi, running, knownFrom } = reading;
  const late = since && knownFrom !== undefined && knownFrom % DAY_MS !== 0 ? ` since ${formatClock(knownFrom)}` : '';
  return (
    <span className="flow-reading num" data-testid="flow-reading">
      <span className={hovering ? '' : 'dim'}>{formatCandleTime(openTime, barMs)}</span>
      <Figure name="buys" value={buy} text={formatCompact(buy)} tone="up" />
      <Figure name="sells" value={sell} text={formatCompact(sell)} tone="down" />
      <Figure name="delta" value={delta} text={signedVolume(delta)} />
      <Figure name={`CVD${late}`} value={cvd} text={signedVolume(cvd)} />
      <Figure
        name="OFI"
        value={ofi?.ofi ?? Number.NaN}
        text={ofi === undefined ? '' : signedVolume(ofi.ofi)}
        note={ofi !== undefined && !running && ofi.seconds < barMs / 1_000 ? `${ofi.seconds} s of ${barMs / 1_000}` : ''}
      />
    </span>
  );
}

function Figure({
  name,
  value,
  text,
  tone,
  note = '',
}: {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly tone?: 'up' | 'down';
  readonly note?: string;
}) {
  if (Number.isNaN(value)) {
    return (
      <span>
        <span className="dim">{name} unknown</span>
      </span>
    );
  }
  return (
    <span title={note === '' ? undefined : `known for ${note}`}>
      <span className="dim">{name}</span> <span className={tone ?? (value > 0 ? 'up' : value < 0 ? 'down' : '')}>{text}</span>
      {note !== '' && <span className="dim flow-note"> {note}</span>}
    </span>
  );
}
