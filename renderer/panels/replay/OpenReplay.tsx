import { useEffect, useState } from 'react';
import { useDesk } from '../../app/desk-context.ts';
import { useOverlays } from '../../stores/overlays.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatClock, formatDate, formatDuration } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { type Playable, playablesOf } from './playable.ts';
import { REPLAY_SPEEDS, useReplayActions } from './replay-actions.ts';
import { fieldOfTime, recordedStretches, type Span, timeOfField } from './timeline.ts';
import './replay.css';

const MOST_STRETCHES = 12;

/** What is recorded, and which part of it to replay. */
export function OpenReplay() {
  const { client } = useDesk();
  const close = useOverlays((state) => state.close);
  const [playables, setPlayables] = useState<readonly Playable[]>();
  const [problem, setProblem] = useState<string>();
  const [chosenKey, setChosenKey] = useState<string>();

  useEffect(() => {
    let over = false;
    void client.command('listReplays', {}).then((listed) => {
      if (over) return;
      if (listed.ok) setPlayables(playablesOf(listed.value));
      else setProblem(listed.error.message);
    });
    return () => {
      over = true;
    };
  }, [client]);

  const chosen = playables?.find(({ key }) => key === chosenKey) ?? playables?.[0];
  return (
    <Dialog title="Open replay" onClose={close} testId="open-replay">
      {problem !== undefined && (
        <p role="alert" className="down">
          {problem}
        </p>
      )}
      {problem === undefined && playables === undefined && (
        <div className="indeterminate" role="progressbar" aria-label="Looking for recordings" />
      )}
      {playables?.length === 0 && (
        <EmptyState title="Nothing is recorded yet">
          <p>
            While the desk shows SIM or LIVE it records every trade and every change of the books. Leave it running for a minute,
            then come back. Trades and 1m candles that you import can be replayed too.
          </p>
        </EmptyState>
      )}
      {playables !== undefined && playables.length > 1 && (
        <ul className="replay-stretches replay-sources" aria-label="What to replay">
          {playables.map((playable) => (
            <li key={playable.key}>
              <Button aria-pressed={playable === chosen} onClick={() => setChosenKey(playable.key)} data-testid="replay-source">
                <span>{playable.title}</span>
                <span className="dim num">{datesOf(playable)}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      {chosen !== undefined && <Choose key={chosen.key} playable={chosen} onDone={close} />}
    </Dialog>
  );
}

/** The first and the last day; one where they are the same. */
function datesOf({ from, to }: Span): string {
  const [first, last] = [formatDate(from), formatDate(to)];
  return first === last ? first : `${first} – ${last}`;
}

function Choose({ playable, onDone }: { readonly playable: Playable; readonly onDone: () => void }) {
  const actions = useReplayActions();
  const stretches = recordedStretches(playable);
  const newest: Span = stretches[0] ?? playable;
  const [from, setFrom] = useState(fieldOfTime(newest.from));
  const [to, setTo] = useState(fieldOfTime(newest.to));
  const [speed, setSpeed] = useState(1);
  const start = timeOfField(from);
  const end = timeOfField(to);
  const refusal =
    start === undefined || end === undefined
      ? 'Both times are needed.'
      : start >= end
        ? 'The end must be after the beginning.'
        : end <= playable.from || start >= playable.to
          ? 'Nothing of it lies between these times.'
          : undefined;
  const choose = (span: Span): void => {
    setFrom(fieldOfTime(span.from));
    setTo(fieldOfTime(span.to));
  };

  function open(): void {
    if (refusal !== undefined || start === undefined || end === undefined) return;
    onDone();
    const { market, history } = playable;
    actions.open({ market, ...(history === undefined ? {} : { history }), from: start, to: end, speed });
  }

  return (
    <form
      className="replay-choose"
      onSubmit={(event) => {
        event.preventDefault();
        open();
      }}
    >
      <p>
        <ModeBadge mode={playable.market} /> {playable.history === undefined ? '' : `${playable.title}: `}
        {playable.about}
      </p>
      <ul className="replay-stretches" aria-label="Without a break">
        {stretches.slice(0, MOST_STRETCHES).map((span) => (
          <li key={span.from}>
            <Button
              aria-pressed={from === fieldOfTime(span.from) && to === fieldOfTime(span.to)}
              onClick={() => choose(span)}
              data-testid="replay-stretch"
            >
              <span className="num">
                {formatDate(span.from)} {formatClock(span.from)} – {formatClock(span.to)}
              </span>{' '}
              <span className="dim">{formatDuration((span.to - span.from) / 1_000)}</span>
            </Button>
          </li>
        ))}
        {stretches.length > 1 && (
          <li>
            <Button onClick={() => choose(playable)}>Everything, gaps included</Button>
          </li>
        )}
      </ul>
      <div className="replay-fields">
        <label>
          From (UTC)
          <input
            className="input"
            type="datetime-local"
            step={1}
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
        </label>
        <label>
          To (UTC)
          <input className="input" type="datetime-local" step={1} value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
        <label>
          Speed
          <select className="input" value={speed} onChange={(event) => setSpeed(Number(event.target.value))}>
            {REPLAY_SPEEDS.map((choice) => (
              <option key={choice} value={choice}>
                {choice}×
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="dim">
        The services restart on it, with a PAPER account and a store of their own that begins empty. Orders, annotations and
        models of the market itself are not touched; its promoted models predict here too.
      </p>
      {refusal !== undefined && <p className="warn">{refusal}</p>}
      <div className="dialog-actions">
        <Button type="button" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" tone="primary" disabled={refusal !== undefined} data-autofocus data-testid="replay-start">
          Replay
        </Button>
      </div>
    </form>
  );
}
