import type { KeyboardEvent } from 'react';
import type { FollowedSymbol } from '../../../core/contracts/watchlist.ts';
import { type SourceName, sourceText } from '../../../core/market/instrument.ts';
import { useSystem } from '../../stores/system.ts';
import { useWatchlist } from '../../stores/watchlist.ts';
import { Icon } from '../../ui/Icon.tsx';
import { venueName } from '../../ui/venue-name.ts';
import { hasSource } from './source-draft.ts';

interface SourceRowProps {
  readonly source: SourceName;
  readonly followed: FollowedSymbol | undefined;
  readonly index: number;
  readonly count: number;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** One instrument that a symbol is merged from, with the state of its book when it is connected already. */
export function SourceRow({ source, followed, index, count, onMove, onRemove, onKeyDown }: SourceRowProps) {
  const present = useWatchlist((state) => state.venues.includes(source.venue));
  const name = `${venueName(source.venue)} ${source.symbol}`;
  return (
    <li
      className="source-row"
      onKeyDown={onKeyDown}
      data-source={sourceText(source)}
      data-testid={`source-${sourceText(source)}`}
    >
      <span className="source-name">
        {venueName(source.venue)} <span className="dim">{source.symbol}</span>
      </span>
      {index === 0 && (
        <span className="badge source-primary" title="Its trades make the candles, its book fills paper orders">
          primary
        </span>
      )}
      <span className="spacer" />
      {!present ? (
        <span className="dim" title="Kept for the other market">
          not in this market
        </span>
      ) : followed !== undefined && hasSource(followed, source) ? (
        <BookState source={source} followed={followed.symbol} />
      ) : (
        <span className="dim">new</span>
      )}
      <span className="source-buttons">
        <button
          type="button"
          disabled={index === 0}
          aria-label={`Move ${name} up`}
          title="Move up (Alt+↑); the first is the primary"
          onClick={() => onMove(-1)}
          data-button="up"
          data-testid="source-up"
        >
          ↑
        </button>
        <button
          type="button"
          disabled={index === count - 1}
          aria-label={`Move ${name} down`}
          title="Move down (Alt+↓)"
          onClick={() => onMove(1)}
          data-button="down"
          data-testid="source-down"
        >
          ↓
        </button>
        <button
          type="button"
          aria-label={`Remove ${name}`}
          title="Remove"
          onClick={onRemove}
          data-button="remove"
          data-testid="source-remove"
        >
          <Icon name="close" />
        </button>
      </span>
    </li>
  );
}

function BookState({ source, followed }: { readonly source: SourceName; readonly followed: string }) {
  const state = useSystem(({ status }) => {
    const health = status?.venues.find(
      (venue) => venue.followed === followed && venue.venue === source.venue && venue.symbol === source.symbol,
    );
    return health === undefined ? undefined : health.connection === 'open' ? health.book : health.connection;
  });
  if (state === undefined) return <span className="dim">waiting</span>;
  return (
    <span className={`source-state ${state === 'live' ? 'up' : 'warn'}`} data-testid="source-state">
      <span className={`dot dot-${state === 'live' ? 'up' : 'warn'}`} aria-hidden="true" />
      {state}
    </span>
  );
}
