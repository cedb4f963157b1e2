import { useEffect, useState } from 'react';
import type { RecordingSummary } from '../../../core/contracts/replay.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useOverlays } from '../../stores/overlays.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatBytes, formatClock, formatDate, formatDuration } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { REPLAY_SPEEDS, useReplayActions } from './replay-actions.ts';
import { fieldOfTime, recordedStretches, type Span, timeOfField } from './timeline.ts';
import './replay.css';

const MOST_STRETCHES = 12;

/** What is recorded, and which part of it to replay. */
export function OpenReplay() {
  const { client } = useDesk();
  const close = useOverlays((state) => state.close);
  const [recordings, setRecordings] = useState<readonly RecordingSummary[]>();
  const [problem, setProblem] = useState<string>();
  const [market, setMarket] = useState<RecordingSummary['market']>();

  useEffect(() => {
    let over = false;
    void client.command('listReplays', {}).then((listed) => {
      if (over) return;
      if (listed.ok) setRecordings(listed.value.recordings);
      else setProblem(listed.error.message);
    });
    return () => {
      over = true;
    };
  }, [client]);

  const chosen = recordings?.find((recording) => recording.market === market) ?? recordings?.[0];
  return (
    <Dialog title="Open replay" onClose={close} testId="open-replay">
      {problem !== undefined && (
        <p role="alert" className="down">
          {problem}
        </p>
      )}
      {problem === undefined && recordings === undefined && (
        <div className="indeterminate" role="progressbar" aria-label="Looking for recordings" />
      )}
      {recordings?.length === 0 && (
        <EmptyState title="Nothing is recorded yet">
          <p>
            While the desk shows SIM or LIVE it records every trade and every change of the books. Leave it running for a minute,
            then come back.
          </p>
        </EmptyState>
      )}
      {recordings !== undefined && recordings.length > 1 && (
        <div className="segmented" role="group" aria-label="Recorded market">
          {recordings.map((recording) => (
            <button
              key={recording.market}
              type="button"
              aria-pressed={recording === chosen}
              onClick={() => setMarket(recording.market)}
            >
              {recording.market}
            </button>
          ))}
        </div>
      )}
      {chosen !== undefined && <Choose key={chosen.market} recording={chosen} onDone={close} />}
    </Dialog>
  );
}

/** `ETH/USDT on binance, bybit; BTC/USDT on binance`. */
function namesOf({ instruments }: RecordingSummary): string {
  const venuesOf = new Map<string, string[]>();
  for (const { venue, symbol } of instruments) venuesOf.set(symbol, [...(venuesOf.get(symbol) ?? []), venue]);
  return [...venuesOf].map(([symbol, venues]) => `${symbol} on ${venues.join(', ')}`).join('; ');
}

function Choose({ recording, onDone }: { readonly recording: RecordingSummary; readonly onDone: () => void }) {
  const actions = useReplayActions();
  const stretches = recordedStretches(recording);
  const newest: Span = stretches[0] ?? recording;
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
        : end <= recording.from || start >= recording.to
          ? 'Nothing is recorded between these times.'
          : undefined;
  const choose = (span: Span): void => {
    setFrom(fieldOfTime(span.from));
    setTo(fieldOfTime(span.to));
  };

  function open(): void {
    if (refusal !== undefined || start === undefined || end === undefined) return;
    onDone();
    actions.open({ market: recording.market, from: start, to: end, speed });
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
        <ModeBadge mode={recording.market} /> {formatBytes(recording.bytes)}
        {recording.instruments.length > 0 && `: ${namesOf(recording)}`}
      </p>
      <ul className="replay-stretches" aria-label="Recorded without a break">
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
            <Button onClick={() => choose(recording)}>Everything, gaps included</Button>
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
        The services restart on the recording, with a PAPER account and a store of their own that begins empty. Orders,
        annotations and models of the market itself are not touched; its promoted models predict here too.
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
