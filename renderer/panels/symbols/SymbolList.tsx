import { useEffect, useRef } from 'react';
import type { VenueId } from '../../../core/market/instrument.ts';
import { venueName } from '../../ui/venue-name.ts';

export interface SymbolOption {
  readonly symbol: string;
  readonly venues: VenueId[];
  readonly followed: boolean;
}

interface SymbolListProps {
  readonly id: string;
  readonly options: readonly SymbolOption[];
  readonly active: string | undefined;
  /** What is being followed right now. */
  readonly following: string | undefined;
  readonly heading: string | undefined;
  /** What to say where there is no option. */
  readonly empty: string;
  readonly onActive: (symbol: string) => void;
  readonly onChoose: (option: SymbolOption) => void;
}

/** The found or followed symbols with their venues. The keys are handled by the search field, which keeps the focus. */
export function SymbolList({ id, options, active, following, heading, empty, onActive, onChoose }: SymbolListProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div className="symbols-list" ref={list}>
      {heading !== undefined && <p className="symbols-heading dim">{heading}</p>}
      {options.length === 0 && <p className="symbols-heading dim">{empty}</p>}
      <div id={id} role="listbox" aria-label={heading ?? 'Symbols found'}>
        {options.map((option) => {
          const { symbol, venues, followed } = option;
          return (
            <div
              key={symbol}
              id={`${id}-${symbol}`}
              role="option"
              tabIndex={-1}
              aria-selected={symbol === active}
              className="symbols-option"
              data-testid={`symbol-option-${symbol}`}
              onMouseDown={(event) => {
                // The field keeps the focus, so that the keys go on working.
                event.preventDefault();
                onActive(symbol);
              }}
              onDoubleClick={() => onChoose(option)}
            >
              <span className="symbols-option-name">
                <strong>{symbol}</strong>
                {following === symbol ? (
                  <span className="dim">following…</span>
                ) : (
                  followed && <span className="symbols-followed">followed</span>
                )}
              </span>
              <span className="symbols-option-venues dim">{venues.map(venueName).join(', ')}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
