import type { ReactNode } from 'react';
import type { BookState } from '../../../core/contracts/market-views.ts';
import type { VenueHealth } from '../../../core/contracts/system.ts';
import type { SampleRing } from '../../stores/sample-ring.ts';
import { RATE_SAMPLES, rateKey, summedRates } from '../../stores/venue-rates.ts';
import { formatAge, formatNumber, formatSigned } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import {
  figuresOf,
  instrumentLabel,
  isMerged,
  VENUE_COLUMNS,
  type VenueFigures,
  type VenueGroup,
  type VenueGrouping,
} from './venue-table.ts';

/** Older than this on a venue that should be talking, an age is worth a look. */
const OLD_DATA_MS = 3_000;
/** A clock this far off makes latencies doubtful and deadlines wrong. */
const CLOCK_OFF_MS = 1_000;

interface RowProps {
  readonly by: VenueGrouping;
  /** Key of the one row that the Tab key reaches. */
  readonly tabStop: string | undefined;
  readonly rings: ReadonlyMap<string, SampleRing>;
  readonly onFocus: (key: string) => void;
}

interface GroupRowProps extends RowProps {
  readonly group: VenueGroup;
  readonly expanded: boolean;
  readonly onToggle: () => void;
  /** Its instruments. */
  readonly children: ReactNode;
}

export function GroupRow({ group, by, expanded, tabStop, rings, onFocus, onToggle, children }: GroupRowProps) {
  const { key, label, figures, instruments } = group;
  const whole = figures.live === figures.instruments;
  return (
    <>
      <tr
        className={`venues-group ${whole ? '' : 'venues-out'}`}
        role="row"
        aria-level={1}
        aria-expanded={expanded}
        tabIndex={key === tabStop ? 0 : -1}
        data-row={key}
        data-testid={`venue-group-${key}`}
        onFocus={(event) => event.target === event.currentTarget && onFocus(key)}
        onClick={onToggle}
      >
        <th scope="row" className="venues-name">
          <span className={expanded ? 'venues-chevron venues-chevron-open' : 'venues-chevron'}>
            <Icon name="chevron" />
          </span>
          {label}{' '}
          <span className={whole ? 'dim' : 'warn'} title={`${figures.live} of ${figures.instruments} books are live and merged`}>
            {figures.live}/{figures.instruments}
          </span>
        </th>
        <Cells figures={figures} rates={summedRates(rings, instruments.map(rateKey))} reason="" showClock={by === 'venue'} />
      </tr>
      {expanded && children}
    </>
  );
}

interface InstrumentRowProps extends RowProps {
  readonly health: VenueHealth;
}

export function InstrumentRow({ health, by, tabStop, rings, onFocus }: InstrumentRowProps) {
  const key = rateKey(health);
  const merged = isMerged(health);
  const problems = problemsOf(health);
  return (
    <>
      <tr
        className={merged ? 'venues-instrument' : 'venues-instrument venues-out'}
        role="row"
        aria-level={2}
        tabIndex={key === tabStop ? 0 : -1}
        data-row={key}
        data-venue={health.venue}
        data-followed={health.followed}
        data-book={health.book}
        data-testid="venue-row"
        onFocus={() => onFocus(key)}
      >
        <th scope="row" className="venues-name">
          {instrumentLabel(health, by)}
          {health.primary && (
            <span className="venues-primary" title="Primary: its trades make the candles, its book fills paper orders">
              primary
            </span>
          )}
          {merged && health.lastError !== undefined && (
            <span className="venues-error-mark warn" title={`Last error, mended since: ${health.lastError}`}>
              !<span className="visually-hidden"> last error: {health.lastError}</span>
            </span>
          )}
        </th>
        <Cells
          figures={figuresOf([health])}
          rates={rings.get(key)?.values() ?? []}
          reason={health.bookReason}
          showClock
          lastError={merged ? health.lastError : undefined}
        />
      </tr>
      {problems.length > 0 && (
        <tr className={merged ? 'venues-problem' : 'venues-problem venues-out'}>
          <td colSpan={VENUE_COLUMNS.length + 1}>
            {problems.map(({ tone, text }) => (
              <p key={text} className={tone} data-testid="venue-problem">
                {text}
              </p>
            ))}
          </td>
        </tr>
      )}
    </>
  );
}

/** What went wrong with an instrument, worst first. */
function problemsOf(health: VenueHealth): { readonly tone: 'warn' | 'down' | 'dim'; readonly text: string }[] {
  const { book, bookReason, connection, lastError, tradeHole } = health;
  const problems: ReturnType<typeof problemsOf> = [];
  if (!isMerged(health) && bookReason !== '') {
    const state = connection === 'open' ? book : connection;
    problems.push({ tone: 'warn', text: `Left out of ${health.followed}: ${state}, ${bookReason}` });
  }
  if (tradeHole !== undefined) problems.push({ tone: 'down', text: `Trades lost: ${tradeHole}` });
  if (!isMerged(health) && lastError !== undefined && lastError !== bookReason)
    problems.push({ tone: 'dim', text: `Last error: ${lastError}` });
  return problems;
}

interface CellsProps {
  readonly figures: VenueFigures;
  readonly rates: readonly number[];
  readonly reason: string;
  /** Venues have clocks; a symbol merged from several has none. */
  readonly showClock: boolean;
  readonly lastError?: string | undefined;
}

function Cells({ figures, rates, reason, showClock, lastError }: CellsProps) {
  const { connection, book, latencyMsP50, latencyMsP99, dataAgeMs, clockOffsetMs, backfilledTrades, missedTrades } = figures;
  return (
    <>
      <td>
        <State
          tone={connection === 'open' ? 'up' : connection === 'closed' ? 'down' : 'warn'}
          word={connection}
          title={`Connection ${connection}`}
        />
      </td>
      <td>
        <State tone={bookTone(book)} word={book} title={`Book ${book}${reason === '' ? '' : `: ${reason}`}`} />
      </td>
      <td className="right">
        {latencyMsP50 === undefined ? (
          <span className="dim">–</span>
        ) : (
          <>
            {latency(latencyMsP50)} <span className="dim">/ {latencyMsP99 === undefined ? '–' : latency(latencyMsP99)}</span>
          </>
        )}
      </td>
      <td className="right venues-rate">
        <span className="venues-rate-cell">
          <Sparkline values={rates} capacity={RATE_SAMPLES} />
          <span className="venues-rate-value">{formatNumber(figures.messagesPerSecond, 0)}</span>
        </span>
      </td>
      <td className={`right ${dataAgeMs !== undefined && dataAgeMs > OLD_DATA_MS ? 'warn' : ''}`}>
        {dataAgeMs === undefined ? <span className="dim">–</span> : formatAge(dataAgeMs)}
      </td>
      <Count value={figures.gaps} />
      <Count value={figures.resyncs} />
      <Count value={figures.rotations} />
      <td className="right">
        <span className={backfilledTrades === 0 ? 'dim' : ''}>{formatNumber(backfilledTrades, 0)}</span>
        <span className="dim"> / </span>
        <span className={missedTrades === 0 ? 'dim' : 'down'}>{formatNumber(missedTrades, 0)}</span>
      </td>
      <td className={`right ${Math.abs(clockOffsetMs ?? 0) > CLOCK_OFF_MS ? 'warn' : ''}`}>
        {!showClock || clockOffsetMs === undefined ? <span className="dim">–</span> : `${formatSigned(clockOffsetMs, 0)} ms`}
      </td>
      <td className="venues-error dim" title={lastError}>
        {lastError ?? ''}
      </td>
    </>
  );
}

function latency(ms: number): string {
  const shown = Math.max(0, ms);
  return formatNumber(shown, shown < 10 ? 1 : 0);
}

function Count({ value }: { readonly value: number }) {
  return <td className={value === 0 ? 'right dim' : 'right'}>{formatNumber(value, 0)}</td>;
}

export function bookTone(book: BookState): 'up' | 'warn' | 'down' {
  return book === 'live' ? 'up' : book === 'stale' ? 'down' : 'warn';
}

interface StateProps {
  readonly tone: 'up' | 'warn' | 'down';
  readonly word: string;
  readonly title: string;
}

function State({ tone, word, title }: StateProps) {
  return (
    <span className={`venues-state ${tone}`} title={title}>
      <span className={`dot dot-${tone}`} aria-hidden="true" />
      {word}
    </span>
  );
}
