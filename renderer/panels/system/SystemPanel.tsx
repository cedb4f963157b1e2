import './system.css';
import { useState } from 'react';
import type { SystemStatus, VenueHealth, WorkerHealth, WorkerName } from '../../../core/contracts/system.ts';
import { useActions } from '../../app/actions.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useSystem } from '../../stores/system.ts';
import { Button } from '../../ui/Button.tsx';
import { processLabel } from '../../ui/process-label.ts';
import { isMerged } from '../venues/venue-table.ts';
import { Figure } from './Figure.tsx';
import { Storage } from './Storage.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatBytes, formatClock, formatDuration, formatNumber } from '../../ui/format.ts';

/** Health of everything that runs behind the window. */
export function SystemPanel() {
  const status = useSystem((state) => state.status);
  if (status === undefined)
    return <EmptyState title="Waiting for the first status report…">The services report once a second.</EmptyState>;
  return (
    <div className="panel system" data-testid="system">
      <Figures status={status} />
      <section aria-label="Processes">
        <h3 className="section-title">Processes</h3>
        <Workers workers={status.workers} />
      </section>
      <section aria-label="Venues">
        <h3 className="section-title">Venues</h3>
        <Venues venues={status.venues} />
      </section>
      <section aria-label="Storage">
        <h3 className="section-title">Storage</h3>
        <Storage />
      </section>
      {status.notices.length > 0 && (
        <section aria-label="Notices">
          <h3 className="section-title">Notices</h3>
          <ul className="system-notices">
            {status.notices.toReversed().map((notice) => (
              <li key={notice.id}>
                <span className="dim num">{formatClock(notice.at)}</span>
                <span className={notice.level === 'error' ? 'down' : notice.level === 'warning' ? 'warn' : undefined}>
                  {notice.text}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Figures({ status }: { readonly status: SystemStatus }) {
  const { bootstrap } = useDesk();
  const { mainProcess, store } = status;
  const workersRss = status.workers.reduce((sum, worker) => sum + (worker.rssMb ?? 0), 0);
  return (
    <dl className="system-figures">
      <Figure
        label="Event loop delay p99"
        value={`${formatNumber(mainProcess.eventLoopDelayMsP99, 2)} ms`}
        tone={mainProcess.eventLoopDelayMsP99 > 10 ? 'warn' : 'up'}
        testId="loop-delay"
      />
      <Figure label="Memory, main process" value={`${formatNumber(mainProcess.rssMb, 0)} MB`} />
      <Figure label="Memory, workers" value={`${formatNumber(workersRss, 0)} MB`} />
      <Figure label="Running for" value={formatDuration(mainProcess.uptimeS)} />
      <Figure label="Store" value={formatBytes(store.bytes)} title={store.path} />
      <Figure
        label="Rows waiting"
        value={formatNumber(store.pendingRows, 0)}
        tone={store.lastError === undefined ? undefined : 'down'}
        {...(store.lastError === undefined ? {} : { title: store.lastError })}
      />
      <Subscriptions subscriptions={status.subscriptions} />
      <Figure label="Version" value={bootstrap.version} />
      {store.lastError !== undefined && (
        <p className="down system-error" role="alert">
          {store.lastError}
        </p>
      )}
    </dl>
  );
}

/** Who reads live data inside the desk, and whether somebody could not keep up. */
function Subscriptions({ subscriptions }: Pick<SystemStatus, 'subscriptions'>) {
  const readers = subscriptions.reduce((sum, { subscribers }) => sum + subscribers, 0);
  const dropped = subscriptions.reduce((sum, kind) => sum + kind.dropped, 0);
  const failures = subscriptions.reduce((sum, kind) => sum + kind.failures, 0);
  const title = subscriptions
    .filter(({ events }) => events > 0)
    .map(({ kind, events, subscribers }) => `${kind}: ${subscribers} readers, ${formatNumber(events, 0)} events`)
    .join('\n');
  const trouble = [
    ...(dropped > 0 ? [`${formatNumber(dropped, 0)} events dropped`] : []),
    ...(failures > 0 ? [`${formatNumber(failures, 0)} failures`] : []),
  ];
  return (
    <Figure
      label="Readers of live data"
      value={[formatNumber(readers, 0), ...trouble].join(', ')}
      tone={trouble.length > 0 ? 'warn' : undefined}
      title={title}
      testId="data-readers"
    />
  );
}

function Workers({ workers }: { readonly workers: readonly WorkerHealth[] }) {
  const { restartWorker } = useActions();
  const [restarting, setRestarting] = useState<WorkerName>();
  async function restart(name: WorkerName): Promise<void> {
    setRestarting(name);
    await restartWorker(name);
    setRestarting(undefined);
  }
  if (workers.length === 0) return <EmptyState title="No process has reported yet" />;
  return (
    <div className="checkpoints-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Process</th>
            <th scope="col">State</th>
            <th scope="col" className="right">
              PID
            </th>
            <th scope="col" className="right">
              Memory
            </th>
            <th scope="col" className="right">
              Restarts
            </th>
            <th scope="col">Last error</th>
            <th scope="col">
              <span className="visually-hidden">Action</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <tr key={worker.name} data-testid={`worker-${worker.name}`} data-state={worker.state}>
              <td>{processLabel(worker.name)}</td>
              <td className={worker.state === 'ready' ? 'up' : worker.state === 'failed' ? 'down' : 'warn'}>{worker.state}</td>
              <td className="num right">{worker.pid ?? '–'}</td>
              <td className="num right">{worker.rssMb === undefined ? '–' : `${formatNumber(worker.rssMb, 0)} MB`}</td>
              <td className="num right">{worker.restarts}</td>
              <td className="wrap dim">{worker.lastError ?? '–'}</td>
              <td className="right">
                <Button
                  className="button-small"
                  disabled={restarting !== undefined}
                  onClick={() => void restart(worker.name)}
                  data-testid={`restart-${worker.name}`}
                >
                  {restarting === worker.name ? 'Restarting…' : 'Restart'}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Venues({ venues }: { readonly venues: readonly VenueHealth[] }) {
  const { openPanel } = useActions();
  const merged = venues.filter(isMerged).length;
  return (
    <p className="system-line">
      {venues.length === 0 ? (
        <span className="dim">No venue is connected yet.</span>
      ) : (
        <span className={merged === venues.length ? 'up' : 'warn'}>
          {merged} of {venues.length} books live
        </span>
      )}
      <Button className="button-small" onClick={() => openPanel('venues')}>
        Show Venues
      </Button>
    </p>
  );
}
