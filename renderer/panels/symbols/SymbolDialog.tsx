import './symbols.css';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useDesk } from '../../app/desk-context.ts';
import { useOverlays } from '../../stores/overlays.ts';
import { useSelection } from '../../stores/selection.ts';
import { useWatchlist } from '../../stores/watchlist.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { venueName } from '../../ui/venue-name.ts';
import { draftOfMatch, followRequest, problemsOfDraft, unlistedMatch } from './source-draft.ts';
import { SourceEditor } from './SourceEditor.tsx';
import { SymbolList, type SymbolOption } from './SymbolList.tsx';
import { createSymbolSearcher } from './symbol-search.ts';

/** Which symbols the desk follows, and from which venues' instruments each is merged. Everything takes effect at once. */
export function SymbolDialog() {
  const { client, bootstrap } = useDesk();
  const close = useOverlays((state) => state.close);
  const followed = useWatchlist((state) => state.followed);
  const present = useWatchlist((state) => state.venues);
  const shown = useSelection((state) => state.symbol);
  const searcher = useMemo(() => createSymbolSearcher(client), [client]);
  useEffect(() => () => searcher.close(), [searcher]);
  const { query, searching, found, problem } = useStore(searcher.store);
  const [wanted, setWanted] = useState(shown);
  const [following, setFollowing] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);

  const options = useMemo((): readonly SymbolOption[] => {
    const isFollowed = new Set(followed?.map(({ symbol }) => symbol));
    if (query.trim() !== '') {
      const unlisted = found === undefined || searching ? undefined : unlistedMatch(query, found);
      const matches = [...(found?.matches ?? []), ...(unlisted === undefined ? [] : [unlisted])];
      return matches.map(({ symbol, venues }) => ({ symbol, venues, followed: isFollowed.has(symbol) }));
    }
    return (followed ?? []).map(({ symbol, sources }) => ({
      symbol,
      venues: [...new Set(sources.map(({ venue }) => venue))].filter((venue) => present.includes(venue)),
      followed: true,
    }));
  }, [query, searching, found, followed, present]);
  const active = options.find(({ symbol }) => symbol === wanted) ?? options[0];
  const editing = followed?.find(({ symbol }) => symbol === active?.symbol);

  function show(symbol: string): void {
    useSelection.getState().selectSymbol(symbol);
    close();
  }

  /** Enter: shows what is followed, and follows what is not, from every venue that lists it. */
  async function choose(option: SymbolOption): Promise<void> {
    if (option.followed) return show(option.symbol);
    if (following !== undefined) return;
    const draft = draftOfMatch(option);
    // The sources beside the list say what is wrong with them.
    if (problemsOfDraft(draft, followed ?? []).sources !== undefined) return;
    setFollowing(option.symbol);
    setRefusal(undefined);
    const result = await client.command('followSymbol', followRequest(draft));
    setFollowing(undefined);
    // Said here: a toast would lie behind the dialog.
    if (!result.ok) setRefusal(`${option.symbol} is not followed: ${result.error.message}`);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const at = options.findIndex(({ symbol }) => symbol === active?.symbol);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setWanted(options[Math.min(Math.max(to, 0), options.length - 1)]?.symbol ?? wanted);
    } else if (event.key === 'Enter' && active !== undefined && !searching) {
      event.preventDefault();
      void choose(active);
    } else if (event.key === 'Escape' && query !== '') {
      event.preventDefault();
      event.stopPropagation();
      searcher.setQuery('');
    }
  }

  return (
    <Dialog title="Symbols and venues" onClose={close} testId="symbols">
      <div className="symbols">
        <div className="symbols-find">
          <div className="symbols-search">
            <input
              ref={input}
              className="input"
              data-autofocus
              role="combobox"
              aria-expanded="true"
              aria-controls={listId}
              aria-activedescendant={active === undefined ? undefined : `${listId}-${active.symbol}`}
              aria-label="Search symbols on every venue"
              placeholder="Search symbols on every venue…"
              autoComplete="off"
              spellCheck={false}
              maxLength={40}
              value={query}
              onChange={(event) => {
                searcher.setQuery(event.target.value);
                setWanted('');
                setRefusal(undefined);
              }}
              onKeyDown={onKeyDown}
              data-testid="symbols-search"
            />
            {searching && (
              <div className="indeterminate" role="progressbar" aria-label="Searching" data-testid="symbols-searching" />
            )}
          </div>
          <SymbolList
            id={listId}
            options={options}
            active={active?.symbol}
            following={following}
            heading={query.trim() === '' ? 'Followed' : undefined}
            empty={
              searching
                ? 'Searching…'
                : query.trim() === ''
                  ? 'Nothing is known of the followed symbols yet.'
                  : (problem ?? `No venue of this market lists “${query.trim()}”.`)
            }
            onActive={setWanted}
            onChoose={(option) => void choose(option)}
          />
          {refusal !== undefined && (
            <p className="down" role="alert" data-testid="symbols-refusal">
              {refusal}
            </p>
          )}
          {found !== undefined && query.trim() !== '' && (found.more > 0 || found.failures.length > 0) && (
            <div className="symbols-notes" role="status">
              {found.more > 0 && <p className="dim">{found.more} more; type more letters to narrow them down.</p>}
              {found.failures.map(({ venue, message }) => (
                <p key={venue} className="warn" data-testid="symbols-failure">
                  {venueName(venue)} was not searched: {message}
                </p>
              ))}
            </div>
          )}
        </div>
        <div className="symbols-detail">
          {active === undefined ? (
            <p className="symbols-hint dim">Search a symbol, then choose the venues that its book is merged from.</p>
          ) : (
            <SourceEditor
              key={`${active.symbol} ${JSON.stringify(editing)}`}
              option={active}
              followed={editing}
              onShow={show}
              onDone={() => input.current?.focus()}
            />
          )}
        </div>
      </div>
      <footer className="symbols-keys dim">
        <ModeBadge mode={bootstrap.mode} />
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> choose
        </span>
        <span>
          <kbd>Enter</kbd> {active?.followed === false ? 'follow' : 'show in the window'}
        </span>
        <span>
          <kbd>Tab</kbd> to its sources
        </span>
        <span>
          <kbd>Esc</kbd> close
        </span>
      </footer>
    </Dialog>
  );
}
