import { useState } from 'react';
import type { ImportJob } from '../../../core/contracts/import.ts';
import { runCommand } from '../../app/actions.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useHistory } from '../../stores/history.ts';
import { Button } from '../../ui/Button.tsx';
import { formatNumber } from '../../ui/format.ts';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { venueName } from '../../ui/venue-name.ts';
import { RowErrors } from './RowErrors.tsx';

const TONES: Readonly<Record<ImportJob['state'], string>> = { running: 'up', done: 'up', cancelled: 'dim', failed: 'down' };

export function ImportJobs() {
  const jobs = useHistory((state) => state.imports);
  if (jobs === undefined || jobs.length === 0) return null;
  return (
    <ul className="job-list" aria-label="Imports">
      {jobs.map((job) => (
        <Import key={job.id} job={job} />
      ))}
    </ul>
  );
}

function Import({ job }: { readonly job: ImportJob }) {
  const { client } = useDesk();
  const [pending, setPending] = useState(false);
  const { spec, state, phase, rowsRead, totalRows, imported, badRows } = job;
  const running = state === 'running';

  async function end(): Promise<void> {
    setPending(true);
    await runCommand(client, 'The import was not cancelled', 'cancelImport', { id: job.id });
    setPending(false);
  }

  return (
    <li className="job" data-testid="import-job" data-state={state}>
      <div className="job-head">
        <strong className="import-name">{job.fileName}</strong>
        <span>
          {spec.symbol} {spec.timeframe} {spec.kind}
        </span>
        <span className="dim">as {venueName(spec.venue)}</span>
        <span className="spacer" />
        <span className={TONES[state]} data-testid="import-state">
          {running ? phase : state}
        </span>
        <Button className="button-small" disabled={pending} onClick={() => void end()} data-testid="import-end">
          {running ? 'Cancel' : 'Remove'}
        </Button>
      </div>
      {running && <ProgressBar label={`Import of ${job.fileName}`} done={rowsRead} total={totalRows} />}
      <div className="job-figures num">
        <span>
          {formatNumber(rowsRead, 0)} <span className="dim">of</span> {formatNumber(totalRows, 0)}{' '}
          <span className="dim">rows</span>
        </span>
        {!running && (
          <span>
            {formatNumber(imported, 0)} <span className="dim">stored</span>
          </span>
        )}
        {badRows > 0 && <span className="warn">{formatNumber(badRows, 0)} left out</span>}
      </div>
      {job.message !== undefined && <p className={state === 'failed' ? 'down' : 'dim'}>{job.message}</p>}
      {job.errors.length > 0 && (
        <details>
          <summary className="dim">Rows that were bad</summary>
          <RowErrors errors={job.errors} total={badRows} />
        </details>
      )}
    </li>
  );
}
