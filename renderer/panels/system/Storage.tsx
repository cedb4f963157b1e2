import { useState } from 'react';
import type { RecordingStatus, StorageUse } from '../../../core/contracts/recording.ts';
import { runCommand } from '../../app/actions.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useStorage } from '../../stores/storage.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatBytes, formatNumber } from '../../ui/format.ts';
import { Figure } from './Figure.tsx';
import { MoveRecordings } from './MoveRecordings.tsx';
import { RecordedDays } from './RecordedDays.tsx';
import './storage.css';

const RECORDING: Readonly<Record<RecordingStatus['state'], { readonly word: string; readonly tone: 'up' | 'warn' | 'down' }>> = {
  recording: { word: 'recording', tone: 'up' },
  failing: { word: 'the disk takes nothing', tone: 'down' },
  off: { word: 'off', tone: 'warn' },
};

/** What this market takes on the disk, by store and recordings, and moving recordings to an archive and back. */
export function Storage() {
  const { client } = useDesk();
  const use = useStorage((state) => state.use);
  const [measuring, setMeasuring] = useState(false);

  async function measure(): Promise<void> {
    setMeasuring(true);
    const measured = await runCommand(client, 'The storage was not measured', 'getStorageUse', {});
    if (measured !== undefined) useStorage.setState({ use: measured });
    setMeasuring(false);
  }

  if (use === undefined) return <EmptyState title="Measuring what is stored…" />;
  return (
    <div className="storage" data-testid="storage">
      {use.alerts.map(({ level, text }) => (
        <p key={text} className={`storage-alert ${level === 'error' ? 'down' : 'warn'}`} role="alert" data-testid="storage-alert">
          {text}
        </p>
      ))}
      <StorageFigures use={use} />
      <MoveRecordings days={use.recordings.days}>
        <Button className="button-small" disabled={measuring} onClick={() => void measure()} data-testid="storage-measure">
          {measuring ? 'Measuring…' : 'Measure again'}
        </Button>
      </MoveRecordings>
      <RecordedDays days={use.recordings.days} />
    </div>
  );
}

function StorageFigures({ use }: { readonly use: StorageUse }) {
  const { recordings, recording, freeBytes, budgetBytes } = use;
  const { word, tone } = RECORDING[recording.state];
  const share = budgetBytes > 0 ? Math.min(1, recordings.bytes / budgetBytes) : 0;
  return (
    <>
      <dl className="system-figures storage-figures">
        <Figure label="Store" value={formatBytes(use.storeBytes)} testId="storage-store" />
        <Figure label="Its log" value={formatBytes(use.walBytes)} title="Write-ahead log of the store" />
        <Figure
          label="Recordings"
          value={`${formatBytes(recordings.bytes)} of ${formatBytes(budgetBytes)}`}
          title="Beyond the limit in the settings the oldest recordings are deleted"
          testId="storage-recordings"
        />
        <Figure
          label="Free on the disk"
          value={freeBytes === undefined ? 'not told' : formatBytes(freeBytes)}
          tone={use.alerts.length > 0 ? 'warn' : undefined}
          testId="storage-free"
        />
        <Figure label="Recorder" value={word} tone={tone} title={recording.lastError ?? ''} testId="storage-recorder" />
        <Figure label="Events recorded" value={formatNumber(recording.events, 0)} title="Since the start" />
        {recording.waitingBytes > 0 && <Figure label="Waiting for the disk" value={formatBytes(recording.waitingBytes)} />}
        {recording.lostEvents > 0 && <Figure label="Events lost" value={formatNumber(recording.lostEvents, 0)} tone="down" />}
        {recordings.damaged > 0 && <Figure label="Damaged segments" value={formatNumber(recordings.damaged, 0)} tone="down" />}
      </dl>
      <div
        className="progress storage-budget"
        role="meter"
        aria-label="Recordings of their limit"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * share)}
      >
        <span style={{ transform: `scaleX(${share})` }} />
      </div>
      {recording.lastError !== undefined && (
        <p className="storage-alert down" role="alert">
          {recording.lastError}
        </p>
      )}
    </>
  );
}
