import { usePanelSettings } from '../../app/desk-context.ts';
import { hasBook, useCobReadout } from '../../stores/cob.ts';
import { Icon } from '../../ui/Icon.tsx';
import { venueName } from '../../ui/venue-name.ts';
import { LADDER_DEFAULTS } from './ladder-settings.ts';

/** How many venues are merged into this book; opens the list of them. */
export function SourcesButton() {
  const [{ sources: open }, update] = usePanelSettings('ladder', LADDER_DEFAULTS);
  const merged = useCobReadout(({ view }) => view?.venues.map(venueName).join(', '));
  const count = useCobReadout(({ view }) => view?.venues.length ?? 0);
  // Without any live venue the panel itself says why.
  const excluded = useCobReadout(({ view }) =>
    (hasBook(view) ? view : undefined)?.excluded
      .map(({ venue, state, reason }) => `${venueName(venue)} ${state}${reason === '' ? '' : ` (${reason})`}`)
      .join(', '),
  );
  const missing = useCobReadout(({ view }) => (hasBook(view) ? view.excluded.length : 0));
  if (merged === undefined || count === 0) return <span className="ladder-venues" data-testid="ladder-venues" />;
  const some = missing > 0;
  return (
    <span className="ladder-venues" data-testid="ladder-venues">
      <button
        type="button"
        className={`ladder-sources-button ${some ? 'warn' : 'dim'}`}
        aria-expanded={open}
        title={some ? `Merged: ${merged}. Left out: ${excluded}` : `Merged: ${merged}`}
        onClick={() => update({ sources: !open })}
        data-testid="ladder-sources-button"
      >
        <span className={open ? 'ladder-chevron ladder-chevron-open' : 'ladder-chevron'}>
          <Icon name="chevron" />
        </span>
        {some ? `${count}/${count + missing} venues` : count === 1 ? merged : `${count} venues`}
      </button>
      {some && (
        <span className="visually-hidden" data-testid="ladder-excluded">
          without {excluded}
        </span>
      )}
    </span>
  );
}

/** The venues that are merged, and those that are left out with the reason. */
export function Sources() {
  const [{ sources: open }] = usePanelSettings('ladder', LADDER_DEFAULTS);
  // As texts, so that the list is only rendered when a venue comes or goes and not with every change of the book.
  const merged = useCobReadout(({ view }) => view?.venues.join(' ') ?? '');
  const excluded = useCobReadout(({ view }) => JSON.stringify(hasBook(view) ? view.excluded : []));
  if (!open || merged === '') return null;
  const left = JSON.parse(excluded) as { venue: Parameters<typeof venueName>[0]; state: string; reason: string }[];
  return (
    <div className="ladder-sources" data-testid="ladder-sources">
      <p>
        {merged.split(' ').map((venue) => (
          <span key={venue} className="ladder-source">
            <span className="dot dot-up" aria-hidden="true" />
            {venueName(venue as Parameters<typeof venueName>[0])}
          </span>
        ))}
      </p>
      {left.map(({ venue, state, reason }) => (
        <p key={`${venue} ${reason}`} className="warn">
          <span className="dot dot-warn" aria-hidden="true" /> {venueName(venue)} {state}
          {reason !== '' && <span className="dim">: {reason}</span>}
        </p>
      ))}
    </div>
  );
}
