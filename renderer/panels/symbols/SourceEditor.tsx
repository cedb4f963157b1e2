import { type FormEvent, type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import type { Result } from '../../../core/base/result.ts';
import type { FollowedSymbol } from '../../../core/contracts/watchlist.ts';
import { sourceText } from '../../../core/market/instrument.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useWatchlist } from '../../stores/watchlist.ts';
import { Button } from '../../ui/Button.tsx';
import { AddSource } from './AddSource.tsx';
import {
  draftOfFollowed,
  draftOfMatch,
  followRequest,
  isChanged,
  problemsOfDraft,
  withMoved,
  withoutSource,
  withSource,
} from './source-draft.ts';
import { SourceRow } from './SourceRow.tsx';
import type { SymbolOption } from './SymbolList.tsx';

interface SourceEditorProps {
  readonly option: SymbolOption;
  /** What is followed of it now; absent when it is not. */
  readonly followed: FollowedSymbol | undefined;
  readonly onShow: (symbol: string) => void;
  /** The desk took a change: this editor gives way to one of what is followed now. */
  readonly onDone: () => void;
}

/** What one symbol is merged from: sources in order, bucket width; follow, change, stop following. */
export function SourceEditor({ option, followed, onShow, onDone }: SourceEditorProps) {
  const { client } = useDesk();
  const all = useWatchlist((state) => state.followed) ?? [];
  const initial = followed === undefined ? draftOfMatch(option) : draftOfFollowed(followed);
  const [draft, setDraft] = useState(initial);
  const [pending, setPending] = useState<'follow' | 'unfollow'>();
  const [refusal, setRefusal] = useState<string>();
  const widthId = useId();
  const list = useRef<HTMLOListElement>(null);
  const focusNext = useRef<{ readonly source: string; readonly button: string }>(undefined);
  const problems = problemsOfDraft(draft, all);
  const fine = problems.sources === undefined && problems.bucketWidth === undefined;
  const changed = followed === undefined || isChanged(draft, followed);

  function edit(next: typeof draft): void {
    setDraft(next);
    setRefusal(undefined);
  }

  async function run(what: 'follow' | 'unfollow', command: () => Promise<Result<unknown>>): Promise<void> {
    setPending(what);
    setRefusal(undefined);
    const result = await command();
    setPending(undefined);
    if (!result.ok) setRefusal(result.error.message);
    else onDone();
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (fine && changed && pending === undefined) void run('follow', () => client.command('followSymbol', followRequest(draft)));
  }

  // A row that is moved or removed takes the focus with it: it belongs to the same row, or the one that took its place.
  useLayoutEffect(() => {
    const next = focusNext.current;
    focusNext.current = undefined;
    if (next === undefined) return;
    const row = list.current?.querySelector(`[data-source="${CSS.escape(next.source)}"]`);
    const button = row?.querySelector<HTMLButtonElement>(`[data-button="${next.button}"]:enabled`);
    (button ?? row?.querySelector<HTMLButtonElement>('button:enabled'))?.focus();
  }, [draft]);

  function move(index: number, by: -1 | 1): void {
    const moved = draft.sources[index];
    if (moved !== undefined) focusNext.current = { source: sourceText(moved), button: by < 0 ? 'up' : 'down' };
    edit(withMoved(draft, index, by));
  }

  function remove(index: number): void {
    const neighbour = draft.sources[index + 1] ?? draft.sources[index - 1];
    if (neighbour !== undefined) focusNext.current = { source: sourceText(neighbour), button: 'remove' };
    edit(withoutSource(draft, index));
  }

  function moveByKey(event: KeyboardEvent, index: number): void {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(index, event.key === 'ArrowUp' ? -1 : 1);
  }

  return (
    <form className="source-editor" onSubmit={submit} aria-label={`Sources of ${draft.symbol}`} data-testid="source-editor">
      <header className="source-head">
        <h3>{draft.symbol}</h3>
        <span className="dim">{followed === undefined ? 'not followed' : 'followed'}</span>
        <span className="spacer" />
        {followed !== undefined && (
          <Button className="button-small" onClick={() => onShow(draft.symbol)} data-testid="source-show">
            Show in the window
          </Button>
        )}
      </header>
      <ol ref={list} className="source-list" aria-label="Merged from, in this order">
        {draft.sources.map((source, index) => (
          <SourceRow
            key={sourceText(source)}
            source={source}
            followed={followed}
            index={index}
            count={draft.sources.length}
            onMove={(by) => move(index, by)}
            onRemove={() => remove(index)}
            onKeyDown={(event) => moveByKey(event, index)}
          />
        ))}
      </ol>
      {problems.sources !== undefined && (
        <p className="down" role="alert" data-testid="source-problem">
          {problems.sources}
        </p>
      )}
      <AddSource draft={draft} onAdd={(source) => edit(withSource(draft, source))} />
      <div className="source-width">
        <label htmlFor={widthId}>Bucket width</label>
        <input
          id={widthId}
          className="input num"
          inputMode="decimal"
          autoComplete="off"
          placeholder="automatic"
          value={draft.bucketWidth}
          aria-invalid={problems.bucketWidth !== undefined}
          onChange={(event) => edit({ ...draft, bucketWidth: event.target.value.slice(0, 16) })}
          data-testid="source-width"
        />
        <span className={problems.bucketWidth === undefined ? 'dim' : 'down'}>
          {problems.bucketWidth ?? 'Price range of one row of the order book.'}
        </span>
      </div>
      {refusal !== undefined && (
        <p className="down source-refusal" role="alert" data-testid="source-refusal">
          {refusal}
        </p>
      )}
      <div className="source-actions">
        {followed !== undefined && (
          <Button
            className="source-stop"
            disabled={pending !== undefined}
            title="Its stored candles, annotations and models are kept"
            onClick={() => void run('unfollow', () => client.command('unfollowSymbol', { symbol: draft.symbol }))}
            data-testid="source-unfollow"
          >
            {pending === 'unfollow' ? 'Stopping…' : 'Stop following'}
          </Button>
        )}
        <span className="spacer" />
        {followed !== undefined && changed && (
          <Button disabled={pending !== undefined} onClick={() => edit(initial)} data-testid="source-revert">
            Revert
          </Button>
        )}
        <Button type="submit" tone="primary" disabled={!fine || !changed || pending !== undefined} data-testid="source-apply">
          {pending === 'follow' ? 'Connecting…' : followed === undefined ? `Follow ${draft.symbol}` : 'Apply changes'}
        </Button>
      </div>
    </form>
  );
}
