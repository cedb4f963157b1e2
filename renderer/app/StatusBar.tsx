import { useState } from 'react';
import type { SystemStatus, VenueHealth, WorkerHealth } from '../../core/contracts/system.ts';
import { useCobReadout } from '../stores/cob.ts';
import { useConnection } from '../stores/connection.ts';
import { useSelection } from '../stores/selection.ts';
import { useSystem } from '../stores/system.ts';
import { formatAge, formatBytes, formatClock, formatDate, formatNumber } from '../ui/format.ts';
import { processLabel } from '../ui/process-label.ts';
import { Icon } from '../ui/Icon.tsx';
import { ModeBadge } from '../ui/ModeBadge.tsx';
import { isMerged } from '../panels/venues/venue-table.ts';
import { useDesk } from './desk-context.ts';
import { LivePrice } from './LivePrice.tsx';

/** The product's limit for the main process; DOMAIN calls it a product figure. */
const LOOP_DELAY_LIMIT_MS = 10;
const OLD_DATA_MS = 3_000;

export function StatusBar() {
  const { bootstrap } = useDesk();
  const status = useSystem((state) => state.status);
  const symbol = useSelection((state) => state.symbol);
  const sources = status?.venues.filter((health) => health.followed === symbol);
  const venue = sources?.find((health) => health.primary);
  return (
    <footer className="status-bar" data-testid="status-bar">
      <ModeBadge mode={bootstrap.mode} />
      <MarketClock />
      <Connection venue={venue} sources={sources ?? []} />
      <LivePrice testId="status-price" />
      {venue?.latencyMsP50 !== undefined && (
        <Item label="latency" title="Median time from the venue's stamp to our receipt">
          {latency(venue.latencyMsP50)}
        </Item>
      )}
      {venue?.dataAgeMs !== undefined && (
        <Item
          label="data age"
          title="Time since the venue's last message"
          tone={venue.dataAgeMs > OLD_DATA_MS ? 'warn' : undefined}
          testId="data-age"
        >
          {formatAge(venue.dataAgeMs)}
        </Item>
      )}
      {status !== undefined && (
        <>
          <Item
            label="loop p99"
            title={`Event-loop delay of the main process, 99th percentile; should stay below ${LOOP_DELAY_LIMIT_MS} ms`}
            tone={status.mainProcess.eventLoopDelayMsP99 > LOOP_DELAY_LIMIT_MS ? 'warn' : undefined}
          >
            {formatNumber(status.mainProcess.eventLoopDelayMsP99, 1)} ms
          </Item>
          <Workers workers={status.workers} />
          <span className="spacer" />
          <Store store={status.store} />
          <Notices notices={status.notices} />
        </>
      )}
    </footer>
  );
}

/** Tenths matter below 10 ms only. */
function latency(ms: number): string {
  return ms < 10 ? `${formatNumber(Math.max(0, ms), 1)} ms` : formatAge(ms);
}

interface ItemProps {
  readonly label: string;
  readonly title: string;
  readonly tone?: 'warn' | 'down' | undefined;
  readonly testId?: string;
  readonly children: React.ReactNode;
}

function Item({ label, title, tone, testId, children }: ItemProps) {
  return (
    <span className="status-item" title={title} data-testid={testId}>
      <span className="dim">{label}</span> <span className={`num ${tone ?? ''}`}>{children}</span>
    </span>
  );
}

function MarketClock() {
  const statusTime = useSystem((state) => state.status?.now ?? 0);
  const bookTime = useCobReadout((state) => Math.floor((state.view?.t ?? 0) / 1_000) * 1_000);
  const now = Math.max(statusTime, bookTime);
  if (now === 0) return null;
  return (
    <span className="status-item num" title="Market time" data-testid="market-clock">
      <span className="dim">{formatDate(now)}</span> {formatClock(now)} <span className="dim">UTC</span>
    </span>
  );
}

interface ConnectionProps {
  /** The primary source of the shown symbol. */
  readonly venue: VenueHealth | undefined;
  readonly sources: readonly VenueHealth[];
}

function Connection({ venue, sources }: ConnectionProps) {
  const connection = useConnection((state) => state.state);
  if (connection !== 'open')
    return (
      <Dot
        tone="down"
        label="services: no connection"
        title="The window has lost its services and is reconnecting"
        testId="book-state"
      />
    );
  if (venue === undefined)
    return <Dot tone="warn" label="no venue yet" title="No venue has reported for this symbol yet" testId="book-state" />;
  const fine = isMerged(venue);
  const merged = sources.filter(isMerged).length;
  const state = `${venue.venue} ${venue.connection === 'open' ? venue.book : venue.connection}`;
  const label = sources.length === 1 ? state : `${state} · ${merged}/${sources.length} books`;
  const title = `${venue.venue}: connection ${venue.connection}, book ${venue.book}${fine || venue.bookReason === '' ? '' : ` (${venue.bookReason})`}`;
  return <Dot tone={fine && merged === sources.length ? 'up' : 'warn'} label={label} title={title} testId="book-state" />;
}

function Workers({ workers }: { readonly workers: readonly WorkerHealth[] }) {
  return (
    <span className="status-workers" data-testid="worker-health">
      {workers.map((worker) => (
        <Dot
          key={worker.name}
          tone={worker.state === 'ready' ? 'up' : worker.state === 'failed' ? 'down' : 'warn'}
          label={processLabel(worker.name)}
          title={`${processLabel(worker.name)} process: ${worker.state}, ${worker.restarts} restarts${worker.lastError === undefined ? '' : `. ${worker.lastError}`}`}
        />
      ))}
    </span>
  );
}

interface DotProps {
  readonly tone: 'up' | 'warn' | 'down';
  readonly label: string;
  readonly title: string;
  readonly testId?: string;
}

function Dot({ tone, label, title, testId }: DotProps) {
  return (
    <span className="status-item" title={title} data-testid={testId}>
      <span className={`dot dot-${tone}`} aria-hidden="true" />
      {label}
      <span className="visually-hidden">{title}</span>
    </span>
  );
}

function Store({ store }: { readonly store: SystemStatus['store'] }) {
  return (
    <Item
      label="store"
      title={`${store.path}: ${store.pendingRows} rows wait to be written${store.lastError === undefined ? '' : `. ${store.lastError}`}`}
      tone={store.lastError === undefined ? undefined : 'down'}
      testId="store-size"
    >
      {store.lastError === undefined ? formatBytes(store.bytes) : 'not writing'}
    </Item>
  );
}

function Notices({ notices }: { readonly notices: SystemStatus['notices'] }) {
  const [open, setOpen] = useState(false);
  const newest = notices.at(-1);
  if (newest === undefined) return null;
  const worst = notices.some((notice) => notice.level === 'error')
    ? 'down'
    : notices.some((notice) => notice.level === 'warning')
      ? 'warn'
      : 'dim';
  return (
    <span className="notices">
      <button
        type="button"
        className={`notices-button ${worst}`}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        data-testid="notices"
      >
        <Icon name="bell" />
        <span>{notices.length === 1 ? newest.text : `${notices.length} notices`}</span>
      </button>
      {open && (
        <ul className="notices-list" data-testid="notices-list">
          {notices.toReversed().map((notice) => (
            <li key={notice.id}>
              <span className="dim num">{formatClock(notice.at)}</span>
              <span className={notice.level === 'error' ? 'down' : notice.level === 'warning' ? 'warn' : undefined}>
                {notice.text}
              </span>
            </li>
          ))}
        </ul>
      )}
    </span>
  );
}
