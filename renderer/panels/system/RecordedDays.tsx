import { useEffect, useState } from 'react';
import type { SegmentView, StorageUse } from '../../../core/contracts/recording.ts';
import { useDesk } from '../../app/desk-context.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatBytes, formatClock, formatNumber } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { venueName } from '../../ui/venue-name.ts';
import { checkDays } from './day-range.ts';

type Day = StorageUse['recordings']['days'][number];

/** Recorded bytes of each day of market time, newest first; a day opens to its segments. */
export function RecordedDays({ days }: { readonly days: readonly Day[] }) {
  const [open, setOpen] = useState<string>();
  if (days.length === 0) return <EmptyState title="Nothing is recorded yet" />;
  const most = Math.max(...days.map(({ bytes }) => bytes), 1);
  return (
    <ul className="recorded-days" aria-label="Recorded days">
      {days.toReversed().map((entry) => (
        <li key={entry.day}>
          <button
            type="button"
            className="recorded-day"
            aria-expanded={open === entry.day}
            onClick={() => setOpen(open === entry.day ? undefined : entry.day)}
            data-testid={`recorded-${entry.day}`}
          >
            <span className={open === entry.day ? 'storage-chevron storage-chevron-open' : 'storage-chevron'}>
              <Icon name="chevron" />
            </span>
            <span className="num">{entry.day}</span>
            <span className="recorded-bar" aria-hidden="true">
              <span style={{ transform: `scaleX(${entry.bytes / most})` }} />
            </span>
            <span className="num">{formatBytes(entry.bytes)}</span>
            <span className="num dim">
              {formatNumber(entry.segments, 0)} {entry.segments === 1 ? 'segment' : 'segments'}
            </span>
          </button>
          {open === entry.day && <Segments day={entry} />}
        </li>
      ))}
    </ul>
  );
}

interface Listed {
  readonly segments?: readonly SegmentView[];
  readonly problem?: string;
}

function Segments({ day }: { readonly day: Day }) {
  const { client } = useDesk();
  const [{ segments, problem }, setListed] = useState<Listed>({});
  const [serial, setSerial] = useState(0);
  useEffect(() => {
    const range = checkDays(day.day, day.day);
    if (!range.ok) return;
    let current = true;
    void client.command('listRecordings', range.range).then((result) => {
      if (current) setListed(result.ok ? { segments: result.value.segments } : { problem: result.error.message });
    });
    return () => {
      current = false;
    };
  }, [client, day.day, day.segments, serial]);
  if (problem !== undefined) {
    return (
      <p className="storage-alert down" role="alert">
        {problem}{' '}
        <Button className="button-small" onClick={() => setSerial(serial + 1)}>
          Try again
        </Button>
      </p>
    );
  }
  if (segments === undefined) return <p className="storage-alert dim">Reading the segments…</p>;
  return (
    <div className="storage-scroll">
      <table className="table" aria-label={`Segments of ${day.day}`} data-testid="segments">
        <thead>
          <tr>
            <th scope="col">Market time</th>
            <th scope="col">State</th>
            <th scope="col" className="right">
              Events
            </th>
            <th scope="col" className="right">
              Trades
            </th>
            <th scope="col" className="right">
              Size
            </th>
            <th scope="col">Venues</th>
          </tr>
        </thead>
        <tbody>
          {segments.map((segment) => (
            <Segment key={segment.id} segment={segment} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const TONES: Readonly<Record<SegmentView['state'], string>> = { whole: 'up', writing: 'dim', damaged: 'down' };

function Segment({ segment }: { readonly segment: SegmentView }) {
  const { state, from, to, events, trades, bytes, instruments, problem } = segment;
  const venues = [...new Set(instruments.map(({ venue }) => venueName(venue)))].join(', ');
  return (
    <tr title={segment.id}>
      <td className="num">{from === undefined || to === undefined ? '–' : `${formatClock(from)} – ${formatClock(to)}`}</td>
      <td className={TONES[state]} title={problem}>
        {state}
      </td>
      <td className="right num">{events === undefined ? '–' : formatNumber(events, 0)}</td>
      <td className="right num">{trades === undefined ? '–' : formatNumber(trades, 0)}</td>
      <td className="right num">{formatBytes(bytes)}</td>
      <td className={problem === undefined ? 'wrap dim' : 'wrap down'}>{problem ?? venues}</td>
    </tr>
  );
}
