import { type FormEvent, type ReactNode, useState } from 'react';
import type { RecordingJob, StorageUse } from '../../../core/contracts/recording.ts';
import { runCommand } from '../../app/actions.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useStorage } from '../../stores/storage.ts';
import { Button } from '../../ui/Button.tsx';
import { formatBytes, formatNumber } from '../../ui/format.ts';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { checkDays } from './day-range.ts';

interface MoveRecordingsProps {
  readonly days: StorageUse['recordings']['days'];
  /** Stands at the end of the line. */
  readonly children: ReactNode;
}

/** Moves recorded days to a folder that the trader chooses in the host's own dialog, and brings them back from one. */
export function MoveRecordings({ days, children }: MoveRecordingsProps) {
  const { client } = useDesk();
  const job = useStorage((state) => state.job);
  const [typed, setTyped] = useState<{ readonly from: string; readonly to: string }>();
  const [problem, setProblem] = useState<string>();
  const [pending, setPending] = useState<'archive' | 'restore'>();
  const { from, to } = typed ?? { from: days[0]?.day ?? '', to: days.at(-2)?.day ?? days[0]?.day ?? '' };
  const busy = pending !== undefined || job?.state === 'running';

  async function move(kind: 'archive' | 'restore'): Promise<void> {
    setProblem(undefined);
    const range = checkDays(from, to);
    if (kind === 'archive' && !range.ok) return setProblem(range.problem);
    setPending(kind);
    const picked = await client.command('pickRecordingFolder', { purpose: kind });
    const folder = picked.ok ? picked.value.folder : undefined;
    if (!picked.ok) setProblem(picked.error.message);
    if (folder !== undefined) {
      const started =
        kind === 'archive' && range.ok
          ? await client.command('archiveRecordings', { ...range.range, folder: folder.token })
          : await client.command('restoreRecordings', { folder: folder.token });
      if (!started.ok) setProblem(started.error.message);
    }
    setPending(undefined);
  }

  const day = (label: string, value: string, set: (text: string) => void) => (
    <label className="storage-day">
      <span className="dim">{label}</span>
      <input
        className="input num"
        placeholder="2020-04-26"
        autoComplete="off"
        maxLength={10}
        value={value}
        onChange={(event) => set(event.target.value.trim())}
        data-testid={`archive-${label}`}
      />
    </label>
  );

  return (
    <>
      <form
        className="storage-bar"
        aria-label="Move recordings"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (!busy) void move('archive');
        }}
      >
        {day('from', from, (text) => setTyped({ from: text, to }))}
        {day('to', to, (text) => setTyped({ from, to: text }))}
        <Button
          type="submit"
          className="button-small"
          disabled={busy || days.length === 0}
          title="Moves these days to a folder that you choose; each copy is compared before the original is deleted"
          data-testid="archive-start"
        >
          {pending === 'archive' ? 'Choosing…' : 'Archive…'}
        </Button>
        <Button
          className="button-small"
          disabled={busy}
          title="Brings every segment of an archive folder back"
          onClick={() => void move('restore')}
          data-testid="restore-start"
        >
          {pending === 'restore' ? 'Choosing…' : 'Restore…'}
        </Button>
        {problem !== undefined && (
          <span className="down" role="alert" data-testid="archive-problem">
            {problem}
          </span>
        )}
        <span className="spacer" />
        {children}
      </form>
      {job !== undefined && <Job job={job} />}
    </>
  );
}

const WORDS = {
  archive: { running: 'Archiving to', done: 'Archived to', cancelled: 'Archiving stopped,', failed: 'Archiving failed,' },
  restore: { running: 'Restoring from', done: 'Restored from', cancelled: 'Restoring stopped,', failed: 'Restoring failed,' },
} as const;

function Job({ job }: { readonly job: RecordingJob }) {
  const { client } = useDesk();
  const { kind, state, folder, segments, segmentsDone, bytes, bytesDone, error } = job;
  return (
    <div className="storage-job" data-testid="recording-job" data-state={state}>
      <div className="storage-bar">
        <span>{WORDS[kind][state]}</span>
        <strong className="storage-folder">{folder}</strong>
        <span className="num dim">
          {formatNumber(segmentsDone, 0)} of {formatNumber(segments, 0)} segments, {formatBytes(bytesDone)} of{' '}
          {formatBytes(bytes)}
        </span>
        {state === 'running' && (
          <Button
            className="button-small"
            title="What was moved so far stays moved"
            onClick={() => void runCommand(client, 'The move was not stopped', 'cancelRecordingJob', { jobId: job.id })}
            data-testid="recording-job-cancel"
          >
            Cancel
          </Button>
        )}
      </div>
      {state === 'running' && <ProgressBar label={WORDS[kind][state]} done={bytesDone} total={bytes} />}
      {error !== undefined && <p className="down">{error}</p>}
    </div>
  );
}
