import { useEffect, useState } from 'react';
import type { ReplayStatus } from '../../../core/contracts/replay.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useOverlays } from '../../stores/overlays.ts';
import { useReplay } from '../../stores/replay.ts';
import { Button } from '../../ui/Button.tsx';
import { formatClock, formatDate, formatDuration, formatNumber } from '../../ui/format.ts';
import { REPLAY_SPEEDS, type ReplayActions, useReplayActions } from './replay-actions.ts';
import { gapEnd, gapStretches } from './timeline.ts';
import { useReplayKeys } from './use-replay-keys.ts';
import './replay.css';

const STATE_TEXT: Readonly<Record<ReplayStatus['state'], string>> = {
  preparing: 'preparing: services are starting and books are brought to this time',
  playing: 'playing',
  paused: 'paused',
  ended: 'the recording has ended here',
  failed: 'stopped',
};
/** Below this share of the speed asked for, the machine does not keep up. */
const KEEPS_UP = 0.9;

/** Everything by which a replay is driven. Shown in REPLAY only. */
export function ReplayBar() {
  const { client } = useDesk();
  const actions = useReplayActions();
  useReplayKeys(actions);
  useEffect(() => {
    const end = client.subscribe('replay', {}, (status) => useReplay.setState({ status }));
    return () => {
      end();
      useReplay.setState({ status: undefined });
    };
  }, [client]);
  const status = useReplay((state) => state.status);
  if (status === undefined) return <section className="replay-bar dim">The replay is starting…</section>;
  return (
    <section className="replay-bar" aria-label="Replay" data-testid="replay-bar" data-state={status.state}>
      <Transport status={status} actions={actions} />
      <SpeedSelect status={status} actions={actions} />
      <Scrubber status={status} onSeek={actions.seek} />
      <StateText status={status} actions={actions} />
      <Button onClick={() => useOverlays.getState().show('replay')} data-testid="replay-open">
        Open…
      </Button>
    </section>
  );
}

interface PartProps {
  readonly status: ReplayStatus;
  readonly actions: ReplayActions;
}

function Transport({ status, actions }: PartProps) {
  const { state } = status;
  const movable = state === 'playing' || state === 'paused';
  const label = state === 'playing' ? 'Pause' : state === 'ended' ? 'From the start' : 'Play';
  const why = movable || state === 'ended' ? '' : ` (${STATE_TEXT[state]})`;
  return (
    <div className="replay-transport" role="group" aria-label="Play and step">
      <Button
        tone="primary"
        disabled={!movable && state !== 'ended'}
        onClick={actions.playOrPause}
        title={`${label}${why} (Space)`}
        data-testid="replay-play"
      >
        <span aria-hidden="true">{state === 'playing' ? '❚❚' : '▶'}</span> {label}
      </Button>
      <Button
        disabled={!movable}
        onClick={() => actions.step('event')}
        title={`One recorded event${why} (.)`}
        data-testid="replay-step-event"
      >
        +1 event
      </Button>
      <Button disabled={!movable} onClick={() => actions.step('1s')} title={`One second${why} (→)`} data-testid="replay-step-1s">
        +1 s
      </Button>
      <Button
        disabled={!movable}
        onClick={() => actions.step('1m')}
        title={`One minute${why} (Shift →)`}
        data-testid="replay-step-1m"
      >
        +1 min
      </Button>
    </div>
  );
}

function SpeedSelect({ status, actions }: PartProps) {
  const choices: readonly number[] = REPLAY_SPEEDS.some((speed) => speed === status.speed)
    ? REPLAY_SPEEDS
    : [...REPLAY_SPEEDS, status.speed].toSorted((a, b) => a - b);
  return (
    <select
      className="input replay-speed"
      aria-label="Replay speed"
      title="Market seconds per second"
      value={status.speed}
      onChange={(event) => actions.setSpeed(Number(event.target.value))}
      data-testid="replay-speed"
    >
      {choices.map((speed) => (
        <option key={speed} value={speed}>
          {speed}×
        </option>
      ))}
    </select>
  );
}

/** The recorded interval: what is not recorded is hatched; letting go of the handle goes there. */
function Scrubber({ status, onSeek }: { readonly status: ReplayStatus; readonly onSeek: (t: number) => void }) {
  const [dragged, setDragged] = useState<number>();
  const { from, to, t } = status;
  const shown = dragged ?? t;
  const letGo = (): void => {
    if (dragged === undefined) return;
    setDragged(undefined);
    if (dragged !== t) onSeek(dragged);
  };
  return (
    <div className="replay-scrubber">
      <span className="num dim">{formatClock(from)}</span>
      <div className="replay-track">
        {gapStretches(status).map(({ leftPct, widthPct }) => (
          <span
            key={leftPct}
            className="replay-gap"
            style={{ left: `${leftPct}%`, width: `${widthPct}%` }}
            data-testid="replay-gap"
          />
        ))}
        <input
          type="range"
          min={from}
          max={to}
          step={1_000}
          value={shown}
          aria-label="Time in the recording"
          aria-valuetext={`${formatDate(shown)} ${formatClock(shown)} UTC`}
          onChange={(event) => setDragged(Number(event.target.value))}
          onPointerUp={letGo}
          onKeyUp={letGo}
          onBlur={letGo}
          data-testid="replay-scrubber"
        />
      </div>
      <span className="num dim">{formatClock(to)}</span>
      <strong className={`num replay-time ${dragged === undefined ? '' : 'warn'}`} data-testid="replay-time">
        {formatDate(shown)} {formatClock(shown)}
      </strong>
    </div>
  );
}

function StateText({ status, actions }: PartProps) {
  const { state, problem, speed, reached, gaps, t } = status;
  const end = gapEnd({ gaps, t });
  if (problem !== undefined)
    return (
      <span className="replay-state down" role="alert" data-testid="replay-state">
        The recording cannot be read on: {problem}
      </span>
    );
  if (end !== undefined && (state === 'playing' || state === 'paused'))
    return (
      <span className="replay-state warn" data-testid="replay-state">
        Not recorded for {formatDuration((end - t) / 1_000)}{' '}
        <Button onClick={() => actions.seek(end)} data-testid="replay-skip-gap">
          Skip
        </Button>
      </span>
    );
  const slow = state === 'playing' && reached > 0 && reached < KEEPS_UP * speed;
  return (
    <span
      className="replay-state dim"
      title={`${formatNumber(status.eventsDelivered, 0)} recorded events told since the replay began here`}
      data-testid="replay-state"
    >
      {STATE_TEXT[state]}
      {slow && <span className="warn"> at {formatNumber(reached, reached < 10 ? 1 : 0)}×: as fast as this machine can</span>}
    </span>
  );
}
