import { useState } from 'react';
import type { HistoryJob } from '../../../core/contracts/history-jobs.ts';
import { useDesk } from '../../app/desk-context.ts';
import { runCommand } from '../../app/actions.ts';
import { useHistory } from '../../stores/history.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatCompact, formatDate, formatDuration, formatNumber, formatShare } from '../../ui/format.ts';
import { ProgressBar } from '../../ui/ProgressBar.tsx';

const STATES: Readonly<Record<HistoryJob['state'], { readonly word: string; readonly tone: string }>> = {
  queued: { word: 'queued', tone: 'dim' },
  running: { word: 'downloading', tone: 'up' },
  waiting: { word: 'waiting', tone: 'warn' },
  done: { word: 'done', tone: 'up' },
  cancelled: { word: 'cancelled', tone: 'dim' },
  failed: { word: 'failed', tone: 'down' },
};

/** Whether a job still has something to do; it is then taken up again after a restart. */
function isUnderWay(state: HistoryJob['state']): boolean {
  return state === 'queued' || state === 'running' || state === 'waiting';
}

export function Downloads() {
  const jobs = useHistory((state) => state.downloads);
  if (jobs === undefined) return <EmptyState title="Reading the downloads…" />;
  if (jobs.length === 0) {
    return (
      <EmptyState title="No download yet">
        Candles that are stored already are not fetched again. A download goes on after a restart where it was.
      </EmptyState>
    );
  }
  return (
    <ul className="job-list" aria-label="Downloads">
      {jobs.map((job) => (
        <Download key={job.id} job={job} />
      ))}
    </ul>
  );
}

function Download({ job }: { readonly job: HistoryJob }) {
  const { client } = useDesk();
  const [pending, setPending] = useState(false);
  const { word, tone } = STATES[job.state];
  const underWay = isUnderWay(job.state);
  const { doneCandles, totalCandles, fetchedCandles, unavailableCandles, candlesPerSecond, remainingMs } = job;

  async function end(): Promise<void> {
    setPending(true);
    await runCommand(client, 'The download was not cancelled', 'cancelHistoryJob', { id: job.id });
    setPending(false);
  }

  return (
    <li className="job" data-testid="download-job" data-state={job.state}>
      <div className="job-head">
        <strong>{job.symbol}</strong>
        <span>{job.timeframes.join(' ')}</span>
        <span className="dim num">
          {formatDate(job.from)} – {formatDate(job.to - 1)}
        </span>
        <span className="spacer" />
        <span className={tone} data-testid="download-state">
          {word}
        </span>
        <Button className="button-small" disabled={pending} onClick={() => void end()} data-testid="download-end">
          {underWay ? 'Cancel' : 'Remove'}
        </Button>
      </div>
      {underWay && <ProgressBar label={`Download of ${job.symbol}`} done={doneCandles} total={totalCandles} />}
      <div className="job-figures num">
        <span data-testid="download-progress">
          {totalCandles > 0 && formatShare(doneCandles / totalCandles, 1)} <span className="dim">of</span>{' '}
          {formatNumber(totalCandles, 0)} <span className="dim">candles</span>
        </span>
        <span>
          {formatNumber(fetchedCandles, 0)} <span className="dim">fetched</span>
        </span>
        {unavailableCandles > 0 && (
          <span className="warn" title="Before the market began, or while the venues were down">
            {formatNumber(unavailableCandles, 0)} that no venue has
          </span>
        )}
        {underWay && candlesPerSecond !== undefined && (
          <span>
            {formatCompact(candlesPerSecond)} <span className="dim">candles/s</span>
          </span>
        )}
        {underWay && remainingMs !== undefined && (
          <span data-testid="download-eta">
            {formatDuration(remainingMs / 1_000)} <span className="dim">left</span>
          </span>
        )}
      </div>
      {job.message !== undefined && <p className={job.state === 'failed' ? 'down' : 'dim'}>{job.message}</p>}
    </li>
  );
}
