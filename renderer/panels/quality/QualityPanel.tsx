import './quality.css';
import { useEffect, useState } from 'react';
import type { QualityTimeline } from '../../../core/contracts/data-quality.ts';
import { runCommand, useActions } from '../../app/actions.ts';
import { useDesk, usePanelSettings } from '../../app/desk-context.ts';
import { useHistory } from '../../stores/history.ts';
import { useSelection } from '../../stores/selection.ts';
import { useSystem } from '../../stores/system.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { Differences } from './Differences.tsx';
import { InputQuality } from './InputQuality.tsx';
import { QUALITY_RANGES, type TimeWindow } from './quality-timeline.ts';
import { SeriesTable } from './SeriesTable.tsx';
import { Timeline } from './Timeline.tsx';

const DEFAULTS = { rangeMs: QUALITY_RANGES[2].ms as number };
/** Panning asks for another stretch with every move; the answer is wanted once it rests. */
const REST_MS = 120;

/** What of the shown symbol is stored whole, what is missing, what was repaired, and where the venue said something else. */
export function QualityPanel() {
  const { client, bootstrap } = useDesk();
  const { openPanel } = useActions();
  const symbol = useSelection((state) => state.symbol);
  const [{ rangeMs }, update] = usePanelSettings('quality', DEFAULTS);
  // A window that was moved stays; else it ends now and moves on with the market.
  const [moved, setMoved] = useState<TimeWindow>();
  const nowMs = useSystem((state) => Math.ceil((state.status?.now ?? 0) / 60_000) * 60_000);
  const quality = useHistory((state) => state.quality);
  const window_ = moved ?? { from: Math.max(0, nowMs - rangeMs), to: nowMs };
  const { timeline, problem } = useTimeline(symbol, window_, quality);

  function jump(time: number): void {
    openPanel('chart');
    useSelection.getState().jumpTo(time);
  }

  if (nowMs === 0) return <EmptyState title="Waiting for the first status report…" />;
  const series = quality?.series.filter((entry) => entry.symbol === symbol) ?? [];
  return (
    <div className="panel quality" data-testid="quality">
      <div className="quality-bar">
        <strong>{symbol}</strong>
        <ModeBadge mode={bootstrap.mode} />
        <div className="segmented" role="group" aria-label="Time shown">
          {QUALITY_RANGES.map(({ label, ms }) => (
            <button
              key={label}
              type="button"
              aria-pressed={moved === undefined && ms === rangeMs}
              onClick={() => {
                setMoved(undefined);
                update({ rangeMs: ms });
              }}
              data-testid={`quality-range-${label.replace(' ', '')}`}
            >
              {label}
            </button>
          ))}
        </div>
        <span className="spacer" />
        <Button
          className="button-small"
          disabled={quality?.running === true}
          title="Looks for holes and compares with the venues now instead of at the next turn"
          onClick={() => void runCommand(client, 'The check was not started', 'repairCandles', {})}
          data-testid="quality-repair"
        >
          {quality?.running === true ? 'Checking…' : 'Check now'}
        </Button>
      </div>
      {problem !== undefined && (
        <p className="down quality-problem" role="alert">
          The timeline could not be read: {problem}
        </p>
      )}
      <Timeline timeline={timeline} window={window_} now={nowMs} onWindow={setMoved} onJump={jump} />
      <InputQuality symbol={symbol} />
      <SeriesTable series={series} />
      <Differences symbol={symbol} stamp={series.reduce((sum, entry) => sum + entry.differences, 0)} onJump={jump} />
    </div>
  );
}

interface TimelineAnswer {
  readonly timeline: QualityTimeline | undefined;
  readonly problem: string | undefined;
}

/** The timeline of a window, asked for again when the window moves and when the stored data changed (`stamp`). */
function useTimeline(symbol: string, { from, to }: TimeWindow, stamp: unknown): TimelineAnswer {
  const { client } = useDesk();
  const [answer, setAnswer] = useState<TimelineAnswer>({ timeline: undefined, problem: undefined });
  useEffect(() => {
    if (symbol === '' || to === 0) return;
    let current = true;
    const timer = setTimeout(() => {
      void client.command('getQualityTimeline', { symbol, from, to }).then((result) => {
        if (!current) return;
        setAnswer(
          result.ok ? { timeline: result.value, problem: undefined } : { timeline: undefined, problem: result.error.message },
        );
      });
    }, REST_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [client, symbol, from, to, stamp]);
  return answer.timeline !== undefined && answer.timeline.symbol !== symbol
    ? { timeline: undefined, problem: undefined }
    : answer;
}
