import { useEffect, useMemo, useState } from 'react';
import { type SourceName, sourceText } from '../../../core/market/instrument.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useWatchlist } from '../../stores/watchlist.ts';
import { Button } from '../../ui/Button.tsx';
import { venueName } from '../../ui/venue-name.ts';
import { hasSource, type SourceDraft } from './source-draft.ts';

const MOST_SYMBOLS = 200;

interface AddSourceProps {
  readonly draft: SourceDraft;
  readonly onAdd: (source: SourceName) => void;
}

/** Adds one of the instruments on the same base: another venue's, or a perpetual of the same one. */
export function AddSource({ draft, onAdd }: AddSourceProps) {
  const [base = ''] = draft.symbol.split('/');
  const { instruments, problem } = useInstruments(base);
  const venues = useWatchlist((state) => state.venues);
  const [chosen, setChosen] = useState('');
  const free = instruments?.filter((source) => !hasSource(draft, source)) ?? [];
  const picked = free.find((source) => sourceText(source) === chosen) ?? free[0];
  if (problem !== undefined) return <p className="warn">The venues’ instruments could not be listed: {problem}</p>;
  if (instruments === undefined) return <p className="dim">Asking the venues for instruments on {base}…</p>;
  if (picked === undefined) return <p className="dim">Every instrument on {base} that the venues list is in.</p>;
  return (
    <div className="source-add">
      <select
        className="input"
        aria-label="Instrument to add"
        value={sourceText(picked)}
        onChange={(event) => setChosen(event.target.value)}
        data-testid="source-choice"
      >
        {venues
          .map((venue) => ({ venue, offered: free.filter((source) => source.venue === venue) }))
          .filter(({ offered }) => offered.length > 0)
          .map(({ venue, offered }) => (
            <optgroup key={venue} label={venueName(venue)}>
              {offered.map((source) => (
                <option key={sourceText(source)} value={sourceText(source)}>
                  {venueName(venue)} {source.symbol}
                </option>
              ))}
            </optgroup>
          ))}
      </select>
      <Button onClick={() => onAdd(picked)} data-testid="source-add">
        Add source
      </Button>
    </div>
  );
}

/** Every instrument on `base` that the venues list. */
function useInstruments(base: string): {
  readonly instruments: readonly SourceName[] | undefined;
  readonly problem: string | undefined;
} {
  const { client } = useDesk();
  const [answer, setAnswer] = useState<{ instruments?: readonly SourceName[]; problem?: string }>({});
  useEffect(() => {
    let current = true;
    void client.command('searchSymbols', { query: base, limit: MOST_SYMBOLS }).then((result) => {
      if (!current) return;
      setAnswer(
        result.ok
          ? {
              instruments: result.value.matches
                .filter(({ symbol }) => symbol.startsWith(`${base}/`))
                .flatMap(({ symbol, venues }) => venues.map((venue) => ({ venue, symbol }))),
            }
          : { problem: result.error.message },
      );
    });
    return () => {
      current = false;
    };
  }, [client, base]);
  return useMemo(() => ({ instruments: answer.instruments, problem: answer.problem }), [answer]);
}
