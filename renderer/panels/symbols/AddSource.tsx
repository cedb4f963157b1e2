import { useEffect, useId, useState } from 'react';
import { symbolSchema } from '../../../core/contracts/primitives.ts';
import type { SourceName, VenueId } from '../../../core/market/instrument.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useWatchlist } from '../../stores/watchlist.ts';
import { Button } from '../../ui/Button.tsx';
import { venueName } from '../../ui/venue-name.ts';
import { hasSource, type SourceDraft, suggestedSource } from './source-draft.ts';

const MOST_SYMBOLS = 200;

interface AddSourceProps {
  readonly draft: SourceDraft;
  readonly onAdd: (source: SourceName) => void;
}

/** Adds an instrument of a venue: one of those on the same base that it lists, or any that the trader names. */
export function AddSource({ draft, onAdd }: AddSourceProps) {
  const [base = ''] = draft.symbol.split('/');
  const listed = useInstruments(base);
  const venues = useWatchlist((state) => state.venues);
  const [chosen, setChosen] = useState<VenueId>();
  const [typed, setTyped] = useState<string>();
  const listId = useId();
  const venue = chosen ?? venues.find((known) => !draft.sources.some((source) => source.venue === known)) ?? venues[0];
  if (venue === undefined) return null;
  const suggested = suggestedSource(draft, venue, listed)?.symbol ?? '';
  const symbol = typed ?? suggested;
  const source: SourceName = { venue, symbol };
  const isSymbol = symbolSchema.safeParse(symbol).success;
  const twice = hasSource(draft, source);

  function add(): void {
    if (!isSymbol || twice) return;
    onAdd(source);
    setChosen(undefined);
    setTyped(undefined);
  }

  return (
    <div className="source-add">
      <select
        className="input"
        aria-label="Venue to add"
        value={venue}
        onChange={(event) => {
          setChosen(venues.find((known) => known === event.target.value));
          setTyped(undefined);
        }}
        data-testid="source-venue"
      >
        {venues.map((known) => (
          <option key={known} value={known}>
            {venueName(known)}
          </option>
        ))}
      </select>
      <input
        className="input"
        list={listId}
        aria-label="Its instrument"
        placeholder={`${draft.symbol}, ${base}/USD:${base}`}
        autoComplete="off"
        spellCheck={false}
        maxLength={62}
        value={symbol}
        aria-invalid={symbol !== '' && (!isSymbol || twice)}
        title={twice ? 'It is in already' : 'Base/quote, for a perpetual with what it settles in: ETH/USDT, ETH/USD:ETH'}
        onChange={(event) => setTyped(event.target.value.toUpperCase().trim())}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          // Enter in a form would apply it.
          event.preventDefault();
          add();
        }}
        data-testid="source-symbol"
      />
      <datalist id={listId}>
        {listed
          .filter((known) => known.venue === venue && !hasSource(draft, known))
          .map((known) => (
            <option key={known.symbol} value={known.symbol} />
          ))}
      </datalist>
      <Button disabled={!isSymbol || twice} onClick={add} data-testid="source-add">
        Add source
      </Button>
    </div>
  );
}

/** Every instrument on `base` that the venues list; none of a venue that could not be asked. */
function useInstruments(base: string): readonly SourceName[] {
  const { client } = useDesk();
  const [instruments, setInstruments] = useState<readonly SourceName[]>([]);
  useEffect(() => {
    let current = true;
    void client.command('searchSymbols', { query: base, limit: MOST_SYMBOLS }).then((result) => {
      if (!current || !result.ok) return;
      const matches = result.value.matches.filter(({ symbol }) => symbol.startsWith(`${base}/`));
      setInstruments(matches.flatMap(({ symbol, venues }) => venues.map((venue) => ({ venue, symbol }))));
    });
    return () => {
      current = false;
    };
  }, [client, base]);
  return instruments;
}
