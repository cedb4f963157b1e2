import './options.css';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { OPTION_UNDERLYINGS, type OptionUnderlying } from '../../../core/contracts/options.ts';
import { useDesk, usePanelSettings } from '../../app/desk-context.ts';
import { useOptions } from '../../stores/options.ts';
import { useToasts } from '../../stores/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatDate, formatDuration, formatNumber } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { OptionRow, type PriceUnit } from './OptionRow.tsx';
import { followedExpiry, namesToFollow, rowMove, strikeRows } from './option-table.ts';
import { useOptionListing } from './use-option-listing.ts';

interface Settings {
  underlying: string;
  unit: PriceUnit;
}
const DEFAULTS: Settings = { underlying: 'BTC', unit: 'coin' };

/** The option chain of one expiry: calls and puts beside their strikes. What is followed is the desk's, and kept there. */
export function OptionsPanel() {
  const { client, bootstrap } = useDesk();
  const chain = useOptions((state) => state.chain);
  const [settings, update] = usePanelSettings('options', DEFAULTS);
  const { unit } = settings;
  const followed = useMemo(() => followedExpiry(chain?.quotes ?? []), [chain]);
  const chosen = OPTION_UNDERLYINGS.find((known) => known === settings.underlying) ?? OPTION_UNDERLYINGS[0];
  const { listing, problem, reload } = useOptionListing(chosen, chain?.available === true);
  const shown = followed?.underlying === chosen ? followed : undefined;
  const mid = chain?.underlyingMids[chosen];
  const rows = useMemo(
    () => (shown === undefined || chain === undefined ? [] : strikeRows(chain.quotes, shown, mid)),
    [chain, shown, mid],
  );
  const [focused, setFocused] = useState<number>();
  const body = useRef<HTMLTableSectionElement>(null);
  const tabStop = rows.findIndex(({ strike }) => strike === focused);
  const atTheMoney = rows.findIndex((row) => row.atTheMoney);
  const stop = tabStop >= 0 ? tabStop : Math.max(0, atTheMoney);

  // A new expiry opens at the money; from then on the trader scrolls.
  const centred = useRef('');
  const key = shown === undefined ? '' : `${shown.underlying} ${shown.expiresAt}`;
  useEffect(() => {
    if (atTheMoney < 0 || centred.current === key) return;
    centred.current = key;
    body.current?.children[atTheMoney]?.scrollIntoView({ block: 'center' });
  }, [atTheMoney, key]);

  async function follow(names: string[]): Promise<void> {
    const answer = await client.command('followOptions', { names });
    if (!answer.ok) useToasts.getState().show({ level: 'error', title: 'Options', text: answer.error.message });
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = rowMove(event.key, stop, rows);
    if (to === undefined) return;
    event.preventDefault();
    setFocused(rows[to]?.strike);
    const row = body.current?.children[to];
    if (row instanceof HTMLElement) row.focus();
  }

  if (chain === undefined) return <EmptyState title="Waiting for the desk…" />;
  if (!chain.available) {
    return (
      <EmptyState title="This market has no options">
        <p>Options come from Deribit, in the live market and in the practice market. A replay has none.</p>
      </EmptyState>
    );
  }
  const live = rows.flatMap(({ call, put }) => [call, put]).filter((quote) => quote?.state === 'live').length;
  const count = rows.flatMap(({ call, put }) => [call, put]).filter((quote) => quote !== undefined).length;
  const expiries = listing?.expiries.map(({ expiresAt }) => expiresAt) ?? [];
  const choices = shown === undefined || expiries.includes(shown.expiresAt) ? expiries : [shown.expiresAt, ...expiries];
  return (
    <div className="panel options" data-testid="options">
      <div className="options-bar">
        <ModeBadge mode={bootstrap.mode} />
        <Choice
          label="Underlying"
          values={OPTION_UNDERLYINGS}
          value={chosen}
          text={(value) => value}
          onChoose={(underlying) => update({ underlying })}
        />
        <select
          className="input"
          aria-label="Expiry"
          value={shown?.expiresAt ?? ''}
          disabled={choices.length === 0}
          onChange={({ target }) => listing && void follow(namesToFollow(listing, Number(target.value)))}
          data-testid="options-expiry"
        >
          {shown === undefined && <option value="">{choices.length === 0 ? 'No expiries' : 'Choose an expiry…'}</option>}
          {choices.map((expiresAt) => (
            <option key={expiresAt} value={expiresAt}>
              {formatDate(expiresAt)} · {expiresAt > chain.t ? formatDuration((expiresAt - chain.t) / 1_000) : 'expired'}
            </option>
          ))}
        </select>
        <span className="options-unit">
          <span className="dim" aria-hidden="true">
            in
          </span>
          <Choice
            label="Prices in"
            values={['coin', 'usd']}
            value={unit}
            text={(value) => (value === 'coin' ? chosen : 'USD')}
            onChoose={(value) => update({ unit: value })}
          />
        </span>
        {shown !== undefined && (
          <>
            <span title="Middle of the perpetual's best bid and ask" data-testid="options-underlying">
              <span className="dim">Perpetual </span>
              {mid === undefined ? '–' : formatNumber(mid, 2)}
            </span>
            <span className={live === count ? 'up' : 'warn'} data-testid="options-live">
              {live} of {count} live
            </span>
            <span className="spacer" />
            <Button
              className="button-small"
              title="Follow none of these options any more"
              onClick={() => void follow([])}
              data-testid="options-stop"
            >
              Stop
            </Button>
          </>
        )}
      </div>
      {shown === undefined ? (
        <Nothing problem={problem} loading={listing === undefined} other={followed?.underlying} onRetry={reload} />
      ) : (
        <div className="options-scroll">
          <table className="table options-table" aria-label={`${chosen} options of ${formatDate(shown.expiresAt)}`}>
            <thead>
              <tr>
                <th colSpan={3} scope="colgroup" className="options-calls">
                  Calls
                </th>
                <th aria-hidden="true" />
                <th colSpan={3} scope="colgroup" className="options-puts">
                  Puts
                </th>
              </tr>
              <tr>
                {SIDES}
                <th scope="col" className="options-strike">
                  Strike
                </th>
                {SIDES}
              </tr>
            </thead>
            <tbody ref={body} onKeyDown={onKeyDown}>
              {rows.map((row, index) => (
                <OptionRow
                  key={row.strike}
                  row={row}
                  unit={unit}
                  underlyingMid={mid}
                  tabStop={index === stop}
                  onFocus={() => setFocused(row.strike)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

const SIDES = (
  <>
    <th scope="col" className="right" title="Best bid, with its amount in coins before it">
      Bid
    </th>
    <th scope="col" className="right" title="Between best bid and best ask">
      Mid
    </th>
    <th scope="col" className="right" title="Best ask, with its amount in coins before it">
      Ask
    </th>
  </>
);

interface NothingProps {
  readonly problem: string | undefined;
  readonly loading: boolean;
  /** Another underlying whose options are followed. */
  readonly other: OptionUnderlying | undefined;
  readonly onRetry: () => void;
}

function Nothing({ problem, loading, other, onRetry }: NothingProps) {
  if (problem !== undefined) {
    return (
      <EmptyState title="The options could not be listed">
        <p>{problem}</p>
        <Button onClick={onRetry}>Ask again</Button>
      </EmptyState>
    );
  }
  if (loading) return <EmptyState title="Asking Deribit for its options…" />;
  return (
    <EmptyState title="No expiry is followed">
      <p>Choose one above: its calls and puts appear here with their best bids and asks.</p>
      {other !== undefined && <p>Options on {other} are followed now; they give way to the ones that you choose.</p>}
    </EmptyState>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly values: readonly T[];
  readonly value: T;
  readonly text: (value: T) => string;
  readonly onChoose: (value: T) => void;
}

function Choice<T extends string>({ label, values, value, text, onChoose }: ChoiceProps<T>) {
  return (
    <div className="segmented" role="group" aria-label={label}>
      {values.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === value}
          onClick={() => onChoose(one)}
          data-testid={`options-${one.toLowerCase()}`}
        >
          {text(one)}
        </button>
      ))}
    </div>
  );
}
